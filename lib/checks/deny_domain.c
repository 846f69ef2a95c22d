/*
 * deny_domain - senders that the server or the recipient's domain denies
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
	static const struct denial d = { &check_deny_domain, ENTRIES,
		LEVEL_SERVER, LEVEL_DOMAIN, REPLY_DENY_DOMAIN };

	return denial_judge(&d, req, facts);
}

const struct check check_deny_domain = {
	.name = "deny_domain",
	.stages = AT_RCPT,
	.classes = INBOUND,
	.tier = TIER_REGISTERS,
	.whose = OF_RECIPIENT,
	.policy = offsetof(struct settings, deny_domain.policy),
	.ask = ask,
	.judge = judge,
};
