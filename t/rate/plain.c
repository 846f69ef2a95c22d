/*
 * Charges without a script: who is too many gives back, and asks rate.lua.
 */
#include "rate/plain.h"

#include "base/arena.h"
#include "base/clock.h"
#include "rate/mailbox.h"

enum { SESSIONS = 32, LIMIT = 20 };

/* -- many at once -- */

struct session {
	struct ticket ticket;
	struct tally *t;
	unsigned *passed, *told;
};

static void
told(struct ticket *ticket, const struct answer *a)
{
	struct session *s = (struct session *)ticket;
	struct rate_result r;

	assert_true(rate_result(a, &s->t->meters, &r));
	*s->passed += r.charged;
	*s->told += 1;
}

/* So many charges leave before any is answered, from two policyd in turn. */
static unsigned
pass(struct scene *s, struct local *other, unsigned count)
{
	static const struct amounts one = { { 1, 1, 0, 0, 0 } };
	struct session sessions[SESSIONS];
	unsigned passed = 0, heard = 0;

	for (unsigned i = 0; i < count; i++) {
		sessions[i] = (struct session){ { told }, s->t, &passed,
			&heard };
		store_ask(local_store(i % 2 ? other : s->local),
		    rate_charge(s->t->arena, &s->t->meters, &one, s->t->lease,
			NULL, tally_now(s->t), false, true),
		    &sessions[i].ticket);
	}
	clock_turn(s->t->clock, 100);
	assert_int_equal(heard, count);
	return passed;
}

static void
as_many_pass_at_once_as_may(void **state)
{
	(void)state;
	for (unsigned before = 1; before <= LIMIT; before++) {
		struct scene s = begin_with(true, LIMIT);
		struct store *store = s.t->store;
		struct local *other = local_new(
		    s.t->clock, false_redis_store(s.t->redis));

		s.t->store = local_store(other);
		assert_true(tally_send(s.t));
		s.t->store = store;
		for (unsigned i = 1; i < before; i++)
			assert_true(tally_send(s.t));
		assert_int_equal(pass(&s, other, SESSIONS), LIMIT - before);
		is_now(&s, LIMIT, LIMIT - before, before);
		local_free(other);
		end(&s);
	}
}

/* -- which are tried -- */

static unsigned
questions(struct scene *s)
{
	unsigned before;

	let_tell(s);
	before = false_redis_asked(s->t->redis);
	assert_true(tally_open(s->t));
	return false_redis_asked(s->t->redis) - before;
}

static void
one_that_is_near_a_warning_is_asked_once(void **state)
{
	struct scene s = begin(true);

	(void)state;
	assert_true(tally_send(s.t));
	for (int i = 2; i <= 8; i++)
		assert_true(tally_open(s.t));
	assert_true(s.t->did.first);
	for (int i = 9; i <= 10; i++) {
		assert_int_equal(questions(&s), 1);
		assert_ptr_equal(s.t->did.meter, s.t->items);
		assert_int_equal(s.t->did.used, i);
		assert_false(s.t->did.first);
	}
	assert_false(tally_open(s.t));
	is_now(&s, 10, 9, 1);
	end(&s);
}

/* Somebody else has sent; of both meters what was too much is given back. */
static void
nor_is_one_that_was_found_to_be_near_tried_again(void **state)
{
	struct scene s = begin(true);

	(void)state;
	assert_true(tally_send(s.t));
	TALLY_DO(s.t, "HINCRBY", messages, "current", "8");
	assert_int_equal(questions(&s), 4);
	assert_true(s.t->did.first);
	assert_int_equal(s.t->did.used, 10);
	tally_look(s.t);
	assert_int_equal(s.t->is[0].used, 10);
	assert_int_equal(s.t->is[1].used, 2);
	assert_int_equal(s.t->is[1].open, 1);
	assert_false(tally_open(s.t));
	end(&s);
}

static struct scene
begin_with_many(void)
{
	static const int64_t hours[] = { 2, 3, 4, 5 };
	struct scene s = begin(true);

	for (int i = 0; i < 4; i++)
		tally_meter(
		    s.t, OWNER_MAILBOX, RATE_MESSAGES, 100, hours[i] * HOUR);
	return s;
}

static void
more_meters_than_fit_are_charged_as_well(void **state)
{
	struct scene s = begin_with_many();
	const unsigned calls = 2 * (2 + 4);
	unsigned before;

	(void)state;
	assert_true(tally_send(s.t));
	before = false_redis_calls(s.t->redis);
	assert_int_equal(questions(&s), 1);
	assert_int_equal(false_redis_calls(s.t->redis) - before, calls);
	is_now(&s, 2, 1, 1);
	end(&s);
}

/* charge.lua has given back all by itself. */
static void
of_these_one_that_is_near_is_asked_twice(void **state)
{
	struct scene s = begin_with_many();

	(void)state;
	assert_true(tally_send(s.t));
	TALLY_DO(s.t, "HINCRBY", messages, "current", "8");
	assert_int_equal(questions(&s), 2);
	assert_true(s.t->did.first);
	assert_int_equal(s.t->did.used, 10);
	end(&s);
}

/* Some minutes later, in the next hour. */
static void
what_was_sent_in_the_window_before_counts(void **state)
{
	(void)state;
	for (int many = 0; many < 2; many++) {
		struct scene s = many ? begin_with_many() : begin(true);

		tally_wait(s.t, HOUR - MINUTE);
		for (int i = 0; i < 5; i++)
			assert_true(tally_send(s.t));
		tally_wait(s.t, 4 * MINUTE);
		assert_true(tally_send(s.t));
		/* Where they are no script their page is written. */
		assert_int_equal(questions(&s), many ? 1 : 2);
		assert_null(s.t->did.meter);
		assert_true(tally_open(s.t)); /* the eighth */
		assert_true(s.t->did.first);
		assert_int_equal(s.t->did.used, 8);
		end(&s);
	}
}

/* What was sent in it is more than a warning already. */
static void
so_it_does_when_it_alone_is_near_the_limit(void **state)
{
	(void)state;
	for (int many = 0; many < 2; many++) {
		struct scene s = many ? begin_with_many() : begin(true);

		tally_wait(s.t, HOUR - MINUTE);
		for (int i = 0; i < 9; i++)
			assert_true(tally_send(s.t));
		tally_wait(s.t, 4 * MINUTE);
		assert_true(tally_send(s.t));
		assert_false(tally_open(s.t));
		assert_int_equal(tally_look(s.t)->used, 10);
		end(&s);
	}
}

/* By the clock of another policyd, which we are a moment behind. */
static void
and_when_somebody_else_has_begun_the_next_one(void **state)
{
	struct scene s = begin_with(true, LIMIT);
	struct store *store = s.t->store;
	unsigned passed = 0;

	(void)state;
	tally_wait(s.t, HOUR - MINUTE);
	for (int i = 0; i < 12; i++) {
		assert_true(tally_send(s.t));
		tally_wait(s.t, MINUTE / 12);
	}
	s.t->store = false_redis_store(s.t->redis);
	for (int i = 0; i < 2; i++)
		assert_true(tally_send(s.t));
	false_redis_step(s.t->redis, -1);
	s.t->store = store;
	while (passed < LIMIT && tally_open(s.t))
		passed++;
	assert_int_equal(passed, LIMIT - 14);
	end(&s);
}

/* -- odd ones -- */

static void
a_sum_that_is_none_is_charged_once(void **state)
{
	static const struct {
		const char *field;
		int64_t used; /* what was sent before is lost, or is not */
	} rows[] = { { "current", 1 }, { "open:1732191300", 2 } };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct scene s = begin(true);

		assert_true(tally_send(s.t));
		assert_int_equal(s.t->did.lease, 1732191300);
		TALLY_DO(s.t, "HSET", messages, rows[i].field, "much");
		assert_true(tally_open(s.t));
		tally_look(s.t);
		assert_int_equal(s.t->is[0].used, rows[i].used);
		assert_int_equal(s.t->is[0].open, 1);
		assert_int_equal(s.t->is[1].used, 2);
		assert_int_equal(s.t->is[1].open, 1);
		end(&s);
	}
}

static void
what_is_no_hash_is_replaced(void **state)
{
	struct scene s = begin(true);

	(void)state;
	assert_true(tally_send(s.t));
	TALLY_DO(s.t, "SET", messages, "mine");
	assert_true(tally_open(s.t));
	tally_look(s.t);
	assert_int_equal(s.t->is[0].used, 1);
	assert_int_equal(s.t->is[1].used, 2);
	assert_true(tally_ttl(s.t, messages) > 0);
	end(&s);
}

struct cut {
	struct timer timer;
	struct false_redis *redis;
};

static void
cut(struct timer *t)
{
	false_redis_lose(((struct cut *)t)->redis, LOSS_DOWN);
}

/* Between the charge and what gives it back. */
static void
what_could_not_be_given_back_is_when_redis_is_there_again(void **state)
{
	struct scene s = begin(true);
	struct cut c = { { .fire = cut }, s.t->redis };

	(void)state;
	assert_true(tally_send(s.t));
	TALLY_DO(s.t, "DEL", messages);
	let_tell(&s);
	false_redis_delay(s.t->redis, 10);
	timer_start(&c.timer, s.t->clock, 15);
	assert_false(tally_open(s.t));
	assert_int_equal(s.t->loss, LOSS_DOWN);
	false_redis_delay(s.t->redis, 0);
	false_redis_lose(s.t->redis, LOSS_NONE);
	tally_wait(s.t, 3);
	tally_look(s.t);
	assert_int_equal(s.t->is[0].used, 0);
	assert_int_equal(s.t->is[1].used, 1);
	assert_true(tally_ttl(s.t, messages) > 0);
	end(&s);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, as_many_pass_at_once_as_may);
	SUITE_TEST(&s, one_that_is_near_a_warning_is_asked_once);
	SUITE_TEST(&s, nor_is_one_that_was_found_to_be_near_tried_again);
	SUITE_TEST(&s, more_meters_than_fit_are_charged_as_well);
	SUITE_TEST(&s, of_these_one_that_is_near_is_asked_twice);
	SUITE_TEST(&s, what_was_sent_in_the_window_before_counts);
	SUITE_TEST(&s, so_it_does_when_it_alone_is_near_the_limit);
	SUITE_TEST(&s, and_when_somebody_else_has_begun_the_next_one);
	SUITE_TEST(&s, a_sum_that_is_none_is_charged_once);
	SUITE_TEST(&s, what_is_no_hash_is_replaced);
	SUITE_TEST(
	    &s, what_could_not_be_given_back_is_when_redis_is_there_again);
	return suite_run(&s, "rate/plain");
}
