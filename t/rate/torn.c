/*
 * Between the plain commands of one policyd Redis runs what others ask: no more
 * than may be is charged all the same, and in the end each counter is right. So
 * it is where there are more meters than plain commands are asked of.
 */
#include "rate/local.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "kit/chance.h"
#include "kit/suite.h"
#include "kit/tally.h"
#include "kit/torn.h"
#include "rate/plain.h"

enum { NODES = 3 };

struct crowd {
	struct tally *t;
	struct torn *lines[NODES];
	struct local *nodes[NODES];
	unsigned seed;
	unsigned begun, open, sent, refused;
	int64_t there; /* of these, what was charged in Redis */
	int64_t limit;
	bool alone; /* without Redis each policyd counts by itself */
};

struct session {
	struct ticket ticket;
	struct crowd *crowd;
	struct local *node;
	struct timer later;
	const struct question *question;
	struct rate_open open;
};

static struct crowd *
begin(int64_t limit, unsigned seed)
{
	struct tally *t = tally_begin();
	struct crowd *c = arena_alloc(t->arena, sizeof(*c));

	c->t = t;
	c->seed = seed;
	c->limit = limit;
	for (int i = 0; i < NODES; i++) {
		c->lines[i] = torn_new(t->clock, t->store, &c->seed);
		c->nodes[i] = local_new(t->clock, torn_store(c->lines[i]));
		local_nodes(c->nodes[i], NODES);
	}
	tally_meter(t, OWNER_MAILBOX, RATE_MESSAGES, limit, HOUR);
	tally_meter(t, OWNER_DOMAIN, RATE_MESSAGES, limit, DAY);
	for (unsigned i = 2; seed / 2 % 2 && i <= PLAIN_COMMANDS; i++)
		tally_meter(
		    t, OWNER_SERVER, RATE_MESSAGES, i * limit, i * HOUR);
	for (unsigned i = 0; seed % 2 && i < t->meters.count; i++)
		t->items[i].warn = 0; /* up to the limit they are plain */
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

static const struct amounts one = { { 1, 0, 0, 0, 0 } };

static void
settled(struct ticket *t, const struct answer *a)
{
	(void)t, (void)a;
}

static void
put(struct session *s)
{
	struct store *store = local_store(s->node);
	struct answer known;

	if (store_known(store, s->question, &known))
		s->ticket.answered(&s->ticket, &known);
	else
		store_ask(store, s->question, &s->ticket);
}

static void
is_over(struct timer *t)
{
	struct session *s = (struct session *)((char *)t -
	    offsetof(struct session, later));
	struct crowd *c = s->crowd;
	static const struct amounts none = { { 0 } };
	const bool sends = torn_dice(&c->seed, 4) > 0;

	c->open--;
	c->sent += sends;
	c->there -= !sends && s->open.lease > 0;
	s->ticket.answered = settled;
	s->question = rate_settle(c->t->arena, &c->t->meters,
	    sends ? &one : &none, &s->open, 1, tally_now(c->t));
	put(s);
}

static void
charged(struct ticket *t, const struct answer *a)
{
	struct session *s = (struct session *)t;
	struct crowd *c = s->crowd;
	struct rate_result r;

	assert_true(rate_result(a, &c->t->meters, &r));
	if (!r.charged) {
		c->refused++;
		return;
	}
	c->open++;
	c->there += r.lease > 0;
	assert_true(c->alone || c->open + c->sent <= c->limit);
	s->open = (struct rate_open){ r.lease, one };
	s->later.fire = is_over;
	timer_start(&s->later, c->t->clock, torn_dice(&c->seed, 40));
}

static void
go(struct crowd *c, unsigned node)
{
	struct session *s = arena_alloc(c->t->arena, sizeof(*s));

	s->ticket.answered = charged;
	s->crowd = c;
	s->node = c->nodes[node];
	s->question = rate_charge(c->t->arena, &c->t->meters, &one, c->t->lease,
	    NULL, tally_now(c->t), false, c->alone);
	c->begun++;
	put(s);
}

/* What counts is never too little. */
static void
is_enough(struct crowd *c)
{
	const int64_t there = c->there;

	tally_look(c->t);
	for (unsigned i = 0; i < c->t->meters.count; i++)
		assert_true(c->t->is[i].used >= there);
}

static void
is_exact(struct crowd *c)
{
	clock_turn(c->t->clock, 2000);
	tally_look(c->t);
	for (unsigned i = 0; i < c->t->meters.count; i++) {
		assert_int_equal(c->t->is[i].used, c->sent);
		assert_int_equal(c->t->is[i].current, c->sent);
		assert_int_equal(c->t->is[i].open, 0);
	}
}

/* One at a time, all that may be sent is. */
static void
fill(struct crowd *c)
{
	for (unsigned i = 0; c->sent < c->limit && i < 8 * c->limit; i++) {
		const unsigned before = c->refused;

		go(c, i % NODES);
		clock_turn(c->t->clock, 2000);
		assert_int_equal(c->refused, before);
	}
	assert_int_equal(c->sent, c->limit);
	go(c, 0);
	clock_turn(c->t->clock, 2000);
	is_exact(c);
}

static void
no_more_than_may_be_is_charged(void **state)
{
	static const int64_t limits[] = { 3, 9, 20, 60, 300, 700 };
	const unsigned first = chance_seed();

	(void)state;
	for (unsigned i = 0; i < chance_stories(30); i++) {
		const int64_t limit = limits[i % 6];
		struct crowd *c = begin(limit, first + i);

		while (c->begun < 3 * limit) {
			for (unsigned n = torn_dice(&c->seed, 5); n > 0; n--)
				go(c, torn_dice(&c->seed, NODES));
			clock_turn(c->t->clock, torn_dice(&c->seed, 12));
			if (torn_dice(&c->seed, 100) == 0)
				clock_turn(c->t->clock, 60000);
			if (torn_dice(&c->seed, 20) == 0)
				false_redis_was_away(c->t->redis);
			is_enough(c);
		}
		is_exact(c);
		end(c);
	}
}

static void
all_that_may_be_sent_is(void **state)
{
	static const int64_t limits[] = { 3, 9, 20, 40 };
	const unsigned first = chance_seed();

	(void)state;
	for (unsigned i = 0; i < chance_stories(40); i++) {
		struct crowd *c = begin(limits[i % 4], first + i);

		while (c->begun < limits[i % 4]) {
			for (unsigned n = torn_dice(&c->seed, 9); n > 0; n--)
				go(c, torn_dice(&c->seed, NODES));
			clock_turn(c->t->clock, torn_dice(&c->seed, 12));
		}
		is_exact(c);
		fill(c);
		end(c);
	}
}

/* Another one begins the next step between the commands of a charge, or of a
 * settlement: what is sent then counts as long as that step does. */
static void
what_is_sent_in_a_step_counts_as_long(void **state)
{
	enum { STEP = HOUR / 20 };

	(void)state;
	for (unsigned seed = 0; seed < 200; seed++) {
		struct crowd *c = begin(60, seed);
		struct tally *t = c->t;
		struct store *redis = t->store;
		const uint64_t ends = clock_ms(t->clock) + 1000 * STEP;
		unsigned before;

		t->store = local_store(c->nodes[0]);
		assert_true(tally_send(t));
		clock_turn(t->clock,
		    ends - clock_ms(t->clock) - 1 - torn_dice(&c->seed, 40));
		go(c, 0);
		clock_turn(t->clock, ends - clock_ms(t->clock));
		before = c->sent;
		t->store = redis;
		assert_true(tally_send(t));
		tally_wait(t, HOUR);
		assert_true(tally_look(t)->used >= 1 + c->sent - before);
		end(c);
	}
}

static void
full_now_and_then(struct crowd *c)
{
	false_redis_mood(
	    c->t->redis, torn_dice(&c->seed, 4) ? MOOD_WELL : MOOD_FULL);
}

static void
lost_now_and_then(struct crowd *c)
{
	false_redis_lose(
	    c->t->redis, torn_dice(&c->seed, 4) ? LOSS_NONE : LOSS_BROKEN);
}

static void
well_again(struct crowd *c)
{
	false_redis_mood(c->t->redis, MOOD_WELL);
	false_redis_lose(c->t->redis, LOSS_NONE);
}

/* Between two commands something may happen to Redis. */
static void
in_trouble(void (*happens)(struct crowd *), void (*in_the_end)(struct crowd *))
{
	const unsigned first = chance_seed();

	for (unsigned i = 0; i < chance_stories(40); i++) {
		struct crowd *c = begin(60, first + i);

		c->alone = true;
		while (c->begun < 300) {
			for (unsigned n = torn_dice(&c->seed, 5); n > 0; n--)
				go(c, torn_dice(&c->seed, NODES));
			for (int k = 0; k < 8; k++) {
				clock_turn(c->t->clock, 1);
				happens(c);
			}
			well_again(c);
			is_enough(c);
		}
		clock_turn(c->t->clock, 5000);
		in_the_end(c);
		end(c);
	}
}

/* Some commands find it full, others of the same question do not. */
static void
what_was_counted_without_redis_counts_there_once(void **state)
{
	(void)state;
	in_trouble(full_now_and_then, is_exact);
}

/* What may have run, or has in part. */
static void
what_is_lost_is_not_too_little(void **state)
{
	(void)state;
	in_trouble(lost_now_and_then, is_enough);
}

int
main(void)
{
	static struct suite s;

	log_open("torn", LOG_TO_NOWHERE, LEVEL_ERROR);
	SUITE_TEST(&s, no_more_than_may_be_is_charged);
	SUITE_TEST(&s, all_that_may_be_sent_is);
	SUITE_TEST(&s, what_is_sent_in_a_step_counts_as_long);
	SUITE_TEST(&s, what_was_counted_without_redis_counts_there_once);
	SUITE_TEST(&s, what_is_lost_is_not_too_little);
	return suite_run(&s, "rate/torn");
}
