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
by_what_is_known(const struct request *req)
{
	const enum remote_to to = req->login_scope->set->remote.to;

	if (to == REMOTE_DOMAIN)
		return refuse("domain");
	if (to == REMOTE_LOCAL && ours_domain(req) == OURS_NO)
		return refuse("local");
	if (to == REMOTE_LOCAL && ours_domain(req) == OURS_LOST)
		return verdict_lost(req->recipient_scope->loss);
	return verdict_pass();
}

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	const enum loss loss = req->login_scope->loss;
	struct verdict v;

	(void)facts;
	if (!*req->recipient_scope->domain || is_their_own(req))
		return verdict_pass();
	v = by_what_is_known(req);
	return v.kind == VERDICT_PASS && loss != LOSS_NONE ? verdict_lost(loss)
							   : v;
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
