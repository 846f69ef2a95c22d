/*
 * remote - logins that may only write to us
 *
 * To all of our domains, or to their own. Their own is always allowed: it may
 * be missing from local_domains.
 */
#include "checks/checks.h"

#include <string.h>

#include "checks/ours.h"
#include "scope/scope.h"

static bool
is_their_own(const struct request *req)
{
	return strcmp(req->recipient_scope->domain, req->login_scope->domain) ==
	    0;
}

static struct verdict
refuse(const char *to)
{
	struct verdict v = verdict_refuse(REPLY_REMOTE);

	verdict_text(&v, "to", to);
	return v;
}

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	const struct scope *recipient = req->recipient_scope;
	const enum remote_to to = req->login_scope->set->remote.to;

	(void)facts;
	if (to == REMOTE_ANYWHERE || !*recipient->domain || is_their_own(req))
		return verdict_pass();
	if (to == REMOTE_DOMAIN)
		return refuse("domain");
	switch (ours_domain(req)) {
	case OURS_NO:
		return refuse("local");
	case OURS_LOST:
		return verdict_lost(recipient->loss);
	case OURS_YES:
	case OURS_UNTOLD:
		break;
	}
	return verdict_pass();
}

const struct check check_remote = {
	.name = "remote",
	.stages = AT_RCPT,
	.classes = AUTHENTICATED,
	.tier = TIER_REGISTERS,
	.whose = OF_LOGIN,
	.policy = offsetof(struct settings, remote.policy),
	.judge = judge,
};
