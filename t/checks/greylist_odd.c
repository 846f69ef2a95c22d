/*
 * greylist.lua on a bad day: values others wrote, clocks that step, a server
 * that cannot write. And what a dry run leaves alone, and what a try costs.
 */
#include <string.h>

#include "base/arena.h"
#include "kit/play.h"
#include "kit/suite.h"

/* -- what others wrote under our keys -- */

struct odd_row {
	const char *name;
	const char *key, *value;
	int64_t state, replaced;
};

static const struct odd_row odd_rows[] = {
	{ "a record that is no record is replaced", "grey:{net}:a:b", "hello",
	    NEW, 1 },
	{ "an empty record is replaced", "grey:{net}:a:b", "", NEW, 1 },
	{ "a record cut short is replaced", "grey:{net}:a:b",
	    "first=1732190100 last=1732190100 tries=1", NEW, 1 },
	{ "a record with more in it is replaced", "grey:{net}:a:b",
	    "first=1 last=1 tries=1 passed=0 note=vip", NEW, 1 },
	{ "a negative time is no time", "grey:{net}:a:b",
	    "first=-5 last=-5 tries=1 passed=0", NEW, 1 },
	{ "a time of a hundred digits is too late to be believed",
	    "grey:{net}:a:b",
	    "first=1111111111111111111111111111111111111111111111111111111111"
	    "111111111111111111111111111111111111111111 last=1 tries=1 "
	    "passed=0",
	    NEW, 0 },
	{ "a record from tomorrow is not believed", "grey:{net}:a:b",
	    "first=1732276800 last=1732276800 tries=1 passed=1732276800", NEW,
	    0 },
	{ "a record from long ago without an end has ended", "grey:{net}:a:b",
	    "first=1600000000 last=1600000000 tries=1 passed=0", NEW, 0 },
	{ "so has a passed one", "grey:{net}:a:b",
	    "first=1600000000 last=1600000000 tries=2 passed=1600000000", NEW,
	    0 },
	{ "a passed one from tomorrow has passed", "grey:{net}:a:b",
	    "last=1732276800 first=1732276800 tries=2 passed=1732276800",
	    PASSED, 0 },
	{ "a passed one from long ago has ended", "grey:{net}:a:b",
	    "last=1600000000 first=1600000000 tries=2 passed=1600000000", NEW,
	    0 },
	{ "a passed one cut short is replaced", "grey:{net}:a:b",
	    "last=1600000000 first=1600000000 tries=2", NEW, 1 },
	{ "a word that only begins like a passed one is replaced",
	    "grey:{net}:a:b", "last=x", NEW, 1 },
	{ "a record that is only a minute old waits", "grey:{net}:a:b",
	    "first=1732190340 last=1732190340 tries=1 passed=0", EARLY, 0 },
	{ "an identity nobody can read is not known", "known:{net}", "yes", NEW,
	    0 },
	{ "an identity seen tomorrow is known", "known:{net}",
	    "last=1732276800 passes=9 since=1732190400", KNOWN_IDENTITY, 0 },
	{ "one seen tomorrow that passed too seldom is not", "known:{net}",
	    "last=1732276800 passes=4 since=1732190400", NEW, 0 },
	{ "one with more in it is not", "known:{net}",
	    "last=1732186000 passes=9 since=1 note=vip", NEW, 0 },
	{ "an identity seen now is known", "known:{net}",
	    "last=1732190400 passes=9 since=1", KNOWN_IDENTITY, 0 },
	{ "an unreadable count is no count", "known:{net}",
	    "fresh=many hour=1732190399", NEW, 0 },
	{ "a count of tomorrow is no count", "known:{net}",
	    "fresh=1000 hour=1732276800", NEW, 0 },
	{ "a count of this hour counts", "known:{net}",
	    "fresh=1000 hour=1732190399", CAPPED, 0 },
	{ "also of one that has passed", "known:{net}",
	    "last=1732190300 passes=4 since=1 fresh=1000 hour=1732190399",
	    CAPPED, 0 },
	{ "not of one that is known", "known:{net}",
	    "last=1732190300 passes=5 since=1 fresh=1000 hour=1732190399",
	    KNOWN_IDENTITY, 0 },
};

static void
odd_value_is_taken_for(void **state)
{
	const struct odd_row *row = *state;
	struct play *p = play_begin();

	COMMAND(p, "SET", row->key, row->value);
	assert_int_equal(play_try(p, "a:b"), row->state);
	assert_int_equal(p->replaced, row->replaced);
	if (row->state == NEW) {
		assert_int_equal(play_try(p, "a:b"), EARLY);
		assert_int_equal(p->replaced, 0);
		play_wait(p, 300);
		assert_int_equal(play_try(p, "a:b"), PASSED);
	}
	play_end(p);
}

static void
a_value_of_another_type_makes_room_and_is_logged(void **state)
{
	struct play *p = play_begin();

	(void)state;
	COMMAND(p, "HSET", "grey:{net}:a:b", "a", "b");
	COMMAND(p, "HSET", "known:{net}", "a", "b");
	assert_int_equal(play_try(p, "a:b"), NEW);
	assert_int_equal(p->replaced, 1);
	assert_string_equal(false_redis_log(p->redis),
	    "policyd replaces what is no record: grey:{net}:a:b");
	play_wait(p, 300);
	assert_int_equal(play_try(p, "a:b"), PASSED);
	assert_int_equal(p->passes, 1);
	play_end(p);
}

/* -- clocks -- */

static void
a_clock_set_back_a_little_makes_nobody_younger(void **state)
{
	struct play *p = play_begin();

	(void)state;
	play_try(p, "a:b");
	play_wait(p, 100);
	play_try(p, "a:b");
	false_redis_step(p->redis, -1800);
	assert_int_equal(play_try(p, "a:b"), EARLY);
	assert_int_equal(p->wait, 200);
	play_wait(p, 1800 + 200);
	assert_int_equal(play_try(p, "a:b"), PASSED);
	play_end(p);
}

static void
a_clock_set_back_by_days_makes_a_stranger_of_who_has_not_passed(void **state)
{
	struct play *p = play_begin();

	(void)state;
	play_pass(p, "a:b");
	play_try(p, "a:c");
	false_redis_step(p->redis, -2 * DAY);
	assert_int_equal(play_try(p, "a:b"), PASSED);
	assert_int_equal(play_try(p, "a:c"), NEW);
	play_wait(p, 300);
	assert_int_equal(play_try(p, "a:c"), PASSED);
	assert_int_equal(play_try(p, "a:b"), PASSED);
	play_end(p);
}

static void
who_does_not_know_the_time_is_told_the_same(void **state)
{
	struct play *p = play_begin();

	(void)state;
	p->timeless = true;
	assert_int_equal(play_try(p, "a:b"), NEW);
	assert_string_equal(play_value(p, "grey:{net}:a:b"),
	    "first=1732190400 last=1732190400 tries=1 passed=0");
	play_wait(p, 299);
	assert_int_equal(play_try(p, "a:b"), EARLY);
	assert_int_equal(p->wait, 1);
	play_wait(p, 1);
	assert_int_equal(play_try(p, "a:b"), PASSED);
	for (int i = 0; i < 3; i++) {
		play_wait(p, 35 * DAY);
		assert_int_equal(play_try(p, "a:b"), PASSED);
	}
	play_end(p);
}

/* -- a server that cannot write -- */

static void
what_cannot_be_written_down_is_not_put_off(void **state)
{
	struct play *p = play_begin();

	(void)state;
	false_redis_mood(p->redis, MOOD_FULL);
	play_try(p, "a:b");
	assert_int_equal(p->loss, LOSS_FULL);
	false_redis_mood(p->redis, MOOD_REPLICA);
	play_try(p, "a:b");
	assert_int_equal(p->loss, LOSS_READ_ONLY);
	play_end(p);
}

static void
a_full_server_lets_pass_who_has_waited(void **state)
{
	struct play *p = play_begin();

	(void)state;
	play_try(p, "a:b");
	play_pass(p, "a:c");
	false_redis_mood(p->redis, MOOD_FULL);
	assert_int_equal(play_try(p, "a:b"), PASSED);
	assert_int_equal(play_try(p, "a:c"), PASSED);
	play_wait(p, 2 * HOUR);
	assert_int_equal(play_try(p, "a:b"), PASSED);
	assert_int_equal(play_try(p, "a:c"), PASSED);
	play_make_known(p);
	play_wait(p, 2 * HOUR);
	assert_int_equal(play_try(p, "x:y"), KNOWN_IDENTITY);
	play_end(p);
}

static void
a_full_server_still_knows_who_is_too_early(void **state)
{
	struct play *p = play_begin();

	(void)state;
	play_try(p, "a:b");
	false_redis_mood(p->redis, MOOD_FULL);
	play_wait(p, 299);
	assert_int_equal(play_try(p, "a:b"), EARLY);
	assert_int_equal(p->wait, 1);
	play_wait(p, 1);
	assert_int_equal(play_try(p, "a:b"), PASSED);
	play_end(p);
}

static void
without_a_delay_a_full_server_lets_everybody_pass(void **state)
{
	struct play *p = play_begin();

	(void)state;
	p->delay = 0;
	false_redis_mood(p->redis, MOOD_FULL);
	assert_int_equal(play_try(p, "a:b"), PASSED);
	play_end(p);
}

/* -- dry runs -- */

static void
a_dry_run_says_the_same_and_writes_nothing(void **state)
{
	static const int64_t waits[] = { 0, 299, 1, 0, 2 * HOUR, 36 * DAY };
	struct play *p = play_begin();

	(void)state;
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		const char *before, *after;
		int64_t dry[4];

		play_wait(p, waits[i]);
		before = play_value(p, "grey:{net}:a:b");
		p->dry = true;
		dry[0] = play_try(p, "a:b");
		assert_int_equal(p->loss, LOSS_NONE);
		dry[1] = p->wait;
		dry[2] = p->tries;
		dry[3] = p->passes;
		after = play_value(p, "grey:{net}:a:b");
		assert_string_equal(before, after);
		p->dry = false;
		assert_int_equal(play_try(p, "a:b"), dry[0]);
		assert_int_equal(p->wait, dry[1]);
		assert_int_equal(p->tries, dry[2]);
		assert_int_equal(p->passes, dry[3]);
	}
	play_end(p);
}

static void
a_dry_run_leaves_what_it_cannot_read(void **state)
{
	struct play *p = play_begin();

	(void)state;
	p->dry = true;
	COMMAND(p, "HSET", "grey:{net}:a:b", "a", "b");
	assert_int_equal(play_try(p, "a:b"), NEW);
	assert_string_equal(
	    COMMAND(p, "TYPE", "grey:{net}:a:b").text.text, "hash");
	play_end(p);
}

/* -- what it costs -- */

static void
who_has_passed_costs_one_call(void **state)
{
	struct play *p = play_begin();

	(void)state;
	play_pass(p, "a:b");
	assert_int_equal(play_calls(p, "a:b"), 1);
	play_end(p);
}

static void
who_is_known_costs_two(void **state)
{
	struct play *p = play_begin();

	(void)state;
	play_make_known(p);
	assert_int_equal(play_calls(p, "never:seen"), 2);
	play_end(p);
}

static void
a_stranger_costs_three_and_four_when_it_is_counted(void **state)
{
	struct play *p = play_begin();

	(void)state;
	assert_int_equal(play_calls(p, "a:b"), 4);
	p->step = 0;
	assert_int_equal(play_calls(p, "a:c"), 3);
	play_end(p);
}

static void
an_early_retry_costs_three(void **state)
{
	struct play *p = play_begin();

	(void)state;
	play_try(p, "a:b");
	assert_int_equal(play_calls(p, "a:b"), 3);
	play_end(p);
}

static void
without_the_time_it_costs_one_more(void **state)
{
	struct play *p = play_begin();

	(void)state;
	p->timeless = true;
	assert_int_equal(play_calls(p, "a:b"), 5);
	play_end(p);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, odd_rows, odd_value_is_taken_for);
	SUITE_TEST(&s, a_value_of_another_type_makes_room_and_is_logged);
	SUITE_TEST(&s, a_clock_set_back_a_little_makes_nobody_younger);
	SUITE_TEST(&s,
	    a_clock_set_back_by_days_makes_a_stranger_of_who_has_not_passed);
	SUITE_TEST(&s, who_does_not_know_the_time_is_told_the_same);
	SUITE_TEST(&s, what_cannot_be_written_down_is_not_put_off);
	SUITE_TEST(&s, a_full_server_lets_pass_who_has_waited);
	SUITE_TEST(&s, a_full_server_still_knows_who_is_too_early);
	SUITE_TEST(&s, without_a_delay_a_full_server_lets_everybody_pass);
	SUITE_TEST(&s, a_dry_run_says_the_same_and_writes_nothing);
	SUITE_TEST(&s, a_dry_run_leaves_what_it_cannot_read);
	SUITE_TEST(&s, who_has_passed_costs_one_call);
	SUITE_TEST(&s, who_is_known_costs_two);
	SUITE_TEST(&s, a_stranger_costs_three_and_four_when_it_is_counted);
	SUITE_TEST(&s, an_early_retry_costs_three);
	SUITE_TEST(&s, without_the_time_it_costs_one_more);
	return suite_run(&s, "greylist.lua on a bad day");
}
