/*
 * What policyctl prints: escaped texts, columns, times, JSON.
 */
#include "../policyd/policyctl_out.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "kit/suite.h"

struct text_row {
	const char *name, *text;
	const char *terminal, *json;
};

static const struct text_row text_rows[] = {
	{ "a plain text stays", "a@example.org", "a@example.org",
	    "\"a@example.org\"" },
	{ "so do UTF-8 letters, though not in JSON's ASCII", "j\u00fcrgen",
	    "j\u00fcrgen", "\"j\\u00FCrgen\"" },
	{ "an escape sequence moves no terminal", "\033[2J", "\\x1b[2J",
	    "\"\\u001B[2J\"" },
	{ "a newline starts no line", "a\nb", "a\\x0ab", "\"a\\nb\"" },
	{ "DEL is a control byte", "a\177", "a\\x7f", "\"a\x7f\"" },
	{ "C1 controls move terminals too",
	    "\xc2\x9b"
	    "2J",
	    "\\xc2\\x9b2J", "\"\\u009B2J\"" },
	{ "what is no UTF-8 is shown as bytes", "\xff\xc3", "\\xff\\xc3",
	    "\"\\\\xff\\\\xc3\"" },
	{ "an overlong form is no UTF-8", "\xc0\xaf", "\\xc0\\xaf",
	    "\"\\\\xc0\\\\xaf\"" },
	{ "nothing is nothing", "", "", "\"\"" },
};

static void
is_shown_so(void **state)
{
	const struct text_row *row = *state;
	char *text;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	out_text(file, row->text);
	fclose(file);
	assert_string_equal(text, row->terminal);
	free(text);
}

static void
is_json_so(void **state)
{
	const struct text_row *row = *state;
	json_t *value = out_json_text(row->text);
	char *text = json_dumps(value, JSON_ENSURE_ASCII | JSON_ENCODE_ANY);

	assert_string_equal(text, row->json);
	free(text);
	json_decref(value);
}

struct span_row {
	const char *name;
	long long seconds;
	const char *text;
};

static const struct span_row span_rows[] = {
	{ "no time is no seconds", 0, "0s" },
	{ "seconds are seconds", 59, "59s" },
	{ "a minute is a minute", 60, "1m" },
	{ "minutes have seconds", 299, "4m 59s" },
	{ "hours have minutes, and no seconds", 3600 + 120 + 5, "1h 2m" },
	{ "an hour and some seconds are an hour", 3605, "1h" },
	{ "days have hours", 36 * 86400 - 1, "35d 23h" },
	{ "a year is days", 365 * 86400, "365d" },
};

static void
is_a_span(void **state)
{
	const struct span_row *row = *state;
	struct arena *a = arena_new();

	assert_string_equal(out_span(a, row->seconds), row->text);
	arena_release(a);
}

struct size_row {
	const char *name;
	long long bytes;
	const char *text;
};

static const struct size_row size_rows[] = {
	{ "bytes are whole", 1023, "1023B" },
	{ "a kilobyte has 1024", 1024, "1.0K" },
	{ "one tenth is enough", 1500000, "1.4M" },
	{ "the largest unit takes the rest", 5LL << 50, "5120.0T" },
};

static void
is_a_size(void **state)
{
	const struct size_row *row = *state;
	struct arena *a = arena_new();

	assert_string_equal(out_size(a, row->bytes), row->text);
	arena_release(a);
}

static void
a_moment_is_told_in_words_in_seconds_and_from_now(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	assert_string_equal(out_moment(a, 1795283125, 1795283125 + 240),
	    "2026-11-21 17:45:25 (1795283125, 4m ago)");
	assert_string_equal(out_moment(a, 1795283125, 1795283125 - 30),
	    "2026-11-21 17:45:25 (1795283125, in 30s)");
	assert_string_equal(out_time(a, 0), "-");
	arena_release(a);
}

static void
an_unknown_number_or_text_is_null(void **state)
{
	json_t *number = out_json_number(false, 7), *text = out_json_text(NULL);

	(void)state;
	assert_true(json_is_null(number));
	assert_true(json_is_null(text));
	json_decref(number);
	json_decref(text);
}

int
main(void)
{
	struct suite s = { 0 };

	setenv("TZ", "UTC", 1);
	tzset();
	SUITE_ROWS(&s, text_rows, is_shown_so);
	SUITE_ROWS(&s, text_rows, is_json_so);
	SUITE_ROWS(&s, span_rows, is_a_span);
	SUITE_ROWS(&s, size_rows, is_a_size);
	SUITE_TEST(&s, a_moment_is_told_in_words_in_seconds_and_from_now);
	SUITE_TEST(&s, an_unknown_number_or_text_is_null);
	return suite_run(&s, "policyctl_out");
}
