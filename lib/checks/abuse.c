/*
 * abuse - who tries passwords may not send
 *
 * Failed logins come from the mail log or from Dovecot; the register says who
 * had too many of them.
 */
#include "checks/checks.h"

#include "checks/evidence.h"

enum { ENTRY }; /* our one question */

static void
ask(const struct request *req, const struct facts *facts, struct questions *qs)
{
	evidence_ask(req, facts, qs, ENTRY);
}

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	struct register_entry e;
	struct verdict v;

	if (!evidence_of(req, facts, ENTRY, &e, &v))
		return v;
	if (e.abuse_until != 0) {
		v = verdict_refuse(REPLY_ABUSE);
		evidence_identity(&v, req);
		evidence_until(&v, req, e.abuse_until);
	}
	if (e.abuse_failures > 0) {
		verdict_number(&v, "failures", e.abuse_failures);
		verdict_number(&v, "last", e.abuse_last);
	}
	return v;
}

const struct check check_abuse = {
	.name = "abuse",
	.stages = AT_ANY,
	.classes = INBOUND,
	.tier = TIER_REGISTERS,
	.flags = SKIPS_ALLOWED,
	.whose = OF_SERVER,
	.policy = offsetof(struct settings, abuse.policy),
	.ask = ask,
	.judge = judge,
};
