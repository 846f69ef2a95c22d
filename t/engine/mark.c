/*
 * Headers that checks want a message to have: once each, one a reply.
 */
#include <string.h>

#include "base/clock.h"
#include "kit/puppets.h"

#define FIRST "X-First: a"
#define SECOND "X-Second: b"

/* The next question's answers: `first`, `second`, and all counters pass. */
static const char *
asked_at(const char *stage, const char *instance, const char *recipient)
{
	puppets_ask(stage, instance, recipient);
	while (puppets.answered < puppets.asked)
		puppets_answer(puppets.answered, 0);
	return puppets.got.mark;
}

static const char *
rcpt(const char *recipient)
{
	return asked_at("RCPT", "i.1", recipient);
}

static void
a_message_is_marked_once(void)
{
	puppets.plans[0].mark = FIRST;
	assert_string_equal(rcpt("b@example.net"), FIRST);
	assert_string_equal(rcpt("c@example.net"), "");
	assert_string_equal(asked_at("DATA", "i.1", ""), "");
	assert_string_equal(asked_at("RCPT", "i.2", "b@example.net"), FIRST);
	assert_int_equal(engine_check_counts(puppets.engine, 0)->marked, 2);
}

static void
a_second_mark_waits_for_the_next_request(void)
{
	puppets.plans[0].mark = FIRST;
	puppets.plans[1].mark = SECOND;
	assert_string_equal(rcpt("b@example.net"), FIRST);
	assert_string_equal(rcpt("c@example.net"), SECOND);
	assert_string_equal(rcpt("d@example.net"), "");
}

static void
also_for_data(void)
{
	puppets.plans[0].mark = FIRST;
	puppets.plans[1].mark = SECOND;
	assert_string_equal(rcpt("b@example.net"), FIRST);
	assert_string_equal(asked_at("DATA", "i.1", ""), SECOND);
}

static void
a_repeated_request_has_the_next(void)
{
	puppets.plans[0].mark = FIRST;
	puppets.plans[1].mark = SECOND;
	assert_string_equal(rcpt("b@example.net"), FIRST);
	assert_string_equal(rcpt("b@example.net"), SECOND);
	assert_true(puppets.got.repeated);
	assert_string_equal(rcpt("b@example.net"), "");
}

static void
who_is_refused_marks_nothing(void)
{
	puppets.plans[0].mark = FIRST;
	puppets_rcpt();
	puppets_answer(0, 0);
	puppets_answer(1, 1);
	assert_true(puppets.got.refused);
	assert_string_equal(puppets.got.mark, "");
	assert_string_equal(rcpt("c@example.net"), FIRST);
}

static void
what_is_only_observed_marks_nothing(void)
{
	puppets.plans[0].mark = FIRST;
	puppets_policy(MOST, MODE_OBSERVE, FAILURE_ACCEPT);
	assert_string_equal(rcpt("b@example.net"), "");
}

static void
without_an_instance_nobody_knows_the_message(void)
{
	puppets.plans[0].mark = FIRST;
	assert_string_equal(asked_at("RCPT", "", "b@example.net"), "");
}

static void
nothing_is_marked_before_there_are_recipients(void)
{
	puppets.plans[0].mark = FIRST;
	assert_string_equal(asked_at("MAIL", "i.1", ""), "");
	assert_string_equal(rcpt("b@example.net"), FIRST);
}

static void
nor_when_the_message_is_here(void)
{
	puppets.plans[0].mark = FIRST;
	assert_string_equal(asked_at("END-OF-MESSAGE", "i.1", ""), "");
}

static const struct act acts[] = {
	{ "a message is marked once, whatever number of recipients it has",
	    a_message_is_marked_once },
	{ "a reply has room for one mark: a second waits for a recipient",
	    a_second_mark_waits_for_the_next_request },
	{ "or for DATA", also_for_data },
	{ "or for another list that asks the same",
	    a_repeated_request_has_the_next },
	{ "a refused recipient's request marks nothing",
	    who_is_refused_marks_nothing },
	{ "nor does a check that only observes",
	    what_is_only_observed_marks_nothing },
	{ "nor one without an instance: it would be marked again and again",
	    without_an_instance_nobody_knows_the_message },
	{ "nor one at MAIL", nothing_is_marked_before_there_are_recipients },
	{ "nor one at END-OF-MESSAGE, where Postfix takes none",
	    nor_when_the_message_is_here },
};

int
main(void)
{
	struct suite s = { 0 };

	SUITE_ACTS(&s, acts);
	return suite_run(&s, "engine/mark");
}
