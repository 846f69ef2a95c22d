/*
 * Settlements without rate.lua come to the same as those with it, whatever has
 * happened to their meters, or to Redis, since they were charged.
 */
#include "rate/ahead.h"

#include "base/arena.h"
#include "rate/journal.h"
#include "rate/mailbox.h"

/* -- when something has happened meanwhile -- */

/* It has a lease. */
static struct scene
opened_long_ago(void)
{
	struct scene s = opened();

	clock_turn(s.t->clock, JOURNAL_MS + 100);
	return s;
}

static void
a_key_that_was_deleted_counts_what_was_sent(void **state)
{
	struct scene s = opened_long_ago();

	(void)state;
	TALLY_DO(s.t, "DEL", messages, day);
	commit(&s);
	assert_true(s.t->answered);
	is_now(&s, 1, 0, 1);
	end(&s);
}

static void
but_not_what_was_charged_a_moment_before(void **state)
{
	struct scene s = opened();

	(void)state;
	TALLY_DO(s.t, "DEL", messages, day);
	assert_int_equal(commit(&s), 0);
	assert_int_equal(tally_look(s.t)->used, 0);
	assert_true(tally_send(s.t));
	is_now(&s, 1, 0, 1);
	end(&s);
}

static void
so_does_one_that_was_charged_anew(void **state)
{
	struct scene s = opened_long_ago();
	const int64_t lease = s.t->did.lease;

	(void)state;
	TALLY_DO(s.t, "DEL", messages, day);
	assert_true(tally_open(s.t));
	tally_commit(s.t, lease);
	is_now(&s, 2, 1, 1);
	tally_commit(s.t, s.t->did.lease);
	is_now(&s, 2, 0, 2);
	end(&s);
}

/* Redis hears of the settlement when its lease is over. */
static void
what_is_settled_too_late_counts_once(void **state)
{
	(void)state;
	for (int deleted = 0; deleted < 2; deleted++) {
		struct scene s = begin(true);

		s.t->lease = 20;
		assert_true(tally_send(s.t));
		assert_true(tally_open(s.t));
		clock_turn(s.t->clock, 19980);
		if (deleted)
			TALLY_DO(s.t, "DEL", messages, day);
		tally_commit(s.t, s.t->did.lease);
		is_now(&s, deleted ? 1 : 2, 0, deleted ? 1 : 2);
		tally_wait(s.t, 3 * HOUR);
		tally_look(s.t);
		assert_int_equal(s.t->is[0].used, 0);
		end(&s);
	}
}

/* As many as there are within PLAIN_SECONDS when leases are short. */
static void
leases_at_which_nothing_is_open_are_taken_away(void **state)
{
	struct scene s = opened();

	(void)state;
	for (int i = 0; i < 300; i++)
		TALLY_DO(s.t, "HSET", messages,
		    arena_printf(s.t->arena, "open:%d", NOON + MINUTE + i),
		    "0");
	tally_wait(s.t, 4 * MINUTE);
	assert_true(commit(&s) > 0);
	assert_string_equal(TALLY_DO(s.t, "HLEN", messages), "5");
	is_now(&s, 2, 0, 2);
	end(&s);
}

static void
a_meter_that_was_reset_counts_what_is_sent_then(void **state)
{
	struct scene s = opened();

	(void)state;
	tally_reset(s.t, false);
	commit(&s);
	is_now(&s, 1, 0, 1);
	end(&s);
}

static void
what_is_no_meter_any_more_is_replaced(void **state)
{
	struct scene s = opened_long_ago();

	(void)state;
	TALLY_DO(s.t, "SET", day, "hello");
	commit(&s);
	assert_true(s.t->answered);
	assert_int_equal(tally_look(s.t)[0].current, 2);
	assert_int_equal(s.t->is[0].open, 0);
	assert_int_equal(s.t->is[1].current, 1);
	TALLY_DO(s.t, "SET", messages, "hello");
	TALLY_DO(s.t, "SET", day, "hello");
	assert_true(tally_send(s.t));
	is_now(&s, 1, 0, 1);
	end(&s);
}

static void
what_is_for_the_reader_does_not_count(void **state)
{
	struct scene s = opened();

	(void)state;
	TALLY_DO(s.t, "HSET", messages, "previous", "x", "window", "x");
	commit(&s);
	is_now(&s, 2, 0, 2);
	end(&s);
}

static void
a_sum_that_is_none_is_counted_anew(void **state)
{
	struct scene s = opened();

	(void)state;
	TALLY_DO(s.t, "HSET", messages, "current", "x");
	commit(&s);
	assert_int_equal(tally_look(s.t)->used, 0);
	assert_true(tally_send(s.t));
	assert_int_equal(tally_look(s.t)->used, 1);
	end(&s);
}

static void
a_full_Redis_is_told_later(void **state)
{
	struct scene s = opened();

	(void)state;
	false_redis_mood(s.t->redis, MOOD_FULL);
	commit(&s);
	assert_true(s.t->answered);
	false_redis_mood(s.t->redis, MOOD_WELL);
	tally_wait(s.t, 3);
	is_now(&s, 2, 0, 2);
	end(&s);
}

static void
what_may_have_run_is_not_repeated(void **state)
{
	struct scene s = opened();

	(void)state;
	false_redis_delay(s.t->redis, 600);
	commit(&s);
	tally_wait(s.t, 1);
	false_redis_delay(s.t->redis, 0);
	tally_wait(s.t, 3);
	is_now(&s, 2, 0, 2);
	end(&s);
}

/* -- which Redis it is -- */

static void
one_that_was_lost_is_asked_anew(void **state)
{
	static const enum loss losses[] = { LOSS_DOWN, LOSS_BROKEN };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct scene s = opened();

		false_redis_lose(s.t->redis, losses[i]);
		assert_false(tally_open(s.t));
		s.t->did.lease = tally_now(s.t) + MINUTE;
		false_redis_lose(s.t->redis, LOSS_NONE);
		assert_true(commit(&s) > 0);
		end(&s);
	}
}

static void
so_is_one_that_was_away_when_nobody_asked(void **state)
{
	struct scene s = opened();

	(void)state;
	clock_turn(s.t->clock, JOURNAL_MS + 100);
	false_redis_was_away(s.t->redis);
	assert_true(commit(&s) > 0);
	assert_true(tally_open(s.t));
	assert_int_equal(commit(&s), 0);
	end(&s);
}

static void
so_is_another_one(void **state)
{
	struct scene s = opened();
	struct false_redis *other = false_redis_new(s.t->clock);

	(void)state;
	local_configure(s.local, false_redis_store(other), "policyd:");
	local_configure(s.local, false_redis_store(s.t->redis), "policyd:");
	assert_true(commit(&s) > 0);
	false_redis_free(other);
	end(&s);
}

/* It saved itself an hour ago, when nothing was sent yet. */
static void
what_is_sent_after_that_counts_for_as_long(void **state)
{
	struct scene s = opened_long_ago();
	const int64_t lease = s.t->did.lease;
	struct arena *a = s.t->arena;

	(void)state;
	false_redis_lose(s.t->redis, LOSS_BROKEN);
	tally_open(s.t);
	false_redis_lose(s.t->redis, LOSS_NONE);
	TALLY_DO(s.t, "HSET", messages, "current", "1", "steps",
	    arena_printf(a, "%lld", (long long)tally_now(s.t) - 50 * MINUTE));
	tally_commit(s.t, lease);
	tally_wait(s.t, 20 * MINUTE);
	assert_int_equal(tally_look(s.t)->used, 1);
	end(&s);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, a_key_that_was_deleted_counts_what_was_sent);
	SUITE_TEST(&s, but_not_what_was_charged_a_moment_before);
	SUITE_TEST(&s, so_does_one_that_was_charged_anew);
	SUITE_TEST(&s, what_is_settled_too_late_counts_once);
	SUITE_TEST(&s, leases_at_which_nothing_is_open_are_taken_away);
	SUITE_TEST(&s, a_meter_that_was_reset_counts_what_is_sent_then);
	SUITE_TEST(&s, what_is_no_meter_any_more_is_replaced);
	SUITE_TEST(&s, what_is_for_the_reader_does_not_count);
	SUITE_TEST(&s, a_sum_that_is_none_is_counted_anew);
	SUITE_TEST(&s, a_full_Redis_is_told_later);
	SUITE_TEST(&s, what_may_have_run_is_not_repeated);
	SUITE_TEST(&s, one_that_was_lost_is_asked_anew);
	SUITE_TEST(&s, so_is_one_that_was_away_when_nobody_asked);
	SUITE_TEST(&s, so_is_another_one);
	SUITE_TEST(&s, what_is_sent_after_that_counts_for_as_long);
	return suite_run(&s, "rate/ahead_odd");
}
