/*
 * Strikes, the ladder, and bans: up, down, and for ever.
 */
#include <string.h>

#include "base/arena.h"
#include "kit/book.h"
#include "kit/suite.h"

#define BAN "policyd:ban:{192.0.2.7}"
#define STRIKES "policyd:strikes:{192.0.2.7}"

static const char client[] = "192.0.2.7";

static int64_t
banned_until(struct book *b)
{
	return book_read(b, client, "")->ban_until;
}

/* What a strike says: who, until when, on which rung. */
static void
expect_ban(struct book *b, int64_t until, int64_t level)
{
	assert_true(b->did.banned);
	assert_int_equal(b->did.ban_until, until);
	assert_int_equal(b->did.level, level);
	assert_int_equal(banned_until(b), until);
	assert_true(b->is.banned);
	assert_int_equal(b->is.ban_level, level);
}

static void
offend(struct book *b)
{
	for (int i = 0; i < 11; i++)
		book_fail(b, client);
	assert_true(b->did.listed);
}

/*
 * One address, from its first offence to the top of the ladder and off it
 * again. What it does is told at the left, what becomes of it at the right.
 */
static void
a_day_on_the_ladder(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	offend(b); /* noon: guessed passwords */
	expect_ban(b, NOON + 15 * MINUTE, 1);
	assert_int_equal(b->is.abuse_until, NOON + HOUR);
	book_wait(b, 15 * MINUTE - 1);
	assert_int_not_equal(banned_until(b), 0);
	book_wait(b, 1);
	assert_int_equal(banned_until(b), 0); /* is over by itself */
	assert_int_not_equal(b->is.abuse_until, 0); /* this is not */

	book_wait(b, 45 * MINUTE); /* one o'clock: again */
	assert_int_equal(book_read(b, client, "")->abuse_until, 0);
	offend(b);
	expect_ban(b, NOON + 2 * HOUR, 2);

	book_wait(b, HOUR); /* two: a harvest, seen by the feed */
	book_strike(b, client, "harvest");
	expect_ban(b, NOON + 8 * HOUR, 3);

	book_wait(b, 6 * HOUR); /* eight: a flood */
	assert_int_equal(banned_until(b), 0);
	book_strike(b, client, "flood");
	expect_ban(b, FOREVER, 4);
	assert_int_equal(book_ttl(b, BAN), -1);
	assert_string_equal(book_field(b, BAN, "until"), "permanent");

	book_wait(b, 400 * DAY);
	assert_int_equal(banned_until(b), FOREVER);

	book_lift(b, client, REGISTER_BAN); /* somebody wrote a letter */
	assert_true(b->did.counted);
	assert_int_equal(banned_until(b), 0);
	assert_false(b->is.banned);

	book_wait(b, 29 * DAY); /* and did it again */
	book_strike(b, client, "harvest");
	expect_ban(b, FOREVER, 4);

	book_lift(b, client, REGISTER_BAN); /* thirty good days */
	book_wait(b, 30 * DAY);
	assert_int_equal(book_ttl(b, STRIKES), -2);
	book_strike(b, client, "harvest");
	expect_ban(b, book_now(b) + 15 * MINUTE, 1);
	book_end(b);
}

static void
the_day_can_be_read_afterwards(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	offend(b);
	book_wait(b, HOUR);
	book_strike(b, client, "harvest");
	book_lift(b, client, REGISTER_BAN);
	assert_string_equal(book_field(b, STRIKES, "history"),
	    "at=1732190400 what=strike level=1 until=1732191300 by=policyd "
	    "reason=abuse; "
	    "at=1732194000 what=strike level=2 until=1732197600 by=feed "
	    "reason=harvest; "
	    "at=1732194000 what=lift level=2 until=1732194000 by=root "
	    "reason=harvest");
	assert_string_equal(book_field(b, STRIKES, "count"), "2");
	assert_string_equal(book_field(b, STRIKES, "last"), "1732194000");
	book_end(b);
}

static void
a_ban_says_why(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	book_strike(b, client, "too many commands");
	book_read(b, client, "");
	assert_string_equal(b->is.ban_reason, "too many commands");
	assert_string_equal(b->is.ban_by, "feed");
	assert_int_equal(b->is.ban_since, NOON);
	assert_int_equal(book_ttl(b, BAN), 15 * MINUTE);
	assert_int_equal(book_ttl(b, STRIKES), 30 * DAY);
	book_end(b);
}

/* -- strikes -- */

static void
nobody_climbs_while_banned(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	book_strike(b, client, "harvest");
	for (int i = 0; i < 4; i++) { /* four hosts see the same */
		book_strike(b, client, "harvest");
		assert_false(b->did.banned);
		assert_int_equal(b->did.ban_until, NOON + 15 * MINUTE);
		assert_int_equal(b->did.level, 1);
	}
	assert_string_equal(book_field(b, STRIKES, "count"), "1");
	book_wait(b, 15 * MINUTE);
	book_strike(b, client, "harvest");
	expect_ban(b, NOON + 15 * MINUTE + HOUR, 2);
	book_end(b);
}

static void
one_listing_is_one_strike(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	offend(b);
	for (int i = 0; i < 50; i++) {
		book_fail(b, client);
		assert_false(b->did.banned);
		book_wait(b, MINUTE);
	}
	assert_string_equal(book_field(b, STRIKES, "count"), "1");
	book_end(b);
}

static void
a_longer_ban_stays_as_it_is(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	book_ban(b, client, DAY);
	book_strike(b, client, "harvest");
	assert_false(b->did.banned);
	assert_int_equal(b->did.ban_until, NOON + DAY);
	assert_int_equal(banned_until(b), NOON + DAY);
	assert_string_equal(b->is.ban_by, "root");
	assert_string_equal(book_field(b, STRIKES, "count"), "0");
	book_end(b);
}

static void
the_last_rung_holds_for_all_that_follow(void **state)
{
	struct book *b = book_begin("strikes { ladder = { 1m, 2m } }");

	(void)state;
	for (int i = 1; i <= 5; i++) {
		book_strike(b, client, "harvest");
		expect_ban(
		    b, book_now(b) + (i == 1 ? 60 : 120), i == 1 ? 1 : 2);
		book_wait(b, 200);
	}
	book_end(b);
}

static void
strikes_are_forgotten_after_their_memory(void **state)
{
	struct book *b = book_begin("strikes { memory = 2h }");

	(void)state;
	book_strike(b, client, "harvest");
	book_wait(b, 2 * HOUR - 1);
	book_strike(b, client, "harvest");
	assert_int_equal(b->did.level, 2);
	book_wait(b, 2 * HOUR);
	book_strike(b, client, "harvest");
	assert_int_equal(b->did.level, 1);
	book_end(b);
}

static void
a_lifted_ban_is_no_fresh_start(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	book_strike(b, client, "harvest");
	book_wait(b, 15 * MINUTE);
	book_strike(b, client, "harvest");
	book_lift(b, client, REGISTER_BAN);
	book_wait(b, DAY);
	book_strike(b, client, "harvest");
	expect_ban(b, NOON + 15 * MINUTE + DAY + 6 * HOUR, 3);
	book_end(b);
}

static void
nor_is_one_that_was_lifted_late(void **state)
{
	struct book *b = book_begin("strikes { ladder = { 1h, permanent } }");

	(void)state;
	book_strike(b, client, "harvest");
	book_wait(b, HOUR);
	book_strike(b, client, "harvest");
	book_wait(b, 20 * DAY);
	book_lift(b, client, REGISTER_BAN);
	book_wait(b, 20 * DAY);
	book_strike(b, client, "harvest");
	expect_ban(b, FOREVER, 2);
	book_end(b);
}

static void
what_is_observed_strikes_nobody(void **state)
{
	struct book *b = book_begin("abuse { mode = observe }");

	(void)state;
	offend(b);
	assert_false(b->did.banned);
	assert_int_equal(banned_until(b), 0);
	assert_int_not_equal(b->is.abuse_until, 0);
	book_end(b);
}

static void
a_history_is_bounded(void **state)
{
	struct book *b = book_begin("");
	char reason[1000];
	const char *history;
	size_t entries = 1;

	(void)state;
	memset(reason, 'x', sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = '\0';
	for (int i = 0; i < 60; i++) {
		book_strike(b, client, reason);
		book_wait(b, 1);
	}
	history = book_field(b, STRIKES, "history");
	assert_true(strlen(history) < 20 * 320);
	for (const char *p = history; (p = strstr(p, "; ")) != NULL; p++)
		entries++;
	assert_int_equal(entries, 20);
	assert_non_null(strstr(history, "at=1732190459 what=strike"));
	book_end(b);
}

static void
no_word_forges_an_entry_of_the_history(void **state)
{
	struct book *b = book_begin("");
	struct address a;
	struct question q;

	(void)state;
	address_parse(&a, client);
	q = register_strike(
	    b->arena, b->conf, &a, "x; at=1 what=lift\r\nlevel=0", "a b;c");
	book_ask(b, &q);
	assert_string_equal(book_field(b, STRIKES, "history"),
	    "at=1732190400 what=strike level=1 until=1732191300 by=a_b?c "
	    "reason=x? at=1 what=lift??level=0");
	book_end(b);
}

/* -- by hand -- */

static void
a_ban_by_hand_lasts_as_long_as_one_says(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	book_ban(b, client, 90);
	expect_ban(b, NOON + 90, 0);
	assert_int_equal(book_ttl(b, BAN), 90);
	book_wait(b, 90);
	assert_int_equal(banned_until(b), 0);
	book_end(b);
}

static void
or_for_ever(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	book_ban(b, client, FOREVER);
	expect_ban(b, FOREVER, 0);
	assert_int_equal(book_ttl(b, BAN), -1);
	book_end(b);
}

static void
the_last_word_of_an_administrator_counts(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	book_ban(b, client, FOREVER);
	book_ban(b, client, 60);
	expect_ban(b, NOON + 60, 0);
	assert_int_equal(book_ttl(b, BAN), 60);
	book_end(b);
}

static void
a_ban_by_hand_is_no_strike(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	book_ban(b, client, 60);
	book_wait(b, 60);
	book_strike(b, client, "harvest");
	assert_int_equal(b->did.level, 1);
	assert_non_null(
	    strstr(book_field(b, STRIKES, "history"), "what=ban level=0"));
	book_end(b);
}

static void
nothing_is_lifted_where_nothing_is(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	book_lift(b, client, REGISTER_BAN);
	assert_false(b->did.counted);
	assert_int_equal(book_ttl(b, STRIKES), -2);
	book_end(b);
}

static void
an_ipv6_client_is_banned_as_its_64(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	book_strike(b, "2001:db8::1", "harvest");
	assert_true(book_read(b, "2001:db8::ffff", "")->banned);
	assert_false(book_read(b, "2001:db8:0:1::1", "")->banned);
	book_wait(b, 15 * MINUTE);
	book_strike(b, "2001:db8::2", "harvest");
	assert_int_equal(b->did.level, 2);
	book_end(b);
}

/* -- what it costs -- */

static void
a_client_without_an_entry_costs_one_command(void **state)
{
	struct book *b = book_begin("");
	unsigned calls;

	(void)state;
	book_strike(b, "192.0.2.8", "harvest");
	calls = false_redis_calls(b->redis);
	assert_false(book_read(b, client, "example.com")->banned);
	assert_int_equal(false_redis_calls(b->redis) - calls, 1);
	book_end(b);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, a_day_on_the_ladder);
	SUITE_TEST(&s, the_day_can_be_read_afterwards);
	SUITE_TEST(&s, a_ban_says_why);
	SUITE_TEST(&s, nobody_climbs_while_banned);
	SUITE_TEST(&s, one_listing_is_one_strike);
	SUITE_TEST(&s, a_longer_ban_stays_as_it_is);
	SUITE_TEST(&s, the_last_rung_holds_for_all_that_follow);
	SUITE_TEST(&s, strikes_are_forgotten_after_their_memory);
	SUITE_TEST(&s, a_lifted_ban_is_no_fresh_start);
	SUITE_TEST(&s, nor_is_one_that_was_lifted_late);
	SUITE_TEST(&s, what_is_observed_strikes_nobody);
	SUITE_TEST(&s, a_history_is_bounded);
	SUITE_TEST(&s, no_word_forges_an_entry_of_the_history);
	SUITE_TEST(&s, a_ban_by_hand_lasts_as_long_as_one_says);
	SUITE_TEST(&s, or_for_ever);
	SUITE_TEST(&s, the_last_word_of_an_administrator_counts);
	SUITE_TEST(&s, a_ban_by_hand_is_no_strike);
	SUITE_TEST(&s, nothing_is_lifted_where_nothing_is);
	SUITE_TEST(&s, an_ipv6_client_is_banned_as_its_64);
	SUITE_TEST(&s, a_client_without_an_entry_costs_one_command);
	return suite_run(&s, "register/strikes");
}
