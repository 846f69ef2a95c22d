/*
 * What a check keeps for an SMTP session, and when it is told that the session
 * is over: through the theatre, with two checks of our own. `gate` refuses
 * senders that say so; `visitor` counts sessions.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "engine/check.h"
#include "kit/suite.h"
#include "kit/theatre.h"

enum { MOMENT_MS = 10000 };

struct stay {
	unsigned number;
	bool odd;
};

static unsigned charged, settled, last_settled;
static unsigned seen, seen_odd; /* by the last request that was judged */
static const struct stay *found;

static struct verdict
judge_gate(const struct request *req, const struct facts *facts)
{
	(void)facts;
	return strcmp(req->sender, "refused@example.org") == 0
	    ? verdict_refuse(REPLY_BROKEN)
	    : verdict_pass();
}

static bool
any(const void *data)
{
	return data != NULL;
}

static bool
odd(const void *data)
{
	return ((const struct stay *)data)->odd;
}

static struct verdict
judge_visitor(const struct request *req, const struct facts *facts)
{
	struct stay *t;

	seen = visits_charged(facts, MOMENT_MS, any);
	seen_odd = visits_charged(facts, MOMENT_MS, odd);
	found = visit_charged(facts);
	if (found)
		return verdict_pass();
	t = arena_alloc(visit_arena(facts), sizeof(*t));
	t->number = ++charged;
	t->odd = charged % 2 == 1;
	charge_visit(facts, t);
	return strcmp(req->sender, "busy@example.org") == 0
	    ? verdict_refuse(REPLY_AWAY)
	    : verdict_pass();
}

static void
settle(void *const *data, size_t count, const struct ending *end,
    struct questions *qs)
{
	(void)qs;
	assert_int_equal(count, 1);
	assert_int_equal(end->outcome, RELEASED);
	assert_null(end->by);
	settled++;
	last_settled = ((const struct stay *)data[0])->number;
}

enum { POLICY = offsetof(struct settings, greylist.policy) };

static const struct check gate = { "gate", AT_ANY, INBOUND, TIER_LOCAL, 0,
	OF_RECIPIENT, POLICY, NULL, judge_gate, NULL, NULL, NULL };
static const struct check visitor = { "visitor", AT_ANY, INBOUND, TIER_COUNTERS,
	CHARGES_VISITS, OF_RECIPIENT, POLICY, NULL, judge_visitor, settle, NULL,
	NULL };
static const struct check *const table[] = { &gate, &visitor, NULL };

static struct arena *arena;
static struct theatre *theatre;

static int
begin(void **state)
{
	const char *error;

	(void)state;
	charged = settled = last_settled = seen = seen_odd = 0;
	found = NULL;
	arena = arena_new();
	theatre = theatre_open(table, "", "", arena, &error);
	assert_non_null(theatre);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	theatre_close(theatre);
	assert_int_equal(settled, charged);
	arena_release(arena);
	arena_pool_clear();
	return 0;
}

/* A request over the policy connection `wire`, of the client with that port. */
static const char *
ask(const char *wire, const char *stage, const char *port, const char *instance,
    const char *sender)
{
	const char *bytes = arena_printf(arena,
	    "request=smtpd_access_policy\nprotocol_state=%s\nclient_address="
	    "192.0.2.1\nclient_port=%s\n"
	    "instance=%s\nsender=%s\n\n",
	    stage, port, instance, sender);

	found = NULL;
	assert_null(theatre_send(theatre, wire, bytes, strlen(bytes)));
	return theatre_reply(theatre, wire);
}

static void
a_session_is_charged_once_over_all_its_transactions(void **state)
{
	(void)state;
	ask("A", "CONNECT", "40000", "", "");
	ask("A", "MAIL", "40000", "", "a@example.org");
	assert_non_null(found);
	ask("A", "RCPT", "40000", "1.1", "a@example.org");
	ask("A", "END-OF-MESSAGE", "40000", "1.1", "a@example.org");
	ask("A", "RCPT", "40000", "1.2", "b@example.org");
	assert_int_equal(found->number, 1);
	assert_int_equal(charged, 1);
	assert_int_equal(settled, 0);
}

static void
another_port_on_the_same_connection_ends_it(void **state)
{
	(void)state;
	ask("A", "CONNECT", "40000", "", "");
	ask("A", "CONNECT", "40001", "", "");
	assert_int_equal(charged, 2);
	assert_int_equal(settled, 1);
	assert_int_equal(last_settled, 1);
}

/* The check does not apply to him. */
static void
one_who_has_logged_in_ends_the_session_before(void **state)
{
	static const char bytes[] = "request=smtpd_access_policy\n"
				    "protocol_state=RCPT\n"
				    "client_address=192.0.2.2\n"
				    "client_port=40001\n"
				    "sasl_username=eve@example.org\n\n";

	(void)state;
	ask("A", "CONNECT", "40000", "", "");
	assert_null(theatre_send(theatre, "A", bytes, strlen(bytes)));
	assert_int_equal(charged, 1);
	assert_int_equal(settled, 1);
}

static void
a_closed_connection_ends_it(void **state)
{
	(void)state;
	ask("A", "CONNECT", "40000", "", "");
	theatre_leave(theatre, "A");
	assert_int_equal(settled, 1);
}

static void
the_last_of_its_connections_ends_it(void **state)
{
	(void)state;
	ask("A", "CONNECT", "40000", "", "");
	ask("B", "RCPT", "40000", "1.1", "a@example.org");
	assert_non_null(found);
	theatre_leave(theatre, "A");
	assert_int_equal(settled, 0);
	ask("B", "CONNECT", "40001", "", "");
	assert_int_equal(settled, 1);
}

static void
a_refusal_takes_nothing_back(void **state)
{
	(void)state;
	assert_string_not_equal(
	    ask("A", "RCPT", "40000", "1.1", "busy@example.org"),
	    "action=DUNNO");
	assert_int_equal(settled, 0);
	ask("A", "RCPT", "40000", "1.2", "a@example.org");
	assert_non_null(found);
}

static void
who_was_refused_by_another_check_is_charged_by_the_next_request(void **state)
{
	(void)state;
	ask("A", "RCPT", "40000", "1.1", "refused@example.org");
	assert_int_equal(charged, 0);
	ask("A", "RCPT", "40000", "1.2", "a@example.org");
	assert_int_equal(charged, 1);
	assert_null(found);
}

static void
without_a_port_each_request_is_a_session_that_ends_with_it(void **state)
{
	(void)state;
	ask("A", "CONNECT", "", "", "");
	assert_int_equal(settled, 1);
	ask("A", "CONNECT", "0", "", "");
	assert_int_equal(settled, 2);
	assert_int_equal(seen, 0);
}

static void
sessions_are_counted_while_one_hears_of_them(void **state)
{
	(void)state;
	ask("A", "CONNECT", "40000", "", "");
	assert_int_equal(seen, 0);
	theatre_turn(theatre, 6000);
	ask("B", "CONNECT", "40001", "", "");
	assert_int_equal(seen, 1);
	ask("C", "CONNECT", "40002", "", "");
	assert_int_equal(seen, 2);
	theatre_turn(theatre, 6000);
	ask("D", "CONNECT", "40003", "", "");
	assert_int_equal(seen, 2); /* not A, which is silent for 12 s */
	ask("A", "MAIL", "40000", "", "a@example.org");
	assert_int_equal(seen, 4);
	theatre_leave(theatre, "C");
	ask("B", "CONNECT", "40004", "", ""); /* the former is over */
	assert_int_equal(seen, 2);
}

static void
sessions_are_counted_by_what_they_charged(void **state)
{
	(void)state;
	ask("A", "CONNECT", "40000", "", "");
	ask("B", "CONNECT", "40001", "", "");
	ask("C", "CONNECT", "40002", "", "");
	ask("D", "CONNECT", "40003", "", "");
	assert_int_equal(seen, 3);
	assert_int_equal(seen_odd, 2);
}

int
main(void)
{
	static struct suite s;

#define SCENE(test) suite_add_scene(&s, #test, test, begin, end)
	SCENE(a_session_is_charged_once_over_all_its_transactions);
	SCENE(another_port_on_the_same_connection_ends_it);
	SCENE(one_who_has_logged_in_ends_the_session_before);
	SCENE(a_closed_connection_ends_it);
	SCENE(the_last_of_its_connections_ends_it);
	SCENE(a_refusal_takes_nothing_back);
	SCENE(who_was_refused_by_another_check_is_charged_by_the_next_request);
	SCENE(without_a_port_each_request_is_a_session_that_ends_with_it);
	SCENE(sessions_are_counted_while_one_hears_of_them);
	SCENE(sessions_are_counted_by_what_they_charged);
	return suite_run(&s, "visits");
}
