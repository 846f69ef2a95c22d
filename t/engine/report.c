/*
 * What is told: the text of a reply, and the decision line.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "kit/puppets.h"

static const struct text_row {
	const char *name, *template, *expect;
} text_rows[] = {
	{ "a number is written out", "Wait %{wait}.", "Wait 5 minutes." },
	{ "the client's address is known", "%{ip}", "192.0.2.1" },
	{ "so are service and check", "%{service} %{check}",
	    "ESMTP Service first" },
	{ "an unknown name is left out", "a%{nothing}b", "ab" },
	{ "a lone percent sign stays", "100%", "100%" },
};

static void
reads(void **state)
{
	const struct text_row *row = *state;

	puppets.conf->replies[REPLY_GREYLISTED].text = row->template;
	puppets_rcpt();
	puppets_answer(0, 1);
	assert_string_equal(puppets.got.text, row->expect);
}

static char line[5000];

static void
take_line(enum log_level level, const char *text, void *data)
{
	(void)level;
	(void)data;
	snprintf(line, sizeof(line), "%s", text);
}

static void
reply_with_id(void)
{
	char tail[24];

	puppets.conf->reply_ids = true;
	puppets_rcpt();
	puppets_answer(0, 1);
	snprintf(tail, sizeof(tail), " (%s)", puppets.got.id);
	assert_string_equal(
	    puppets.got.text + strlen(puppets.got.text) - strlen(tail), tail);
}

static void
expansion_is_bounded(void)
{
	char template[600] = "";

	for (int i = 0; i < 40; i++)
		strcat(template, "%{service} ");
	puppets.conf->replies[REPLY_GREYLISTED].text = template;
	puppets.conf->reply_ids = true;
	puppets_rcpt();
	puppets_answer(0, 1);
	assert_int_equal(strlen(puppets.got.text), REPLY_TEXT);
	assert_int_equal(puppets.got.text[REPLY_TEXT - 1], ')');
}

static void
what_a_stranger_sends(void)
{
	struct request *r = request_new(arena_new());

	puppets.conf->replies[REPLY_GREYLISTED].text = "From %{ip}.";
	puppets_set(r, "client_address", "1\n2\xff%{id}");
	puppets_set(r, "protocol_state", "RCPT");
	engine_ask(puppets.engine, &puppets.session, r, puppets_heard, NULL);
	puppets_answer(0, 1);
	assert_string_equal(puppets.got.text, "From 1?2?%{id}.");
}

static void
decision_line(void)
{
	struct request *r = request_new(arena_new());

	puppets_set(r, "protocol_state", "RCPT");
	puppets_set(r, "recipient", "b\n\x01@example.net");
	engine_ask(puppets.engine, &puppets.session, r, puppets_heard, NULL);
	puppets_answer(0, 1);
	assert_non_null(strstr(line, " action=451 reply=\"451 4.7.1\""));
	assert_non_null(strstr(line,
	    " check=first mode=enforce "
	    "verdict=refuse wait=300 "));
	assert_non_null(strstr(line, " sender=<> "));
	assert_non_null(
	    strstr(line, " recipient=\"b\\x0a\\x01@example.net\" "));
	assert_null(strchr(line, '\n'));
	assert_null(strstr(line, " late="));
}

static void
the_first_that_objects(void)
{
	puppets_policy(MOST, MODE_OBSERVE, FAILURE_ACCEPT);
	puppets_rcpt();
	puppets_answer(0, 1);
	puppets_answer(1, 0);
	puppets_answer(2, 0);
	assert_non_null(strstr(
	    line, " action=DUNNO check=first mode=observe verdict=refuse "));
	assert_null(strstr(line, " observed="));
}

static void
others_that_observe(void)
{
	puppets_policy(MOST, MODE_OBSERVE, FAILURE_ACCEPT);
	puppets_policy(THE_LAST, MODE_ENFORCE, FAILURE_ACCEPT);
	puppets_rcpt();
	puppets_answer(0, 1);
	puppets_answer(1, 1);
	puppets_answer(2, 0);
	puppets_answer(3, 1);
	assert_non_null(strstr(line, " action=451 "));
	assert_non_null(strstr(line, " check=last mode=enforce "));
	assert_non_null(strstr(line, " observed=first,second stage=RCPT "));
}

static void
one_that_observes_behind_what_is_lost(void)
{
	puppets_policy(MOST, MODE_OBSERVE, FAILURE_ACCEPT);
	puppets_rcpt();
	puppets_lose(0, LOSS_TIMEOUT);
	puppets_answer(1, 1);
	puppets_answer(2, 0);
	assert_non_null(strstr(line,
	    " check=first mode=observe "
	    "verdict=unknown lost=timeout "));
	assert_non_null(strstr(line, " observed=second stage=RCPT "));
}

static void
the_last_that_tells(void)
{
	puppets_rcpt();
	puppets_answer(0, 0);
	puppets_answer(1, 0);
	puppets_answer(2, 0);
	assert_non_null(strstr(
	    line, " action=DUNNO check=charging mode=enforce verdict=pass "));
}

static void
late(void)
{
	puppets_rcpt();
	clock_turn(puppets.clock, 5000);
	assert_non_null(strstr(
	    line, " check=first mode=enforce verdict=unknown lost=timeout "));
	assert_non_null(strstr(line, " late=yes "));
}

static void
login(void)
{
	struct request *r = request_new(arena_new());

	puppets_set(r, "protocol_state", "RCPT");
	puppets_set(r, "sasl_username", "alice@example.com");
	engine_ask(puppets.engine, &puppets.session, r, puppets_heard, NULL);
	assert_non_null(strstr(line, " class=authenticated "));
	assert_non_null(strstr(line, " user=alice@example.com "));
}

/* The newest line of the log is kept. */
static int
begin(void **state)
{
	puppets_begin(state);
	line[0] = '\0';
	log_redirect(take_line, NULL);
	return 0;
}

static int
end(void **state)
{
	log_redirect(NULL, NULL);
	return puppets_end(state);
}

static const struct act acts[] = {
	{ "reply_ids puts the id behind the text", reply_with_id },
	{ "a reply keeps its limit, and its id", expansion_is_bounded },
	{ "what a stranger sends is printable in it, and no template",
	    what_a_stranger_sends },
	{ "the decision line tells all, escaped", decision_line },
	{ "when nobody refused it names the first that would have",
	    the_first_that_objects },
	{ "those that only observe are named beside the one that refuses",
	    others_that_observe },
	{ "and beside one that knows nothing",
	    one_that_observes_behind_what_is_lost },
	{ "when nobody would have, the last that had something to tell",
	    the_last_that_tells },
	{ "it says that the deadline passed, and what was lost", late },
	{ "it names who has logged in", login },
};

int
main(void)
{
	static struct suite s;

	SUITE_SCENES(&s, acts, puppets_play, begin, end);
	SUITE_SCENES(&s, text_rows, reads, puppets_begin, puppets_end);
	return suite_run(&s, "report");
}
