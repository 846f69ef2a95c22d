/*
 * Many transactions of several recipients, fast ones and slow ones, at several
 * policyd, some of which are killed: no meter ever has too little, and when the
 * leases are over each has what was sent.
 */
#include "rate/local.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "kit/chance.h"
#include "kit/suite.h"
#include "kit/tally.h"
#include "kit/torn.h"

enum {
	NODES = 3,
	CHARGES = 4, /* of a transaction, at most */
	LATE_MS = 500, /* what was sent so shortly before may be given back */
	TOLD_MS = 60, /* Redis has heard of it, when nothing is on its way */
	WALK_MS = 1000 /* between two times when what was kept is handed over */
};

struct crowd {
	struct tally *t;
	struct torn *lines[NODES];
	struct local *nodes[NODES]; /* NULL: was killed */
	unsigned seed;
	bool trouble; /* Redis is full now and then */
	bool full;
	uint64_t full_since; /* ms */
	int64_t late_ms; /* what was kept counts from so much later on */
	bool killing;
	struct session *first;
	int64_t less[METERS], more[METERS]; /* what cannot be known */
	uint64_t killed; /* ms; 0: nobody was */
};

struct session {
	struct ticket ticket;
	struct session *next;
	struct crowd *crowd;
	unsigned node;
	struct timer later;
	const struct question *question;
	unsigned to_charge, count;
	struct amounts asks;
	struct rate_open open[CHARGES];
	struct amounts sent;
	uint64_t charged_ms, settled_ms; /* the last; 0: is open */
	bool redis; /* all of it was charged there */
	bool dead;
};

static unsigned
dice(struct crowd *c, unsigned sides)
{
	return torn_dice(&c->seed, sides);
}

static void
begin_node(struct crowd *c, unsigned i)
{
	c->lines[i] = torn_new(c->t->clock, c->t->store, &c->seed);
	c->nodes[i] = local_new(c->t->clock, torn_store(c->lines[i]));
	local_nodes(c->nodes[i], NODES);
}

static void
choose_meters(struct crowd *c)
{
	static const int64_t windows[] = { MINUTE, HOUR, DAY };
	const int64_t limit = dice(c, 3) ? 1000000 : 200;
	const int64_t shortest = dice(c, 2);
	struct tally *t = c->t;

	for (enum rate_owner o = OWNER_MAILBOX; o <= OWNER_SERVER; o++)
		for (enum rate_kind k = RATE_MESSAGES; k <= RATE_BYTES; k++)
			if (t->meters.count < 8 && dice(c, 3))
				tally_meter(t, o, k,
				    limit * (k == RATE_BYTES ? 1000 : 1),
				    windows[shortest + dice(c, 2)]);
	if (t->meters.count == 0)
		tally_meter(t, OWNER_DOMAIN, RATE_RECIPIENTS, limit, HOUR);
}

static struct crowd *
begin(unsigned seed)
{
	struct tally *t = tally_begin();
	struct crowd *c = arena_alloc(t->arena, sizeof(*c));

	*c = (struct crowd){ .t = t, .seed = seed };
	t->lease = dice(c, 2) ? 20 : 20 + dice(c, 400);
	choose_meters(c);
	tally_wait(t, dice(c, 300));
	for (unsigned i = 0; i < NODES; i++)
		begin_node(c, i);
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

static void
settled(struct ticket *t, const struct answer *a)
{
	(void)t, (void)a;
}

static void
is_over(struct timer *t)
{
	struct session *s = (struct session *)((char *)t -
	    offsetof(struct session, later));
	struct crowd *c = s->crowd;
	const unsigned part = dice(c, 8) ? s->count : dice(c, s->count + 1);

	if (s->dead)
		return;
	for (unsigned i = 0; i < part; i++)
		for (int k = 0; k < RATE_METERS; k++)
			s->sent.of[k] += s->open[i].n.of[k];
	s->settled_ms = clock_ms(c->t->clock);
	s->ticket.answered = settled;
	s->question = rate_settle(c->t->arena, &c->t->meters, &s->sent, s->open,
	    s->count, tally_now(c->t));
	put(s);
}

/* Most are fast, some are slower than leases. */
static uint64_t
duration(struct crowd *c)
{
	const unsigned lot = dice(c, 100);

	if (lot < 70)
		return dice(c, 60);
	if (lot < 98)
		return dice(c, 7000);
	return 1000 * ((uint64_t)c->t->lease + dice(c, 40)) - 20000;
}

static void charge(struct session *s);

static void
next_recipient(struct timer *t)
{
	struct session *s = (struct session *)((char *)t -
	    offsetof(struct session, later));

	if (!s->dead)
		charge(s);
}

static void
charged(struct ticket *t, const struct answer *a)
{
	struct session *s = (struct session *)t;
	struct crowd *c = s->crowd;
	struct rate_result r;

	if (s->dead)
		return;
	assert_true(rate_result(a, &c->t->meters, &r));
	s->to_charge--;
	if (r.charged) {
		s->open[s->count++] = (struct rate_open){ r.lease, s->asks };
		s->redis &= r.lease > 0;
	}
	s->later.fire = s->to_charge > 0 ? next_recipient : is_over;
	timer_start(&s->later, c->t->clock,
	    s->to_charge > 0 ? dice(c, 8) : duration(c));
}

static void
charge(struct session *s)
{
	struct crowd *c = s->crowd;

	s->ticket.answered = charged;
	s->charged_ms = clock_ms(c->t->clock);
	s->asks = (struct amounts){ { s->count == 0, 1 + dice(c, 2),
	    1 + dice(c, 5000), 0, 0 } };
	s->question = rate_charge(c->t->arena, &c->t->meters, &s->asks,
	    c->t->lease, NULL, tally_now(c->t), false, c->trouble);
	put(s);
}

static void
go(struct crowd *c, unsigned node)
{
	struct session *s = arena_alloc(c->t->arena, sizeof(*s));

	*s = (struct session){ .crowd = c,
		.node = node,
		.redis = true,
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

/* What counts now, at least. */
static int64_t
least(const struct crowd *c, unsigned meter)
{
	const struct meter *m = &c->t->items[meter];
	int64_t n = 0;

	for (const struct session *s = c->first; s; s = s->next)
		if (s->settled_ms > 0 && s->redis &&
		    is_within(s, m->limit.seconds, 1000))
			n += s->sent.of[m->kind];
	return n;
}

static void
is_enough(struct crowd *c)
{
	tally_look(c->t);
	for (unsigned i = 0; i < c->t->meters.count; i++)
		assert_true(c->t->is[i].used + c->less[i] >= least(c, i));
}

/* All of it, of windows that are long enough; of others a step more, and what
 * was handed over later. */
static void
is_exact(struct crowd *c)
{
	tally_look(c->t);
	for (unsigned i = 0; i < c->t->meters.count; i++) {
		const struct meter *m = &c->t->items[i];
		const int64_t step = (m->limit.seconds + 19) / 20;
		int64_t most = 0, at_least = 0;

		for (const struct session *s = c->first; s; s = s->next) {
			if (s->settled_ms == 0)
				continue;
			if (is_within(s, m->limit.seconds, 1000))
				at_least += s->sent.of[m->kind];
			if (is_within(
				s, m->limit.seconds + step, -1000 - c->late_ms))
				most += s->sent.of[m->kind];
		}
		assert_in_range(c->t->is[i].used + c->less[i] + 1000000000,
		    at_least + 1000000000,
		    most + c->more[i] + c->less[i] + 1000000000);
	}
}

/* -- a death -- */

static void
doubt(struct crowd *c, const struct session *s, bool busy)
{
	const uint64_t now = clock_ms(c->t->clock);

	for (unsigned i = 0; i < c->t->meters.count; i++) {
		const enum rate_kind kind = c->t->items[i].kind;

		if (s->settled_ms > 0 && now - s->settled_ms <= LATE_MS)
			c->less[i] += s->sent.of[kind];
		if (s->settled_ms > 0 && now - s->settled_ms <= LATE_MS)
			c->more[i] += sum(s, i) - s->sent.of[kind];
		if (s->settled_ms == 0 &&
		    (busy || now - s->charged_ms <= TOLD_MS))
			c->more[i] += sum(s, i) + s->asks.of[kind];
	}
}

static void
kill(struct crowd *c, unsigned node)
{
	const bool busy = torn_cut(c->lines[node]);

	/* An advance, between the two commands that charge it. */
	for (unsigned i = 0; busy && i < c->t->meters.count; i++)
		c->more[i] += c->t->items[i].limit.count / 8;
	for (struct session *s = c->first; s; s = s->next) {
		if (s->node != node || s->dead)
			continue;
		if (s->settled_ms == 0 ||
		    clock_ms(c->t->clock) - s->settled_ms <= LATE_MS)
			doubt(c, s, busy);
		s->dead = true;
		timer_stop(&s->later);
	}
	while (torn_cut(c->lines[node]))
		clock_turn(c->t->clock, 1);
	local_free(c->nodes[node]);
	torn_free(c->lines[node]);
	begin_node(c, node);
}

/* -- stories -- */

static bool
is_any_open(const struct crowd *c)
{
	for (const struct session *s = c->first; s; s = s->next)
		if (s->settled_ms == 0 && !s->dead)
			return true;
	return false;
}

static void
let_all_end(struct crowd *c)
{
	while (is_any_open(c))
		clock_turn(c->t->clock, 1000);
	clock_turn(c->t->clock, 3000);
}

static void
somebody_asks(struct crowd *c)
{
	for (int i = 0; i < 3; i++) {
		go(c, 0);
		clock_turn(c->t->clock, 20000);
	}
	let_all_end(c);
}

static void
fill(struct crowd *c, bool full)
{
	const uint64_t now = clock_ms(c->t->clock);

	false_redis_mood(c->t->redis, full ? MOOD_FULL : MOOD_WELL);
	if (full && !c->full)
		c->full_since = now;
	if (c->full && c->late_ms < (int64_t)(now - c->full_since) + WALK_MS)
		c->late_ms = (int64_t)(now - c->full_since) + WALK_MS;
	c->full = full;
}

static void
all_are_busy(struct crowd *c, unsigned rounds)
{
	while (rounds-- > 0) {
		for (unsigned n = dice(c, 6); n > 0; n--)
			go(c, dice(c, NODES));
		clock_turn(c->t->clock, dice(c, 30));
		if (dice(c, 60) == 0)
			clock_turn(c->t->clock, dice(c, 6000));
		if (c->trouble)
			fill(c, dice(c, 4) == 0);
		else
			is_enough(c);
	}
	fill(c, false);
}

static void
each(void (*story)(struct crowd *))
{
	const unsigned first = chance_seed(), count = chance_stories(20);

	for (unsigned i = 0; i < count; i++) {
		struct crowd *c = begin(first + i);

		print_message("# seed %u\n", first + i);
		story(c);
		is_exact(c);
		end(c);
	}
}

static void
usual(struct crowd *c)
{
	all_are_busy(c, 100);
	let_all_end(c);
}

static void
in_trouble(struct crowd *c)
{
	c->trouble = true;
	usual(c);
	clock_turn(c->t->clock, 5000);
}

static void
with_deaths(struct crowd *c)
{
	for (int i = 0; i < 3; i++) {
		all_are_busy(c, 10 + dice(c, 40));
		kill(c, dice(c, NODES));
		if (dice(c, 2))
			all_are_busy(c, dice(c, 40));
	}
	let_all_end(c);
	for (unsigned i = 0; i < 20; i++) {
		tally_wait(c->t, 1 + c->t->lease / 15);
		all_are_busy(c, 3);
	}
	let_all_end(c);
	somebody_asks(c);
}

static void
what_was_sent_counts(void **state)
{
	(void)state;
	each(usual);
}

static void
when_Redis_is_full_too(void **state)
{
	(void)state;
	each(in_trouble);
}

static void
what_the_dead_had_open_is_given_back_once(void **state)
{
	(void)state;
	each(with_deaths);
}

int
main(void)
{
	static struct suite s;

	log_open("killed", LOG_TO_NOWHERE, LEVEL_ERROR);
	SUITE_TEST(&s, what_was_sent_counts);
	SUITE_TEST(&s, when_Redis_is_full_too);
	SUITE_TEST(&s, what_the_dead_had_open_is_given_back_once);
	return suite_run(&s, "rate/killed");
}
