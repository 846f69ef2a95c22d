/*
 * Questions that are equal are asked once.
 */
#include "ask/ask.h"

#include <ctype.h>
#include <string.h>

#include "kit/suite.h"

static const struct script one = { "one", "return 1" };
static const struct script two = { "two", "return 2" };

struct row {
	const char *name;
	bool equal;
	struct question a, b;
};

static const char same_zone[2][10] = { "a.example", "a.example" };

/* A question of script one about key k with argument `word`. */
#define ASKING(word)                                                           \
	{                                                                      \
		.script = &one, .keys = 1, .count = 2, .words = {              \
			{ "k", 1 },                                            \
			{ word, sizeof(word) - 1 }                             \
		}                                                              \
	}

static const struct row rows[] = {
	{ "a question equals itself", true, ASKING("a"), ASKING("a") },
	{ "another word is another question", false, ASKING("a"), ASKING("b") },
	{ "a longer word is another question", false, ASKING("a"),
	    ASKING("ab") },
	{ "a word may hold a NUL", false, ASKING("a\0b"), ASKING("a\0c") },
	{ "an empty word is a word", false, ASKING(""),
	    { .script = &one,
		.keys = 1,
		.count = 1,
		.words = { { "k", 1 } } } },
	{ "another script is another question", false,
	    { .script = &one, .count = 0 }, { .script = &two, .count = 0 } },
	{ "to read is not to write", false,
	    { .script = &one, .read_only = true }, { .script = &one } },
	{ "a key is no argument", false,
	    { .script = &one, .keys = 1, .count = 1, .words = { { "k", 1 } } },
	    { .script = &one,
		.keys = 0,
		.count = 1,
		.words = { { "k", 1 } } } },
	{ "a question of a list is one of no other", false,
	    { .dns = 1, .zone = "a.example" },
	    { .dns = 1, .zone = "b.example" } },
	{ "nor one without a list", false, { .dns = 1, .zone = "a.example" },
	    { .dns = 1 } },
	{ "a list has the same name wherever it stands", true,
	    { .dns = 1, .zone = same_zone[0] },
	    { .dns = 1, .zone = same_zone[1] } },
	{ "words behind the last do not count", true,
	    { .script = &one, .words = { { "x", 1 } } },
	    { .script = &one, .words = { { "y", 1 } } } },
};

static void
equal(void **state)
{
	const struct row *row = *state;

	assert_int_equal(question_equal(&row->a, &row->b), row->equal);
	assert_int_equal(question_equal(&row->b, &row->a), row->equal);
}

static void
every_loss_has_a_name_of_one_word_and_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < LOSS_COUNT; i++) {
		const char *name = loss_name(i);

		assert_non_null(name);
		assert_true(*name);
		for (const char *p = name; *p; p++)
			assert_true(islower((unsigned char)*p) || *p == '_');
		for (int k = 0; k < i; k++)
			assert_string_not_equal(name, loss_name(k));
	}
}

int
main(void)
{
	struct suite s = { 0 };

	SUITE_ROWS(&s, rows, equal);
	SUITE_TEST(&s, every_loss_has_a_name_of_one_word_and_its_own);
	return suite_run(&s, "ask/ask");
}
