/*
 * What users have reported about a client, and what is made of it.
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
	{ "of whom nobody complained passes", { 0 }, "pass" },
	{ "two reports are no reason, but are told", { .spam_reporters = 2 },
	    "pass reporters=2" },
	{ "who is listed is put off until the listing ends",
	    { .spam_reporters = 3, .spam_until = NOW + 86400 },
	    "refuse spam_source identity=192.0.2.7 until=1732276800 "
	    "wait=86400 reporters=3" },
	{ "other registers are not its business",
	    { .banned = true, .ban_until = FOREVER, .abuse_until = NOW + 60 },
	    "pass" },
};

static void
register_says(void **state)
{
	const struct row *row = *state;
	struct judged *s = judged_begin();

	s->entry = row->entry;
	judged_ask(s, &check_spam_source);
	assert_string_equal(s->asked_once, "read 192.0.2.7 example.net");
	judged_answered(s);
	assert_string_equal(judged_says(s, &check_spam_source), row->says);
	judged_end(s);
}

static void
without_an_answer_nothing_is_known(void **state)
{
	struct judged *s = judged_begin();

	(void)state;
	judged_ask(s, &check_spam_source);
	judged_lost(s, LOSS_BUSY);
	assert_string_equal(judged_says(s, &check_spam_source), "unknown busy");
	judged_end(s);
}

static void
it_is_asked_for_recipients_about_strangers_that_are_not_allowed(void **state)
{
	(void)state;
	assert_int_equal(check_spam_source.stages, AT_RCPT);
	assert_int_equal(check_spam_source.classes, INBOUND);
	assert_int_equal(check_spam_source.tier, TIER_REGISTERS);
	assert_int_equal(check_spam_source.flags, SKIPS_ALLOWED);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, register_says);
	SUITE_TEST(&s, without_an_answer_nothing_is_known);
	SUITE_TEST(&s,
	    it_is_asked_for_recipients_about_strangers_that_are_not_allowed);
	return suite_run(&s, "spam_source");
}
