/*
 * What is sent while Redis is in trouble, of every kind and at every moment, is
 * counted, and but for what cannot be known no more than that.
 */
#include "rate/local.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "kit/chance.h"
#include "kit/suite.h"
#include "kit/tally.h"
#include "kit/torn.h"
#include "kit/trouble.h"

enum {
	NODES = 3,
	CHARGES = 4, /* of a transaction, at most */
	CALM_MS = 3000 /* Redis has heard of all, and of what was kept */
};

struct plot {
	bool torn;
	unsigned count;
	enum trouble troubles[TROUBLES];
};

struct crowd {
	struct tally *t;
	struct torn *lines[NODES];
	struct local *nodes[NODES];
	struct site site;
	const struct plot *plot;
	unsigned seed;
	bool left; /* something may be, until somebody asks */
	uint64_t since, calm_since; /* ms: trouble, with no time in between */
	int64_t late_ms; /* what was kept counts from so much later on */
	struct session *first;
	int64_t less[METERS], more[METERS]; /* what cannot be known */
};

struct session {
	struct ticket ticket;
	struct session *next;
	struct crowd *crowd;
	unsigned node;
	struct timer later;
	const struct question *question;
	unsigned to_charge, count;
	bool slowly; /* a recipient after the other */
	struct amounts asks;
	struct rate_open open[CHARGES];
	struct amounts sent;
	uint64_t settled_ms; /* 0: is open */
	bool later_told; /* some of it Redis hears of when it is settled */
	bool over; /* and nothing can happen to that any more */
};

static unsigned
dice(struct crowd *c, unsigned sides)
{
	return torn_dice(&c->seed, sides);
}

static void
choose_meters(struct crowd *c)
{
	static const int64_t windows[] = { 3 * MINUTE, HOUR, DAY };
	const int64_t shortest = dice(c, 2);
	struct tally *t = c->t;

	for (enum rate_owner o = OWNER_MAILBOX; o <= OWNER_SERVER; o++)
		for (enum rate_kind k = RATE_MESSAGES; k <= RATE_BYTES; k++)
			if (t->meters.count < 8 && dice(c, 3) == 0)
				tally_meter(t, o, k,
				    1000000 * (k == RATE_BYTES ? 1000 : 1),
				    windows[shortest + dice(c, 2)]);
	if (t->meters.count == 0)
		tally_meter(t, OWNER_DOMAIN, RATE_BYTES, 1000000000, HOUR);
}

static struct crowd *
begin(unsigned seed, const struct plot *plot)
{
	struct tally *t = tally_begin();
	struct crowd *c = arena_alloc(t->arena, sizeof(*c));

	*c = (struct crowd){ .t = t, .plot = plot, .seed = seed };
	t->lease = dice(c, 2) ? 20 + dice(c, 20) : 20 + dice(c, 400);
	c->site = (struct site){ t->redis, c->lines, NODES, &c->seed };
	choose_meters(c);
	tally_wait(t, 1 + dice(c, 300)); /* settled_ms is not 0 */
	for (unsigned i = 0; i < NODES; i++) {
		c->lines[i] = torn_new(t->clock, t->store, &c->seed);
		c->nodes[i] = local_new(
		    t->clock, plot->torn ? torn_store(c->lines[i]) : t->store);
		local_nodes(c->nodes[i], NODES);
	}
	return c;
}

static void
end(struct crowd *c)
{
	clock_turn(c->t->clock, 5000);
	for (int i = 0; i < NODES; i++) {
		local_free(c->nodes[i]);
		torn_free(c->lines[i]);
	}
	tally_end(c->t);
}

/* -- transactions -- */

static int64_t
sum(const struct session *s, unsigned meter)
{
	const enum rate_kind kind = s->crowd->t->items[meter].kind;
	int64_t n = 0;

	for (unsigned i = 0; i < s->count; i++)
		n += s->open[i].n.of[kind];
	return n;
}

static void
put(struct session *s)
{
	struct store *store = local_store(s->crowd->nodes[s->node]);
	struct answer known;

	if (store_known(store, s->question, &known))
		s->ticket.answered(&s->ticket, &known);
	else
		store_ask(store, s->question, &s->ticket);
}

/* It may have been heard, or not. */
static void
settled(struct ticket *t, const struct answer *a)
{
	struct session *s = (struct session *)t;
	struct crowd *c = s->crowd;

	for (unsigned i = 0; a->state == LOST && i < c->t->meters.count; i++) {
		c->less[i] += s->sent.of[c->t->items[i].kind];
		c->more[i] += sum(s, i);
	}
}

static void
is_over(struct timer *t)
{
	struct session *s = (struct session *)((char *)t -
	    offsetof(struct session, later));
	struct crowd *c = s->crowd;
	const unsigned part = dice(c, 4) ? s->count : dice(c, s->count + 1);

	for (unsigned i = 0; i < part; i++)
		for (int k = 0; k < RATE_METERS; k++)
			s->sent.of[k] += s->open[i].n.of[k];
	if (part > 0 && dice(c, 4) == 0) {
		s->sent.of[RATE_BYTES] += dice(c, 100);
		s->later_told = true;
	}
	s->settled_ms = clock_ms(c->t->clock);
	s->ticket.answered = settled;
	s->question = rate_settle(c->t->arena, &c->t->meters, &s->sent, s->open,
	    s->count, tally_now(c->t));
	put(s);
}

static uint64_t
duration(struct crowd *c)
{
	const unsigned lot = dice(c, 100);

	if (lot < 60)
		return dice(c, 60);
	if (lot < 95)
		return dice(c, 9000);
	return 1000 * (uint64_t)dice(c, (unsigned)c->t->lease + 5);
}

static void charge(struct session *s);

static void
next_recipient(struct timer *t)
{
	charge((struct session *)((char *)t - offsetof(struct session, later)));
}

/* What was lost may have run; then it counts besides what was counted here. */
static void
doubt_charge(struct session *s)
{
	struct crowd *c = s->crowd;

	for (unsigned i = 0; i < c->t->meters.count; i++)
		c->more[i] += s->asks.of[c->t->items[i].kind];
}

static void
charged(struct ticket *t, const struct answer *a)
{
	struct session *s = (struct session *)t;
	struct crowd *c = s->crowd;
	struct rate_result r;

	assert_true(rate_result(a, &c->t->meters, &r));
	assert_true(r.charged || r.alone);
	if (r.alone == LOSS_TIMEOUT || r.alone == LOSS_BROKEN)
		doubt_charge(s);
	s->to_charge--;
	s->later_told |= r.lease == 0;
	if (r.charged)
		s->open[s->count++] = (struct rate_open){ r.lease, s->asks };
	s->later.fire = s->to_charge > 0 ? next_recipient : is_over;
	timer_start(&s->later, c->t->clock,
	    s->to_charge > 0 ? dice(c, s->slowly ? 3000 : 8) : duration(c));
}

static void
charge(struct session *s)
{
	struct crowd *c = s->crowd;

	s->ticket.answered = charged;
	s->asks = (struct amounts){ { s->count == 0, 1 + dice(c, 2),
	    1 + dice(c, 5000), 0, 0 } };
	s->question = rate_charge(c->t->arena, &c->t->meters, &s->asks,
	    c->t->lease, NULL, tally_now(c->t), false, true);
	put(s);
}

static void
go(struct crowd *c, unsigned node)
{
	struct session *s = arena_alloc(c->t->arena, sizeof(*s));

	*s = (struct session){ .crowd = c,
		.node = node,
		.slowly = dice(c, 4) == 0,
		.to_charge = dice(c, 3) ? 1 : 1 + dice(c, CHARGES) };
	s->next = c->first;
	c->first = s;
	charge(s);
}

/* -- what there is -- */

static bool
is_within(const struct session *s, int64_t seconds, int64_t slack_ms)
{
	const int64_t age = (int64_t)(clock_ms(s->crowd->t->clock) -
	    s->settled_ms);

	return age + slack_ms < 1000 * seconds;
}

/* What was sent within so many seconds, as it is told at the latest; and what
 * was kept here, not before it must have been handed over. */
static int64_t
sent_within(
    const struct crowd *c, unsigned meter, int64_t seconds, int64_t slack_ms)
{
	const uint64_t now = clock_ms(c->t->clock);
	const enum rate_kind kind = c->t->items[meter].kind;
	int64_t n = 0;

	for (const struct session *s = c->first; s; s = s->next)
		if (s->settled_ms > 0 && is_within(s, seconds, slack_ms) &&
		    (!s->later_told || now - s->settled_ms >= CALM_MS))
			n += s->sent.of[kind];
	return n;
}

static void
is_enough(struct crowd *c)
{
	if (clock_ms(c->t->clock) - c->calm_since < CALM_MS)
		return;
	tally_look(c->t);
	for (unsigned i = 0; i < c->t->meters.count; i++)
		assert_true(c->t->is[i].used + c->less[i] >=
		    sent_within(c, i, c->t->items[i].limit.seconds, 1000));
}

static void
is_exact(struct crowd *c)
{
	tally_look(c->t);
	for (unsigned i = 0; i < c->t->meters.count; i++) {
		const int64_t window = c->t->items[i].limit.seconds;
		const int64_t step = (window + 19) / 20;
		const int64_t used = c->t->is[i].used + c->less[i];

		assert_true(used >= sent_within(c, i, window, 1000));
		assert_true(used <= c->less[i] + c->more[i] +
			sent_within(c, i, window + step, -1000 - c->late_ms));
	}
}

/* Neither leases nor pages. */
static void
nothing_is_open(struct crowd *c)
{
	for (unsigned i = 0; i < c->t->meters.count; i++)
		assert_int_equal(c->t->is[i].open, 0);
	for (int i = 0; i < NODES; i++) {
		const struct local_counts n = local_counts(c->nodes[i]);

		assert_int_equal(n.ahead.noted, 0);
		assert_int_equal(n.ahead.advances, 0);
	}
	assert_int_equal(atoi(TALLY_DO(c->t, "HLEN", "policyd:open")), 0);
}

/* -- trouble -- */

/* Of what had been sent shortly before or is open nobody knows whether it was
 * told; or what is told now. */
static void
doubt_all(struct crowd *c, bool less)
{
	const uint64_t now = clock_ms(c->t->clock);

	c->left = true;
	for (struct session *s = c->first; s; s = s->next) {
		if (s->over)
			continue;
		if (s->settled_ms > 0 && now - s->settled_ms > CALM_MS) {
			s->over = true;
			continue;
		}
		for (unsigned i = 0; i < c->t->meters.count; i++) {
			if (less)
				c->less[i] += s->sent.of[c->t->items[i].kind];
			c->more[i] += sum(s, i);
		}
	}
}

static void
some_go(struct crowd *c)
{
	for (unsigned n = dice(c, 5); n > 0; n--)
		go(c, dice(c, NODES));
	clock_turn(c->t->clock, dice(c, 40));
}

/* Now and then longer than leases, where that is the same for all. */
static uint64_t
how_long(struct crowd *c, enum trouble what)
{
	const unsigned lot = dice(c, 10);

	if (lot < 5)
		return dice(c, 60);
	if (lot < 9)
		return dice(c, 3000);
	return dice(c, what == BUSY ? 12000 : 60000);
}

static void
while_it_lasts(struct crowd *c, enum trouble what)
{
	const uint64_t until = clock_ms(c->t->clock) + how_long(c, what);

	do {
		some_go(c);
		if (dice(c, 3) == 0)
			clock_turn(c->t->clock, dice(c, 1000));
		if (what >= HUNG)
			doubt_all(c, what != HUNG);
	} while (clock_ms(c->t->clock) < until);
}

static void
trouble(struct crowd *c)
{
	const enum trouble what = c->plot->troubles[dice(c, c->plot->count)];
	int64_t took;

	if (what >= HUNG) {
		clock_turn(c->t->clock, CALM_MS);
		doubt_all(c, what != HUNG);
	}
	if (clock_ms(c->t->clock) - c->calm_since >= CALM_MS)
		c->since = clock_ms(c->t->clock);
	trouble_begin(&c->site, what);
	while_it_lasts(c, what);
	trouble_end(&c->site);
	clock_turn(c->t->clock, what == HUNG ? 700 : 0); /* now it runs */
	c->calm_since = clock_ms(c->t->clock);
	took = (int64_t)(c->calm_since - c->since) + CALM_MS;
	c->left |= took > 1000 * (c->t->lease - 5);
	c->late_ms = took > c->late_ms ? took : c->late_ms;
}

static void
all_are_busy(struct crowd *c)
{
	for (unsigned rounds = 30 + dice(c, 60); rounds > 0; rounds--) {
		some_go(c);
		if (dice(c, 6) == 0)
			clock_turn(c->t->clock, dice(c, 6000));
		if (dice(c, 4) == 0)
			trouble(c);
		is_enough(c);
	}
}

static void
let_all_end(struct crowd *c)
{
	for (const struct session *s = c->first; s; s = s->next)
		while (s->settled_ms == 0)
			clock_turn(c->t->clock, 1000);
	clock_turn(c->t->clock, 5000);
}

/* And somebody asks. */
static void
leases_end(struct crowd *c)
{
	tally_wait(c->t, 2 * c->t->lease);
	for (int i = 0; i < 6; i++) {
		go(c, (unsigned)i % NODES);
		clock_turn(c->t->clock, 10000);
	}
	let_all_end(c);
}

static void
each(const struct plot *plot)
{
	const unsigned first = chance_seed(), count = chance_stories(20);

	for (unsigned i = 0; i < count; i++) {
		struct crowd *c = begin(first + i, plot);

		print_message("# seed %u\n", first + i);
		all_are_busy(c);
		let_all_end(c);
		if (c->left)
			leases_end(c);
		is_exact(c);
		nothing_is_open(c);
		end(c);
	}
}

static void
what_did_not_run_is_counted_exactly(void **state)
{
	static const struct plot torn = { true, 7,
		{ NOTHING, FULL, REPLICA, BUSY, DOWN, REFUSED, SLOW } };

	(void)state;
	each(&torn);
}

static void
what_runs_too_late_is_never_too_little(void **state)
{
	static const struct plot plot = { false, 6,
		{ NOTHING, FULL, REPLICA, REFUSED, SLOW, HUNG } };

	(void)state;
	each(&plot);
}

static void
what_is_lost_is_no_more_than_was_on_its_way(void **state)
{
	static const struct plot broken = { true, 8,
		{ NOTHING, FULL, REPLICA, BUSY, DOWN, REFUSED, SLOW, BROKEN } };

	(void)state;
	each(&broken);
}

int
main(void)
{
	static struct suite s;

	log_open("troubled", LOG_TO_NOWHERE, LEVEL_ERROR);
	SUITE_TEST(&s, what_did_not_run_is_counted_exactly);
	SUITE_TEST(&s, what_runs_too_late_is_never_too_little);
	SUITE_TEST(&s, what_is_lost_is_no_more_than_was_on_its_way);
	return suite_run(&s, "rate/troubled");
}
