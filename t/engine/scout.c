/*
 * Who goes ahead of a check: when it is asked, how long anybody waits for it,
 * and what it does when the reply has left. `charging` has a scout.
 */
#include <string.h>

#include "base/clock.h"
#include "kit/puppets.h"

enum { FIRST, SECOND, AHEAD, OWN }; /* questions, in the order they come */

static void
plan(const char *ahead, const char *then, const char *behind)
{
	puppets.plans[2].ahead[0] = ahead;
	puppets.plans[2].ahead[1] = then;
	puppets.plans[2].ahead[2] = behind;
}

/* To where the registers have passed. */
static void
begin(void)
{
	puppets_rcpt();
	puppets_answer(FIRST, 0);
	puppets_answer(SECOND, 0);
}

static void
it_is_asked_when_the_registers_have_passed(void)
{
	plan("ahead", NULL, NULL);
	puppets_rcpt();
	assert_int_equal(puppets.asked, 2);
	puppets_answer(FIRST, 0);
	puppets_answer(SECOND, 0);
	assert_int_equal(puppets.asked, 3);
	assert_string_equal(puppets_word(AHEAD, 0), "ahead");
}

static void
its_check_waits_for_all_it_asks(void)
{
	plan("ahead", "then", NULL);
	begin();
	puppets_answer(AHEAD, 0);
	assert_int_equal(puppets.asked, 4);
	assert_string_equal(puppets_word(3, 0), "then");
	puppets_answer(3, 0);
	assert_int_equal(puppets.asked, 5);
	assert_string_equal(puppets_word(4, 0), "three");
	puppets_answer(4, 0);
	assert_int_equal(puppets.replies, 1);
}

static void
not_for_longer_than_its_patience(void)
{
	plan("ahead", NULL, NULL);
	begin();
	clock_turn(puppets.clock, PUPPETS_PATIENCE - 1);
	assert_int_equal(puppets.asked, 3);
	clock_turn(puppets.clock, 1);
	assert_int_equal(puppets.asked, 4);
	puppets_answer(OWN, 0);
	assert_int_equal(puppets.replies, 1);
	assert_false(puppets.got.refused);
}

static void
who_refuses_before_waits_for_nobody(void)
{
	plan("ahead", NULL, NULL);
	puppets_rcpt();
	puppets_answer(FIRST, 1);
	puppets_answer(SECOND, 0);
	assert_int_equal(puppets.replies, 1);
	assert_int_equal(puppets.asked, 2);
}

static void
what_comes_late_goes_on(void)
{
	plan("ahead", "then", "behind");
	begin();
	clock_turn(puppets.clock, PUPPETS_PATIENCE);
	puppets_answer(OWN, 1);
	assert_true(puppets.got.refused);
	assert_int_equal(puppets.asked, 5); /* and the charge goes back */
	puppets_answer(4, 0);
	puppets_answer(AHEAD, 0);
	assert_int_equal(puppets.asked, 6);
	assert_string_equal(puppets_word(5, 0), "then");
	puppets_answer(5, 0);
	assert_int_equal(puppets.asked, 7);
	assert_string_equal(puppets_word(6, 0), "behind");
	assert_int_equal(engine_in_flight(puppets.engine), 1);
	puppets_answer(6, 0);
	assert_int_equal(engine_in_flight(puppets.engine), 0);
	assert_int_equal(puppets.replies, 1);
}

static void
also_after_a_reply_that_did_not_wait(void)
{
	plan("ahead", "then", "behind");
	begin();
	puppets_answer(AHEAD, 0);
	puppets_answer(3, 0);
	puppets_answer(4, 0);
	assert_int_equal(puppets.replies, 1);
	assert_int_equal(puppets.asked, 6);
	assert_string_equal(puppets_word(5, 0), "behind");
}

static void
nobody_goes_on_beyond_the_deadline(void)
{
	plan("ahead", "then", "behind");
	begin();
	clock_turn(puppets.clock, PUPPETS_PATIENCE);
	puppets_answer(OWN, 0);
	assert_int_equal(puppets.replies, 1);
	clock_turn(puppets.clock, 5000);
	puppets_answer(AHEAD, 0);
	assert_int_equal(puppets.asked, 4);
	assert_int_equal(engine_in_flight(puppets.engine), 0);
}

static void
a_lost_answer_is_an_answer(void)
{
	plan("ahead", "then", NULL);
	begin();
	puppets_lose(AHEAD, LOSS_TIMEOUT);
	assert_int_equal(puppets.asked, 4);
	assert_string_equal(puppets_word(OWN, 0), "three");
}

static void
nothing_is_asked_after_the_deadline(void)
{
	plan("ahead", "then", "behind");
	begin();
	clock_turn(puppets.clock, 4000);
	assert_int_equal(puppets.asked, 4);
	clock_turn(puppets.clock, 1000); /* the deadline */
	assert_int_equal(puppets.replies, 1);
	puppets_answer(AHEAD, 0);
	assert_int_equal(puppets.asked, 4); /* nothing is asked after it */
}

static void
a_dry_run_sends_nobody_behind(void)
{
	plan("ahead", "then", "behind");
	engine_explain(puppets.engine,
	    puppets_request("RCPT", "i.1", "b@example.net"), puppets_explained,
	    NULL);
	while (puppets.answered < puppets.asked)
		puppets_answer(puppets.answered, 0);
	assert_int_equal(puppets.replies, 1);
	assert_int_equal(puppets.asked, 5);
	assert_string_equal(puppets_word(3, 0), "then");
	assert_string_equal(puppets_word(4, 0), "three");
}

static const struct act acts[] = {
	{ "a scout is asked when the registers have passed",
	    it_is_asked_when_the_registers_have_passed },
	{ "its check waits for all that it asks",
	    its_check_waits_for_all_it_asks },
	{ "but not longer than its patience",
	    not_for_longer_than_its_patience },
	{ "who refuses before it sends none",
	    who_refuses_before_waits_for_nobody },
	{ "what comes too late goes on, after the reply, too",
	    what_comes_late_goes_on },
	{ "and so it does when nothing came too late",
	    also_after_a_reply_that_did_not_wait },
	{ "but not beyond the deadline of the request",
	    nobody_goes_on_beyond_the_deadline },
	{ "a lost answer is one, too", a_lost_answer_is_an_answer },
	{ "after the deadline nothing more is asked",
	    nothing_is_asked_after_the_deadline },
	{ "a dry run sends nobody behind", a_dry_run_sends_nobody_behind },
};

int
main(void)
{
	struct suite s = { 0 };

	SUITE_ACTS(&s, acts);
	return suite_run(&s, "engine/scout");
}
