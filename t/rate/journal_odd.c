/*
 * What is charged and open stands in the journal: what becomes of it when keys
 * are garbled, when Redis is lost, and when policyd dies.
 */
#include "rate/journal.h"

#include <stdlib.h>

#include "ask/closed.h"
#include "base/arena.h"
#include "kit/torn.h"
#include "rate/mailbox.h"

/* A policyd that is killed with one message open, in a window that is short. */
static struct tally *
killed(int64_t window)
{
	struct tally *t = tally_begin();
	unsigned seed = 1;
	struct torn *line = torn_new(t->clock, t->store, &seed);
	struct store *redis = t->store;
	struct local *l = local_new(t->clock, torn_store(line));

	t->lease = 40;
	tally_meter(t, OWNER_MAILBOX, RATE_MESSAGES, 1000, window);
	t->store = local_store(l);
	assert_true(tally_send(t));
	assert_true(tally_open(t));
	clock_turn(t->clock, 100);
	assert_int_equal(tally_look(t)->open, 1);
	while (torn_cut(line))
		clock_turn(t->clock, 1);
	local_free(l);
	torn_free(line);
	t->store = redis;
	return t;
}

/* Another one sends, is still there when that lease is over, and longer. */
static void
what_the_dead_had_open_is_taken_off_where_it_was_charged(void **state)
{
	static const int64_t windows[] = { 20 * 3, 20 * 20 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		const int64_t window = windows[i];
		struct tally *t = killed(window);
		struct local *l = local_new(t->clock, t->store);
		const int64_t begun = tally_now(t);

		t->store = local_store(l);
		tally_wait(t, 30);
		assert_true(tally_send(t));
		assert_true(tally_send(t));
		tally_wait(t, 20);
		for (int k = 0; k < 3; k++) {
			assert_true(tally_send(t));
			tally_wait(t, 5);
			tally_look(t);
		}
		assert_int_equal(
		    tally_look(t)->used, tally_now(t) - begun < window ? 6 : 5);
		tally_wait(t, begun + 29 + window - tally_now(t));
		assert_int_equal(tally_look(t)->used, 5);
		local_free(l);
		tally_end(t);
	}
}

/* Its step ends while it is open, and somebody else begins the next. */
static void
what_was_not_sent_is_not_taken_off_the_next_step(void **state)
{
	struct tally *t = tally_begin();
	struct store *redis = t->store;
	struct local *l = local_new(t->clock, redis);
	int64_t lease;

	(void)state;
	tally_meter(t, OWNER_MAILBOX, RATE_MESSAGES, 1000, 20 * MINUTE);
	t->store = local_store(l);
	assert_true(tally_send(t));
	clock_turn(t->clock, 58900);
	assert_true(tally_open(t));
	lease = t->did.lease;
	clock_turn(t->clock, 1300);
	t->store = redis;
	assert_true(tally_send(t));
	t->store = local_store(l);
	tally_release(t, lease);
	tally_wait(t, 20 * MINUTE + 10);
	assert_int_equal(tally_look(t)->used, 1);
	local_free(l);
	tally_end(t);
}

static void
what_is_taken_off_a_deleted_key_leaves_none(void **state)
{
	struct scene s = opened();

	(void)state;
	TALLY_DO(s.t, "DEL", messages, day);
	tally_release(s.t, s.t->did.lease);
	is_now(&s, 0, 0, 0);
	assert_true(tally_send(s.t));
	is_now(&s, 1, 0, 1);
	end(&s);
}

static void
so_does_a_lease_of_one(void **state)
{
	struct scene s = opened();
	const int64_t lease = s.t->did.lease;

	(void)state;
	TALLY_DO(s.t, "DEL", messages, day);
	clock_turn(s.t->clock, JOURNAL_MS + 100);
	is_now(&s, 1, 1, 0);
	tally_commit(s.t, lease);
	is_now(&s, 1, 0, 1);
	end(&s);
}

/* It was not added to. */
static void
a_sum_that_cannot_be_read_is_not_taken_off(void **state)
{
	struct scene s = begin(true);

	(void)state;
	assert_true(tally_send(s.t));
	assert_true(tally_send(s.t));
	tally_wait(s.t, HOUR / 20); /* it is of the step before */
	assert_true(tally_send(s.t));
	let_tell(&s);
	TALLY_DO(s.t, "HSET", messages, "current", "hello");
	assert_true(tally_send(s.t));
	let_tell(&s);
	assert_int_equal(tally_look(s.t)->used, 3);
	end(&s);
}

/* -- Redis is lost -- */

static bool
finishes(struct local *l, struct clock *clock)
{
	bool done = local_finish(l);

	for (int i = 0; i < 100 && !done; i++) {
		clock_turn(clock, 50);
		done = local_finish(l);
	}
	return done;
}

static void
who_could_not_strike_out_can_stop_all_the_same(void **state)
{
	struct scene s = opened();
	struct closed *closed = closed_new(s.t->clock);

	(void)state;
	clock_turn(s.t->clock, 50);
	false_redis_lose(s.t->redis, LOSS_DOWN);
	tally_commit(s.t, s.t->did.lease);
	clock_turn(s.t->clock, 1000);
	finishes(s.local, s.t->clock);
	local_configure(s.local, closed_store(closed), "policyd:");
	assert_true(finishes(s.local, s.t->clock));
	end(&s);
	closed_free(closed);
}

/* Of the same meter, which does not know of what was sent before. */
static void
a_charge_that_is_lost_takes_none_that_was_sent(void **state)
{
	struct scene s = opened();
	int64_t lease;

	(void)state;
	tally_commit(s.t, s.t->did.lease);
	assert_true(tally_charge(s.t, 2, 2, 0));
	lease = s.t->did.lease;
	clock_turn(s.t->clock, 50);
	tally_commit(s.t, lease);
	false_redis_lose(s.t->redis, LOSS_TIMEOUT);
	assert_false(tally_open(s.t));
	false_redis_lose(s.t->redis, LOSS_NONE);
	tally_commit(s.t, lease);
	for (int i = 0; i < 3; i++) {
		tally_wait(s.t, 8 * MINUTE);
		assert_true(tally_send(s.t));
	}
	assert_true(tally_look(s.t)->used >= 7);
	end(&s);
}

/* Something is always on its way. */
static void
it_is_struck_out_again_however_busy_redis_is(void **state)
{
	struct scene s = begin_with(true, 100000);

	(void)state;
	assert_true(tally_send(s.t));
	clock_turn(s.t->clock, 50);
	assert_true(tally_open(s.t));
	clock_turn(s.t->clock, 50);
	false_redis_lose(s.t->redis, LOSS_TIMEOUT);
	tally_commit(s.t, s.t->did.lease);
	clock_turn(s.t->clock, 100);
	false_redis_lose(s.t->redis, LOSS_NONE);
	clock_turn(s.t->clock, 500);
	assert_string_equal(TALLY_DO(s.t, "HLEN", "policyd:open"), "0");
	end(&s);
}

/* -- Redis is full -- */

/* A lease is to be opened for it, and Redis has no room for that until so many
 * milliseconds later, when it may not have answered yet. */
static void
what_is_over_while_it_becomes_a_lease_is_settled_once(void **state)
{
	static const struct {
		uint64_t delay, full;
	} rows[] = { { 0, 0 }, { 0, 200 }, { 300, 0 }, { 300, 250 },
		{ 300, 400 } };

	(void)state;
	for (int i = 0; i < 10; i++) {
		struct scene s = begin_with(true, 1000);
		const uint64_t delay = rows[i / 2].delay;
		const uint64_t full = rows[i / 2].full;
		const int64_t sent = i % 2;

		assert_true(tally_send(s.t));
		clock_turn(s.t->clock, 50);
		assert_true(tally_open(s.t));
		clock_turn(s.t->clock, JOURNAL_MS - 100);
		false_redis_delay(s.t->redis, delay);
		false_redis_mood(s.t->redis, MOOD_FULL);
		clock_turn(s.t->clock, 150);
		if (full == 0)
			false_redis_mood(s.t->redis, MOOD_WELL);
		(sent ? tally_commit : tally_release)(s.t, s.t->did.lease);
		clock_turn(s.t->clock, full);
		false_redis_mood(s.t->redis, MOOD_WELL);
		clock_turn(s.t->clock, 3000);
		is_now(&s, 1 + sent, 0, 1 + sent);
		end(&s);
	}
}

/* It becomes one as soon as there is room. */
static void
until_then_it_stays_open(void **state)
{
	struct scene s = opened();

	(void)state;
	false_redis_mood(s.t->redis, MOOD_FULL);
	clock_turn(s.t->clock, JOURNAL_MS + 2000);
	false_redis_mood(s.t->redis, MOOD_WELL);
	clock_turn(s.t->clock, 1000);
	is_now(&s, 2, 1, 1);
	assert_int_equal(atoi(tally_field(s.t, messages,
			     arena_printf(s.t->arena, "open:%lld",
				 (long long)s.t->did.lease))),
	    1);
	tally_commit(s.t, s.t->did.lease);
	is_now(&s, 2, 0, 2);
	end(&s);
}

/* Recipients of one message have leases that end at other times: rate.lua is
 * asked, and Redis has no room while it is. */
static void
the_script_settles_only_what_is_not_noted(void **state)
{
	static const struct amounts half = { { 1, 1, 0, 0, 0 } };

	(void)state;
	for (int full = 0; full < 4; full++) {
		struct scene s = begin_with(true, 1000);
		struct rate_open open[2];

		assert_true(tally_send(s.t));
		clock_turn(s.t->clock, 59000);
		assert_true(tally_send(s.t));
		for (int i = 0; i < 2; i++) {
			assert_true(tally_charge(s.t, i == 0, 1, 0));
			open[i] = (struct rate_open){ s.t->did.lease,
				{ { i == 0, 1, 0, 0, 0 } } };
			clock_turn(s.t->clock, 2500);
		}
		assert_int_not_equal(open[0].lease, open[1].lease);
		if (full & 1)
			false_redis_mood(s.t->redis, MOOD_FULL);
		tally_settle(s.t,
		    full & 2 ? &half
			     : &(const struct amounts){ { 1, 2, 0, 0, 0 } },
		    open, 2);
		clock_turn(s.t->clock, 20);
		false_redis_mood(s.t->redis, MOOD_WELL);
		clock_turn(s.t->clock, 5000);
		tally_look(s.t);
		assert_int_equal(s.t->is[0].used, 3);
		assert_int_equal(s.t->is[1].used, full & 2 ? 3 : 4);
		assert_int_equal(s.t->is[0].open + s.t->is[1].open, 0);
		end(&s);
	}
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(
	    &s, what_the_dead_had_open_is_taken_off_where_it_was_charged);
	SUITE_TEST(&s, what_was_not_sent_is_not_taken_off_the_next_step);
	SUITE_TEST(&s, what_is_taken_off_a_deleted_key_leaves_none);
	SUITE_TEST(&s, so_does_a_lease_of_one);
	SUITE_TEST(&s, a_sum_that_cannot_be_read_is_not_taken_off);
	SUITE_TEST(&s, who_could_not_strike_out_can_stop_all_the_same);
	SUITE_TEST(&s, a_charge_that_is_lost_takes_none_that_was_sent);
	SUITE_TEST(&s, it_is_struck_out_again_however_busy_redis_is);
	SUITE_TEST(&s, what_is_over_while_it_becomes_a_lease_is_settled_once);
	SUITE_TEST(&s, until_then_it_stays_open);
	SUITE_TEST(&s, the_script_settles_only_what_is_not_noted);
	return suite_run(&s, "rate/journal");
}
