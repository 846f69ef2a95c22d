/*
 * Strings from strangers, made fit for where they go.
 */
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "kit/suite.h"

struct utf8_row {
	const char *name, *text;
	size_t bytes; /* of its first character, 0: it is none */
};

static const struct utf8_row utf8_rows[] = {
	{ "nothing is no character", "", 0 },
	{ "ASCII is one byte", "a", 1 },
	{ "a control byte is a character", "\x01", 1 },
	{ "two bytes", "\xc3\xbc", 2 },
	{ "three bytes", "\xe2\x82\xac", 3 },
	{ "four bytes", "\xf0\x9f\x92\xa9", 4 },
	{ "the last code point there is", "\xf4\x8f\xbf\xbf", 4 },
	{ "the first behind the surrogates", "\xee\x80\x80", 3 },
	{ "a lone continuation is none", "\x80", 0 },
	{ "an overlong slash is none", "\xc0\xaf", 0 },
	{ "an overlong NUL is none", "\xc0\x80", 0 },
	{ "an overlong form of three bytes is none", "\xe0\x80\xaf", 0 },
	{ "an overlong form of four bytes is none", "\xf0\x80\x80\xaf", 0 },
	{ "a surrogate is none", "\xed\xa0\x80", 0 },
	{ "beyond the last code point is none", "\xf4\x90\x80\x80", 0 },
	{ "a character that is cut off is none", "\xe2\x82", 0 },
	{ "a character that is broken off is none", "\xe2\x82z", 0 },
	{ "0xff is none", "\xff", 0 },
	{ "latin 1 is none",
	    "\xfc"
	    "ber",
	    0 },
};

static void
utf8(void **state)
{
	const struct utf8_row *row = *state;

	assert_int_equal(text_utf8(row->text, strlen(row->text)), row->bytes);
}

struct sound_row {
	const char *name, *text;
	bool sound;
};

static const struct sound_row sound_rows[] = {
	{ "a text may be empty", "", true },
	{ "it has tabs, blanks and all that can be seen", "a\tb ~!", true },
	{ "of any script", "gr\xc3\xbc\xc3\x9f \xf0\x9f\x92\xa9", true },
	{ "but no end of a line", "a\nb", false },
	{ "nothing that moves a terminal", "a\x1b[2J", false },
	{ "no delete", "a\x7f", false },
	{ "no C1 control", "a\xc2\x9b", false },
	{ "and nothing that is no UTF-8", "a\xff", false },
	{ "or is cut off", "a\xc3", false },
};

static void
sound(void **state)
{
	const struct sound_row *row = *state;

	assert_int_equal(text_sound(row->text), row->sound);
}

struct field_row {
	const char *name, *value;
	const char *line;
};

static const struct field_row field_rows[] = {
	{ "an address needs no quotes", "a.b+c@example.com",
	    " f=a.b+c@example.com" },
	{ "an empty value is left out", "", "" },
	{ "a blank needs quotes", "a b", " f=\"a b\"" },
	{ "an equals sign needs quotes", "a=b", " f=\"a=b\"" },
	{ "a quote is escaped", "say \"hi\"", " f=\"say \\\"hi\\\"\"" },
	{ "a backslash is escaped", "a\\x0a", " f=\"a\\\\x0a\"" },
	{ "a new line cannot begin a line", "a\nb", " f=\"a\\x0ab\"" },
	{ "a carriage return is shown", "a\rb", " f=\"a\\x0db\"" },
	{ "an escape cannot move a terminal", "\x1b[2J", " f=\"\\x1b[2J\"" },
	{ "DEL is shown", "\x7f", " f=\"\\x7f\"" },
	{ "a C1 control cannot move a terminal",
	    "\xc2\x9b"
	    "2J",
	    " f=\"\\xc2\\x9b2J\"" },
	{ "so are characters that turn the direction of writing",
	    "a\xe2\x80\xae"
	    "b",
	    " f=\"a\\xe2\\x80\\xaeb\"" },
	{ "UTF-8 stays readable",
	    "gr\xc3\xbc\xc3\x9f"
	    "e",
	    " f=\"gr\xc3\xbc\xc3\x9f"
	    "e\"" },
	{ "the character behind C1 stays", "\xc2\xa0", " f=\"\xc2\xa0\"" },
	{ "what is no UTF-8 is shown in hex",
	    "\xfc"
	    "ber",
	    " f=\"\\xfc"
	    "ber\"" },
	{ "a character that is cut off is shown in hex", "\xe2\x82",
	    " f=\"\\xe2\\x82\"" },
	{ "a format is no format", "%s%n", " f=%s%n" },
};

static void
fields(void **state)
{
	const struct field_row *row = *state;
	struct line l;

	line_clear(&l);
	line_field(&l, "f", row->value);
	assert_string_equal(l.text, row->line);
	assert_int_equal(l.used, strlen(l.text));
}

static void
a_long_value_is_cut_and_says_so(void **state)
{
	char value[4096];
	struct line l;
	(void)state;

	memset(value, 'a', sizeof(value));
	value[320] = '\0';
	line_clear(&l);
	line_field(&l, "f", value);
	assert_int_equal(l.used, 3 + 320);
	value[320] = 'a';
	value[4095] = '\0';
	line_clear(&l);
	line_field(&l, "f", value);
	assert_int_equal(l.used, 3 + 1 + 320 + 4);
	assert_string_equal(l.text + l.used - 5, "a...\"");
}

static void
a_line_is_bounded_whatever_is_added(void **state)
{
	char value[400];
	struct line l;
	(void)state;

	memset(value, '\x01', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	line_clear(&l);
	for (int i = 0; i < 100; i++) {
		line_field(&l, "f", value);
		line_add(&l, value);
		line_printf(&l, "%s", value);
		line_number(&l, "n", i);
	}
	assert_int_equal(l.used, sizeof(l.text) - 1);
	assert_int_equal(strlen(l.text), l.used);
}

static void
numbers_are_written_with_their_sign(void **state)
{
	struct line l;
	(void)state;

	line_clear(&l);
	line_add(&l, "line");
	line_number(&l, "wait", 300);
	line_number(&l, "step", -1);
	line_number(&l, "zero", 0);
	line_number(&l, "most", INT64_MAX);
	line_number(&l, "least", INT64_MIN);
	line_printf(&l, " %s", "end");
	assert_string_equal(l.text,
	    "line wait=300 step=-1 zero=0 "
	    "most=9223372036854775807 "
	    "least=-9223372036854775808 end");
}

static void
numbers_are_read_back_up_to_what_is_no_digit(void **state)
{
	const char *text = "300 5";
	int64_t n;
	(void)state;

	assert_ptr_equal(text_read_number(text, &n), text + 3);
	assert_int_equal(n, 300);
	assert_ptr_equal(text_read_number(text + 4, &n), text + 5);
	assert_int_equal(n, 5);
	assert_non_null(text_read_number("999999999999999999", &n));
	assert_int_equal(n, 999999999999999999);
	assert_null(text_read_number("1000000000000000000", &n));
	assert_null(text_read_number("", &n));
	assert_null(text_read_number(" 1", &n));
	assert_null(text_read_number("-1", &n));
}

static void
numbers_of_a_width_have_zeros_in_front(void **state)
{
	char text[16] = "";
	(void)state;

	assert_ptr_equal(text_digits(text, 5, 300), text + 5);
	assert_string_equal(text, "00300");
	text_digits(text, 5, 99999);
	assert_string_equal(text, "99999");
	text_digits(text, 5, 98760);
	assert_string_equal(text, "98760");
	text_digits(text, 10, 1732204800);
	assert_string_equal(text, "1732204800");
	text_digits(text, 10, 0);
	assert_string_equal(text, "0000000000");
	text_digits(text, 1, 7);
	assert_string_equal(text, "7000000000");
}

static void
too_long_ones_become_the_highest(void **state)
{
	char text[16] = "";
	(void)state;

	text_digits(text, 5, 100000);
	assert_string_equal(text, "99999");
	text_digits(text, 2, UINT64_MAX);
	assert_string_equal(text, "99999");
	text_digits(text, 4, 10001);
	assert_string_equal(text, "99999");
}

static void
a_number_has_the_digits_that_printf_gives_it(void **state)
{
	char text[TEXT_DIGITS + 1], expected[TEXT_DIGITS + 1];
	(void)state;

	for (uint64_t n = 0; n < 100 * 1000 * UINT64_C(1000);
	     n += n < 11000 ? 1 : n / 7) {
		*text_number(text, n) = '\0';
		snprintf(expected, sizeof(expected), "%" PRIu64, n);
		assert_string_equal(text, expected);
	}
}

static void
a_number_has_at_most_twenty_digits(void **state)
{
	char text[TEXT_DIGITS];
	(void)state;

	assert_ptr_equal(text_number(text, UINT64_MAX), text + TEXT_DIGITS);
	assert_memory_equal(text, "18446744073709551615", TEXT_DIGITS);
	assert_ptr_equal(text_number(text, 0), text + 1);
	assert_int_equal(text[0], '0');
}

/* Wherever it stands, and however long the value is. */
static void
every_byte_that_is_to_be_seen_but_three_needs_no_quotes(void **state)
{
	struct line l;
	char value[26];
	(void)state;

	for (size_t size = 1; size < sizeof(value); size++)
		for (size_t at = 0; at < 256 * size; at++) {
			const unsigned char byte = (unsigned char)(at % 256);
			const bool is_plain = byte > ' ' && byte < 0x7f &&
			    !strchr("\"=\\", byte);

			memset(value, '~', size);
			value[size] = '\0';
			value[at / 256] = (char)(byte ? byte : '\n');
			line_clear(&l);
			line_field(&l, "f", value);
			assert_int_equal(l.text[3] != '"', is_plain);
			if (is_plain)
				assert_string_equal(l.text + 3, value);
		}
}

static void
what_has_no_room_is_cut_with_no_quotes_added(void **state)
{
	struct line l;
	(void)state;

	line_clear(&l);
	while (l.used < sizeof(l.text) - 1 - 10)
		line_add(&l, "-");
	line_field(&l, "f", "0123456789");
	assert_int_equal(l.used, sizeof(l.text) - 1);
	assert_string_equal(l.text + sizeof(l.text) - 1 - 10, " f=0123456");
	l.used = sizeof(l.text) - 1 - 10;
	line_number(&l, "f", 9876543210);
	assert_int_equal(l.used, sizeof(l.text) - 1);
	assert_string_equal(l.text + sizeof(l.text) - 1 - 10, " f=9876543");
}

static void
small_letters_are_of_ASCII_only(void **state)
{
	struct arena *a = arena_new();
	const char *text = "Alice@EXAMPLE.com \xc3\x9c[Z]";
	(void)state;

	assert_string_equal(
	    text_lower(a, text), "alice@example.com \xc3\x9c[z]");
	assert_string_equal(text, "Alice@EXAMPLE.com \xc3\x9c[Z]");
	arena_release(a);
}

/* Each of them at each place of texts of all lengths, as some are looked at in
 * eights and some alone; what is around them stays as it is. */
static void
every_byte_becomes_small_wherever_it_stands(void **state)
{
	enum { MOST = 20, ROOM = MOST + 2 };
	char text[ROOM], small[ROOM];
	(void)state;

	for (int n = 0; n < 256 * MOST * MOST; n++) {
		const int byte = n % 256, size = 1 + n / 256 % MOST;
		const int at = 1 + n / 256 / MOST;
		const bool capital = byte >= 'A' && byte <= 'Z';

		if (at > size)
			continue;
		memset(text, '[', ROOM);
		text[0] = text[size + 1] = 'X';
		text[at] = (char)byte;
		memcpy(small, text, ROOM);
		small[at] = (char)(capital ? byte + 'a' - 'A' : byte);
		assert_int_equal(
		    text_lower_bytes(text + 1, text + 1, (size_t)size),
		    byte < 0x80);
		assert_memory_equal(text, small, ROOM);
	}
}

static void
a_label_has_small_letters_digits_and_two_signs(void **state)
{
	const char *all = "-0123456789_abcdefghijklmnopqrstuvwxyz";
	(void)state;

	for (int byte = 0; byte < 256; byte++)
		assert_int_equal(text_of_label((char)byte),
		    byte && strchr(all, byte) != NULL);
}

static void
what_is_no_utf8_is_told_byte_by_byte(void **state)
{
	struct arena *a = arena_new();
	(void)state;

	assert_string_equal(text_as_utf8(a, "j\xc3\xbcrgen\xff\xc3\n"),
	    "j\xc3\xbcrgen\\xff\\xc3\n");
	assert_string_equal(text_as_utf8(a, ""), "");
	arena_release(a);
}

struct distance_row {
	const char *name, *a, *b;
	unsigned distance;
};

static const struct distance_row distance_rows[] = {
	{ "a word is at no distance from itself", "greylist", "greylist", 0 },
	{ "a letter too few", "greylist", "greylst", 1 },
	{ "a letter too many", "greylist", "greyllist", 1 },
	{ "another letter", "greylist", "graylist", 1 },
	{ "two letters swapped count once", "greylist", "greylsit", 1 },
	{ "nothing is as far as a word is long", "", "mode", 4 },
	{ "two of nothing are equal", "", "", 0 },
	{ "words of no likeness", "mode", "delay", 5 },
};

static void
distance(void **state)
{
	const struct distance_row *row = *state;

	assert_int_equal(text_distance(row->a, row->b), row->distance);
	assert_int_equal(text_distance(row->b, row->a), row->distance);
}

static void
the_distance_of_long_words_is_that_of_their_heads(void **state)
{
	char a[1000], b[1000];
	(void)state;

	memset(a, 'a', sizeof(a));
	memset(b, 'a', sizeof(b));
	a[999] = b[998] = '\0';
	b[0] = 'b';
	assert_int_equal(text_distance(a, b), 1);
}

int
main(void)
{
	struct suite s = { 0 };

	SUITE_ROWS(&s, utf8_rows, utf8);
	SUITE_ROWS(&s, sound_rows, sound);
	SUITE_ROWS(&s, field_rows, fields);
	SUITE_ROWS(&s, distance_rows, distance);
	SUITE_TEST(&s, a_long_value_is_cut_and_says_so);
	SUITE_TEST(&s, a_line_is_bounded_whatever_is_added);
	SUITE_TEST(&s, numbers_are_written_with_their_sign);
	SUITE_TEST(&s, numbers_are_read_back_up_to_what_is_no_digit);
	SUITE_TEST(&s, numbers_of_a_width_have_zeros_in_front);
	SUITE_TEST(&s, too_long_ones_become_the_highest);
	SUITE_TEST(&s, a_number_has_the_digits_that_printf_gives_it);
	SUITE_TEST(&s, a_number_has_at_most_twenty_digits);
	SUITE_TEST(&s, every_byte_that_is_to_be_seen_but_three_needs_no_quotes);
	SUITE_TEST(&s, what_has_no_room_is_cut_with_no_quotes_added);
	SUITE_TEST(&s, small_letters_are_of_ASCII_only);
	SUITE_TEST(&s, every_byte_becomes_small_wherever_it_stands);
	SUITE_TEST(&s, a_label_has_small_letters_digits_and_two_signs);
	SUITE_TEST(&s, what_is_no_utf8_is_told_byte_by_byte);
	SUITE_TEST(&s, the_distance_of_long_words_is_that_of_their_heads);
	return suite_run(&s, "base/text");
}
