/*
 * What the abuse register says about a client, and what is made of it.
 */
#include "checks/checks.h"

#include "kit/judged.h"
#include "kit/suite.h"

enum { NOW = JUDGED_NOW };

struct row {
	const char *name;
	struct register_entry entry;
	const char *says;
};

static const struct row rows[] = {
	{ "who never failed passes", { 0 }, "pass" },
	{ "some failures are no reason, but are told",
	    { .abuse_failures = 10, .abuse_last = NOW - 5 },
	    "pass failures=10 last=1732190395" },
	{ "who is listed is put off until the listing ends",
	    { .abuse_failures = 11,
		.abuse_last = NOW - 5,
		.abuse_until = NOW + 3595 },
	    "refuse abuse identity=192.0.2.7 until=1732193995 wait=3595 "
	    "failures=11 last=1732190395" },
	{ "one listed by hand may have no failures", { .abuse_until = NOW + 1 },
	    "refuse abuse identity=192.0.2.7 until=1732190401 wait=1" },
	{ "other registers are not its business",
	    { .banned = true, .ban_until = FOREVER, .spam_until = NOW + 60 },
	    "pass" },
};

static void
register_says(void **state)
{
	const struct row *row = *state;
	struct judged *s = judged_begin();

	s->entry = row->entry;
	judged_ask(s, &check_abuse);
	assert_string_equal(s->asked_once, "read 192.0.2.7 example.net");
	judged_answered(s);
	assert_string_equal(judged_says(s, &check_abuse), row->says);
	judged_end(s);
}

static void
without_an_answer_nothing_is_known(void **state)
{
	struct judged *s = judged_begin();

	(void)state;
	judged_ask(s, &check_abuse);
	judged_lost(s, LOSS_DOWN);
	assert_string_equal(judged_says(s, &check_abuse), "unknown down");
	judged_end(s);
}

static void
a_client_without_an_address_is_in_no_register(void **state)
{
	struct judged *s = judged_begin();

	(void)state;
	address_parse(&s->req.client, "unknown");
	judged_ask(s, &check_abuse);
	assert_null(s->asked);
	assert_string_equal(judged_says(s, &check_abuse), "pass");
	judged_end(s);
}

static void
it_is_asked_at_every_stage_about_strangers_that_are_not_allowed(void **state)
{
	(void)state;
	assert_int_equal(check_abuse.stages, AT_ANY);
	assert_int_equal(check_abuse.classes, INBOUND);
	assert_int_equal(check_abuse.tier, TIER_REGISTERS);
	assert_int_equal(check_abuse.flags, SKIPS_ALLOWED);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, register_says);
	SUITE_TEST(&s, without_an_answer_nothing_is_known);
	SUITE_TEST(&s, a_client_without_an_address_is_in_no_register);
	SUITE_TEST(&s,
	    it_is_asked_at_every_stage_about_strangers_that_are_not_allowed);
	return suite_run(&s, "abuse");
}
