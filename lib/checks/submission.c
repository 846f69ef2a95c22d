/*
 * submission - users log in
 *
 * Who comes through a port for users is asked to (rule 1), and who writes to
 * a domain that has its mail from users only (rule 2). A login comes behind
 * EHLO, so nothing is said before MAIL.
 */
#include "checks/checks.h"

#include <string.h>

#include "scope/scope.h"

/* Port 25 begins like none of them as a rule. */
static bool
has(const struct list *l, const char *text)
{
	for (size_t i = 0; i < l->count; i++)
		if (*l->items[i] == *text && strcmp(l->items[i], text) == 0)
			return true;
	return false;
}

/* Postfix before 3.2 does not tell the port. */
static bool
is_for_users(const struct request *req)
{
	const struct settings *set = req->sets[OF_SERVER];

	return *req->server_port
	    ? has(&set->submission.ports, req->server_port)
	    : has(&set->submission.contexts, req->policy_context);
}

static struct verdict
refuse(int64_t rule)
{
	struct verdict v = verdict_refuse(REPLY_SUBMISSION);

	verdict_number(&v, "rule", rule);
	return v;
}

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	const struct scope *recipient = req->recipient_scope;

	(void)facts;
	if (is_for_users(req))
		return refuse(1);
	if (req->stage != AT_RCPT)
		return verdict_pass();
	if (recipient->set->submission.required == REQUIRED_ALWAYS)
		return refuse(2);
	return recipient->loss == LOSS_NONE ? verdict_pass()
					    : verdict_lost(recipient->loss);
}

const struct check check_submission = {
	.name = "submission",
	.stages = AT_MAIL | AT_RCPT,
	.classes = INBOUND,
	.tier = TIER_LOCAL,
	.whose = OF_RECIPIENT,
	.policy = offsetof(struct settings, submission.policy),
	.judge = judge,
};
