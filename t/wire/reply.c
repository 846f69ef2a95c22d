/*
 * Decisions to bytes: whatever they hold, one safe line.
 */
#include "wire/reply.h"

#include <stdio.h>
#include <string.h>

#include "engine/engine.h"
#include "kit/suite.h"

#define A10 "aaaaaaaaaa"
#define A50 A10 A10 A10 A10 A10
#define A250 A50 A50 A50 A50 A50

struct row {
	const char *name;
	bool refused;
	struct reply reply;
	const char *action;
};

static const struct row rows[] = {
	{ "who is not refused hears DUNNO, never OK", false, { 0 }, "DUNNO" },
	{ "also when a reply stands there", false, { 550, "5.7.1", "no" },
	    "DUNNO" },
	{ "a refusal is code, status and text", true,
	    { 451, "4.7.1", "Greylisted for 5 minutes" },
	    "451 4.7.1 Greylisted for 5 minutes" },
	{ "a status may have longer numbers", true, { 550, "5.7.27", "No MX" },
	    "550 5.7.27 No MX" },
	{ "without a text there is one all the same", true,
	    { 550, "5.7.1", "" }, "550 5.7.1 Not accepted" },
	{ "also when the text is none", true, { 550, "5.7.1", NULL },
	    "550 5.7.1 Not accepted" },
	{ "also when it is nothing but blanks", true, { 550, "5.7.1", "   " },
	    "550 5.7.1 Not accepted" },
	{ "blanks at both ends go", true, { 550, "5.7.1", "  a  b  " },
	    "550 5.7.1 a  b" },
	{ "a new line cannot make a second attribute", true,
	    { 550, "5.7.1", "a\n\naction=DUNNO" },
	    "550 5.7.1 a??action=DUNNO" },
	{ "control bytes are shown as question marks", true,
	    { 550, "5.7.1", "a\x01\t\r\x1b[2J\x7f" }, "550 5.7.1 a????[2J?" },
	{ "a UTF-8 character is one question mark", true,
	    { 550, "5.7.1", "gr\xc3\xbc\xc3\x9f\xe2\x82\xac" },
	    "550 5.7.1 gr???" },
	{ "so is a byte that is no UTF-8", true, { 550, "5.7.1", "\xfc\xff" },
	    "550 5.7.1 ??" },
	{ "a format is no format", true, { 550, "5.7.1", "%s%n%d" },
	    "550 5.7.1 %s%n%d" },
	{ "250 characters are written whole", true, { 550, "5.7.1", A250 },
	    "550 5.7.1 " A250 },
	{ "what is longer is cut", true, { 550, "5.7.1", A250 "b" },
	    "550 5.7.1 " A250 },
	{ "what the cut leaves at the end is no blank", true,
	    { 550, "5.7.1", A50 A50 A50 A50 A10 A10 A10 A10 "aaaaaaaaa bbb" },
	    "550 5.7.1 " A50 A50 A50 A50 A10 A10 A10 A10 "aaaaaaaaa" },
	{ "the class of a status is the code's", true, { 451, "5.7.1", "a" },
	    "451 4.7.1 a" },
	{ "a status that is none is X.7.1", true, { 550, "reject", "a" },
	    "550 5.7.1 a" },
	{ "without one too", true, { 550, NULL, "a" }, "550 5.7.1 a" },
	{ "an empty one too", true, { 450, "", "a" }, "450 4.7.1 a" },
	{ "half a one too", true, { 550, "5.7", "a" }, "550 5.7.1 a" },
	{ "one with too many parts too", true, { 550, "5.7.1.1", "a" },
	    "550 5.7.1 a" },
	{ "one with too many digits too", true, { 550, "5.7.1000", "a" },
	    "550 5.7.1 a" },
	{ "one with a new line too", true, { 550, "5.7.1\n", "a" },
	    "550 5.7.1 a" },
	{ "a refusal never has a code that permits", true,
	    { 250, "2.0.0", "a" }, "451 4.0.0 a" },
	{ "nor none at all", true, { 0, "5.7.1", "a" }, "451 4.7.1 a" },
	{ "nor one of two digits", true, { 55, "5.7.1", "a" }, "451 4.7.1 a" },
	{ "nor one of four", true, { 5500, "5.7.1", "a" }, "451 4.7.1 a" },
	{ "nor a negative one", true, { -550, "5.7.1", "a" }, "451 4.7.1 a" },
};

static void
writes(void **state)
{
	const struct row *row = *state;
	const struct decision d = { .refused = row->refused,
		.reply = row->reply };
	char out[REPLY_BYTES], expected[REPLY_BYTES];
	const size_t size = reply_write(out, &d);

	snprintf(expected, sizeof(expected), "action=%s\n\n", row->action);
	assert_string_equal(out, expected);
	assert_int_equal(size, strlen(out));
}

#define A950 A250 A250 A250 A50 A50 A50 A50

static const struct mark_row {
	const char *name;
	bool refused;
	const char *mark, *action;
} mark_rows[] = {
	{ "a mark is a header to prepend", false, "X-Mark: yes",
	    "PREPEND X-Mark: yes" },
	{ "who is refused has none", true, "X-Mark: yes",
	    "550 5.7.1 Not accepted" },
	{ "a long one is written whole", false, "X-Mark: " A950,
	    "PREPEND X-Mark: " A950 },
	{ "one that is too long not at all", false,
	    "X-Mark: " A950 A10 A10 A10 A10 A10, "DUNNO" },
	{ "nor one without a name", false, ": yes", "DUNNO" },
	{ "nor one without a value", false, "X-Mark: ", "DUNNO" },
	{ "nor one that is no header", false, "yes", "DUNNO" },
	{ "nor one whose name has a blank", false, "X Mark: yes", "DUNNO" },
	{ "nor one with a new line", false, "X-Mark: yes\naction=OK", "DUNNO" },
	{ "nor one that is not ASCII", false, "X-Mark: j\xc3\xa4", "DUNNO" },
};

static void
writes_mark(void **state)
{
	const struct mark_row *row = *state;
	const struct decision d = { .refused = row->refused,
		.mark = row->mark,
		.reply = { 550, "5.7.1", "" } };
	char out[REPLY_BYTES], expected[REPLY_BYTES];
	const size_t size = reply_write(out, &d);

	snprintf(expected, sizeof(expected), "action=%s\n\n", row->action);
	assert_string_equal(out, expected);
	assert_int_equal(size, strlen(out));
}

static void
any_bytes_at_all_make_one_printable_line(void **state)
{
	char text[300], out[REPLY_BYTES];
	struct decision d = { .refused = true,
		.reply = { 550, "5.7.1", text } };
	(void)state;

	for (unsigned first = 1; first < 256; first++) {
		size_t size, i;

		for (i = 0; i < sizeof(text) - 1; i++)
			text[i] = (char)(1 + (first + i) % 255);
		text[i] = '\0';
		size = reply_write(out, &d);
		assert_memory_equal(out, "action=550 5.7.1 ", 17);
		assert_string_equal(out + size - 2, "\n\n");
		for (i = 0; i < size - 2; i++)
			assert_in_range(out[i], ' ', '~');
	}
}

int
main(void)
{
	struct suite s = { 0 };

	SUITE_ROWS(&s, rows, writes);
	SUITE_ROWS(&s, mark_rows, writes_mark);
	SUITE_TEST(&s, any_bytes_at_all_make_one_printable_line);
	return suite_run(&s, "wire/reply");
}
