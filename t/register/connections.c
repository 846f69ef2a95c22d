/*
 * Sessions of a client: leases that end by themselves, and how fast they come.
 */
#include <string.h>

#include "base/arena.h"
#include "kit/book.h"
#include "kit/suite.h"

#define CONN "policyd:conn:{192.0.2.7}"

static const char client[] = "192.0.2.7";
static const char on[] = "connections { mode = enforce }";

/* Sessions with leases of their own. */
static void
connect_times(struct book *b, unsigned n)
{
	static unsigned port;

	while (n-- > 0)
		book_connect(
		    b, client, arena_printf(b->arena, "%u@mx1", port++));
}

/* -- leases -- */

static void
a_session_is_counted_until_it_ends(void **state)
{
	struct book *b = book_begin(on);

	(void)state;
	book_connect(b, client, "1@mx1");
	assert_true(b->load.taken);
	assert_int_equal(b->load.open, 1);
	book_connect(b, client, "1@mx2"); /* another host's */
	assert_int_equal(b->load.open, 2);
	book_disconnect(b, client, "1@mx1");
	assert_true(b->did.counted);
	book_connect(b, client, "2@mx1");
	assert_int_equal(b->load.open, 2);
	book_end(b);
}

static void
a_session_that_asks_twice_is_one(void **state)
{
	struct book *b = book_begin(on);

	(void)state;
	book_connect(b, client, "1@mx1");
	book_connect(b, client, "1@mx1");
	assert_true(b->load.taken);
	assert_int_equal(b->load.open, 1);
	assert_int_equal(b->load.rate, 1);
	book_end(b);
}

static void
a_lease_ends_by_itself(void **state)
{
	struct book *b = book_begin(on);

	(void)state;
	connect_times(b, 5);
	assert_int_equal(book_ttl(b, CONN), 15 * MINUTE);
	book_wait(b, 10 * MINUTE);
	connect_times(b, 1);
	assert_int_equal(b->load.open, 6);
	book_wait(b, 5 * MINUTE);
	connect_times(b, 1); /* the first five are over */
	assert_int_equal(b->load.open, 2);
	book_wait(b, 15 * MINUTE);
	assert_int_equal(book_ttl(b, CONN), -2);
	book_end(b);
}

static void
over_the_limit_none_is_taken(void **state)
{
	struct book *b = book_begin(
	    "connections { mode = enforce address = 2 }");

	(void)state;
	connect_times(b, 2);
	assert_true(b->load.taken);
	connect_times(b, 1);
	assert_false(b->load.taken);
	assert_int_equal(b->load.open, 2);
	book_disconnect(b, client, "");
	connect_times(b, 1);
	assert_true(b->load.taken);
	book_end(b);
}

static void
who_has_a_lease_keeps_it_at_the_limit(void **state)
{
	struct book *b = book_begin(
	    "connections { mode = enforce address = 1 }");

	(void)state;
	book_connect(b, client, "1@mx1");
	book_connect(b, client, "1@mx1");
	assert_true(b->load.taken);
	book_end(b);
}

static void
the_oldest_ends_when_nobody_knows_which(void **state)
{
	struct book *b = book_begin(on);

	(void)state;
	book_connect(b, client, "1@mx1");
	book_wait(b, 1);
	book_connect(b, client, "2@mx1");
	book_disconnect(b, client, "");
	assert_string_equal(BOOK_DO(b, "ZRANGE", CONN, "0", "-1"), "2@mx1");
	book_disconnect(b, client, "");
	book_disconnect(b, client, "");
	assert_false(b->did.counted);
	book_end(b);
}

static void
an_end_that_was_never_begun_is_none(void **state)
{
	struct book *b = book_begin(on);

	(void)state;
	book_connect(b, client, "1@mx1");
	book_disconnect(b, client, "2@mx1");
	assert_false(b->did.counted);
	assert_string_equal(BOOK_DO(b, "ZCARD", CONN), "1");
	book_end(b);
}

static void
who_only_looks_takes_nothing(void **state)
{
	struct book *b = book_begin(on);

	(void)state;
	book_connect(b, client, "1@mx1");
	book_connect_dry(b, client, "2@mx1");
	assert_true(b->answered);
	assert_false(b->load.taken);
	assert_int_equal(b->load.open, 1);
	assert_int_equal(b->load.rate, 2);
	assert_string_equal(BOOK_DO(b, "ZCARD", CONN), "1");
	book_end(b);
}

/* -- the rate -- */

static void
two_hundred_in_a_minute_are_fast_and_one_more_is_a_flood(void **state)
{
	struct book *b = book_begin(on);

	(void)state;
	connect_times(b, 200);
	assert_int_equal(b->load.rate, 200);
	assert_false(b->load.flood);
	assert_false(book_read(b, client, "")->banned);
	connect_times(b, 1);
	assert_true(b->load.flood);
	assert_int_equal(b->load.level, 1);
	assert_int_equal(b->load.ban_until, NOON + 15 * MINUTE);
	assert_int_equal(
	    book_read(b, client, "")->ban_until, NOON + 15 * MINUTE);
	assert_string_equal(b->is.ban_reason, "flood");
	book_end(b);
}

static void
a_flood_is_one_strike_a_minute(void **state)
{
	struct book *b = book_begin(on);

	(void)state;
	connect_times(b, 201);
	for (int i = 0; i < 59; i++) {
		connect_times(b, 10);
		assert_false(b->load.flood);
		book_wait(b, 1);
	}
	book_wait(b, 1);
	connect_times(b, 1);
	assert_true(b->load.flood);
	assert_int_equal(b->load.level, 1); /* the ban is still in force */
	book_end(b);
}

static void
a_minute_does_not_begin_at_the_full_one(void **state)
{
	struct book *b = book_begin(on);

	(void)state;
	book_wait(b, 59);
	connect_times(b, 150);
	book_wait(b, 1); /* the next bucket */
	connect_times(b, 50);
	assert_false(b->load.flood);
	assert_int_equal(b->load.rate, 200);
	connect_times(b, 1);
	assert_true(b->load.flood);
	book_end(b);
}

static void
what_is_long_ago_counts_less_and_less(void **state)
{
	struct book *b = book_begin(on);

	(void)state;
	connect_times(b, 120);
	book_wait(b, 90);
	connect_times(b, 1);
	assert_int_equal(b->load.rate, 61);
	book_wait(b, 60);
	connect_times(b, 1);
	assert_int_equal(b->load.rate, 1);
	book_end(b);
}

static void
too_fast_a_session_gets_no_lease(void **state)
{
	struct book *b = book_begin(
	    "connections { mode = enforce rate = 2/1m }");

	(void)state;
	connect_times(b, 2);
	assert_true(b->load.taken);
	connect_times(b, 1);
	assert_false(b->load.taken);
	assert_int_equal(b->load.open, 2);
	book_end(b);
}

static void
no_rate_is_no_flood(void **state)
{
	struct book *b = book_begin("connections { mode = enforce rate = 0 }");

	(void)state;
	connect_times(b, 1000);
	assert_false(b->load.flood);
	assert_true(b->load.taken);
	assert_int_equal(book_ttl(b, "policyd:pace:{192.0.2.7}"), -2);
	book_end(b);
}

static void
an_observed_flood_strikes_nobody(void **state)
{
	struct book *b = book_begin(
	    "connections { mode = observe rate = 1/1m }");

	(void)state;
	connect_times(b, 2);
	assert_true(b->load.flood);
	assert_int_equal(b->load.ban_until, 0);
	assert_false(book_read(b, client, "")->banned);
	book_end(b);
}

static void
each_key_has_an_end(void **state)
{
	struct book *b = book_begin(on);

	(void)state;
	connect_times(b, 201);
	assert_int_equal(book_ttl(b, CONN), 15 * MINUTE);
	assert_int_equal(book_ttl(b, "policyd:pace:{192.0.2.7}"), 2 * MINUTE);
	assert_int_equal(book_ttl(b, "policyd:ban:{192.0.2.7}"), 15 * MINUTE);
	assert_int_equal(book_ttl(b, "policyd:strikes:{192.0.2.7}"), 30 * DAY);
	book_end(b);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, a_session_is_counted_until_it_ends);
	SUITE_TEST(&s, a_session_that_asks_twice_is_one);
	SUITE_TEST(&s, a_lease_ends_by_itself);
	SUITE_TEST(&s, over_the_limit_none_is_taken);
	SUITE_TEST(&s, who_has_a_lease_keeps_it_at_the_limit);
	SUITE_TEST(&s, the_oldest_ends_when_nobody_knows_which);
	SUITE_TEST(&s, an_end_that_was_never_begun_is_none);
	SUITE_TEST(&s, who_only_looks_takes_nothing);
	SUITE_TEST(
	    &s, two_hundred_in_a_minute_are_fast_and_one_more_is_a_flood);
	SUITE_TEST(&s, a_flood_is_one_strike_a_minute);
	SUITE_TEST(&s, a_minute_does_not_begin_at_the_full_one);
	SUITE_TEST(&s, what_is_long_ago_counts_less_and_less);
	SUITE_TEST(&s, too_fast_a_session_gets_no_lease);
	SUITE_TEST(&s, no_rate_is_no_flood);
	SUITE_TEST(&s, an_observed_flood_strikes_nobody);
	SUITE_TEST(&s, each_key_has_an_end);
	return suite_run(&s, "register/connections");
}
