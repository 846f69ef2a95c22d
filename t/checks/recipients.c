/*
 * How many recipients a message may have, and who counts as one.
 */
#include "checks/checks.h"

#include "base/arena.h"
#include "kit/judged.h"
#include "kit/suite.h"

static struct judged *
begin(int64_t limit)
{
	struct judged *s = judged_begin();

	s->set.recipients.limit = limit;
	return s;
}

static const char *
names(struct judged *s, const char *recipient)
{
	s->req.recipient = recipient;
	return judged_says(s, &check_recipients);
}

static const char *
accepts(struct judged *s, const char *recipient)
{
	const char *says = names(s, recipient);

	judged_accepted(s);
	return says;
}

struct row {
	const char *name;
	const char *before[3]; /* those that were accepted; the limit is 2 */
	const char *recipient;
	const char *says;
};

#define ONE_TOO_MANY "refuse recipients count=3 limit=2"

static const struct row rows[] = {
	{ "the first passes", { NULL }, "a@example.net", "pass" },
	{ "so does the last that may be", { "a@example.net" }, "b@example.net",
	    "pass" },
	{ "one more does not", { "a@example.net", "b@example.net" },
	    "c@example.net", ONE_TOO_MANY },
	{ "who is named again is no other",
	    { "a@example.net", "b@example.net" }, "a@example.net", "pass" },
	{ "nor in a domain of other letters",
	    { "a@example.net", "b@example.net" }, "b@Example.NET", "pass" },
	{ "before the @ letters matter", { "a@example.net", "b@example.net" },
	    "B@example.net", ONE_TOO_MANY },
	{ "and so do extensions", { "a@example.net", "b@example.net" },
	    "b+x@example.net", ONE_TOO_MANY },
	{ "the last @ parts a name", { "a@B@example.net", "b@example.net" },
	    "a@B@EXAMPLE.net", "pass" },
	{ "one without a domain is one", { "a@example.net", "b@example.net" },
	    "postmaster", ONE_TOO_MANY },
};

static void
recipients_before(void **state)
{
	const struct row *row = *state;
	struct judged *s = begin(2);

	for (int i = 0; row->before[i]; i++)
		assert_string_equal(accepts(s, row->before[i]), "pass");
	assert_string_equal(names(s, row->recipient), row->says);
	judged_end(s);
}

static void
who_was_refused_does_not_count(void **state)
{
	struct judged *s = begin(2);

	(void)state;
	accepts(s, "a@example.net");
	for (int i = 0; i < 10; i++) {
		assert_string_equal(names(s, "b@example.net"), "pass");
		judged_refused(s); /* by another check */
	}
	assert_string_equal(accepts(s, "c@example.net"), "pass");
	assert_string_equal(names(s, "d@example.net"), ONE_TOO_MANY);
	judged_end(s);
}

/* Postfix gave up waiting, and asks anew while we are at it. */
static void
who_is_asked_about_twice_at_once_counts_once(void **state)
{
	struct judged *s = begin(2);

	(void)state;
	assert_string_equal(names(s, "a@example.net"), "pass");
	assert_string_equal(accepts(s, "a@example.net"), "pass");
	assert_string_equal(accepts(s, "b@example.net"), "pass");
	assert_string_equal(names(s, "c@example.net"), ONE_TOO_MANY);
	judged_end(s);
}

static void
without_Redis_the_limit_of_a_login_may_be_another(void **state)
{
	struct judged *s = begin(2);

	(void)state;
	s->login.loss = LOSS_DOWN;
	assert_string_equal(accepts(s, "a@example.net"), "unknown down");
	assert_string_equal(accepts(s, "b@example.net"), "unknown down");
	assert_string_equal(names(s, "c@example.net"), ONE_TOO_MANY);
	s->set.recipients.limit = 0;
	assert_string_equal(names(s, "c@example.net"), "unknown down");
	judged_end(s);
}

static void
who_is_only_observed_counts_on(void **state)
{
	struct judged *s = begin(1);

	(void)state;
	accepts(s, "a@example.net");
	assert_string_equal(
	    accepts(s, "b@example.net"), "refuse recipients count=2 limit=1");
	assert_string_equal(
	    accepts(s, "c@example.net"), "refuse recipients count=3 limit=1");
	judged_end(s);
}

static void
without_a_limit_nobody_counts(void **state)
{
	struct judged *s = begin(0);

	(void)state;
	assert_string_equal(accepts(s, "a@example.net"), "pass");
	assert_null(s->charges);
	judged_end(s);
}

static void
a_dry_run_counts_nobody(void **state)
{
	struct judged *s = begin(1);

	(void)state;
	s->req.dry = true;
	assert_string_equal(accepts(s, "a@example.net"), "pass");
	assert_null(s->charges);
	judged_end(s);
}

static void
the_limit_is_that_of_the_login(void **state)
{
	struct judged *s = begin(100);
	struct settings of_login = { .recipients.limit = 1 };

	(void)state;
	s->login.set = &of_login;
	accepts(s, "a@example.net");
	assert_string_equal(
	    names(s, "b@example.net"), "refuse recipients count=2 limit=1");
	judged_end(s);
}

struct data_row {
	const char *name;
	const char *recipient_count;
	bool asked; /* about each recipient before */
	const char *says; /* the limit is 2 */
};

static const struct data_row data_rows[] = {
	{ "at DATA a message to so many passes", "2", false, "pass" },
	{ "one to more is refused as a whole", "3", false, ONE_TOO_MANY },
	{ "one whose recipients we have counted is not counted anew", "3", true,
	    "pass" },
	{ "an odd count is none", "many", false, "pass" },
	{ "a missing one neither", "", false, "pass" },
	{ "an absurd one is too many", "99999999999999999999", false,
	    "refuse recipients count=9223372036854775807 limit=2" },
};

static void
at_data(void **state)
{
	const struct data_row *row = *state;
	struct judged *s = begin(2);

	if (row->asked)
		accepts(s, "a@example.net");
	s->req.stage = AT_DATA;
	s->req.recipient = "";
	s->req.recipient_count = row->recipient_count;
	assert_string_equal(judged_says(s, &check_recipients), row->says);
	assert_null(s->new_charges);
	judged_end(s);
}

static void
a_thousand_are_counted(void **state)
{
	struct judged *s = begin(1000);

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_string_equal(
		    accepts(s, arena_printf(s->arena, "u%d@example.net", i)),
		    "pass");
	assert_string_equal(accepts(s, "u500@example.net"), "pass");
	assert_string_equal(names(s, "u1000@example.net"),
	    "refuse recipients count=1001 limit=1000");
	judged_end(s);
}

static void
it_is_judged_for_everybody_by_the_login(void **state)
{
	(void)state;
	assert_int_equal(check_recipients.stages, AT_RCPT | AT_DATA);
	assert_int_equal(
	    check_recipients.classes, INBOUND | AUTHENTICATED | TRUSTED);
	assert_int_equal(check_recipients.tier, TIER_LOCAL);
	assert_int_equal(check_recipients.flags, 0);
	assert_int_equal(check_recipients.whose, OF_LOGIN);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, recipients_before);
	SUITE_TEST(&s, who_was_refused_does_not_count);
	SUITE_TEST(&s, who_is_asked_about_twice_at_once_counts_once);
	SUITE_TEST(&s, without_Redis_the_limit_of_a_login_may_be_another);
	SUITE_TEST(&s, who_is_only_observed_counts_on);
	SUITE_TEST(&s, without_a_limit_nobody_counts);
	SUITE_TEST(&s, a_dry_run_counts_nobody);
	SUITE_TEST(&s, the_limit_is_that_of_the_login);
	SUITE_ROWS(&s, data_rows, at_data);
	SUITE_TEST(&s, a_thousand_are_counted);
	SUITE_TEST(&s, it_is_judged_for_everybody_by_the_login);
	return suite_run(&s, "recipients");
}
