/*
 * deny_user - senders that the recipient denies
 *
 * Users keep this list themselves, in webmail.
 */
#include "checks/checks.h"

#include "checks/denial.h"

enum { ENTRIES }; /* our one question */

static void
ask(const struct request *req, const struct facts *facts, struct questions *qs)
{
	denial_ask(req, facts, qs, ENTRIES);
}

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	static const struct denial d = { &check_deny_user, ENTRIES,
		LEVEL_MAILBOX, LEVEL_MAILBOX, REPLY_DENY_USER };

	return denial_judge(&d, req, facts);
}

const struct check check_deny_user = {
	.name = "deny_user",
	.stages = AT_RCPT,
	.classes = INBOUND,
	.tier = TIER_REGISTERS,
	.whose = OF_RECIPIENT,
	.policy = offsetof(struct settings, deny_user.policy),
	.ask = ask,
	.judge = judge,
};
