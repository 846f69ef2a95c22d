/*
 * What greylist.lua remembers, and for how long.
 */
#include "base/arena.h"
#include "kit/play.h"
#include "kit/suite.h"

/* -- the rules, each a sentence -- */

static void
a_stranger_is_put_off_for_the_whole_delay(void **state)
{
	struct play *p = play_begin();

	(void)state;
	assert_int_equal(play_try(p, "a:b"), NEW);
	play_wait(p, 299);
	assert_int_equal(play_try(p, "a:b"), EARLY);
	play_wait(p, 1);
	assert_int_equal(play_try(p, "a:b"), PASSED);
	play_end(p);
}

static void
a_record_can_be_read_by_people(void **state)
{
	struct play *p = play_begin();

	(void)state;
	play_try(p, "a:b");
	assert_string_equal(play_value(p, "grey:{net}:a:b"),
	    "first=1732190400 last=1732190400 tries=1 passed=0");
	assert_string_equal(
	    play_value(p, "known:{net}"), "fresh=1 hour=1732190400");
	play_wait(p, 600);
	play_try(p, "a:b");
	assert_string_equal(play_value(p, "grey:{net}:a:b"),
	    "last=1732191000 first=1732190400 tries=2 passed=1732191000");
	assert_string_equal(play_value(p, "known:{net}"),
	    "last=1732191000 passes=1 since=1732191000 "
	    "fresh=1 hour=1732190400");
	play_end(p);
}

static void
who_is_back_too_early_waits_for_the_rest(void **state)
{
	struct play *p = play_begin();

	(void)state;
	play_try(p, "a:b");
	play_wait(p, 299);
	assert_int_equal(play_try(p, "a:b"), EARLY);
	assert_int_equal(p->wait, 1);
	assert_int_equal(p->tries, 2);
	play_end(p);
}

static void
an_early_retry_does_not_restart_the_clock(void **state)
{
	struct play *p = play_begin();

	(void)state;
	play_try(p, "a:b");
	for (int i = 0; i < 4; i++) {
		play_wait(p, 60);
		assert_int_equal(play_try(p, "a:b"), EARLY);
	}
	play_wait(p, 60);
	assert_int_equal(play_try(p, "a:b"), PASSED);
	assert_int_equal(p->tries, 6);
	play_end(p);
}

static void
an_early_retry_does_not_lengthen_the_window(void **state)
{
	struct play *p = play_begin();

	(void)state;
	play_try(p, "a:b");
	play_wait(p, 100);
	play_try(p, "a:b");
	assert_int_equal(play_ttl(p, "grey:{net}:a:b"), DAY - 100);
	play_end(p);
}

static void
who_has_waited_passes_and_is_remembered(void **state)
{
	struct play *p = play_begin();

	(void)state;
	play_try(p, "a:b");
	play_wait(p, 300);
	assert_int_equal(play_try(p, "a:b"), PASSED);
	assert_int_equal(p->tries, 2);
	assert_int_equal(p->wait, 0);
	assert_int_equal(play_ttl(p, "grey:{net}:a:b"), 36 * DAY);
	play_wait(p, 35 * DAY);
	assert_int_equal(play_try(p, "a:b"), PASSED);
	play_end(p);
}

static void
who_comes_after_the_window_is_a_stranger_again(void **state)
{
	struct play *p = play_begin();

	(void)state;
	play_try(p, "a:b");
	assert_int_equal(play_ttl(p, "grey:{net}:a:b"), DAY);
	play_wait(p, DAY);
	assert_int_equal(play_try(p, "a:b"), NEW);
	play_end(p);
}

static void
the_last_second_of_the_window_counts(void **state)
{
	struct play *p = play_begin();

	(void)state;
	play_try(p, "a:b");
	play_wait(p, DAY - 1);
	assert_int_equal(play_try(p, "a:b"), PASSED);
	play_end(p);
}

static void
who_stays_away_is_forgotten_with_the_memory(void **state)
{
	struct play *p = play_begin();

	(void)state;
	play_pass(p, "a:b");
	play_wait(p, 36 * DAY);
	assert_int_equal(play_try(p, "a:b"), NEW);
	play_end(p);
}

static void
who_keeps_coming_is_never_forgotten(void **state)
{
	struct play *p = play_begin();

	(void)state;
	p->known_after = 0;
	play_pass(p, "a:b");
	for (int i = 0; i < 5; i++) {
		play_wait(p, 30 * DAY);
		assert_int_equal(play_try(p, "a:b"), PASSED);
		assert_int_equal(play_ttl(p, "grey:{net}:a:b"), 36 * DAY);
	}
	play_end(p);
}

static void
what_passes_is_refreshed_once_an_hour(void **state)
{
	struct play *p = play_begin();

	(void)state;
	p->known_after = 0;
	play_pass(p, "a:b");
	play_wait(p, HOUR - 1);
	assert_int_equal(play_try(p, "a:b"), PASSED);
	assert_int_equal(play_ttl(p, "grey:{net}:a:b"), 36 * DAY - HOUR + 1);
	play_wait(p, 1);
	assert_int_equal(play_try(p, "a:b"), PASSED);
	assert_int_equal(play_ttl(p, "grey:{net}:a:b"), 36 * DAY);
	play_end(p);
}

static void
a_memory_of_minutes_is_refreshed_in_time(void **state)
{
	struct play *p = play_begin();

	(void)state;
	p->memory = 600;
	p->known_after = 0;
	play_pass(p, "a:b");
	for (int i = 0; i < 10; i++) {
		play_wait(p, 400);
		assert_int_equal(play_try(p, "a:b"), PASSED);
	}
	play_end(p);
}

static void
each_recipient_has_a_record_of_its_own(void **state)
{
	struct play *p = play_begin();

	(void)state;
	play_pass(p, "a:b");
	assert_int_equal(play_try(p, "a:c"), NEW);
	play_end(p);
}

static void
without_a_delay_a_stranger_passes_at_once(void **state)
{
	struct play *p = play_begin();

	(void)state;
	p->delay = 0;
	assert_int_equal(play_try(p, "a:b"), PASSED);
	assert_int_equal(p->tries, 1);
	assert_int_equal(play_ttl(p, "grey:{net}:a:b"), 36 * DAY);
	play_end(p);
}

/* -- known identities -- */

static void
an_identity_that_passed_often_enough_is_known(void **state)
{
	struct play *p = play_begin();

	(void)state;
	p->known_after = 3;
	play_pass(p, "a:b");
	assert_int_equal(play_try(p, "x:y"), NEW);
	play_wait(p, HOUR);
	assert_int_equal(play_try(p, "x:y"), PASSED);
	assert_int_equal(p->passes, 2);
	play_wait(p, HOUR);
	assert_int_equal(play_try(p, "a:b"), PASSED);
	assert_int_equal(p->passes, 3);
	assert_int_equal(play_try(p, "never:seen"), KNOWN_IDENTITY);
	assert_string_equal(play_value(p, "grey:{net}:never:seen"), "");
	play_end(p);
}

static void
at_most_one_pass_an_hour_is_counted(void **state)
{
	struct play *p = play_begin();

	(void)state;
	p->known_after = 2;
	for (int i = 0; i < 10; i++)
		play_pass(p, arena_printf(p->arena, "a%d:b", i));
	assert_int_equal(p->passes, 1);
	assert_int_equal(play_try(p, "x:y"), NEW);
	play_end(p);
}

static void
zero_passes_make_nobody_known(void **state)
{
	struct play *p = play_begin();

	(void)state;
	p->known_after = 0;
	p->step = 0;
	COMMAND(p, "SET", "known:{net}",
	    "last=1732190400 passes=9 since=1732190400");
	assert_int_equal(play_try(p, "a:b"), NEW);
	play_wait(p, DAY / 2);
	assert_int_equal(play_try(p, "a:b"), PASSED);
	assert_string_equal(play_value(p, "known:{net}"),
	    "last=1732190400 passes=9 since=1732190400");
	play_end(p);
}

static void
a_known_identity_is_refreshed_once_an_hour(void **state)
{
	struct play *p = play_begin();

	(void)state;
	play_make_known(p);
	play_wait(p, HOUR - 1);
	assert_int_equal(play_try(p, "a:b"), KNOWN_IDENTITY);
	assert_int_equal(play_ttl(p, "known:{net}"), 36 * DAY - HOUR + 1);
	play_wait(p, 1);
	assert_int_equal(play_try(p, "a:b"), KNOWN_IDENTITY);
	assert_int_equal(play_ttl(p, "known:{net}"), 36 * DAY);
	assert_string_equal(play_value(p, "known:{net}"),
	    "last=1732194000 passes=6 since=1732190400");
	play_end(p);
}

static void
a_known_memory_of_minutes_is_refreshed_in_time(void **state)
{
	struct play *p = play_begin();

	(void)state;
	play_make_known(p);
	p->known_memory = 600;
	for (int i = 0; i < 10; i++) {
		play_wait(p, 400);
		assert_int_equal(play_try(p, "a:b"), KNOWN_IDENTITY);
	}
	play_end(p);
}

static void
a_known_identity_that_stays_away_is_forgotten(void **state)
{
	struct play *p = play_begin();

	(void)state;
	play_make_known(p);
	play_wait(p, 36 * DAY);
	assert_int_equal(play_try(p, "a:b"), NEW);
	assert_int_equal(p->passes, 0);
	play_end(p);
}

static void
a_shorter_memory_holds_at_once(void **state)
{
	struct play *p = play_begin();

	(void)state;
	play_make_known(p);
	p->known_memory = DAY;
	play_wait(p, DAY + 1);
	assert_int_equal(play_try(p, "a:b"), NEW);
	play_end(p);
}

/* -- the cap on new records -- */

static void
strangers_above_the_limit_are_put_off_and_not_recorded(void **state)
{
	struct play *p = play_begin();

	(void)state;
	p->limit = 2;
	assert_int_equal(play_try(p, "a:1"), NEW);
	assert_int_equal(play_try(p, "a:2"), NEW);
	assert_int_equal(play_try(p, "a:3"), CAPPED);
	assert_string_equal(play_value(p, "grey:{net}:a:3"), "");
	assert_string_equal(
	    play_value(p, "known:{net}"), "fresh=2 hour=1732190400");
	play_end(p);
}

static void
the_limit_does_not_touch_who_came_before(void **state)
{
	struct play *p = play_begin();

	(void)state;
	p->limit = 1;
	play_try(p, "a:1");
	assert_int_equal(play_try(p, "a:2"), CAPPED);
	assert_int_equal(play_try(p, "a:1"), EARLY);
	play_wait(p, 300);
	assert_int_equal(play_try(p, "a:1"), PASSED);
	play_end(p);
}

static void
the_limit_is_for_an_hour(void **state)
{
	struct play *p = play_begin();

	(void)state;
	p->limit = 1;
	play_try(p, "a:1");
	play_wait(p, HOUR - 1);
	assert_int_equal(play_ttl(p, "known:{net}"), 1);
	assert_int_equal(play_try(p, "a:2"), CAPPED);
	play_wait(p, 1);
	assert_int_equal(play_try(p, "a:2"), NEW);
	play_end(p);
}

static void
the_hour_begins_with_the_first_stranger_in_it(void **state)
{
	struct play *p = play_begin();

	(void)state;
	p->limit = 2;
	play_try(p, "a:1");
	play_wait(p, HOUR - 1);
	play_try(p, "a:2");
	assert_int_equal(play_ttl(p, "known:{net}"), 1);
	play_wait(p, 1);
	assert_int_equal(play_try(p, "a:3"), NEW);
	play_end(p);
}

static void
one_that_is_counted_counts_for_those_that_are_not(void **state)
{
	struct play *p = play_begin();

	(void)state;
	p->limit = 16;
	p->step = 8;
	play_try(p, "a:1");
	assert_string_equal(
	    play_value(p, "known:{net}"), "fresh=8 hour=1732190400");
	p->step = 0;
	for (int i = 2; i < 20; i++)
		assert_int_equal(
		    play_try(p, arena_printf(p->arena, "a:%d", i)), NEW);
	assert_string_equal(
	    play_value(p, "known:{net}"), "fresh=8 hour=1732190400");
	p->step = 8;
	assert_int_equal(play_try(p, "a:20"), NEW);
	p->step = 0;
	assert_int_equal(play_try(p, "a:21"), CAPPED);
	play_end(p);
}

static void
passes_are_kept_when_strangers_are_counted(void **state)
{
	struct play *p = play_begin();

	(void)state;
	play_pass(p, "a:1");
	play_wait(p, 2 * HOUR);
	play_try(p, "a:2");
	assert_string_equal(play_value(p, "known:{net}"),
	    "last=1732190700 passes=1 since=1732190700 "
	    "fresh=1 hour=1732197900");
	assert_int_equal(play_ttl(p, "known:{net}"), 36 * DAY - 2 * HOUR);
	assert_int_equal(play_try(p, "a:1"), PASSED);
	assert_string_equal(play_value(p, "known:{net}"),
	    "last=1732197900 passes=2 since=1732190700 "
	    "fresh=1 hour=1732197900");
	play_wait(p, HOUR);
	play_try(p, "a:1");
	assert_string_equal(play_value(p, "known:{net}"),
	    "last=1732201500 passes=3 since=1732190700");
	play_end(p);
}

static void
a_limit_of_zero_is_none(void **state)
{
	struct play *p = play_begin();

	(void)state;
	p->limit = 0;
	for (int i = 0; i < 500; i++)
		assert_int_equal(
		    play_try(p, arena_printf(p->arena, "a:%d", i)), NEW);
	assert_string_equal(play_value(p, "known:{net}"), "");
	play_end(p);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, a_stranger_is_put_off_for_the_whole_delay);
	SUITE_TEST(&s, a_record_can_be_read_by_people);
	SUITE_TEST(&s, who_is_back_too_early_waits_for_the_rest);
	SUITE_TEST(&s, an_early_retry_does_not_restart_the_clock);
	SUITE_TEST(&s, an_early_retry_does_not_lengthen_the_window);
	SUITE_TEST(&s, who_has_waited_passes_and_is_remembered);
	SUITE_TEST(&s, who_comes_after_the_window_is_a_stranger_again);
	SUITE_TEST(&s, the_last_second_of_the_window_counts);
	SUITE_TEST(&s, who_stays_away_is_forgotten_with_the_memory);
	SUITE_TEST(&s, who_keeps_coming_is_never_forgotten);
	SUITE_TEST(&s, what_passes_is_refreshed_once_an_hour);
	SUITE_TEST(&s, a_memory_of_minutes_is_refreshed_in_time);
	SUITE_TEST(&s, each_recipient_has_a_record_of_its_own);
	SUITE_TEST(&s, without_a_delay_a_stranger_passes_at_once);
	SUITE_TEST(&s, an_identity_that_passed_often_enough_is_known);
	SUITE_TEST(&s, at_most_one_pass_an_hour_is_counted);
	SUITE_TEST(&s, zero_passes_make_nobody_known);
	SUITE_TEST(&s, a_known_identity_is_refreshed_once_an_hour);
	SUITE_TEST(&s, a_known_memory_of_minutes_is_refreshed_in_time);
	SUITE_TEST(&s, a_known_identity_that_stays_away_is_forgotten);
	SUITE_TEST(&s, a_shorter_memory_holds_at_once);
	SUITE_TEST(&s, strangers_above_the_limit_are_put_off_and_not_recorded);
	SUITE_TEST(&s, the_limit_does_not_touch_who_came_before);
	SUITE_TEST(&s, the_limit_is_for_an_hour);
	SUITE_TEST(&s, the_hour_begins_with_the_first_stranger_in_it);
	SUITE_TEST(&s, one_that_is_counted_counts_for_those_that_are_not);
	SUITE_TEST(&s, passes_are_kept_when_strangers_are_counted);
	SUITE_TEST(&s, a_limit_of_zero_is_none);
	return suite_run(&s, "greylist.lua");
}
