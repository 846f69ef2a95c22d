/*
 * A request walks the tiers: who is asked, whose verdict counts, and what
 * becomes of it without an answer.
 */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "kit/puppets.h"

static const struct loss_row {
	const char *name;
	enum loss loss;
	enum on_failure on_failure;
	const char *text; /* NULL: passes */
} loss_rows[] = {
	{ "a timeout passes when accept is chosen", LOSS_TIMEOUT,
	    FAILURE_ACCEPT, NULL },
	{ "a timeout is the store's absence", LOSS_TIMEOUT, FAILURE_DEFER,
	    "Temporary server error. Please try again later." },
	{ "so is an open breaker", LOSS_DOWN, FAILURE_DEFER,
	    "Temporary server error. Please try again later." },
	{ "a script's error is ours", LOSS_SCRIPT, FAILURE_DEFER,
	    "Requested action aborted: error in processing" },
	{ "so is a value of another type", LOSS_WRONG_TYPE, FAILURE_DEFER,
	    "Requested action aborted: error in processing" },
};

static void
becomes(void **state)
{
	const struct loss_row *row = *state;

	puppets_policy(MOST, MODE_ENFORCE, row->on_failure);
	puppets_rcpt();
	puppets_lose(0, row->loss);
	puppets_lose(1, row->loss);
	if (!row->text)
		puppets_lose(2, row->loss);
	assert_int_equal(puppets.replies, 1);
	assert_int_equal(puppets.got.refused, row->text != NULL);
	if (row->text) {
		assert_int_equal(puppets.got.code, 451);
		assert_string_equal(puppets.got.enhanced, "4.3.0");
		assert_string_equal(puppets.got.text, row->text);
	}
}

static void
no_check_applies(void)
{
	puppets_ask("VRFY", "", "b@example.net");
	assert_int_equal(puppets.replies, 1);
	assert_false(puppets.got.refused);
	assert_int_equal(puppets.asked, 0);
}

static void
all_pass(void)
{
	puppets_rcpt();
	assert_int_equal(puppets.asked, 2); /* both registers at once */
	puppets_answer(0, 0);
	assert_int_equal(puppets.replies, 0);
	puppets_answer(1, 0);
	assert_int_equal(puppets.asked, 3); /* then the counter */
	puppets_answer(2, 0);
	assert_int_equal(puppets.replies, 1);
	assert_false(puppets.got.refused);
}

static void
table_order_wins(void)
{
	puppets_rcpt();
	puppets_answer(1, 1);
	assert_int_equal(puppets.replies, 0); /* the first may still speak */
	puppets_answer(0, 1);
	assert_string_equal(puppets.got.check, "first");
	assert_int_equal(puppets.got.code, 451);
	assert_string_equal(puppets.got.enhanced, "4.7.1");
}

static void
refusal_need_not_wait(void)
{
	puppets_rcpt();
	puppets_answer(0, 1);
	assert_int_equal(puppets.replies, 1);
	puppets_answer(1, 1); /* cannot matter any more */
	assert_int_equal(puppets.replies, 1);
}

static void
refusal_stops_later_tiers(void)
{
	puppets_rcpt();
	puppets_answer(1, 1);
	puppets_answer(0, 0);
	assert_true(puppets.got.refused);
	assert_int_equal(puppets.asked, 2);
}

/* Whoever wants to hear of refusals does, though its own tier was not asked. */
static void
refusal_is_heard_of(void)
{
	puppets.hears = true;
	puppets_policy(THE_LAST, MODE_ENFORCE, FAILURE_ACCEPT);
	puppets_rcpt();
	puppets_answer(0, 1);
	assert_string_equal(puppets_word(2, 0), "first refused b@example.net");
	puppets_rcpt(); /* the same, said again */
	assert_int_equal(puppets.asked, 3);
}

static void
own_refusal_is_heard_of(void)
{
	puppets.hears = true;
	puppets_policy(THE_LAST, MODE_ENFORCE, FAILURE_ACCEPT);
	puppets_rcpt();
	puppets_answer(0, 0);
	puppets_answer(1, 0);
	puppets_answer(2, 0);
	puppets_answer(3, 1);
	assert_string_equal(puppets_word(4, 0), "last refused b@example.net");
}

static const struct unheard_row {
	const char *name;
	enum mode mode; /* of who would hear */
	enum mode others;
	bool lost, dry;
	const char *stage;
} unheard_rows[] = {
	{ "who is off hears of no refusal", MODE_OFF, MODE_ENFORCE, false,
	    false, "RCPT" },
	{ "nobody hears of one that is only observed", MODE_ENFORCE,
	    MODE_OBSERVE, false, false, "RCPT" },
	{ "nor of one for the want of an answer", MODE_ENFORCE, MODE_ENFORCE,
	    true, false, "RCPT" },
	{ "nor of one in a dry run", MODE_ENFORCE, MODE_ENFORCE, false, true,
	    "RCPT" },
	{ "nor of one that names no recipient", MODE_ENFORCE, MODE_ENFORCE,
	    false, false, "MAIL" },
};

static void
unheard(void **state)
{
	const struct unheard_row *row = *state;
	struct request *r = puppets_request(row->stage, "i.1", "b@example.net");

	puppets.hears = true;
	puppets_policy(THE_LAST, row->mode, FAILURE_ACCEPT);
	puppets_policy(MOST, row->others, FAILURE_DEFER);
	if (row->dry)
		engine_explain(puppets.engine, r, puppets_explained, NULL);
	else
		engine_ask(
		    puppets.engine, &puppets.session, r, puppets_heard, NULL);
	if (row->lost)
		puppets_lose(0, LOSS_DOWN);
	else
		puppets_answer(0, 1);
	for (unsigned i = 1; i < puppets.asked; i++) {
		assert_null(strstr(puppets_word(i, 0), "refused"));
		puppets_answer(i, 0);
	}
	puppets.answered = puppets.asked;
}

static void
exempt_stops_later_tiers(void)
{
	puppets_rcpt();
	puppets_answer(1, 0);
	puppets_answer(0, 2);
	assert_int_equal(puppets.replies, 1);
	assert_false(puppets.got.refused);
	assert_int_equal(puppets.asked, 2);
}

static void
observe_never_refuses(void)
{
	puppets_policy(MOST, MODE_OBSERVE, FAILURE_DEFER);
	puppets_rcpt();
	puppets_answer(0, 1);
	puppets_lose(1, LOSS_DOWN);
	puppets_answer(2, 1);
	assert_int_equal(puppets.replies, 1);
	assert_false(puppets.got.refused);
	assert_int_equal(
	    engine_check_counts(puppets.engine, 0)->observed[VERDICT_REFUSE],
	    1);
	assert_int_equal(
	    engine_check_counts(puppets.engine, 0)->verdicts[VERDICT_REFUSE],
	    0);
}

static void
off_is_not_asked(void)
{
	puppets_policy(MOST, MODE_OFF, FAILURE_ACCEPT);
	puppets_rcpt();
	assert_int_equal(puppets.asked, 0);
	assert_int_equal(puppets.replies, 1);
}

static void
trusted_and_authenticated(void)
{
	struct request *r;

	r = puppets_request("RCPT", "i.1", "b@example.net");
	puppets_set(r, "sasl_username", "b@example.net");
	engine_ask(puppets.engine, &puppets.session, r, puppets_heard, NULL);
	r = request_new(arena_new());
	puppets_set(r, "protocol_state", "RCPT");
	puppets_set(r, "client_address", "198.51.100.7");
	engine_ask(puppets.engine, &puppets.session, r, puppets_heard, NULL);
	assert_int_equal(puppets.replies, 2);
	assert_int_equal(puppets.asked, 0);
	assert_int_equal(engine_counts(puppets.engine)->by_class[1], 1);
	assert_int_equal(engine_counts(puppets.engine)->by_class[2], 1);
}

static void
allowed_skips_marked_checks(void)
{
	struct request *r = request_new(arena_new());

	puppets_set(r, "protocol_state", "RCPT");
	puppets_set(r, "client_address", "192.0.2.66");
	engine_ask(puppets.engine, &puppets.session, r, puppets_heard, NULL);
	assert_int_equal(puppets.asked, 1);
	assert_string_equal(puppets_word(0, 0), "one");
}

static void
deadline(void)
{
	puppets_rcpt();
	puppets_answer(0, 0);
	clock_turn(puppets.clock, 4999);
	assert_int_equal(puppets.replies, 0);
	clock_turn(puppets.clock, 1);
	assert_int_equal(puppets.replies, 1);
	assert_false(puppets.got.refused);
	assert_int_equal(puppets.asked, 2); /* nothing more was asked */
	assert_int_equal(puppets.plans[2].judged, 1); /* without an answer */
	assert_int_equal(engine_counts(puppets.engine)->late, 1);
	puppets_answer(1, 1); /* too late to matter */
	assert_int_equal(puppets.replies, 1);
}

static void
deadlines_in_turn(void)
{
	struct session other = { 0 }, third = { 0 };

	puppets_rcpt();
	clock_turn(puppets.clock, 1000);
	puppets_ask_as(&other, "RCPT", "i.2", "b@example.net");
	clock_turn(puppets.clock, 1000);
	puppets_ask_as(&third, "RCPT", "i.3", "b@example.net");
	engine_leave(puppets.engine, &other);
	clock_turn(puppets.clock, 2999);
	assert_int_equal(engine_counts(puppets.engine)->late, 0);
	clock_turn(puppets.clock, 1);
	assert_int_equal(engine_counts(puppets.engine)->late, 1);
	clock_turn(puppets.clock, 999);
	assert_int_equal(engine_counts(puppets.engine)->late, 1);
	clock_turn(puppets.clock, 1);
	assert_int_equal(engine_counts(puppets.engine)->late, 2);
	clock_turn(puppets.clock, 1000);
	assert_int_equal(engine_counts(puppets.engine)->late, 3);
	assert_int_equal(clock_next(puppets.clock), -1);
	engine_leave(puppets.engine, &third);
}

static void
shorter_deadline(void)
{
	const int64_t before = puppets.conf->deadline_ms;
	struct session other = { 0 };

	puppets_rcpt();
	puppets.conf->deadline_ms = 1000; /* a reload has shortened it */
	puppets_ask_as(&other, "RCPT", "i.2", "b@example.net");
	clock_turn(puppets.clock, 1000);
	assert_int_equal(engine_counts(puppets.engine)->late, 1);
	clock_turn(puppets.clock, (uint64_t)before - 1000);
	assert_int_equal(engine_counts(puppets.engine)->late, 2);
	assert_int_equal(clock_next(puppets.clock), -1);
	engine_leave(puppets.engine, &other);
}

static void
deadline_defers(void)
{
	puppets_policy(MOST, MODE_ENFORCE, FAILURE_DEFER);
	puppets_rcpt();
	clock_turn(puppets.clock, 5000);
	assert_true(puppets.got.refused);
	assert_string_equal(puppets.got.check, "first");
}

static void
late_refusal_in_hand(void)
{
	puppets_rcpt();
	puppets_answer(1, 1); /* refuses, but the first may still exempt */
	clock_turn(puppets.clock, 5000);
	assert_true(puppets.got.refused);
	assert_string_equal(puppets.got.check, "second");
}

static const struct act acts[] = {
	{ "a request no check applies to is answered DUNNO at once",
	    no_check_applies },
	{ "a tier is asked at once, the next when it passed", all_pass },
	{ "the first refusal in table order wins, whichever answer comes first",
	    table_order_wins },
	{ "a refusal does not wait for checks behind it",
	    refusal_need_not_wait },
	{ "a refusal spares the later tiers", refusal_stops_later_tiers },
	{ "so does an exemption", exempt_stops_later_tiers },
	{ "who wants to hear of a refusal does, once", refusal_is_heard_of },
	{ "and of its own", own_refusal_is_heard_of },
	{ "observe judges and counts and never refuses",
	    observe_never_refuses },
	{ "off is not even asked", off_is_not_asked },
	{ "trusted and authenticated clients meet no inbound check",
	    trusted_and_authenticated },
	{ "an allowed client skips the marked checks only",
	    allowed_skips_marked_checks },
	{ "the deadline answers, and late answers are harmless", deadline },
	{ "each request has a deadline of its own", deadlines_in_turn },
	{ "after a reload the one that is due first is first",
	    shorter_deadline },
	{ "the deadline defers where that is chosen", deadline_defers },
	{ "at the deadline a refusal in hand counts", late_refusal_in_hand },
};

int
main(void)
{
	static struct suite s;

	SUITE_ACTS(&s, acts);
	SUITE_SCENES(&s, loss_rows, becomes, puppets_begin, puppets_end);
	SUITE_SCENES(&s, unheard_rows, unheard, puppets_begin, puppets_end);
	return suite_run(&s, "walk");
}
