/*
 * Many at once: sessions whose answers are still on their way, meters that are
 * in a hurry together, and two policyd on one Redis.
 */
#include "rate/ahead.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "kit/suite.h"
#include "kit/tally.h"
#include "rate/advance.h"
#include "rate/local.h"

enum { NODES = 2 };

struct crowd {
	struct tally *t;
	struct local *nodes[NODES];
	unsigned begun, passed, refused; /* messages */
};

/* One message, whose client waits for us. */
struct session {
	struct ticket ticket;
	struct crowd *crowd;
	unsigned node;
	const struct question *question;
};

static struct crowd
begin(int64_t limit)
{
	struct crowd c = { .t = tally_begin() };

	for (int i = 0; i < NODES; i++) {
		c.nodes[i] = local_new(c.t->clock, c.t->store);
		local_nodes(c.nodes[i], NODES);
	}
	tally_meter(c.t, OWNER_MAILBOX, RATE_MESSAGES, limit, HOUR);
	return c;
}

static void
end(struct crowd *c)
{
	for (int i = 0; i < NODES; i++)
		local_free(c->nodes[i]);
	tally_end(c->t);
}

/* -- sessions -- */

static const struct amounts one = { { 1, 0, 0, 0, 0 } };

static void
settled(struct ticket *t, const struct answer *a)
{
	(void)t;
	assert_int_equal(a->state, KNOWN);
}

static void
ask(struct session *s)
{
	struct store *store = local_store(s->crowd->nodes[s->node]);

	store_ask(store, s->question, &s->ticket);
}

static void
charged(struct ticket *t, const struct answer *a)
{
	struct session *s = (struct session *)t;
	struct tally *tally = s->crowd->t;
	struct rate_result r;
	struct rate_open open = { .n = one };

	assert_true(rate_result(a, &tally->meters, &r));
	*(r.charged ? &s->crowd->passed : &s->crowd->refused) += 1;
	if (!r.charged)
		return;
	open.lease = r.lease;
	s->ticket.answered = settled;
	s->question = rate_settle(
	    tally->arena, &tally->meters, &one, &open, 1, tally_now(tally));
	ask(s);
}

/* It sends, if it may. */
static void
go(struct crowd *c, unsigned node)
{
	struct session *s = arena_alloc(c->t->arena, sizeof(*s));

	s->ticket.answered = charged;
	s->crowd = c;
	s->node = node;
	s->question = rate_charge(c->t->arena, &c->t->meters, &one, c->t->lease,
	    NULL, tally_now(c->t), false, false);
	c->begun++;
	ask(s);
}

static void
turn(struct crowd *c, uint64_t ms)
{
	clock_turn(c->t->clock, ms);
}

/* Some, one after the other. */
static void
send(struct crowd *c, unsigned node, unsigned count)
{
	while (count-- > 0) {
		go(c, node);
		turn(c, 1);
	}
}

/* What counts in Redis besides what was sent. */
static int64_t
too_much(struct crowd *c)
{
	return tally_look(c->t)->used - (int64_t)c->passed;
}

static void
is_exact(struct crowd *c)
{
	tally_look(c->t);
	assert_int_equal(c->t->is->used, c->passed);
	assert_int_equal(c->t->is->current, c->passed);
	assert_int_equal(c->t->is->open, 0);
}

/* -- within one policyd -- */

static void
those_who_ask_at_once_have_no_more_than_one_alone(void **state)
{
	const int64_t limit = 1600;
	struct crowd c = begin(limit);

	(void)state;
	send(&c, 0, 6);
	for (int round = 0; round < 10; round++) {
		false_redis_delay(c.t->redis, 20);
		for (int i = 0; i < 40; i++)
			go(&c, 0);
		turn(&c, 20);
		false_redis_delay(c.t->redis, 0);
		assert_true(too_much(&c) <= limit / ADVANCE_PART / NODES);
	}
	assert_int_equal(c.refused, 0);
	turn(&c, 2000);
	is_exact(&c);
	end(&c);
}

/* As many meters as there are do not make it later. */
static void
after_a_second_all_is_exact(void **state)
{
	(void)state;
	for (unsigned count = 1; count <= 21; count++) {
		struct crowd c = begin(1000);

		for (unsigned i = 1; i < count; i++)
			tally_meter(
			    c.t, OWNER_MAILBOX, RATE_MESSAGES, 1000, HOUR + i);
		c.t->meters.count = 1;
		for (unsigned i = 0; i < count; i++) {
			c.t->meters.items = c.t->items + i;
			send(&c, 0, 10);
		}
		turn(&c, 330);
		for (unsigned i = 0; i < count; i++) {
			c.t->meters.items = c.t->items + i;
			send(&c, 0, 1);
		}
		turn(&c, 1000);
		c.passed = 11;
		for (unsigned i = 0; i < count; i++) {
			c.t->meters.items = c.t->items + i;
			is_exact(&c);
		}
		end(&c);
	}
}

static void
who_becomes_slow_gives_back_what_he_does_not_need(void **state)
{
	struct crowd c = begin(16000);

	(void)state;
	while (too_much(&c) < 100)
		send(&c, 0, 1);
	for (int i = 0; i < 5; i++) {
		send(&c, 0, 1);
		turn(&c, 300);
	}
	for (int i = 0; i < 10; i++) {
		send(&c, 0, 1);
		turn(&c, 300);
		assert_true(too_much(&c) <= 4 * 4);
	}
	end(&c);
}

/* Messages that come to nothing are many at once as well. */
static void
nor_does_he_keep_what_was_not_sent(void **state)
{
	const int64_t limit = 1600;
	struct crowd c = begin(limit);
	const struct amounts none = { { 0 } };
	struct rate_open open = { .n = one };

	(void)state;
	c.t->store = local_store(c.nodes[0]);
	for (int i = 0; i < 10; i++)
		send(&c, 0, 1);
	turn(&c, 20);
	for (int i = 0; i < 600; i++)
		assert_true(tally_open(c.t));
	open.lease = c.t->did.lease;
	for (int i = 0; i < 600; i++)
		tally_settle(c.t, &none, &open, 1);
	turn(&c, 50);
	assert_true(too_much(&c) <= limit / ADVANCE_PART / NODES);
	turn(&c, 1000);
	is_exact(&c);
	end(&c);
}

static void
a_limit_that_is_made_smaller_holds_at_once(void **state)
{
	struct crowd c = begin(1600);

	(void)state;
	send(&c, 0, 100);
	assert_true(too_much(&c) > 5);
	c.t->items[0].limit.count = 50;
	c.passed = 0;
	send(&c, 0, 20);
	assert_int_equal(c.passed, 0);
	end(&c);
}

/* -- Redis is another one, or not as it was -- */

static void
what_the_last_one_agreed_to_is_not_taken_of_the_next(void **state)
{
	struct crowd c = begin(1600);
	struct false_redis *next = false_redis_new(c.t->clock);

	(void)state;
	send(&c, 0, HEAT_HOT + 1);
	false_redis_delay(c.t->redis, 20);
	go(&c, 0);
	local_configure(c.nodes[0], false_redis_store(next), "policyd:");
	turn(&c, 30);
	assert_int_equal(local_counts(c.nodes[0]).ahead.advances, 0);
	turn(&c, 2000);
	end(&c);
	false_redis_free(next);
}

/* -- what this policyd counted without Redis -- */

static void
it_goes_before_the_next_charge(void **state)
{
	struct crowd c = begin(10);
	int64_t lease;

	(void)state;
	tally_meter(c.t, OWNER_MAILBOX, RATE_MESSAGES, 10, DAY);
	c.t->meters.count = 1;
	c.t->store = local_store(c.nodes[0]);
	local_nodes(c.nodes[0], 1);
	c.t->alone = true;
	for (int i = 0; i < 3; i++)
		assert_true(tally_send(c.t));
	assert_true(tally_open(c.t));
	lease = c.t->did.lease;
	false_redis_mood(c.t->redis, MOOD_FULL);
	tally_commit(c.t, lease);
	turn(&c, 50);
	for (int i = 0; i < 6; i++)
		assert_true(tally_send(c.t));
	false_redis_mood(c.t->redis, MOOD_WELL);
	c.t->meters.items = c.t->items + 1;
	assert_true(tally_open(c.t)); /* Redis is back */
	c.t->meters.items = c.t->items;
	assert_false(tally_send(c.t));
	turn(&c, 2000);
	c.passed = 10;
	is_exact(&c);
	end(&c);
}

/* -- two policyd -- */

static void
together_they_send_all_that_may_be_sent(void **state)
{
	static const int64_t limits[] = { 1, 7, 16, 40, 99, 400, 3000 };
	unsigned chance = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		const int64_t limit = limits[i];
		struct crowd c = begin(limit);

		while (c.begun < 2 * limit) {
			chance = chance * 1103515245 + 12345;
			if ((chance >> 24) % 8 == 0)
				false_redis_delay(
				    c.t->redis, (chance >> 20) % 16);
			for (unsigned n = (chance >> 16) % 8; n > 0; n--)
				go(&c, (chance >> (8 + n)) % NODES);
			turn(&c, (chance >> 12) % 8);
		}
		turn(&c, 1100);
		assert_true(c.passed <= limit);
		is_exact(&c);
		send(&c, i % NODES, (unsigned)(limit - c.passed));
		turn(&c, 1100);
		assert_int_equal(c.passed, limit);
		go(&c, 0);
		go(&c, 1);
		turn(&c, 100);
		assert_int_equal(c.passed, limit);
		is_exact(&c);
		end(&c);
	}
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, those_who_ask_at_once_have_no_more_than_one_alone);
	SUITE_TEST(&s, after_a_second_all_is_exact);
	SUITE_TEST(&s, who_becomes_slow_gives_back_what_he_does_not_need);
	SUITE_TEST(&s, nor_does_he_keep_what_was_not_sent);
	SUITE_TEST(&s, a_limit_that_is_made_smaller_holds_at_once);
	SUITE_TEST(&s, what_the_last_one_agreed_to_is_not_taken_of_the_next);
	SUITE_TEST(&s, it_goes_before_the_next_charge);
	SUITE_TEST(&s, together_they_send_all_that_may_be_sent);
	return suite_run(&s, "rate/crowd");
}
