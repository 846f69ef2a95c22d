/*
 * Values that are right, each for itself, and make no sense together.
 */
#include <stdio.h>
#include <string.h>

#include "conf/conf.h"
#include "kit/suite.h"

struct row {
	const char *name;
	const char *text;
	const char *said; /* "LINE: what" */
};

// clang-format off
static const struct row rows[] = {
	{ "a delay longer than the time to retry lets nobody pass",
	    "greylist {\n\tdelay = 2h\n\tretry_window = 1h\n}",
	    "3: greylist.delay (2h) must be less than greylist.retry_window (1h), "
	    "else nobody ever passes" },
	{ "nor does an equal one",
	    "greylist { delay = 1d }",
	    "1: greylist.delay (1d) must be less than greylist.retry_window (1d), "
	    "else nobody ever passes" },
	{ "also when a domain sets only one of them",
	    "greylist { retry_window = 1h }\n"
	    "domain \"example.com\" {\n\tgreylist { delay = 1h }\n}",
	    "3: greylist.delay (1h) must be less than greylist.retry_window (1h), "
	    "else nobody ever passes" },
	{ "and its mailbox the other",
	    "domain \"example.com\" { greylist { delay = 1h } }\n"
	    "mailbox \"a@example.com\" { greylist { retry_window = 30m } }",
	    "2: greylist.delay (1h) must be less than greylist.retry_window "
	    "(30m), else nobody ever passes" },
	{ "Redis has less time than the request",
	    "deadline = 500ms",
	    "1: redis.deadline (500ms) must be less than deadline (500ms), else "
	    "a request ends before its answer is given up" },
	{ "what a domain only takes over is told once",
	    "greylist {\n\tdelay = 2h\n\tretry_window = 1h\n}\n"
	    "domain \"example.com\" { greylist { mode = off } }",
	    "3: greylist.delay (2h) must be less than greylist.retry_window (1h), "
	    "else nobody ever passes" },
};
// clang-format on

static void
hear(void *data, const char *file, int line, const char *text)
{
	char *heard = data;

	assert_string_equal(file, "c");
	assert_string_equal(heard, ""); /* one complaint is enough */
	snprintf(heard, 512, "%d: %s", line, text);
}

static void
says(void **state)
{
	const struct row *row = *state;
	char heard[512] = "";

	assert_null(conf_parse(row->text, "c", hear, heard));
	assert_string_equal(heard, row->said);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, says);
	return suite_run(&s, "conf/sense");
}
