/*
 * What is told: the text of a reply, and the decision line.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
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
decision_line(void)
{
	struct request *r = request_new(arena_new());

	log_redirect(take_line, NULL);
	puppets_set(r, "protocol_state", "RCPT");
	puppets_set(r, "recipient", "b\n\x01@example.net");
	engine_ask(puppets.engine, &puppets.session, r, puppets_heard, NULL);
	puppets_answer(0, 1);
	log_redirect(NULL, NULL);
	assert_non_null(strstr(line, " action=451 reply=\"451 4.7.1\""));
	assert_non_null(strstr(line,
	    " check=first mode=enforce "
	    "verdict=refuse wait=300 "));
	assert_non_null(strstr(line, " sender=<> "));
	assert_non_null(
	    strstr(line, " recipient=\"b\\x0a\\x01@example.net\" "));
	assert_null(strchr(line, '\n'));
}

static const struct act acts[] = {
	{ "reply_ids puts the id behind the text", reply_with_id },
	{ "a reply keeps its limit, and its id", expansion_is_bounded },
	{ "the decision line tells all, escaped", decision_line },
};

int
main(void)
{
	static struct suite s;

	SUITE_ACTS(&s, acts);
	SUITE_SCENES(&s, text_rows, reads, puppets_begin, puppets_end);
	return suite_run(&s, "report");
}
