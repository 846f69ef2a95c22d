/*
 * Keys and values as policyctl reads them back.
 */
#include "../policyd/policyctl_key.h"

#include <string.h>

#include "../policyd/policyctl_grey.h"
#include "ask/key.h"
#include "base/arena.h"
#include "kit/suite.h"

struct key_row {
	const char *name, *key;
	const char *of; /* the key's name; NULL: it is no key of ours */
	const char *tag, *first, *second;
};

static const struct key_row key_rows[] = {
	{ "a key has a name, a tag and parts", "p:grey:{192.0.2.0/24}:a@b:c@d",
	    "grey", "192.0.2.0/24", "a@b", "c@d" },
	{ "parts are optional", "p:known:{192.0.2.0/24}", "known",
	    "192.0.2.0/24" },
	{ "so is the tag", "p:access", "access" },
	{ "without a tag there may be parts", "p:why:by:x", "why", NULL, "by",
	    "x" },
	{ "what was encoded is decoded", "p:grey:{2001%3adb8%3a%3a/64}:%7ba",
	    "grey", "2001:db8::/64", "{a" },
	{ "an empty part is a part", "p:grey:{x}:", "grey", "x", "" },
	{ "a tag may be empty", "p:grey:{}", "grey", "" },
	{ "another prefix is not ours", "q:grey:{x}" },
	{ "the prefix alone is no key", "p:" },
	{ "a tag must be closed", "p:grey:{x" },
	{ "behind a tag there is a part or nothing", "p:grey:{x}y" },
	{ "too many parts are not ours", "p:a:1:2:3:4:5" },
};

static const char *
or_none(const char *text)
{
	return text ? text : "(none)";
}

static void
is_split(void **state)
{
	const struct key_row *row = *state;
	struct arena *a = arena_new();
	struct key_parts k;

	assert_int_equal(key_split(&k, a, "p:", row->key), row->of != NULL);
	if (row->of) {
		assert_string_equal(k.name, row->of);
		assert_string_equal(or_none(k.tag), or_none(row->tag));
		assert_string_equal(or_none(k.parts[0]), or_none(row->first));
		assert_string_equal(or_none(k.parts[1]), or_none(row->second));
	}
	arena_release(a);
}

static void
what_key_make_made_is_split_again(void **state)
{
	struct arena *a = arena_new();
	const char *const parts[] = { "a:{}% \t\xc3\xbc", "" };
	const char *key = key_make(a, "p:", "grey", "x:y", parts, 2).text;
	struct key_parts k;

	(void)state;
	assert_true(key_split(&k, a, "p:", key));
	assert_string_equal(k.tag, "x:y");
	assert_int_equal(k.count, 2);
	assert_string_equal(k.parts[0], parts[0]);
	assert_string_equal(k.parts[1], "");
	arena_release(a);
}

static void
a_pattern_takes_its_text_literally(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	assert_string_equal(
	    key_pattern(a, "a*b?[c]\\^:"), "a\\*b\\?\\[c\\]\\\\\\^:*");
	arena_release(a);
}

static void
a_pattern_of_two_takes_either_byte_as_far_as_both_go(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	assert_string_equal(
	    key_pattern_of_two(a, "a]", "a-c"), "[\\a\\a][\\]\\-]*");
	assert_string_equal(key_pattern_of_two(a, "^b", "*"), "[\\^\\*]*");
	arena_release(a);
}

struct number_row {
	const char *name, *value, *of;
	bool found;
	int64_t number;
};

static const struct number_row number_rows[] = {
	{ "the first number is found", "first=1 last=2", "first", true, 1 },
	{ "the last one, too", "first=1 last=2", "last", true, 2 },
	{ "a name within a name is not", "lastfirst=1", "first", false },
	{ "a longer name is not", "firsts=1", "first", false },
	{ "a name without a number is not", "first= last=2", "first", false },
	{ "a text is no number", "first=x", "first", false },
	{ "a number with something behind it is none", "first=1x", "first",
	    false },
	{ "in nothing nothing is found", "", "first", false },
};

static void
is_found(void **state)
{
	const struct number_row *row = *state;
	int64_t number = 0;

	assert_int_equal(grey_number(row->value, row->of, &number), row->found);
	if (row->found)
		assert_int_equal(number, row->number);
}

int
main(void)
{
	struct suite s = { 0 };

	SUITE_ROWS(&s, key_rows, is_split);
	SUITE_ROWS(&s, number_rows, is_found);
	SUITE_TEST(&s, what_key_make_made_is_split_again);
	SUITE_TEST(&s, a_pattern_takes_its_text_literally);
	SUITE_TEST(&s, a_pattern_of_two_takes_either_byte_as_far_as_both_go);
	return suite_run(&s, "policyctl_key");
}
