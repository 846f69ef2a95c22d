/*
 * ban - who has offended too often is not spoken to
 *
 * A client's own ban comes from strikes, or by hand, and is in its register.
 * Bans of networks are in the cluster's list, which is in memory.
 */
#include "checks/checks.h"

#include "checks/evidence.h"

enum { ENTRY }; /* our one question */

static bool
network_banned(const struct request *req, struct list_entry *out)
{
	return lists_find(req->lists, LIST_BANS, &req->client, req->client_name,
	    req->unix_time, out);
}

static void
ask(const struct request *req, const struct facts *facts, struct questions *qs)
{
	struct list_entry network;

	if (!network_banned(req, &network))
		evidence_ask(req, facts, qs, ENTRY);
}

static struct verdict
refuse(bool permanent)
{
	return verdict_refuse(permanent ? REPLY_BAN_PERMANENT : REPLY_BAN);
}

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	struct list_entry network;
	struct register_entry e;
	struct verdict v;

	if (network_banned(req, &network)) {
		v = refuse(network.until == 0);
		evidence_entry(&v, req, &network);
		return v;
	}
	evidence_of(req, facts, ENTRY, &e, &v);
	if (!e.banned)
		return v;
	v = refuse(e.ban_until == FOREVER);
	evidence_identity(&v, req);
	verdict_number(&v, "since", e.ban_since);
	evidence_until(&v, req, e.ban_until);
	if (e.ban_level > 0)
		verdict_number(&v, "level", e.ban_level);
	verdict_text(&v, "by", e.ban_by);
	verdict_text(&v, "reason", e.ban_reason);
	return v;
}

const struct check check_ban = {
	.name = "ban",
	.stages = AT_ANY,
	.classes = INBOUND,
	.tier = TIER_REGISTERS,
	.flags = SKIPS_ALLOWED,
	.whose = OF_SERVER,
	.policy = offsetof(struct settings, ban.policy),
	.ask = ask,
	.judge = judge,
};
