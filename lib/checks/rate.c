/*
 * rate - so much may be sent within a time, and no more
 *
 * At RCPT all meters of a request are charged at once, or none. What is charged
 * is open until the message ends: then so much counts as was sent, or nothing,
 * when it was not. Who is refused has spent nothing.
 *
 * A message counts once, and so does a recipient of it, however often it is
 * named; letters' case makes no other one, as for Postfix. Where Postfix only
 * asks at END-OF-MESSAGE the whole message is charged then; where it asks at
 * both, what it is larger than the client declared.
 */
#include "checks/checks.h"

#include "base/arena.h"
#include "base/text.h"
#include "checks/bill.h"
#include "checks/meters.h"
#include "checks/named.h"
#include "scope/scope.h"

enum { CHARGE };

/* What a request is to charge. */
struct plan {
	struct billed before;
	struct bill bill; /* if there was none before */
	const struct meters *meters;
	struct amounts n;
	const char *name; /* the recipient; NULL: none that is new */
	const char *network; /* NULL: it does not count */
	bool again; /* the recipient was named before */
	bool asks; /* Redis */
};

static bool
at_once(const struct request *req)
{
	return req->sets[OF_SERVER]->rate.settle == SETTLE_RCPT;
}

static const char *
network_of_client(const struct request *req)
{
	const unsigned bits = req->client.family == 4 ? 24 : 64;
	const struct network n = network_of(&req->client, bits);

	return network_text(&n, arena_take(req->arena, NETWORK_TEXT));
}

/* With the first of its requests. */
static void
plan_message(struct plan *p, const struct request *req)
{
	p->n.of[RATE_MESSAGES] = 1;
	p->n.of[RATE_BYTES] = bill_number(req->size);
	if (meters_have(p->meters, RATE_NETWORKS) && req->client.family != 0)
		p->network = network_of_client(req);
}

static void
plan_recipient(
    struct plan *p, const struct request *req, const struct facts *facts)
{
	const char *name = text_lower(req->arena, req->recipient);

	if (bill_has(&p->before, facts, name, req->policy_context, &p->again))
		return;
	p->name = name;
	p->n.of[RATE_RECIPIENTS] = 1;
	if (p->before.sum.of[RATE_MESSAGES] == 0)
		plan_message(p, req);
	p->asks = p->network || meters_count(p->meters, &p->n);
}

/* Nobody asked us about its recipients, or the answers were lost. */
static void
plan_all(struct plan *p, const struct request *req, const struct facts *facts)
{
	const struct bill *b = p->before.bill;

	if (b && b->over)
		return;
	plan_message(p, req);
	p->n.of[RATE_RECIPIENTS] = bill_recipients(
	    b, p->before.named, req, facts_repeated(facts));
	p->asks = p->network || meters_count(p->meters, &p->n);
}

static int64_t
more(int64_t n, int64_t charged)
{
	return n > charged ? n - charged : 0;
}

/* A message is larger than was declared, or has a recipient of which Postfix
 * tells nobody: <postmaster> without a domain. */
static void
plan_rest(struct plan *p, const struct request *req, const struct facts *facts)
{
	const struct amounts *sum = &p->before.sum;

	p->n.of[RATE_BYTES] = more(bill_number(req->size), sum->of[RATE_BYTES]);
	p->n.of[RATE_RECIPIENTS] = more(
	    bill_recipients(
		p->before.bill, p->before.named, req, facts_repeated(facts)),
	    sum->of[RATE_RECIPIENTS]);
	p->asks = meters_sum(p->meters, &p->n);
}

static const struct plan *
make_plan(const struct request *req, const struct facts *facts)
{
	struct plan *p = arena_alloc(req->arena, sizeof(*p));

	p->before = bill_before(facts);
	if (p->before.bill) {
		p->meters = &p->before.bill->meters;
	} else {
		p->bill.meters = meters_of(req->arena, req);
		p->bill.context = req->policy_context;
		p->bill.at_once = at_once(req);
		p->meters = &p->bill.meters;
	}
	if (p->meters->count == 0)
		return p;
	if (req->stage == AT_RCPT)
		plan_recipient(p, req, facts);
	else if (p->before.sum.of[RATE_MESSAGES] == 0)
		plan_all(p, req, facts);
	else
		plan_rest(p, req, facts);
	return p;
}

static void
ask(const struct request *req, const struct facts *facts, struct questions *qs)
{
	const struct plan *p = facts_left(facts);
	const struct bill *b;

	if (p)
		return;
	p = make_plan(req, facts);
	facts_leave(qs, p);
	b = p->before.bill ? p->before.bill : &p->bill;
	if (p->asks)
		ask_prepared(qs, CHARGE,
		    rate_charge(req->arena, p->meters, &p->n,
			b->at_once ? 0 : req->sets[OF_SERVER]->rate.lease,
			p->network, req->server_time, req->dry,
			check_policy(&check_rate, req)->on_failure ==
			    FAILURE_LOCAL));
}

/* What was charged, or not: then only the name counts. */
static void
keep(const struct request *req, const struct facts *facts, const struct plan *p,
    const struct rate_result *charged)
{
	struct rate_open open = { 0 };

	if (req->dry)
		return;
	if (charged)
		open = (struct rate_open){ charged->lease, p->n };
	bill_charge(
	    facts, &p->before, &p->bill, p->name, req->policy_context, &open);
}

/* It passes all the same where we only observe; it does not count then. */
static void
note_over(
    const struct request *req, const struct facts *facts, const struct plan *p)
{
	static const struct rate_open nothing = { 0 };
	const struct billed *before = &p->before;
	struct bill begin = p->bill;

	if (req->dry || check_policy(&check_rate, req)->mode != MODE_OBSERVE)
		return;
	begin.over = true;
	if (before->bill)
		before->bill->over = true;
	else
		bill_charge(facts, before, &begin, NULL, "", &nothing);
}

/* "messages/1h" of whom, how much of how much. */
static void
tell(const struct request *req, const struct rate_result *r, struct verdict *v)
{
	const struct meter *m = r->meter;

	if (m) {
		verdict_text(v, "meter",
		    rate_meter_name(req->arena, m->kind, m->limit.seconds));
		verdict_text(v, "owner", rate_owner_name(m->owner));
		verdict_number(v, "used", r->used);
		verdict_number(v, "limit", r->limit);
	}
	if (!r->charged)
		verdict_number(v, "next", r->next);
	if (r->alone != LOSS_NONE)
		verdict_text(v, "state", "alone");
	if (m && r->first)
		v->event = r->charged ? "rate_near" : "rate_over";
}

/* Nothing had to be asked. */
static struct verdict
without_asking(
    const struct request *req, const struct facts *facts, const struct plan *p)
{
	const enum loss loss = req->login_scope->loss;

	if (p->name)
		keep(req, facts, p, &(struct rate_result){ .charged = true });
	else if (p->again && !req->dry)
		p->before.bill->twice = true;
	return p->meters->count == 0 && loss != LOSS_NONE ? verdict_lost(loss)
							  : verdict_pass();
}

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	const struct plan *p = facts_left(facts);
	const struct answer *a = facts_get(facts, CHARGE);
	struct rate_result r;
	struct verdict v;

	if (!p->asks)
		return without_asking(req, facts, p);
	if (a->state != KNOWN || !rate_result(a, p->meters, &r)) {
		keep(req, facts, p, NULL);
		return verdict_unknown(a);
	}
	if (r.charged)
		keep(req, facts, p, &r);
	else
		note_over(req, facts, p);
	v = r.charged ? verdict_pass() : verdict_refuse(REPLY_RATE);
	tell(req, &r, &v);
	return v;
}

/* One that is refused because a limit is reached says nothing of the address.
 * Those that Postfix refuses after us are told when the message ends. */
static void
refused(const struct request *req, const struct check *by, struct questions *qs)
{
	static const struct amounts one = { .of[RATE_REFUSED] = 1 };
	struct arena *a = questions_arena(qs);
	struct meters m;

	if (by == &check_rate || req->class != AUTHENTICATED)
		return;
	m = meters_of_login(a, req, RATE_REFUSED);
	if (m.count > 0)
		ask_prepared(qs, CHARGE,
		    rate_settle(a, &m, &one, NULL, 0, req->server_time));
}

const struct check check_rate = {
	.name = "rate",
	.stages = AT_RCPT | AT_END_OF_MESSAGE,
	.classes = INBOUND | AUTHENTICATED | TRUSTED,
	.tier = TIER_COUNTERS,
	.whose = OF_LOGIN,
	.policy = offsetof(struct settings, rate.policy),
	.ask = ask,
	.judge = judge,
	.settle = bill_settle,
	.refused = refused,
	.scripts = rate_scripts,
};
