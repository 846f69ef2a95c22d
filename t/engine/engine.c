/*
 * The engine's door: asking again, leaving, another configuration, explain.
 */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "kit/puppets.h"

static struct {
	unsigned count, judged, refusals;
	bool refused;
} explained;

static void
take_findings(void *data, const struct request *r, const struct decision *d,
    const struct finding *findings, size_t count)
{
	(void)data;
	assert_true(r->dry);
	explained.refused = d->refused;
	explained.count = (unsigned)count;
	for (size_t i = 0; i < count; i++) {
		explained.judged += findings[i].judged;
		explained.refusals += findings[i].judged &&
		    findings[i].verdict.kind == VERDICT_REFUSE;
	}
}

static void
repeated(void)
{
	puppets_rcpt();
	puppets_answer(0, 1);
	puppets_answer(1, 0);
	clock_turn(puppets.clock, 5000);
	puppets_rcpt();
	assert_int_equal(puppets.replies, 2);
	assert_true(puppets.got.repeated);
	assert_true(puppets.got.refused);
	assert_int_equal(puppets.asked, 2);
	puppets_ask("RCPT", "i.1", "c@example.net");
	assert_int_equal(puppets.asked, 4); /* another recipient is judged */
	puppets_answer(2, 1);
	puppets_answer(3, 0);
	clock_turn(puppets.clock, 6000);
	puppets_ask("RCPT", "i.1", "c@example.net");
	assert_int_equal(puppets.asked, 6); /* so is one after a while */
}

static const struct other_row {
	const char *name, *attribute, *value;
} other_rows[] = {
	{ "asked at another stage it is another request", "protocol_state",
	    "DATA" },
	{ "so it is from another sender", "sender", "other@example.org" },
	{ "so it is to another recipient", "recipient", "other@example.net" },
	{ "so it is to more recipients", "recipient_count", "2" },
	{ "so it is of another size", "size", "12345" },
	{ "so it is in another context", "policy_context", "submission" },
};

/* Of an attribute that comes twice, the first counts. */
static struct request *
request_with(const char *attribute, const char *value)
{
	static const char *const usual[][2] = {
		{ "protocol_state", "RCPT" },
		{ "client_address", "192.0.2.1" },
		{ "client_port", "40025" },
		{ "sender", "a@example.org" },
		{ "recipient", "b@example.net" },
		{ "instance", "i.1" },
	};
	struct request *r = request_new(arena_new());

	puppets_set(r, attribute, value);
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		puppets_set(r, usual[i][0], usual[i][1]);
	return r;
}

static void
another(void **state)
{
	const struct other_row *row = *state;

	puppets_rcpt();
	puppets_answer(0, 1);
	engine_ask(puppets.engine, &puppets.session,
	    request_with(row->attribute, row->value), puppets_heard, NULL);
	assert_int_equal(puppets.replies, 1);
	assert_int_equal(puppets.asked, 4);
}

static void
leaving_in_work(void)
{
	puppets_rcpt();
	engine_leave(puppets.engine, &puppets.session);
	puppets_answer(0, 1);
	puppets_answer(1, 1);
	assert_int_equal(puppets.replies, 0);
	assert_int_equal(engine_in_work(puppets.engine), 0);
}

static void
reload_keeps_requests(void)
{
	struct conf *fresh;

	puppets_rcpt();
	fresh = conf_parse(
	    "greylist { mode = off }\n", "fresh", puppets_complain, NULL);
	engine_configure(puppets.engine, fresh, &puppets.store);
	conf_unref(fresh);
	puppets_answer(0, 1); /* judged by the configuration it began with */
	assert_true(puppets.got.refused);
}

static void
explaining(void)
{
	memset(&explained, 0, sizeof(explained));
	engine_explain(puppets.engine,
	    puppets_request("RCPT", "i.1", "b@example.net"), take_findings,
	    NULL);
	puppets_answer(0, 1);
	puppets_answer(1, 1);
	assert_int_equal(puppets.asked, 3); /* every tier is looked at */
	assert_true(puppets.questions[2]->read_only);
	puppets_answer(2, 0);
	assert_int_equal(explained.count, 4);
	assert_int_equal(explained.judged, 3); /* one is off */
	assert_int_equal(explained.refusals, 2);
	assert_true(explained.refused);
	assert_int_equal(puppets.settled[RELEASED], 0);
	assert_int_equal(engine_check_counts(puppets.engine, 0)->refused, 0);
}

static const struct act acts[] = {
	{ "the same request right behind is answered the same and not judged",
	    repeated },
	{ "a request whose client left is judged in silence", leaving_in_work },
	{ "a request ends with the configuration it began with",
	    reload_keeps_requests },
	{ "explain looks at every check and writes nothing", explaining },
};

int
main(void)
{
	static struct suite s;

	SUITE_ACTS(&s, acts);
	SUITE_SCENES(&s, other_rows, another, puppets_begin, puppets_end);
	return suite_run(&s, "engine");
}
