/*
 * Transactions, and what was charged to them: it is kept at the end of a
 * message, and else given back.
 */
#include <string.h>

#include "base/clock.h"
#include "kit/puppets.h"

enum { CHARGING = 2, LAST };

static const struct check_counts *
count_of(size_t check)
{
	return engine_check_counts(puppets.engine, check);
}

static void
accept_one(const char *instance, const char *recipient)
{
	const unsigned at = puppets.asked;

	puppets_ask("RCPT", instance, recipient);
	puppets_answer(at, 0);
	puppets_answer(at + 1, 0);
	puppets_answer(at + 2, 0);
	puppets.answered = puppets.asked;
}

static void
committed(void)
{
	accept_one("i.1", "b@example.net");
	accept_one("i.1", "c@example.net");
	assert_int_equal(
	    puppets.settled[COMMITTED] + puppets.settled[RELEASED], 0);
	accept_one("i.1", ""); /* DATA is judged as any other request here */
	puppets_policy(MOST, MODE_OFF, FAILURE_ACCEPT);
	puppets_ask("END-OF-MESSAGE", "i.1", "");
	assert_int_equal(puppets.settled[COMMITTED], 3);
	assert_int_equal(puppets.settlements, 1); /* all of them at once */
	assert_string_equal(puppets_word(puppets.asked - 1, 0), "keep three");
	puppets_ask("RCPT", "i.2", "b@example.net");
	assert_int_equal(puppets.settled[RELEASED], 0); /* settled once only */
	assert_int_equal(engine_counts(puppets.engine)->committed, 1);
	assert_int_equal(count_of(CHARGING)->committed, 1);
	assert_int_equal(count_of(CHARGING)->released, 0);
}

/* What two checks charged, each is told of by itself. */
static void
each_check_is_told_once(void)
{
	unsigned at;

	puppets_policy(THE_LAST, MODE_ENFORCE, FAILURE_ACCEPT);
	for (int i = 0; i < 2; i++) {
		at = puppets.asked;
		puppets_ask(
		    "RCPT", "i.1", i ? "c@example.net" : "b@example.net");
		for (unsigned n = at; n < at + 4; n++)
			puppets_answer(n, 0);
	}
	puppets.answered = puppets.asked;
	engine_leave(puppets.engine, &puppets.session);
	assert_int_equal(puppets.settled[RELEASED], 4);
	assert_int_equal(puppets.settlements, 2);
	assert_int_equal(count_of(CHARGING)->released, 1);
	assert_int_equal(count_of(LAST)->released, 1);
}

/* A refused request's own, and not yet those of the transaction. */
static void
refused_alone(void)
{
	accept_one("i.1", "b@example.net");
	puppets_policy(THE_LAST, MODE_ENFORCE, FAILURE_ACCEPT);
	puppets_ask("RCPT", "i.1", "c@example.net");
	puppets_answer(3, 0);
	puppets_answer(4, 0);
	puppets_answer(6, 1); /* the last refuses, */
	puppets_answer(5, 0); /* when the one before it has charged */
	assert_true(puppets.got.refused);
	assert_int_equal(puppets.settled[REFUSED], 2);
	assert_int_equal(puppets.settled[RELEASED], 0);
	assert_int_equal(count_of(CHARGING)->released, 0);
	puppets.answered = puppets.asked - 2;
	engine_leave(puppets.engine, &puppets.session);
	assert_int_equal(puppets.settled[RELEASED], 1);
}

static void
told_of_repeats(void)
{
	accept_one("i.1", "b@example.net");
	engine_leave(puppets.engine, &puppets.session);
	assert_false(puppets.repeated);
	puppets_answer(3, 0);
	accept_one("i.2", "b@example.net");
	puppets_ask("RCPT", "i.2", "b@example.net");
	assert_true(puppets.got.repeated);
	engine_leave(puppets.engine, &puppets.session);
	assert_true(puppets.repeated);
}

static void
released_by_new_instance(void)
{
	accept_one("i.1", "b@example.net");
	puppets_policy(MOST, MODE_OFF, FAILURE_ACCEPT);
	puppets_ask("RCPT", "i.2", "b@example.net");
	assert_int_equal(puppets.settled[RELEASED], 1);
	assert_string_equal(puppets_word(puppets.asked - 1, 0), "back three");
}

static const struct anew_row {
	const char *name, *stage;
	unsigned released;
} anew_rows[] = {
	{ "so does MAIL, which has no instance yet", "MAIL", 1 },
	{ "so does HELO", "EHLO", 1 },
	{ "so does the next client on the connection", "CONNECT", 1 },
	{ "VRFY gives nothing back", "VRFY", 0 },
};

static void
without_instance(void **state)
{
	const struct anew_row *row = *state;

	accept_one("i.1", "b@example.net");
	puppets_policy(MOST, MODE_OFF, FAILURE_ACCEPT);
	puppets_ask(row->stage, "", "");
	assert_int_equal(puppets.settled[RELEASED], row->released);
}

/* An instance has some 30 bytes; what is longer was not made by Postfix. */
static void
no_name_for_a_transaction(void)
{
	char instance[301];

	memset(instance, 'i', sizeof(instance) - 1);
	instance[sizeof(instance) - 1] = '\0';
	accept_one(instance, "b@example.net");
	assert_int_equal(puppets.settled[RELEASED], 1);
	puppets.answered = puppets.asked - 1; /* not that of settle() */
}

static void
released_by_leaving(void)
{
	accept_one("i.1", "b@example.net");
	engine_leave(puppets.engine, &puppets.session);
	assert_int_equal(puppets.settled[RELEASED], 1);
}

static void
two_connections_one_transaction(void)
{
	struct session other = { 0 };

	accept_one("i.1", "b@example.net");
	puppets_policy(MOST, MODE_OFF, FAILURE_ACCEPT);
	puppets_ask_as(&other, "DATA", "i.1", "");
	engine_leave(puppets.engine, &puppets.session);
	assert_int_equal(puppets.settled[RELEASED], 0);
	engine_leave(puppets.engine, &other);
	assert_int_equal(puppets.settled[RELEASED], 1);
}

static void
refused_costs_nothing(void)
{
	puppets_policy(THE_LAST, MODE_ENFORCE, FAILURE_ACCEPT);
	puppets_rcpt();
	puppets_answer(0, 0);
	puppets_answer(1, 0);
	assert_int_equal(puppets.asked, 4);
	puppets_answer(3, 0); /* the last has charged */
	puppets_answer(2, 1); /* the one before it refuses */
	assert_true(puppets.got.refused);
	assert_int_equal(puppets.settled[REFUSED], 2);
	assert_int_equal(puppets.settlements, 2);
}

static void
count_event(void *count, const struct request *r, const struct check *c,
    const struct verdict *v, enum mode mode)
{
	assert_string_equal(v->event, "near");
	assert_string_equal(r->recipient, "b@example.net");
	assert_string_equal(c->name, "last");
	assert_int_equal(mode, MODE_ENFORCE);
	++*(unsigned *)count;
}

/* Who counts for all says only once that somebody should hear of it. */
static void
event_beside_refusal(void)
{
	unsigned events = 0;

	engine_watch(puppets.engine, count_event, &events);
	puppets.plans[3].event = "near";
	puppets_policy(THE_LAST, MODE_ENFORCE, FAILURE_ACCEPT);
	puppets_rcpt();
	puppets_answer(0, 0);
	puppets_answer(1, 0);
	puppets_answer(2, 1); /* the one before it refuses */
	assert_true(puppets.got.refused);
	puppets_answer(3, 0);
	assert_int_equal(events, 1);
}

static void
event_after_the_deadline(void)
{
	unsigned events = 0;

	engine_watch(puppets.engine, count_event, &events);
	puppets.plans[3].event = "near";
	puppets_policy(THE_LAST, MODE_ENFORCE, FAILURE_ACCEPT);
	puppets_rcpt();
	puppets_answer(0, 0);
	puppets_answer(1, 0);
	puppets_answer(2, 0);
	clock_turn(puppets.clock, 5000);
	assert_int_equal(puppets.replies, 1);
	assert_int_equal(events, 0);
	puppets_answer(3, 0);
	assert_int_equal(events, 1);
}

static void
late_charge_goes_back(void)
{
	puppets_policy(MOST, MODE_ENFORCE, FAILURE_DEFER);
	puppets_rcpt();
	puppets_answer(0, 0);
	puppets_answer(1, 0);
	clock_turn(puppets.clock, 5000);
	assert_true(puppets.got.refused);
	assert_int_equal(puppets.settled[REFUSED], 0);
	puppets_answer(2, 0); /* it did run */
	assert_int_equal(puppets.settled[REFUSED], 1);
}

static void
charged_once_at_the_deadline(void)
{
	puppets_policy(THE_LAST, MODE_ENFORCE, FAILURE_DEFER);
	puppets_rcpt();
	puppets_answer(0, 0);
	puppets_answer(1, 0);
	puppets_answer(3, 0); /* charged in time, judged at the deadline */
	clock_turn(puppets.clock, 5000);
	assert_false(puppets.got.refused);
	puppets_answer(2, 0); /* charged, and known only now */
	engine_leave(puppets.engine, &puppets.session);
	assert_int_equal(puppets.settled[RELEASED], 2);
}

static void
charged_and_left_before_all_is_known(void)
{
	puppets_policy(THE_LAST, MODE_ENFORCE, FAILURE_ACCEPT);
	puppets_rcpt();
	puppets_answer(0, 0);
	puppets_answer(1, 0);
	puppets_answer(2, 0); /* has charged; the last one is still open */
	engine_leave(puppets.engine, &puppets.session);
	assert_int_equal(puppets.settled[RELEASED], 0);
	puppets_answer(3, 0);
	assert_int_equal(puppets.settled[RELEASED], 2);
	assert_string_equal(puppets_word(puppets.asked - 2, 0), "back three");
	assert_string_equal(puppets_word(puppets.asked - 1, 0), "back four");
}

static void
refused_at_the_end(void)
{
	accept_one("i.1", "b@example.net");
	puppets_ask("END-OF-MESSAGE", "i.1", "b@example.net");
	puppets_answer(puppets.asked - 2, 1);
	assert_true(puppets.got.refused);
	assert_int_equal(puppets.settled[RELEASED], 1);
	assert_int_equal(puppets.settled[COMMITTED], 0);
	puppets_answer(puppets.asked - 2, 0);
	puppets.answered = puppets.asked - 1;
}

static const struct act acts[] = {
	{ "charges are settled at END-OF-MESSAGE, once", committed },
	{ "each check is told once of all that it charged",
	    each_check_is_told_once },
	{ "and whether something was asked again", told_of_repeats },
	{ "a new instance gives them back", released_by_new_instance },
	{ "with an instance over 256 bytes they go back at once",
	    no_name_for_a_transaction },
	{ "so does a closed connection", released_by_leaving },
	{ "a transaction over two connections ends with the last",
	    two_connections_one_transaction },
	{ "what was charged beside a refusal goes back at once",
	    refused_costs_nothing },
	{ "what is charged beside a refusal may be an event, too",
	    event_beside_refusal },
	{ "so may what is charged after the deadline",
	    event_after_the_deadline },
	{ "what the requests before it charged does not", refused_alone },
	{ "a charge that comes after the refusal goes back",
	    late_charge_goes_back },
	{ "what was charged in time is charged once at the deadline",
	    charged_once_at_the_deadline },
	{ "a charge is given back when its client left before the reply",
	    charged_and_left_before_all_is_known },
	{ "a message refused at its end gives all back", refused_at_the_end },
};

int
main(void)
{
	static struct suite s;

	SUITE_ACTS(&s, acts);
	SUITE_SCENES(
	    &s, anew_rows, without_instance, puppets_begin, puppets_end);
	return suite_run(&s, "settle");
}
