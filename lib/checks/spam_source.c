/*
 * spam_source - what our users call spam does not come twice from one place
 *
 * Reports by users of one domain close that domain; reports from several
 * domains close all.
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
	if (e.spam_until != 0) {
		v = verdict_refuse(REPLY_SPAM_SOURCE);
		evidence_identity(&v, req);
		evidence_until(&v, req, e.spam_until);
	}
	if (e.spam_reporters > 0)
		verdict_number(&v, "reporters", e.spam_reporters);
	return v;
}

const struct check check_spam_source = {
	.name = "spam_source",
	.stages = AT_RCPT,
	.classes = INBOUND,
	.tier = TIER_REGISTERS,
	.flags = SKIPS_ALLOWED,
	.policy = offsetof(struct settings, spam_source.policy),
	.ask = ask,
	.judge = judge,
};
