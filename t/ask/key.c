/*
 * Names of keys: no stranger writes a separator.
 */
#include "ask/key.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "kit/suite.h"

struct component_row {
	const char *name, *text, *component;
};

static const struct component_row component_rows[] = {
	{ "an address stays readable", "a.b+c_d-e=f@example.com",
	    "a.b+c_d-e=f@example.com" },
	{ "letters become small", "Alice@Example.COM", "alice@example.com" },
	{ "a network stays readable", "192.0.2.0/24", "192.0.2.0/24" },
	{ "nothing stays nothing", "", "" },
	{ "a colon cannot separate", "a:b", "a%3ab" },
	{ "the colons of IPv6 neither", "2001:db8::/64",
	    "2001%3adb8%3a%3a/64" },
	{ "braces cannot make a tag", "{a}", "%7ba%7d" },
	{ "a percent sign cannot make an escape", "%3a", "%253a" },
	{ "a blank is encoded", "a b", "a%20b" },
	{ "a new line is encoded", "a\nb", "a%0ab" },
	{ "an escape for the reader's terminal is encoded", "\x1b[2J",
	    "%1b[2j" },
	{ "DEL is encoded", "\x7f", "%7f" },
	{ "UTF-8 is encoded", "\xc3\xbc", "%c3%bc" },
	{ "what is no UTF-8 too", "\xff", "%ff" },
	{ "a pattern of KEYS is only a text", "*?[a-z]", "*?[a-z]" },
};

static void
components(void **state)
{
	const struct component_row *row = *state;
	struct arena *a = arena_new();
	const char *component = key_component(a, row->text);

	assert_string_equal(component, row->component);
	assert_string_equal(key_decode(a, component), text_lower(a, row->text));
	arena_release(a);
}

static void
every_byte_but_four_that_is_to_be_seen_stands_for_itself(void **state)
{
	struct arena *a = arena_new();
	(void)state;

	for (int byte = 1; byte < 256; byte++) {
		const char text[] = { (char)byte, '\0' };
		const bool safe = byte > ' ' && byte < 0x7f &&
		    !strchr("%:{}", byte);

		assert_string_equal(key_component(a, text),
		    safe ? text_lower(a, text)
			 : arena_printf(a, "%%%02x", (unsigned)byte));
	}
	arena_release(a);
}

/* The plain way, for what is short enough to need no hash. */
static const char *
byte_by_byte(struct arena *a, const char *text)
{
	char *out = arena_alloc(a, 3 * strlen(text) + 1), *to = out;

	for (const char *p = text_lower(a, text); *p; p++)
		if (*p > ' ' && *p < 0x7f && !strchr("%:{}", *p))
			*to++ = *p;
		else
			to += sprintf(to, "%%%02x", (unsigned char)*p);
	return out;
}

/* Each length, plain but for one byte in `rarity`; 0: for none. */
static void
are_all_the_same(unsigned rarity, unsigned *seed)
{
	for (size_t size = 0; size <= KEY_COMPONENT / 3; size++) {
		struct arena *a = arena_new();
		char *text = arena_alloc(a, size + 1);

		for (size_t i = 0; i < size; i++) {
			const bool any = rarity > 0 &&
			    (unsigned)rand_r(seed) % rarity == 0;

			text[i] = (char)(any ? 1 + rand_r(seed) % 255
					     : '@' + rand_r(seed) % 27);
		}
		assert_string_equal(
		    key_component(a, text), byte_by_byte(a, text));
		arena_release(a);
	}
}

static void
eight_bytes_at_a_time_are_the_same_as_one_by_one(void **state)
{
	unsigned seed = 1;
	(void)state;

	for (unsigned round = 0; round < 100; round++) {
		are_all_the_same(0, &seed);
		are_all_the_same(1, &seed);
		are_all_the_same(50, &seed);
	}
}

static void
a_key_is_prefix_name_tag_and_parts(void **state)
{
	const char *const parts[] = { "Carol@Example.net", "a:b" };
	struct arena *a = arena_new();
	struct word key;
	(void)state;

	key = key_make(a, "policyd:", "grey", "192.0.2.0/24", parts, 2);
	assert_string_equal(
	    key.text, "policyd:grey:{192.0.2.0/24}:carol@example.net:a%3ab");
	assert_int_equal(key.size, strlen(key.text));
	key = key_make(a, "policyd:", "grey", "2001:db8::/64", NULL, 0);
	assert_string_equal(key.text, "policyd:grey:{2001%3adb8%3a%3a/64}");
	key = key_make(a, "p:", "access", NULL, NULL, 0);
	assert_string_equal(key.text, "p:access");
	key = key_make(a, "", "access", NULL, parts, 1);
	assert_string_equal(key.text, "access:carol@example.net");
	arena_release(a);
}

static void
a_twin_has_the_tag_and_the_parts(void **state)
{
	const char *const parts[] = { "b:{c}" };
	struct arena *a = arena_new();
	const struct word key = key_make(
	    a, "p:{x}:", "mailbox", "example.net", parts, 1);
	struct word twin;
	(void)state;

	twin = key_twin(a, "p:{x}:", "deny", key);
	assert_string_equal(twin.text,
	    key_make(a, "p:{x}:", "deny", "example.net", parts, 1).text);
	assert_int_equal(twin.size, strlen(twin.text));
	arena_release(a);
}

static void
an_empty_part_keeps_its_place(void **state)
{
	const char *const parts[] = { "", "b" };
	struct arena *a = arena_new();
	(void)state;

	assert_string_equal(
	    key_make(a, "p:", "grey", "t", parts, 2).text, "p:grey:{t}::b");
	arena_release(a);
}

static const char *
repeat(struct arena *a, const char *text, size_t times, const char *end)
{
	char *out = arena_alloc(a, strlen(text) * times + strlen(end) + 1);

	for (size_t i = 0; i < times; i++)
		strcat(out, text);
	return strcat(out, end);
}

static void
a_component_of_256_bytes_is_whole(void **state)
{
	struct arena *a = arena_new();
	const char *text = repeat(a, "a", 256, "");
	(void)state;

	assert_string_equal(key_component(a, text), text);
	arena_release(a);
}

static void
a_longer_one_keeps_its_head_and_ends_in_a_hash(void **state)
{
	struct arena *a = arena_new();
	const char *one = key_component(a, repeat(a, "a", 256, "b"));
	const char *two = key_component(a, repeat(a, "a", 256, "c"));
	(void)state;

	assert_int_equal(strlen(one), 256);
	assert_int_equal(strspn(one, "a"), 239);
	assert_int_equal(one[239], '~');
	assert_int_equal(strspn(one + 240, "0123456789abcdef"), 16);
	assert_string_not_equal(one, two);
	assert_string_equal(one, key_component(a, repeat(a, "a", 256, "b")));
	arena_release(a);
}

static void
letter_case_makes_no_second_name_for_a_long_one(void **state)
{
	struct arena *a = arena_new();
	(void)state;

	assert_string_equal(key_component(a, repeat(a, "a", 300, "")),
	    key_component(a, repeat(a, "A", 300, "")));
	arena_release(a);
}

/* Every length: the head ends before an escape that would not fit. */
static void
no_escape_is_ever_cut(void **state)
{
	struct arena *a = arena_new();
	(void)state;

	for (size_t plain = 0; plain < 260; plain++) {
		const char *text = arena_printf(a, "%s%s",
		    repeat(a, "a", plain, ""), repeat(a, "\xc3", 90, ""));
		const char *c = key_component(a, text);

		assert_true(strlen(c) <= KEY_COMPONENT);
		for (const char *p = c; (p = strchr(p, '%')); p++)
			assert_memory_equal(p, "%c3", 3);
	}
	arena_release(a);
}

static void
four_kilobytes_in_each_part_stay_in_bounds(void **state)
{
	struct arena *a = arena_new();
	const char *text = repeat(a, "\x01", 4096, "");
	const char *const parts[] = { text, text, text };
	struct word key = key_make(a, "policyd:", "grey", text, parts, 3);
	(void)state;

	assert_int_equal(key.size, strlen(key.text));
	assert_true(key.size <= 8 + 4 + 4 * (KEY_COMPONENT + 3));
	arena_release(a);
}

struct decode_row {
	const char *name, *component, *text;
};

static const struct decode_row decode_rows[] = {
	{ "an escape at the end is decoded", "a%20", "a " },
	{ "large digits are decoded too", "a%3A", "a:" },
	{ "half an escape stays", "a%2", "a%2" },
	{ "a lone percent sign stays", "100%", "100%" },
	{ "what is no hex stays", "%zz", "%zz" },
	{ "a sign is no hex", "%-1", "%-1" },
	{ "a blank is no hex", "% 1", "% 1" },
	{ "0x is no hex", "%0x1", "%0x1" },
	{ "a NUL is not made", "a%00b", "a%00b" },
	{ "a hash stays", "aaa~0123456789abcdef", "aaa~0123456789abcdef" },
};

static void
decodes(void **state)
{
	const struct decode_row *row = *state;
	struct arena *a = arena_new();

	assert_string_equal(key_decode(a, row->component), row->text);
	arena_release(a);
}

int
main(void)
{
	struct suite s = { 0 };
	int failed;

	SUITE_ROWS(&s, component_rows, components);
	SUITE_ROWS(&s, decode_rows, decodes);
	SUITE_TEST(
	    &s, every_byte_but_four_that_is_to_be_seen_stands_for_itself);
	SUITE_TEST(&s, eight_bytes_at_a_time_are_the_same_as_one_by_one);
	SUITE_TEST(&s, a_key_is_prefix_name_tag_and_parts);
	SUITE_TEST(&s, a_twin_has_the_tag_and_the_parts);
	SUITE_TEST(&s, an_empty_part_keeps_its_place);
	SUITE_TEST(&s, a_component_of_256_bytes_is_whole);
	SUITE_TEST(&s, a_longer_one_keeps_its_head_and_ends_in_a_hash);
	SUITE_TEST(&s, letter_case_makes_no_second_name_for_a_long_one);
	SUITE_TEST(&s, no_escape_is_ever_cut);
	SUITE_TEST(&s, four_kilobytes_in_each_part_stay_in_bounds);
	failed = suite_run(&s, "ask/key");
	arena_pool_clear();
	return failed;
}
