/*
 * What is refused at once is heard of before what is on its way: what stands in
 * the journal is of the one or of the other.
 */
#include "rate/journal.h"

#include <stdlib.h>

#include "base/arena.h"
#include "kit/torn.h"
#include "rate/mailbox.h"

struct line {
	struct tally *t;
	struct torn *torn;
	struct local *local;
	unsigned seed;
};

/* So many bytes to one recipient. */
struct one {
	struct ticket ticket;
	struct line *line;
	struct amounts n;
	bool told;
	struct rate_result did;
};

static struct amounts
bytes(int64_t n)
{
	return (struct amounts){ { 1, 1, n, 0, 0 } };
}

static void
told(struct ticket *t, const struct answer *a)
{
	struct one *o = (struct one *)t;

	o->told = true;
	rate_result(a, &o->line->t->meters, &o->did);
}

static struct one *
charge(struct line *l, int64_t n)
{
	struct tally *t = l->t;
	struct one *o = arena_alloc(t->arena, sizeof(*o));

	*o = (struct one){ .ticket.answered = told, .line = l, .n = bytes(n) };
	store_ask(t->store,
	    rate_charge(t->arena, &t->meters, &o->n, t->lease, NULL,
		tally_now(t), false, t->alone),
	    &o->ticket);
	return o;
}

static struct one *
charge_now(struct line *l, int64_t n)
{
	struct one *o = charge(l, n);

	clock_turn(l->t->clock, 10);
	assert_true(o->did.charged);
	return o;
}

/* More or less of it was sent. */
static void
settle_as(struct line *l, const struct one *o, int64_t sent)
{
	const struct amounts n = { { sent > 0, sent > 0, sent, 0, 0 } };
	const struct rate_open open = { o->did.lease, o->n };

	tally_settle(l->t, &n, &open, 1);
}

static void
settle(struct line *l, const struct one *o, bool sent)
{
	settle_as(l, o, sent ? o->n.of[RATE_BYTES] : 0);
}

/* Ten bytes were sent in this step. */
static struct line *
begin_line(void)
{
	struct tally *t = tally_begin();
	struct line *l = arena_alloc(t->arena, sizeof(*l));

	l->t = t;
	l->seed = 1;
	l->torn = torn_new(t->clock, t->store, &l->seed);
	l->local = local_new(t->clock, torn_store(l->torn));
	t->store = local_store(l->local);
	t->lease = 60;
	tally_meter(t, OWNER_MAILBOX, RATE_BYTES, 1000000, HOUR);
	settle(l, charge_now(l, 10), true);
	clock_turn(t->clock, 100);
	return l;
}

static void
end_line(struct line *l)
{
	clock_turn(l->t->clock, 1000);
	local_free(l->local);
	torn_free(l->torn);
	tally_end(l->t);
}

/* What counts when all is over. */
static int64_t
in_the_end(struct line *l)
{
	clock_turn(l->t->clock, 2000);
	tally_look(l->t);
	assert_int_equal(l->t->is[0].open, 0);
	assert_string_equal(TALLY_DO(l->t, "HLEN", "policyd:open"), "0");
	assert_int_equal(local_counts(l->local).ahead.noted, 0);
	return l->t->is[0].used;
}

static void
one_that_is_refused_at_once_takes_none_that_is_on_its_way(void **state)
{
	(void)state;
	for (int sent = 0; sent < 2; sent++) {
		struct line *l = begin_line();
		struct one *first, *second;

		false_redis_delay(l->t->redis, 200);
		first = charge(l, 5000);
		clock_turn(l->t->clock, 50);
		torn_refuse(l->torn, LOSS_BUSY);
		second = charge(l, 100);
		clock_turn(l->t->clock, 10);
		assert_true(second->told && !second->did.charged);
		assert_false(first->told);
		torn_refuse(l->torn, LOSS_NONE);
		false_redis_delay(l->t->redis, 0);
		clock_turn(l->t->clock, 1000);
		assert_true(first->did.charged);
		settle(l, first, sent);
		assert_int_equal(in_the_end(l), sent ? 5010 : 10);
		end_line(l);
	}
}

/* While others are charged ahead, of whose lease it is none. */
static void
what_is_sent_besides_is_not_of_an_advance(void **state)
{
	struct line *l = begin_line();
	const struct one *first = charge_now(l, 5000);

	(void)state;
	for (int i = 0; i < 6; i++)
		settle(l, charge_now(l, 200), true);
	assert_int_equal(local_counts(l->local).ahead.advances, 1);
	settle_as(l, first, 5150);
	clock_turn(l->t->clock, JOURNAL_MS + 1000);
	assert_int_equal(in_the_end(l), 10 + 6 * 200 + 5150);
	end_line(l);
}

/* Both stand on one page; of one Redis hears nothing until the leases are over,
 * and the other is open for longer. */
static void
what_was_sent_is_not_given_back_with_what_is_over(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++) {
		struct line *l = begin_line();
		struct one *first = charge(l, 100), *second = charge(l, 200);
		const bool sent = i % 2, down = i / 2 == 2;

		clock_turn(l->t->clock, 50);
		false_redis_mood(l->t->redis,
		    i / 2 == 0       ? MOOD_FULL
			: i / 2 == 1 ? MOOD_REPLICA
				     : MOOD_WELL);
		torn_refuse(l->torn, down ? LOSS_DOWN : LOSS_NONE);
		settle(l, first, true);
		tally_wait(l->t, l->t->lease + 10);
		false_redis_mood(l->t->redis, MOOD_WELL);
		torn_refuse(l->torn, LOSS_NONE);
		clock_turn(l->t->clock, 3000);
		settle(l, second, sent);
		for (int k = 0; k < 3; k++) {
			settle(l, charge_now(l, 1), true);
			tally_wait(l->t, 10);
		}
		assert_int_equal(in_the_end(l), 10 + 100 + 200 * sent + 3);
		end_line(l);
	}
}

/* What stands in the journal is settled apart, and what was charged alone once
 * all the same: there is nobody else's. */
static void
what_was_charged_alone_is_taken_back_once(void **state)
{
	static const struct amounts none = { { 0 } };
	struct line *l = begin_line();
	struct rate_open open[2];
	const struct one *noted = charge_now(l, 10), *alone;

	(void)state;
	l->t->alone = true;
	torn_refuse(l->torn, LOSS_DOWN);
	alone = charge_now(l, 300000);
	charge_now(l, 600000);
	open[0] = (struct rate_open){ noted->did.lease, noted->n };
	open[1] = (struct rate_open){ alone->did.lease, alone->n };
	tally_settle(l->t, &none, open, 2);
	assert_false(tally_charge(l->t, 1, 1, 500000));
	assert_true(tally_charge(l->t, 1, 1, 400000));
	torn_refuse(l->torn, LOSS_NONE);
	clock_turn(l->t->clock, 65000);
	assert_int_equal(in_the_end(l), 10);
	end_line(l);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(
	    &s, one_that_is_refused_at_once_takes_none_that_is_on_its_way);
	SUITE_TEST(&s, what_is_sent_besides_is_not_of_an_advance);
	SUITE_TEST(&s, what_was_sent_is_not_given_back_with_what_is_over);
	SUITE_TEST(&s, what_was_charged_alone_is_taken_back_once);
	return suite_run(&s, "rate/journal_order");
}
