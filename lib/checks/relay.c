/*
 * relay - strangers write to us, not through us
 *
 * Is the domain ours? Does the address exist? Who is asking? In this order, so
 * that a user whose program does not log in is told to, even when the address
 * is only mistyped. Where `mailbox` is on, that one speaks before.
 */
#include "checks/checks.h"

#include "checks/ours.h"
#include "scope/scope.h"

static struct verdict
refuse(const char *unknown)
{
	struct verdict v = verdict_refuse(REPLY_RELAY);

	verdict_text(&v, "unknown", unknown);
	return v;
}

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	const enum ours domain = ours_domain(req);
	const enum ours address = req->sets[OF_SERVER]->relay.unknown
	    ? ours_address(req)
	    : domain;

	(void)facts;
	if (domain == OURS_NO)
		return refuse("domain");
	if (address == OURS_NO)
		return refuse("address");
	if (address == OURS_LOST)
		return verdict_lost(req->recipient_scope->loss);
	return verdict_pass();
}

const struct check check_relay = {
	.name = "relay",
	.stages = AT_RCPT,
	.classes = INBOUND,
	.tier = TIER_REGISTERS,
	.whose = OF_SERVER,
	.policy = offsetof(struct settings, relay.policy),
	.judge = judge,
};
