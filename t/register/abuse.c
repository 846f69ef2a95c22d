/*
 * The abuse register: who is listed for failed logins, and until when.
 */
#include <string.h>

#include "base/arena.h"
#include "kit/book.h"
#include "kit/suite.h"

#define KEY "policyd:abuse:{192.0.2.7}"

static const char client[] = "192.0.2.7";

static void
fail_times(struct book *b, unsigned n)
{
	while (n-- > 0)
		book_fail(b, client);
}

static int64_t
listed_until(struct book *b)
{
	return book_read(b, client, "")->abuse_until;
}

/* -- how many are too many -- */

static void
ten_failures_are_forgiven_and_the_eleventh_is_not(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	fail_times(b, 10);
	assert_true(b->did.counted);
	assert_int_equal(b->did.failures, 10);
	assert_false(b->did.listed);
	assert_int_equal(listed_until(b), 0);
	book_fail(b, client);
	assert_true(b->did.listed);
	assert_int_equal(b->did.failures, 11);
	assert_int_equal(b->did.until, NOON + HOUR);
	assert_int_equal(listed_until(b), NOON + HOUR);
	assert_int_equal(b->is.abuse_failures, 11);
	assert_int_equal(b->is.abuse_last, NOON);
	book_end(b);
}

static void
eleven_failures_an_hour_apart_from_first_to_last_are_not_within_it(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	for (int i = 0; i < 10; i++) {
		book_fail(b, client);
		book_wait(b, 6 * MINUTE);
	}
	book_fail(b, client); /* the first is exactly an hour old */
	assert_false(b->did.listed);
	assert_int_equal(b->did.failures, 10);
	book_end(b);
}

static void
a_second_less_and_they_are(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	for (int i = 0; i < 10; i++) {
		book_fail(b, client);
		book_wait(b, i == 0 ? 6 * MINUTE - 1 : 6 * MINUTE);
	}
	book_fail(b, client);
	assert_true(b->did.listed);
	book_end(b);
}

/* No bucket can do that. */
static void
the_hour_slides_with_each_failure(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	for (int i = 0; i < 200; i++) {
		book_fail(b, client);
		assert_false(b->did.listed);
		assert_true(b->did.failures <= 10);
		book_wait(b, HOUR / 10);
	}
	fail_times(b, 1);
	assert_false(b->did.listed);
	book_fail(b, client);
	assert_true(b->did.listed);
	book_end(b);
}

static void
failures_of_one_session_come_at_once(void **state)
{
	const struct failure some = { "bob", "", SERVICE_SMTP, 8 };
	struct book *b = book_begin("");

	(void)state;
	book_failure(b, client, &some);
	assert_int_equal(b->did.failures, 8);
	assert_false(b->did.listed);
	book_failure(b, client, &some);
	assert_int_equal(b->did.failures, 16);
	assert_true(b->did.listed);
	book_end(b);
}

static void
the_number_is_an_option(void **state)
{
	struct book *b = book_begin("abuse { failures = 2 window = 5m }");

	(void)state;
	fail_times(b, 2);
	assert_false(b->did.listed);
	book_wait(b, 5 * MINUTE);
	fail_times(b, 2);
	assert_false(b->did.listed);
	book_fail(b, client);
	assert_true(b->did.listed);
	book_end(b);
}

/* -- until when -- */

static void
a_listing_ends_an_hour_after_the_last_failure(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	fail_times(b, 11);
	book_wait(b, 30 * MINUTE);
	book_fail(b, client);
	assert_false(b->did.listed);
	assert_int_equal(b->did.failures, 12);
	assert_int_equal(listed_until(b), NOON + 90 * MINUTE);
	book_wait(b, HOUR - 1);
	assert_int_not_equal(listed_until(b), 0);
	book_wait(b, 1);
	assert_int_equal(listed_until(b), 0);
	assert_int_equal(book_ttl(b, KEY), -2);
	book_end(b);
}

static void
who_was_listed_begins_anew(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	fail_times(b, 11);
	book_wait(b, HOUR);
	fail_times(b, 10);
	assert_int_equal(b->did.failures, 10);
	assert_false(b->did.listed);
	book_fail(b, client);
	assert_true(b->did.listed);
	book_end(b);
}

static void
one_who_was_lifted_begins_anew_too(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	fail_times(b, 11);
	book_lift(b, client, REGISTER_ABUSE);
	assert_true(b->did.counted);
	assert_int_equal(listed_until(b), 0);
	book_fail(b, client);
	assert_int_equal(b->did.failures, 1);
	book_lift(b, client, REGISTER_ABUSE);
	book_lift(b, client, REGISTER_ABUSE);
	assert_false(b->did.counted);
	book_end(b);
}

/* -- the same wrong password -- */

static void
the_same_wrong_password_counts_once(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	for (int i = 0; i < 100; i++) {
		book_fail_as(b, client, "alice@example.com", "c0de");
		assert_int_equal(b->did.counted, i == 0);
		assert_int_equal(b->did.failures, 1);
		book_wait(b, MINUTE / 2);
	}
	book_end(b);
}

static void
a_mail_client_that_repeats_it_for_days_is_never_listed(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	for (int i = 0; i < 300; i++) {
		book_fail_as(b, client, "alice@example.com", "c0de");
		assert_false(b->did.listed);
		book_wait(b, 10 * MINUTE);
	}
	assert_int_equal(b->did.failures, 0); /* that one is long ago */
	book_end(b);
}

static void
after_an_hour_of_silence_it_counts_again(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	book_fail_as(b, client, "alice", "c0de");
	book_wait(b, HOUR - 1);
	book_fail_as(b, client, "alice", "c0de");
	assert_false(b->did.counted);
	book_wait(b, HOUR);
	book_fail_as(b, client, "alice", "c0de");
	assert_true(b->did.counted);
	book_end(b);
}

static void
the_same_password_of_another_user_counts(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	book_fail_as(b, client, "alice", "c0de");
	book_fail_as(b, client, "bob", "c0de");
	assert_int_equal(b->did.failures, 2);
	book_end(b);
}

static void
without_a_hash_each_failure_counts(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	fail_times(b, 2);
	assert_int_equal(b->did.failures, 2);
	book_end(b);
}

static void
many_passwords_are_remembered_in_bounded_memory(void **state)
{
	struct book *b = book_begin("abuse { failures = 1000 }");

	(void)state;
	for (int i = 0; i < 200; i++)
		book_fail_as(
		    b, client, "alice", arena_printf(b->arena, "%04x", i));
	assert_int_equal(b->did.failures, 200);
	assert_true(strlen(book_field(b, KEY, "seen")) < 1000);
	book_fail_as(b, client, "alice", "00c7");
	assert_false(b->did.counted);
	book_end(b);
}

static void
long_names_take_no_more_of_it(void **state)
{
	struct book *b = book_begin("");
	char name[200];

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (int i = 0; i < 40; i++)
		book_fail_as(b, client, name, arena_printf(b->arena, "%x", i));
	assert_int_equal(b->did.failures, 40);
	assert_true(strlen(book_field(b, KEY, "seen")) < 32 * 80);
	book_end(b);
}

/* -- for whom -- */

static void
an_ipv6_client_is_its_64(void **state)
{
	struct book *b = book_begin("abuse { failures = 1 }");

	(void)state;
	book_fail(b, "2001:db8::1");
	book_fail(b, "2001:db8:0:0:ffff::2");
	assert_true(b->did.listed);
	assert_int_not_equal(book_read(b, "2001:db8::3", "")->abuse_until, 0);
	assert_int_equal(book_read(b, "2001:db8:0:1::1", "")->abuse_until, 0);
	assert_int_equal(
	    book_ttl(b, "policyd:abuse:{2001%3adb8%3a%3a/64}"), HOUR);
	book_end(b);
}

static void
an_ipv4_address_counts_alone(void **state)
{
	struct book *b = book_begin("abuse { failures = 1 }");

	(void)state;
	book_fail(b, "192.0.2.7");
	book_fail(b, "192.0.2.8");
	assert_false(b->did.listed);
	book_fail(b, "::ffff:192.0.2.8"); /* the same one */
	assert_true(b->did.listed);
	book_end(b);
}

static void
fail_at(struct book *b, enum register_service service)
{
	const struct failure f = { "alice", "", service, 1 };

	book_failure(b, client, &f);
}

static void
services_count_together(void **state)
{
	struct book *b = book_begin("abuse { failures = 2 }");

	(void)state;
	fail_at(b, SERVICE_SMTP);
	fail_at(b, SERVICE_IMAP);
	fail_at(b, SERVICE_POP3);
	assert_true(b->did.listed);
	book_end(b);
}

static void
or_apart(void **state)
{
	struct book *b = book_begin("abuse { failures = 1 services = apart }");
	struct address a;
	struct question q;

	(void)state;
	address_parse(&a, client);
	fail_at(b, SERVICE_SMTP);
	fail_at(b, SERVICE_IMAP);
	assert_false(b->did.listed);
	fail_at(b, SERVICE_IMAP);
	assert_true(b->did.listed);
	assert_int_equal(listed_until(b), 0); /* at SMTP */
	q = register_read_for(b->arena, b->conf, &a, "", SERVICE_IMAP);
	book_ask(b, &q);
	assert_non_null(strstr(b->text, "1732194000"));
	assert_int_equal(book_ttl(b, "policyd:abuse:{192.0.2.7}:imap"), HOUR);
	book_lift(b, client, REGISTER_ABUSE);
	assert_int_equal(book_ttl(b, "policyd:abuse:{192.0.2.7}:imap"), -2);
	book_end(b);
}

/* -- what stands there -- */

static void
the_evidence_can_be_read_by_people(void **state)
{
	struct book *b = book_begin("abuse { failures = 2 }");

	(void)state;
	book_fail_as(b, client, "Alice@example.com", "c0de");
	book_wait(b, 5);
	book_fail_as(b, client, "bob", "");
	book_fail_as(b, client, "a b\r\nc=1", "");
	assert_string_equal(book_field(b, KEY, "failures"), "3");
	assert_string_equal(book_field(b, KEY, "first"), "1732190400");
	assert_string_equal(book_field(b, KEY, "last"), "1732190405");
	assert_string_equal(book_field(b, KEY, "until"), "1732194005");
	assert_string_equal(
	    book_field(b, KEY, "times"), "1732190400 1732190405 1732190405");
	assert_string_equal(book_field(b, KEY, "users"),
	    "alice@example.com bob a%20b%0d%0ac=1");
	assert_string_equal(
	    book_field(b, KEY, "seen"), "alice@example.com/c0de=1732190400");
	book_end(b);
}

/* -- the cap -- */

static void
the_index_tells_who_is_over_the_cap(void **state)
{
	struct book *b = book_begin("abuse { cap = 2 }");

	(void)state;
	book_index(b, "192.0.2.1", REGISTER_ABUSE, NOON + 20);
	book_index(b, "192.0.2.2", REGISTER_ABUSE, NOON + 10);
	assert_string_equal(b->text, "");
	book_index(b, "192.0.2.3", REGISTER_ABUSE, NOON + 30);
	assert_string_equal(b->text, "192.0.2.2");
	assert_string_equal(
	    BOOK_DO(b, "ZRANGE", "policyd:index:abuse", "0", "-1"),
	    "192.0.2.1 192.0.2.3");
	assert_int_equal(book_ttl(b, "policyd:index:abuse"), 30);
	book_end(b);
}

static void
what_is_over_makes_room(void **state)
{
	struct book *b = book_begin("abuse { cap = 2 }");

	(void)state;
	book_index(b, "192.0.2.1", REGISTER_ABUSE, NOON + 10);
	book_index(b, "192.0.2.2", REGISTER_ABUSE, NOON + 20);
	book_wait(b, 10);
	book_index(b, "192.0.2.3", REGISTER_ABUSE, NOON + 30);
	assert_string_equal(b->text, "");
	book_index(b, "192.0.2.3", REGISTER_ABUSE, 0); /* lifted */
	assert_string_equal(
	    BOOK_DO(b, "ZRANGE", "policyd:index:abuse", "0", "-1"),
	    "192.0.2.2");
	book_end(b);
}

static void
other_registers_have_no_cap(void **state)
{
	struct book *b = book_begin("abuse { cap = 1 }");

	(void)state;
	book_index(b, "2001:db8::1", REGISTER_BAN, FOREVER);
	book_index(b, "192.0.2.2", REGISTER_BAN, NOON + 20);
	assert_string_equal(b->text, "");
	assert_string_equal(
	    BOOK_DO(b, "ZRANGE", "policyd:index:ban", "0", "-1", "WITHSCORES"),
	    "192.0.2.2 1732190420 2001:db8::/64 inf");
	assert_int_equal(book_ttl(b, "policyd:index:ban"), -1);
	book_end(b);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, ten_failures_are_forgiven_and_the_eleventh_is_not);
	SUITE_TEST(&s,
	    eleven_failures_an_hour_apart_from_first_to_last_are_not_within_it);
	SUITE_TEST(&s, a_second_less_and_they_are);
	SUITE_TEST(&s, the_hour_slides_with_each_failure);
	SUITE_TEST(&s, failures_of_one_session_come_at_once);
	SUITE_TEST(&s, the_number_is_an_option);
	SUITE_TEST(&s, a_listing_ends_an_hour_after_the_last_failure);
	SUITE_TEST(&s, who_was_listed_begins_anew);
	SUITE_TEST(&s, one_who_was_lifted_begins_anew_too);
	SUITE_TEST(&s, the_same_wrong_password_counts_once);
	SUITE_TEST(&s, a_mail_client_that_repeats_it_for_days_is_never_listed);
	SUITE_TEST(&s, after_an_hour_of_silence_it_counts_again);
	SUITE_TEST(&s, the_same_password_of_another_user_counts);
	SUITE_TEST(&s, without_a_hash_each_failure_counts);
	SUITE_TEST(&s, many_passwords_are_remembered_in_bounded_memory);
	SUITE_TEST(&s, long_names_take_no_more_of_it);
	SUITE_TEST(&s, an_ipv6_client_is_its_64);
	SUITE_TEST(&s, an_ipv4_address_counts_alone);
	SUITE_TEST(&s, services_count_together);
	SUITE_TEST(&s, or_apart);
	SUITE_TEST(&s, the_evidence_can_be_read_by_people);
	SUITE_TEST(&s, the_index_tells_who_is_over_the_cap);
	SUITE_TEST(&s, what_is_over_makes_room);
	SUITE_TEST(&s, other_registers_have_no_cap);
	return suite_run(&s, "register/abuse");
}
