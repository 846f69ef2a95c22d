/*
 * spf - only hosts that its domain names may send for a sender
 *
 * RFC 7208: what the domain says is found out by lib/spf, step by step; here is
 * what follows from it. A bounce has no sender, then it is the name the client
 * greeted with that counts.
 */
#include "checks/checks.h"

#include "base/arena.h"
#include "checks/spf.h"
#include "checks/spf_search.h"
#include "conf/lookup.h"

/* How far ask() has come. */
struct plan {
	const char *passed_by; /* a list that lets the client pass, or NULL */
	struct spf_search search;
	bool done;
	struct spf_verdict verdict;
	const char *by_record; /* which record of ours had the last word; or
				  NULL */
};

/* A record of ours that may let pass what the domain's does not: the local
 * policy where it refuses, the guess where it says nothing. NULL: none. */
static const char *
second_record(const struct request *req, enum spf_result r, const char **name)
{
	const char *record = "";

	if (r == SPF_NONE) {
		record = req->set->spf.guess;
		*name = "guess";
	} else if (r == SPF_FAIL || r == SPF_SOFTFAIL) {
		record = req->set->spf.local_policy;
		*name = "local_policy";
	}
	return *record ? record : NULL;
}

/* Without `qs`: by what is known. */
static bool
go_on(const struct request *req, const struct facts *facts, struct plan *plan,
    struct questions *qs)
{
	struct spf_search *search = &plan->search;
	struct spf_verdict second;
	const char *record, *name = NULL;

	if (!spf_search(search, req, facts, qs, NULL, &plan->verdict))
		return false;
	record = second_record(req, plan->verdict.result, &name);
	if (!record)
		return true;
	if (!spf_search(search, req, facts, qs, record, &second))
		return false;
	if (second.result == SPF_PASS) {
		second.domain = plan->verdict.domain;
		plan->verdict = second;
		plan->by_record = name;
	}
	return true;
}

static const char *
passing_list(const struct request *req)
{
	const struct settings *set = req->set;

	if (address_is_loopback(&req->client) || req->client.family == 0)
		return "loopback";
	if (lookups_client(set->spf.forwarders, &req->client, req->client_name))
		return "forwarders";
	return NULL;
}

static struct plan *
plan_of(const struct request *req)
{
	struct plan *plan = arena_alloc(req->arena, sizeof(*plan));

	plan->passed_by = passing_list(req);
	plan->search.client = (struct spf_client){ req->client, req->helo_name,
		req->sender };
	return plan;
}

static void
ask(const struct request *req, const struct facts *facts, struct questions *qs)
{
	struct plan *plan = (struct plan *)facts_left(facts);

	if (!plan) {
		plan = plan_of(req);
		facts_leave(qs, plan);
	}
	if (!plan->passed_by && !plan->done)
		plan->done = go_on(req, facts, plan, qs);
}

/* Where temperror lets pass, the check does as others do without an answer. */
static struct verdict
pass_unknown(const struct request *req, const struct plan *plan)
{
	const enum loss loss = plan->search.names.loss;

	if (check_policy(&check_spf, req)->on_failure != FAILURE_DEFER)
		return verdict_pass();
	return verdict_not_found_out(loss != LOSS_NONE ? loss : LOSS_TIMEOUT);
}

static struct verdict
follow(const struct request *req, const struct plan *plan)
{
	const struct settings *set = req->set;

	switch (plan->verdict.result) {
	case SPF_FAIL:
		return set->spf.fail == SPF_REFUSES ? verdict_refuse(REPLY_SPF)
						    : verdict_pass();
	case SPF_SOFTFAIL:
		return set->spf.softfail == SPF_REFUSES
		    ? verdict_refuse(REPLY_SPF)
		    : verdict_pass();
	case SPF_PERMERROR:
		return set->spf.permerror == SPF_REFUSES
		    ? verdict_refuse(REPLY_SPF_PERMERROR)
		    : verdict_pass();
	case SPF_TEMPERROR:
		return set->spf.temperror == SPF_REFUSES
		    ? verdict_refuse(REPLY_SPF_TEMPERROR)
		    : pass_unknown(req, plan);
	default:
		return verdict_pass();
	}
}

static void
tell_text(struct verdict *v, const char *name, const char *text)
{
	if (text && *text)
		verdict_text(v, name, text);
}

static const char *
received(const struct request *req, const struct plan *plan)
{
	return arena_printf(req->arena, "Received-SPF: %s",
	    spf_received(req->arena, &plan->verdict, &plan->search.client,
		req->conf->host));
}

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	struct plan *plan = (struct plan *)facts_left(facts);
	struct verdict v = verdict_pass();

	if (plan->passed_by) {
		verdict_text(&v, "by", plan->passed_by);
		return v;
	}
	if (!plan->done)
		plan->done = go_on(req, facts, plan, NULL);
	v = follow(req, plan);
	verdict_text(&v, "result", spf_result_name(plan->verdict.result));
	tell_text(&v, "domain", plan->verdict.domain);
	tell_text(&v, "term", plan->verdict.term);
	tell_text(&v, "problem", plan->verdict.problem);
	tell_text(&v, "by", plan->by_record);
	verdict_number(&v, "lookups", plan->verdict.lookups);
	if (req->set->spf.received && v.kind == VERDICT_PASS)
		verdict_mark(&v, received(req, plan));
	return v;
}

bool
spf_found(const struct facts *f, const struct spf_verdict **found)
{
	const struct plan *plan = facts_left_by(f, &check_spf);

	*found = plan && plan->done && !plan->by_record ? &plan->verdict : NULL;
	return plan != NULL;
}

const struct check check_spf = {
	.name = "spf",
	.stages = AT_MAIL | AT_RCPT,
	.classes = INBOUND,
	.tier = TIER_DNS,
	.flags = SKIPS_ALLOWED,
	.policy = offsetof(struct settings, spf.policy),
	.ask = ask,
	.judge = judge,
};
