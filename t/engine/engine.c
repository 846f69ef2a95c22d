/*
 * The engine's door: asking again, leaving, another configuration, explain.
 */
#include <string.h>

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
	return suite_run(&s, "engine");
}
