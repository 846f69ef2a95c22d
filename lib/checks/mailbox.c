/*
 * mailbox - mail for nobody is refused before it is taken
 *
 * Otherwise it comes back as a bounce to a sender who was mostly forged, or
 * stays.
 */
#include "checks/checks.h"

#include "checks/ours.h"
#include "scope/scope.h"

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	const struct scope *s = req->recipient_scope;
	struct verdict v;

	(void)facts;
	if (ours_domain(req) == OURS_NO)
		return verdict_pass(); /* whether it may go there is not asked
					*/
	switch (ours_address(req)) {
	case OURS_NO:
		v = verdict_refuse(REPLY_MAILBOX);
		verdict_text(&v, "address", s->address);
		return v;
	case OURS_LOST:
		return verdict_lost(s->loss);
	case OURS_YES:
	case OURS_UNTOLD:
		break;
	}
	return verdict_pass();
}

const struct check check_mailbox = {
	.name = "mailbox",
	.stages = AT_RCPT,
	.classes = INBOUND | AUTHENTICATED | TRUSTED,
	.tier = TIER_REGISTERS,
	.whose = OF_RECIPIENT,
	.policy = offsetof(struct settings, mailbox.policy),
	.judge = judge,
};
