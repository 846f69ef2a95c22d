/*
 * Whose host it is. The list itself is not ours: what is taken for granted of
 * it here has been so for ten years.
 */
#include "base/suffix.h"

#include <string.h>

#include "base/arena.h"
#include "kit/suite.h"

struct row {
	const char *name, *host;
	const char *organisation; /* NULL: nobody's */
};

static const struct row rows[] = {
	{ "a host is its domain's", "mx.example.com", "example.com" },
	{ "so is one deeper down", "a.b.c.example.com", "example.com" },
	{ "and the domain itself", "example.com", "example.com" },
	{ "a country may have domains of three labels", "mx.example.co.uk",
	    "example.co.uk" },
	{ "one below a hoster's name is its own", "a.b.github.io",
	    "b.github.io" },
	{ "a top level nobody knows is a suffix", "a.b.example", "b.example" },
	{ "IDN is as good", "mx.xn--bcher-kva.example",
	    "xn--bcher-kva.example" },
	{ "also at the top", "mx.example.xn--p1ai", "example.xn--p1ai" },
	{ "case does not matter", "MX.Example.CO.UK", "example.co.uk" },
	{ "a suffix is nobody's", "co.uk", NULL },
	{ "so is a top level", "com", NULL },
	{ "so is a word", "localhost", NULL },
	{ "so is nothing", "", NULL },
	{ "an address is no name", "192.0.2.7", NULL },
	{ "a name may begin with digits", "7.192.0.2.example.com",
	    "example.com" },
	{ "a dot at its end is none", "mx.example.com.", NULL },
	{ "nor is an empty label", "mx..example.com", NULL },
	{ "nor one in front", ".example.com", NULL },
	{ "nor other scripts",
	    "mx.b\xc3\xbc"
	    "cher.example",
	    NULL },
	{ "nor what is no name at all", "{a}:b/c.example.com", NULL },
};

static void
belongs_to(void **state)
{
	const struct row *row = *state;
	struct arena *a = arena_new();
	const struct suffixes *const lists[] = { NULL, suffixes_open(a) };

	for (int i = 0; i < 2; i++) {
		const char *found = suffixes_organisation(
		    lists[i], a, row->host);

		if (row->organisation)
			assert_string_equal(found, row->organisation);
		else
			assert_null(found);
	}
	arena_release(a);
}

static void
with_label(char *name, size_t size)
{
	memset(name, 'a', size);
	strcpy(name + size, ".example.com");
}

static void
what_is_too_long_is_no_name(void **state)
{
	struct arena *a = arena_new();
	char name[600];

	(void)state;
	with_label(name, 63);
	assert_string_equal(
	    suffixes_organisation(NULL, a, name), "example.com");
	with_label(name, 64);
	assert_null(suffixes_organisation(NULL, a, name));
	*name = '\0';
	for (int i = 0; i < 120; i++)
		strcat(name, "a.");
	strcat(name, "a.example.com");
	assert_int_equal(strlen(name), 253);
	assert_string_equal(
	    suffixes_organisation(NULL, a, name), "example.com");
	memmove(name + 1, name, strlen(name) + 1);
	assert_null(suffixes_organisation(NULL, a, name));
	arena_release(a);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, belongs_to);
	SUITE_TEST(&s, what_is_too_long_is_no_name);
	return suite_run(&s, "suffix");
}
