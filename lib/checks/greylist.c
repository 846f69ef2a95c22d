/*
 * greylist - ask strangers to come back later
 *
 * A mail server told 451 tries again; most spam software does not. What is
 * remembered, and for how long, is told by greylist.lua, which Redis runs.
 *
 * The record is that of the best identity known in time. Where that one is a
 * stranger, its network may not be: who was let in before does not wait because
 * more is known about it now. And when it turns out after the answer that a
 * domain vouches for the client, it is given a record too, so that the retry
 * may come from any host of it.
 */
#include "checks/checks.h"

#include <string.h>

#include "base/arena.h"
#include "checks/dnsbl.h"
#include "checks/grey.h"
#include "checks/identity.h"
#include "checks/vouch.h"
#include "conf/lookup.h"

/* Our questions; behind them are those of `vouch`. */
enum { RECORD, NETWORK, LINK, NAMED };

/* How far we have come. */
struct plan {
	const char *list; /* that lets it pass, NULL: none does */
	struct vouch *vouch; /* NULL: nobody has asked for one */
	const char *allowed_by; /* that list, or another option */
	struct identity identity; /* whose record is asked for; name NULL: not
				     decided yet */
	bool put_off;
};

/* The list that lets the request pass without a question, NULL when none. */
static const char *
allowing_list(const struct request *req)
{
	const struct settings *set = req->set;

	if (lookups_client(
		set->greylist.allow_clients, &req->client, req->client_name))
		return "allow_clients";
	if (lookups_address(set->greylist.allow_senders, req->sender))
		return "allow_senders";
	if (lookups_address(set->greylist.allow_recipients, req->recipient))
		return "allow_recipients";
	return NULL;
}

static struct plan *
plan_of(
    const struct request *req, const struct facts *facts, struct questions *qs)
{
	struct plan *plan = (struct plan *)facts_left(facts);

	if (!plan) {
		plan = arena_alloc(req->arena, sizeof(*plan));
		plan->list = allowing_list(req);
		facts_leave(qs, plan);
	}
	return plan;
}

static bool
wants_spf(const struct request *req)
{
	return req->set->greylist.identity == IDENTITY_SPF ||
	    req->set->greylist.bypass_spf;
}

/* Nothing is known against it, and its name is its own. */
static bool
is_unsuspicious(const struct request *req, const struct facts *facts)
{
	return dnsbl_score(facts) <= 0 &&
	    identity_organisation(req, req->client_name);
}

static const char *
allowing_option(
    const struct request *req, const struct facts *facts, const char *domain)
{
	if (domain && req->set->greylist.bypass_spf)
		return "bypass_spf";
	if (req->set->greylist.only_suspicious && is_unsuspicious(req, facts))
		return "only_suspicious";
	return NULL;
}

/* By what is known now. */
static void
decide(const struct request *req, const struct facts *facts, struct plan *plan)
{
	const char *domain;

	if (plan->allowed_by || plan->identity.name)
		return;
	plan->allowed_by = plan->list;
	if (plan->list)
		return;
	domain = wants_spf(req) ? vouch_domain(plan->vouch, req, facts) : NULL;
	plan->allowed_by = allowing_option(req, facts, domain);
	plan->identity = identity_of(req, domain);
}

/* Unless it was asked. */
static void
ask_about(const struct request *req, const struct facts *facts,
    struct questions *qs, unsigned slot, const char *identity)
{
	const bool look = req->dry || slot == NETWORK;

	if (facts_get(facts, slot)->state == UNASKED)
		ask_prepared(qs, slot, grey_question(req, identity, look));
}

static void
ask(const struct request *req, const struct facts *facts, struct questions *qs)
{
	struct plan *plan = plan_of(req, facts, qs);
	struct grey grey;

	decide(req, facts, plan);
	if (plan->allowed_by)
		return;
	ask_about(req, facts, qs, RECORD, plan->identity.name);
	if (plan->identity.by != IDENTITY_NETWORK &&
	    grey_read(req, facts_get(facts, RECORD), &grey) && grey.refuses)
		ask_about(req, facts, qs, NETWORK, identity_network(req).name);
}

/* The reply may have left before a domain vouched for the client. */
static void
link_late(const struct request *req, const struct facts *facts,
    struct plan *plan, struct questions *qs)
{
	const char *domain = vouch_domain(plan->vouch, req, facts);
	struct identity better;

	if (!plan->put_off || !domain || req->dry)
		return;
	better = identity_of(req, domain);
	if (strcmp(better.name, plan->identity.name) != 0)
		ask_about(req, facts, qs, LINK, better.name);
}

static void
scout(
    const struct request *req, const struct facts *facts, struct questions *qs)
{
	struct plan *plan = plan_of(req, facts, qs);

	if (plan->list || !wants_spf(req))
		return;
	if (!plan->vouch)
		plan->vouch = vouch_new(req, NAMED);
	vouch_ask(plan->vouch, req, facts, qs);
	link_late(req, facts, plan, qs);
}

static struct verdict
tell(const struct identity *identity, const struct grey *grey)
{
	struct verdict v = grey->refuses ? verdict_refuse(REPLY_GREYLISTED)
					 : verdict_pass();

	verdict_text(&v, "state", grey->state);
	verdict_text(&v, "identity", identity->name);
	verdict_text(&v, "identity_by", identity_by(identity->by));
	if (grey->refuses)
		verdict_number(&v, "wait", grey->wait);
	if (grey->tries > 0)
		verdict_number(&v, "tries", grey->tries);
	if (grey->passes > 0)
		verdict_number(&v, "passes", grey->passes);
	if (grey->replaced)
		verdict_text(&v, "replaced", "unreadable");
	return v;
}

/* Of the two records the one that lets pass, or will first. */
static struct verdict
judge_records(
    const struct request *req, const struct facts *facts, struct plan *plan)
{
	const struct answer *record = facts_get(facts, RECORD),
			    *other = facts_get(facts, NETWORK);
	struct identity network;
	struct grey grey, at_network;

	if (!grey_read(req, record, &grey))
		return verdict_unknown(record);
	if (!grey.refuses || other->state == UNASKED)
		return tell(&plan->identity, &grey);
	if (!grey_read(req, other, &at_network))
		return verdict_unknown(other);
	if (at_network.refuses && at_network.wait >= grey.wait)
		return tell(&plan->identity, &grey);
	network = identity_network(req);
	return tell(&network, &at_network);
}

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	struct plan *plan = (struct plan *)facts_left(facts);
	struct verdict v = verdict_pass();

	if (plan->allowed_by) {
		verdict_text(&v, "state", "allowed");
		verdict_text(&v, "by", plan->allowed_by);
		return v;
	}
	v = judge_records(req, facts, plan);
	plan->put_off = v.kind == VERDICT_REFUSE;
	return v;
}

static const struct script *const scripts[] = { &script_greylist, NULL };

const struct check check_greylist = {
	.name = "greylist",
	.stages = AT_RCPT,
	.classes = INBOUND,
	.tier = TIER_COUNTERS,
	.flags = SKIPS_ALLOWED,
	.policy = offsetof(struct settings, greylist.policy),
	.ask = ask,
	.judge = judge,
	.scripts = scripts,
	.scout = scout,
	.patience = offsetof(struct settings, greylist.spf_wait_ms),
};
