/*
 * Eight bytes at a time: each byte at each place, beside each other one.
 */
#include "base/eight.h"

#include <ctype.h>
#include <stdbool.h>

#include "kit/suite.h"

enum { EIGHT = 8 };

/* Calls `each` with `byte` at each place among equal neighbours, for all pairs
 * of bytes. */
static void
every_pair(void (*each)(const unsigned char *text))
{
	unsigned char text[EIGHT];

	for (int beside = 0; beside < 256; beside++)
		for (int byte = 0; byte < 256; byte++)
			for (int at = 0; at < EIGHT; at++) {
				memset(text, beside, EIGHT);
				text[at] = (unsigned char)byte;
				each(text);
			}
}

static uint64_t
at(const unsigned char *text)
{
	return eight_at((const char *)text);
}

static void
lower_is_tolower(const unsigned char *text)
{
	unsigned char expected[EIGHT];
	char out[EIGHT];

	for (int i = 0; i < EIGHT; i++)
		expected[i] = (unsigned char)tolower(text[i]); /* LC_ALL=C */
	eight_put(out, eight_lower(at(text)));
	assert_memory_equal(out, expected, EIGHT);
}

static void
are_outside(const unsigned char *text, unsigned char least, unsigned char most)
{
	bool outside = false;

	for (int i = 0; i < EIGHT; i++)
		outside = outside || text[i] < least || text[i] > most;
	assert_int_equal(
	    eight_outside(at(text), (char)least, (char)most) != 0, outside);
}

static void
outside_is_below_or_above(const unsigned char *text)
{
	are_outside(text, '!', 'z');
	are_outside(text, ' ', '~');
	are_outside(text, 'a', 'a');
	are_outside(text, '\0', 0x7f);
}

static void
with_is_one_of_them(const unsigned char *text)
{
	const bool ascii = !eight_outside(at(text), '\0', 0x7f);

	for (int c = 1; c < 0x80 && ascii; c += 9)
		assert_int_equal(eight_with(at(text), (char)c) != 0,
		    memchr(text, c, EIGHT) != NULL);
}

static void
capitals_and_nothing_else_become_small(void **state)
{
	(void)state;
	every_pair(lower_is_tolower);
}

static void
a_byte_outside_is_seen_at_each_place_beside_any_other(void **state)
{
	(void)state;
	every_pair(outside_is_below_or_above);
}

static void
a_byte_of_ascii_is_found_at_each_place_beside_any_other(void **state)
{
	(void)state;
	every_pair(with_is_one_of_them);
}

int
main(void)
{
	struct suite s = { 0 };

	SUITE_TEST(&s, capitals_and_nothing_else_become_small);
	SUITE_TEST(&s, a_byte_outside_is_seen_at_each_place_beside_any_other);
	SUITE_TEST(&s, a_byte_of_ascii_is_found_at_each_place_beside_any_other);
	return suite_run(&s, "base/eight");
}
