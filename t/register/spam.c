/*
 * Sources of spam: whose reports list a client, for whom, and until when.
 */
#include <string.h>

#include "base/arena.h"
#include "kit/book.h"
#include "kit/suite.h"

#define KEY "policyd:spam:{192.0.2.7}"

static const char client[] = "192.0.2.7";

static void
report(struct book *b, const char *const *reporters)
{
	for (; *reporters; reporters++)
		book_report(b, client, *reporters);
}

#define REPORT(b, ...) report(b, (const char *const[]){ __VA_ARGS__, NULL })

static int64_t
until(struct book *b, const char *domain)
{
	return book_read(b, client, domain)->spam_until;
}

static void
three_reporters_of_two_domains_list_it_for_all(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	REPORT(b, "a@example.com", "b@example.com");
	assert_false(b->did.listed);
	assert_int_equal(b->did.failures, 2);
	assert_int_equal(until(b, "example.com"), 0);
	REPORT(b, "c@example.net");
	assert_true(b->did.listed);
	assert_int_equal(b->did.failures, 3);
	assert_int_equal(b->did.until, NOON + DAY);
	assert_int_equal(until(b, "example.org"), NOON + DAY);
	assert_int_equal(until(b, ""), NOON + DAY);
	assert_int_equal(b->is.spam_reporters, 3);
	book_end(b);
}

static void
three_of_one_domain_list_it_for_theirs(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	REPORT(b, "a@example.com", "b@example.com", "c@example.com");
	assert_true(b->did.listed);
	assert_int_equal(b->did.until, NOON + DAY);
	assert_int_equal(until(b, "example.com"), NOON + DAY);
	assert_int_equal(until(b, "Example.COM"), NOON + DAY);
	assert_int_equal(until(b, "example.net"), 0);
	assert_int_equal(until(b, ""), 0);
	book_end(b);
}

static void
a_fourth_of_another_domain_lists_it_for_all(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	REPORT(b, "a@example.com", "b@example.com", "c@example.com");
	book_wait(b, HOUR);
	REPORT(b, "d@example.net");
	assert_true(b->did.listed);
	assert_int_equal(until(b, "example.net"), NOON + HOUR + DAY);
	book_end(b);
}

static void
a_reporter_counts_once(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	for (int i = 0; i < 10; i++) {
		book_report(
		    b, client, i % 2 ? "a@example.com" : "A@Example.COM");
		assert_int_equal(b->did.counted, i == 0);
		assert_int_equal(b->did.failures, 1);
		book_wait(b, MINUTE);
	}
	book_end(b);
}

static void
reports_are_forgotten_after_the_window(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	REPORT(b, "a@example.com", "b@example.net");
	book_wait(b, DAY);
	REPORT(b, "c@example.org");
	assert_int_equal(b->did.failures, 1);
	assert_string_equal(book_field(b, KEY, "a@example.com"), "");
	book_wait(b, DAY - 1);
	REPORT(b, "d@example.org");
	assert_int_equal(b->did.failures, 2);
	book_end(b);
}

static void
who_reports_again_after_the_window_counts_again(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	REPORT(b, "a@example.com", "b@example.net");
	book_wait(b, DAY - 1);
	REPORT(b, "b@example.net");
	book_wait(b, 1);
	REPORT(b, "a@example.com");
	assert_true(b->did.counted);
	assert_int_equal(b->did.failures, 2);
	assert_string_equal(book_field(b, KEY, "a@example.com"), "1732276800");
	REPORT(b, "c@example.com");
	assert_true(b->did.listed);
	book_end(b);
}

static void
a_listing_ends_by_itself(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	REPORT(b, "a@example.com", "b@example.com", "c@example.net");
	book_wait(b, DAY - 1);
	assert_int_not_equal(until(b, ""), 0);
	book_wait(b, 1);
	assert_int_equal(until(b, ""), 0);
	assert_int_equal(book_ttl(b, KEY), -2);
	book_end(b);
}

static void
or_when_it_is_lifted_with_its_reports(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	REPORT(b, "a@example.com", "b@example.com", "c@example.net");
	book_lift(b, client, REGISTER_SPAM);
	assert_int_equal(until(b, ""), 0);
	REPORT(b, "a@example.com");
	assert_true(b->did.counted);
	assert_int_equal(b->did.failures, 1);
	book_end(b);
}

static void
further_reports_prolong_it(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	REPORT(b, "a@example.com", "b@example.com", "c@example.net");
	book_wait(b, 12 * HOUR);
	REPORT(b, "d@example.net");
	assert_false(b->did.listed);
	assert_int_equal(until(b, ""), NOON + 36 * HOUR);
	book_end(b);
}

static void
a_domain_has_its_own_opinion(void **state)
{
	struct book *b = book_begin("domain \"example.com\" {\n"
				    "	spam_source { reporters = 1 "
				    "listed = 1h }\n}");

	(void)state;
	REPORT(b, "a@example.com");
	assert_true(b->did.listed);
	assert_int_equal(until(b, "example.com"), NOON + HOUR);
	assert_int_equal(until(b, "example.net"), 0);
	REPORT(b, "b@example.net", "c@example.net");
	assert_int_equal(until(b, "example.org"), NOON + DAY);
	book_end(b);
}

static void
one_domain_can_be_enough_for_all(void **state)
{
	struct book *b = book_begin("spam_source { domains = 1 }");

	(void)state;
	REPORT(b, "a@example.com", "b@example.com", "c@example.com");
	assert_int_equal(until(b, "example.net"), NOON + DAY);
	book_end(b);
}

static void
spam_is_no_strike(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	REPORT(b, "a@example.com", "b@example.com", "c@example.net");
	assert_false(b->did.banned);
	assert_false(book_read(b, client, "")->banned);
	book_end(b);
}

static void
a_reporter_without_a_domain_is_of_none(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	REPORT(b, "until", "root", "until:example.com");
	assert_true(b->did.listed);
	assert_int_equal(until(b, "example.com"), 0);
	assert_string_equal(book_field(b, KEY, "until@"), "1732190400");
	book_end(b);
}

static void
very_many_reporters_are_bounded(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	for (int i = 0; i < 300; i++) {
		book_report(
		    b, client, arena_printf(b->arena, "u%d@example.com", i));
		book_wait(b, 1);
	}
	assert_int_equal(b->did.failures, 200);
	assert_string_equal(BOOK_DO(b, "HLEN", KEY), "201"); /* and until: */
	assert_string_equal(book_field(b, KEY, "u99@example.com"), "");
	assert_string_not_equal(book_field(b, KEY, "u100@example.com"), "");
	book_end(b);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, three_reporters_of_two_domains_list_it_for_all);
	SUITE_TEST(&s, three_of_one_domain_list_it_for_theirs);
	SUITE_TEST(&s, a_fourth_of_another_domain_lists_it_for_all);
	SUITE_TEST(&s, a_reporter_counts_once);
	SUITE_TEST(&s, reports_are_forgotten_after_the_window);
	SUITE_TEST(&s, who_reports_again_after_the_window_counts_again);
	SUITE_TEST(&s, a_listing_ends_by_itself);
	SUITE_TEST(&s, or_when_it_is_lifted_with_its_reports);
	SUITE_TEST(&s, further_reports_prolong_it);
	SUITE_TEST(&s, a_domain_has_its_own_opinion);
	SUITE_TEST(&s, one_domain_can_be_enough_for_all);
	SUITE_TEST(&s, spam_is_no_strike);
	SUITE_TEST(&s, a_reporter_without_a_domain_is_of_none);
	SUITE_TEST(&s, very_many_reporters_are_bounded);
	return suite_run(&s, "register/spam");
}
