/*
 * Times as people write them.
 */
#include "../policyd/policyctl_when.h"

#include <stdlib.h>
#include <time.h>

#include "kit/suite.h"

enum { NOW = 1795283125 }; /* 2026-11-21 17:45:25 UTC */

struct span_row {
	const char *name, *text;
	int64_t seconds; /* 0: it is none */
};

static const struct span_row span_rows[] = {
	{ "seconds", "90s", 90 },
	{ "minutes", "15m", 900 },
	{ "hours", "1h", 3600 },
	{ "days", "30d", 30 * 86400 },
	{ "a thousand days are the longest", "1000d", 1000 * 86400 },
	{ "more is too long", "1001d", 0 },
	{ "nothing is no time", "0h", 0 },
	{ "a number needs its unit", "90", 0 },
	{ "a unit needs its number", "h", 0 },
	{ "no other unit is known", "1w", 0 },
	{ "nor two of them", "1h30m", 0 },
	{ "there is no time before", "-1h", 0 },
	{ "nor half of one", "1.5h", 0 },
	{ "a number that is too large is none", "99999999999999999999s", 0 },
	{ "an empty text is none", "", 0 },
};

static void
is_span(void **state)
{
	const struct span_row *row = *state;
	int64_t seconds = 0;

	assert_int_equal(when_span(row->text, &seconds), row->seconds != 0);
	if (row->seconds)
		assert_int_equal(seconds, row->seconds);
}

struct moment_row {
	const char *name, *text;
	int64_t at; /* 0: it is none */
};

static const struct moment_row moment_rows[] = {
	{ "a time ago", "1h", NOW - 3600 },
	{ "Unix seconds", "@1795283125", NOW },
	{ "a day begins at its midnight", "2026-11-21", NOW - 63925 },
	{ "a minute", "2026-11-21 17:45", NOW - 25 },
	{ "a second", "2026-11-21 17:45:25", NOW },
	{ "no day that is none", "2026-13-21", 0 },
	{ "nothing behind it", "2026-11-21 17:45:25x", 0 },
	{ "no number alone", "1795283125", 0 },
	{ "no sign without seconds", "@", 0 },
	{ "no seconds with something behind", "@17x", 0 },
	{ "no word", "yesterday", 0 },
	{ "not nothing", "", 0 },
};

static void
is_moment(void **state)
{
	const struct moment_row *row = *state;
	int64_t at = 0;

	assert_int_equal(when_moment(row->text, NOW, &at), row->at != 0);
	if (row->at)
		assert_int_equal(at, row->at);
}

static const struct moment_row until_rows[] = {
	{ "a clock's time is today's", "18:00", NOW + 875 },
	{ "or tomorrow's", "17:45", NOW - 25 + 86400 },
	{ "with seconds", "17:45:26", NOW + 1 },
	{ "this very second is tomorrow's", "17:45:25", NOW + 86400 },
	{ "a date to come", "2026-11-22", NOW - 63925 + 86400 },
	{ "Unix seconds to come", "@1795283126", NOW + 1 },
	{ "no date that is over", "2026-11-21 17:45", 0 },
	{ "no Unix seconds that are over", "@1795283125", 0 },
	{ "no time ago", "1h", 0 },
	{ "no clock shows it", "24:00", 0 },
	{ "no hour alone", "18", 0 },
	{ "no clock's time with something behind", "18:00x", 0 },
};

static void
is_until(void **state)
{
	const struct moment_row *row = *state;
	int64_t at = 0;

	assert_int_equal(when_until(row->text, NOW, &at), row->at != 0);
	if (row->at)
		assert_int_equal(at, row->at);
}

int
main(void)
{
	struct suite s = { 0 };

	setenv("TZ", "UTC", 1);
	tzset();
	SUITE_ROWS(&s, span_rows, is_span);
	SUITE_ROWS(&s, moment_rows, is_moment);
	SUITE_ROWS(&s, until_rows, is_until);
	return suite_run(&s, "policyctl_when");
}
