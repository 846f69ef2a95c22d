/*
 * access - who may connect at all
 *
 * Everybody but those on the list, or nobody but those. The list is the
 * cluster's and in memory: a request costs nothing, and without Redis the last
 * copy stays in force. Before it was ever read, nobody can say who is on it.
 */
#include "checks/checks.h"

#include "checks/evidence.h"

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	static const struct answer never_read = { .state = LOST,
		.loss = LOSS_DOWN };
	const bool denies = req->set->access.preset == ACCESS_GRANT;
	struct list_entry entry;
	struct verdict v;
	bool listed;

	(void)facts;
	if (lists_read_at(req->lists) == 0)
		return verdict_unknown(&never_read);
	listed = lists_find(req->lists, LIST_ACCESS, &req->client,
	    req->client_name, req->unix_time, &entry);
	v = listed == denies ? verdict_refuse(REPLY_ACCESS) : verdict_pass();
	if (listed) {
		verdict_text(&v, "state", denies ? "denied" : "granted");
		evidence_entry(&v, req, &entry);
	} else if (!denies) {
		verdict_text(&v, "state", "not granted");
	}
	return v;
}

const struct check check_access = {
	.name = "access",
	.stages = AT_ANY,
	.classes = INBOUND,
	.tier = TIER_LOCAL,
	.whose = OF_SERVER,
	.policy = offsetof(struct settings, access.policy),
	.judge = judge,
};
