/*
 * Questions: which are asked, how often, and who may write.
 */
#include <string.h>

#include "kit/puppets.h"

static void
asked_until_nothing_is_added(void)
{
	puppets.plans[0].words[1] = "one again";
	puppets_rcpt();
	puppets_answer(1, 0);
	puppets_answer(0, 0);
	assert_int_equal(puppets.replies, 0);
	assert_string_equal(puppets_word(2, 0), "one again");
	puppets_answer(2, 1);
	assert_true(puppets.got.refused);
	assert_int_equal(puppets.plans[0].judged, 1);
}

static void
equal_questions_once(void)
{
	puppets.plans[1].words[0] = "one";
	puppets_rcpt();
	assert_int_equal(puppets.asked, 1);
	puppets_answer(0, 0);
	assert_int_equal(puppets.plans[0].judged + puppets.plans[1].judged, 2);
}

static void
shared_question_once(void)
{
	puppets.plans[0].shared = puppets.plans[1].shared = true;
	puppets.plans[1].words[0] = "two";
	puppets_rcpt();
	assert_int_equal(puppets.asked, 1);
	assert_string_equal(puppets_word(0, 0), "one");
	puppets_answer(0, 0);
	assert_int_equal(puppets.plans[0].judged + puppets.plans[1].judged, 2);
}

static void
early_tiers_read_only(void)
{
	puppets_rcpt();
	assert_true(puppets.questions[0]->read_only);
	puppets_answer(0, 0);
	puppets_answer(1, 0);
	assert_false(puppets.questions[2]->read_only);
}

static void
facts_of_the_transaction(void)
{
	puppets.plans[0].once = true;
	puppets_rcpt();
	puppets_answer(0, 0);
	puppets_answer(1, 0);
	puppets_answer(2, 0);
	puppets_ask(
	    "RCPT", "i.1", "c@example.net"); /* asks only what is not known */
	assert_int_equal(puppets.asked, 4);
	assert_string_equal(puppets_word(3, 0), "two");
	puppets_answer(3, 0);
	puppets_answer(4, 0);
	assert_int_equal(puppets.replies, 2);
	puppets_ask(
	    "RCPT", "i.2", "c@example.net"); /* another transaction: anew */
	assert_int_equal(
	    puppets.asked, 5 + 2 + 1); /* and both charges go back */
}

static void
lost_once(void)
{
	puppets.plans[0].once = true;
	puppets_rcpt();
	puppets_lose(0, LOSS_TIMEOUT);
	puppets_answer(1, 0);
	puppets_answer(2, 0);
	puppets_ask("RCPT", "i.1", "c@example.net");
	assert_int_equal(puppets.asked, 5);
	assert_string_equal(puppets_word(3, 0), "one");
}

/* The store remembers the answer to "one". */
static bool
remembers(struct store *s, const struct question *q, struct answer *out)
{
	(void)s;
	if (strcmp(q->words[0].text, "one") != 0)
		return false;
	*out = (struct answer){ .state = KNOWN,
		.count = 1,
		.values = { { .is_number = true, .number = 0 } } };
	return true;
}

static void
known_at_once(void)
{
	puppets.store.known = remembers;
	puppets.plans[0].words[1] = "then";
	puppets_rcpt();
	assert_int_equal(puppets.asked, 2);
	assert_string_equal(puppets_word(0, 0), "then");
	assert_string_equal(puppets_word(1, 0), "two");
	puppets_answer(0, 0);
	puppets_answer(1, 0);
	puppets_answer(2, 0);
	assert_int_equal(puppets.replies, 1);
}

static const struct act acts[] = {
	{ "a check is asked until it adds nothing",
	    asked_until_nothing_is_added },
	{ "equal questions are asked once", equal_questions_once },
	{ "a shared question is asked by the first of its checks",
	    shared_question_once },
	{ "only the counters may write, whatever a check says",
	    early_tiers_read_only },
	{ "facts kept for the transaction are not asked again",
	    facts_of_the_transaction },
	{ "an answer that was lost is not kept", lost_once },
	{ "what the store knows at once is not asked", known_at_once },
};

int
main(void)
{
	static struct suite s;

	SUITE_ACTS(&s, acts);
	return suite_run(&s, "questions");
}
