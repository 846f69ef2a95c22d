/*
 * How sessions are counted, and what becomes of one too many.
 */
#include "checks/checks.h"

#include "kit/judged.h"
#include "kit/suite.h"

enum { NOW = JUDGED_NOW };

static struct judged *
begin(int64_t server, int64_t address, int64_t rate)
{
	struct judged *s = judged_begin();

	s->set.connections.policy.mode = MODE_ENFORCE;
	s->set.connections.server = server;
	s->set.connections.address = address;
	s->set.connections.rate = (struct rate){ rate, 60 };
	return s;
}

struct row {
	const char *name;
	int64_t address, rate; /* limits */
	struct register_load load;
	const char *says;
};

static const struct row rows[] = {
	{ "a first session passes", 10, 200,
	    { .open = 1, .rate = 1, .taken = true }, "pass" },
	{ "so does the last that may be", 10, 200,
	    { .open = 10, .rate = 200, .taken = true }, "pass" },
	{ "one too many of an address is told that it is busy", 10, 200,
	    { .open = 10, .rate = 11 },
	    "refuse busy limit=address count=10 most=10" },
	{ "without a limit none is too many", 0, 200,
	    { .open = 10000, .rate = 11 }, "pass" },
	{ "one too many a minute is told so too", 10, 200,
	    { .open = 3, .rate = 201 },
	    "refuse busy limit=rate count=201 most=200" },
	{ "without a rate none is too many", 10, 0,
	    { .open = 3, .rate = 100000, .taken = true }, "pass" },
	{ "who is struck for it sees how long", 0, 200,
	    { .open = 3,
		.rate = 201,
		.flood = true,
		.ban_until = NOW + 900,
		.level = 1 },
	    "refuse busy limit=rate count=201 most=200 until=1732191300 "
	    "wait=900 level=1" },
	{ "and at the end of the ladder that it is for good", 0, 200,
	    { .rate = 201, .flood = true, .ban_until = FOREVER, .level = 4 },
	    "refuse busy limit=rate count=201 most=200 until=permanent "
	    "level=4" },
};

static void
load_means(void **state)
{
	const struct row *row = *state;
	struct judged *s = begin(0, row->address, row->rate);

	s->load = row->load;
	judged_ask(s, &check_connections);
	judged_answered(s);
	assert_string_equal(judged_says(s, &check_connections), row->says);
	judged_end(s);
}

struct question_row {
	const char *name;
	const char *client, *client_port, *server, *server_port;
	const char *asked; /* NULL: nothing */
};

static const struct question_row question_rows[] = {
	{ "a session is named by both ends of its connection", "192.0.2.7",
	    "40000", "192.0.2.25", "25",
	    "connect 192.0.2.7 192.0.2.7/40000@192.0.2.25/25" },
	{ "an IPv6 client counts as its /64, its session as itself",
	    "2001:db8::7", "40000", "2001:db8::25", "25",
	    "connect 2001:db8::/64 2001:db8::7/40000@2001:db8::25/25" },
	{ "Postfix before 3.2 tells no server", "192.0.2.7", "40000", "", "",
	    "connect 192.0.2.7 192.0.2.7/40000@/0" },
	{ "without a port nobody knows which session it is", "192.0.2.7", "",
	    "192.0.2.25", "25", NULL },
	{ "port 0 is none", "192.0.2.7", "0", "192.0.2.25", "25", NULL },
	{ "without an address neither", "unknown", "40000", "192.0.2.25", "25",
	    NULL },
	{ "the loopback is not counted", "127.0.0.1", "40000", "127.0.0.1",
	    "25", NULL },
};

static void
question_is(void **state)
{
	const struct question_row *row = *state;
	struct judged *s = begin(32, 10, 200);

	s->req.client_address = row->client;
	s->req.client_port = row->client_port;
	s->req.server_address = row->server;
	s->req.server_port = row->server_port;
	address_parse(&s->req.client, row->client);
	judged_ask(s, &check_connections);
	if (row->asked) {
		assert_string_equal(s->asked, row->asked);
		assert_null(s->asked_once);
	} else {
		assert_null(s->asked);
		assert_string_equal(judged_says(s, &check_connections), "pass");
		assert_null(s->charged);
	}
	judged_end(s);
}

static void
a_lease_is_given_back_when_the_session_is_over(void **state)
{
	struct judged *s = begin(32, 10, 200);

	(void)state;
	s->load = (struct register_load){ .open = 1, .taken = true };
	judged_ask(s, &check_connections);
	judged_answered(s);
	judged_says(s, &check_connections);
	assert_non_null(s->charged);
	assert_string_equal(judged_settles(s, &check_connections),
	    "disconnect 192.0.2.7 192.0.2.7/40000@192.0.2.25/25");
	judged_end(s);
}

static void
who_took_none_gives_none_back(void **state)
{
	struct judged *s = begin(32, 10, 200);

	(void)state;
	s->load = (struct register_load){ .open = 10 };
	judged_ask(s, &check_connections);
	judged_answered(s);
	judged_says(s, &check_connections);
	assert_non_null(s->charged);
	assert_null(judged_settles(s, &check_connections));
	judged_end(s);
}

static void
a_session_is_counted_once(void **state)
{
	struct judged *s = begin(32, 10, 200);

	(void)state;
	s->load = (struct register_load){ .open = 1, .taken = true };
	judged_ask(s, &check_connections);
	judged_answered(s);
	judged_says(s, &check_connections);
	s->asked = NULL;
	s->answers[0] = (struct answer){ .state = UNASKED };
	s->served = 32;
	judged_ask(s, &check_connections);
	assert_null(s->asked);
	assert_string_equal(judged_says(s, &check_connections), "pass");
	judged_end(s);
}

static void
a_refused_session_stays_refused(void **state)
{
	static const char says[] = "refuse busy limit=address count=10 most=10";
	struct judged *s = begin(32, 10, 200);

	(void)state;
	s->load = (struct register_load){ .open = 10 };
	judged_ask(s, &check_connections);
	judged_answered(s);
	assert_string_equal(judged_says(s, &check_connections), says);
	s->answers[0] = (struct answer){ .state = UNASKED };
	s->load = (struct register_load){ .open = 1, .taken = true };
	judged_ask(s, &check_connections);
	assert_int_equal(s->asks, 1);
	assert_string_equal(judged_says(s, &check_connections), says);
	judged_end(s);
}

static void
a_full_server_counts_who_comes_and_gives_no_lease(void **state)
{
	struct judged *s = begin(32, 10, 200);

	(void)state;
	s->served = 32;
	s->load = (struct register_load){ .rate = 1 };
	judged_ask(s, &check_connections);
	assert_string_equal(s->asked, "connect 192.0.2.7 ");
	judged_answered(s);
	assert_string_equal(judged_says(s, &check_connections),
	    "refuse busy limit=server count=32 most=32");
	assert_null(judged_settles(s, &check_connections));
	judged_end(s);
}

static void
who_got_a_lease_before_the_server_was_full_passes(void **state)
{
	struct judged *s = begin(32, 10, 200);

	(void)state;
	s->load = (struct register_load){ .open = 1, .rate = 1, .taken = true };
	judged_ask(s, &check_connections);
	judged_answered(s);
	s->served = 32;
	assert_string_equal(judged_says(s, &check_connections), "pass");
	judged_end(s);
}

static void
a_server_that_is_nearly_full_takes_one_more(void **state)
{
	struct judged *s = begin(32, 10, 200);

	(void)state;
	s->served = 31;
	judged_ask(s, &check_connections);
	assert_string_equal(
	    s->asked, "connect 192.0.2.7 192.0.2.7/40000@192.0.2.25/25");
	judged_end(s);
}

static void
server_0_is_never_full(void **state)
{
	struct judged *s = begin(0, 10, 200);

	(void)state;
	s->served = 1000000;
	s->load = (struct register_load){ .open = 9, .rate = 9 };
	judged_ask(s, &check_connections);
	judged_answered(s);
	assert_string_equal(judged_says(s, &check_connections), "pass");
	judged_end(s);
}

static void
a_ban_by_the_counting_goes_to_the_index_of_bans(void **state)
{
	struct judged *s = begin(0, 10, 200);

	(void)state;
	s->load = (struct register_load){
		.rate = 201, .flood = true, .ban_until = NOW + 900, .level = 1
	};
	judged_ask(s, &check_connections);
	judged_answered(s);
	s->asked = NULL;
	judged_ask(s, &check_connections);
	assert_string_equal(s->asked, "index 192.0.2.7 1732191300");
	judged_lost(s, LOSS_TIMEOUT); /* which changes nothing */
	assert_string_equal(judged_says(s, &check_connections),
	    "refuse busy limit=rate count=201 most=200 until=1732191300 "
	    "wait=900 level=1");
	judged_end(s);
}

static void
a_lost_answer_charges_nothing_so_that_the_next_request_asks_again(void **state)
{
	struct judged *s = begin(32, 10, 200);

	(void)state;
	judged_ask(s, &check_connections);
	judged_lost(s, LOSS_DOWN);
	assert_string_equal(judged_says(s, &check_connections), "unknown down");
	assert_null(s->charged);
	judged_end(s);
}

static void
a_dry_run_looks_and_keeps_nothing(void **state)
{
	struct judged *s = begin(32, 10, 200);

	(void)state;
	s->req.dry = true;
	s->req.client_port = "";
	s->served = 32; /* of another process */
	s->load = (struct register_load){ .open = 10, .rate = 12 };
	judged_ask(s, &check_connections);
	assert_int_equal(s->asks, 1);
	judged_answered(s);
	assert_string_equal(judged_says(s, &check_connections),
	    "refuse busy limit=address count=10 most=10");
	assert_null(s->charged);
	judged_end(s);
}

static void
it_counts_strangers_that_are_not_allowed_from_the_first_stage_on(void **state)
{
	(void)state;
	assert_int_equal(check_connections.stages, AT_ANY);
	assert_int_equal(check_connections.classes, INBOUND);
	assert_int_equal(check_connections.tier, TIER_COUNTERS);
	assert_int_equal(
	    check_connections.flags, SKIPS_ALLOWED | CHARGES_VISITS);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, load_means);
	SUITE_ROWS(&s, question_rows, question_is);
	SUITE_TEST(&s, a_lease_is_given_back_when_the_session_is_over);
	SUITE_TEST(&s, who_took_none_gives_none_back);
	SUITE_TEST(&s, a_session_is_counted_once);
	SUITE_TEST(&s, a_refused_session_stays_refused);
	SUITE_TEST(&s, a_full_server_counts_who_comes_and_gives_no_lease);
	SUITE_TEST(&s, who_got_a_lease_before_the_server_was_full_passes);
	SUITE_TEST(&s, a_server_that_is_nearly_full_takes_one_more);
	SUITE_TEST(&s, server_0_is_never_full);
	SUITE_TEST(&s, a_ban_by_the_counting_goes_to_the_index_of_bans);
	SUITE_TEST(&s,
	    a_lost_answer_charges_nothing_so_that_the_next_request_asks_again);
	SUITE_TEST(&s, a_dry_run_looks_and_keeps_nothing);
	SUITE_TEST(&s,
	    it_counts_strangers_that_are_not_allowed_from_the_first_stage_on);
	return suite_run(&s, "connections");
}
