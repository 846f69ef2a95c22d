/*
 * What an item of a list of DNS lists means.
 */
#include "conf/dnsbl.h"

#include <string.h>

#include "base/arena.h"
#include "kit/suite.h"

#define A10 "aaaaaaaaaa"
#define A60 A10 A10 A10 A10 A10 A10
#define Z183 A60 "." A60 "." A60 "."

enum { NOT, COUNTS };

struct counts_row {
	const char *name;
	const char *text;
	unsigned char answer[DNSBL_OCTETS];
	bool counts;
};

// clang-format off
static const struct counts_row counts_rows[] = {
	{ "any answer counts", "bl.example", { 127, 0, 0, 2 }, COUNTS },
	{ "the last one too", "bl.example", { 127, 255, 255, 255 }, COUNTS },
	{ "but none from elsewhere", "bl.example", { 126, 0, 0, 2 }, NOT },
	{ "which a filter names does", "bl.example=127.0.0.2", { 127, 0, 0, 2 }, COUNTS },
	{ "another does not", "bl.example=127.0.0.2", { 127, 0, 0, 3 }, NOT },
	{ "wherever it differs", "bl.example=127.0.0.2", { 127, 0, 1, 2 }, NOT },
	{ "a weight changes nothing about it", "bl.example=127.0.0.2*3", { 127, 0, 0, 2 }, COUNTS },
	{ "a range begins", "bl.example=127.0.0.[2..11]", { 127, 0, 0, 2 }, COUNTS },
	{ "a range ends", "bl.example=127.0.0.[2..11]", { 127, 0, 0, 11 }, COUNTS },
	{ "before it there is nothing", "bl.example=127.0.0.[2..11]", { 127, 0, 0, 1 }, NOT },
	{ "nor behind it", "bl.example=127.0.0.[2..11]", { 127, 0, 0, 12 }, NOT },
	{ "a set has ranges and numbers", "bl.example=127.0.0.[2..4;14]", { 127, 0, 0, 14 }, COUNTS },
	{ "and what is between them not", "bl.example=127.0.0.[2..4;14]", { 127, 0, 0, 5 }, NOT },
	{ "a set may begin with a number", "bl.example=127.0.0.[1;3..5]", { 127, 0, 0, 4 }, COUNTS },
	{ "a set of one is one", "bl.example=127.0.0.[3]", { 127, 0, 0, 3 }, COUNTS },
	{ "every number may be a set", "wl.example=127.0.[0..255].[1..3]*-4", { 127, 0, 200, 3 }, COUNTS },
	{ "each for itself", "wl.example=127.0.[0..255].[1..3]*-4", { 127, 0, 200, 4 }, NOT },
	{ "a range may hold all", "bl.example=127.0.0.[0..255]", { 127, 0, 0, 255 }, COUNTS },
};
// clang-format on

static void
counts(void **state)
{
	const struct counts_row *row = *state;
	struct arena *a = arena_new();
	struct dnsbl list;

	assert_null(dnsbl_read(a, row->text, &list));
	assert_int_equal(dnsbl_counts(&list, row->answer), row->counts);
	arena_release(a);
}

struct read_row {
	const char *name;
	const char *text;
	const char *zone;
	int64_t weight;
};

static const struct read_row read_rows[] = {
	{ "a list weighs 1", "bl.example", "bl.example", 1 },
	{ "with a filter too", "bl.example=127.0.0.2", "bl.example", 1 },
	{ "or more", "bl.example*3", "bl.example", 3 },
	{ "or nothing", "bl.example*0", "bl.example", 0 },
	{ "or less", "wl.example*-4", "wl.example", -4 },
	{ "behind a filter", "wl.example=127.0.0.2*-4", "wl.example", -4 },
	{ "up to a thousand", "bl.example*1000", "bl.example", 1000 },
	{ "either way", "wl.example*-1000", "wl.example", -1000 },
	{ "its letters are small", "BL.Example*3", "bl.example", 3 },
	{ "its domain may have underscores, as some have for a key",
	    "k_1.dq.example", "k_1.dq.example", 1 },
	{ "and leave just room for an IPv6 address", Z183 "aaaaaa",
	    Z183 "aaaaaa", 1 },
};

static void
reads(void **state)
{
	const struct read_row *row = *state;
	struct arena *a = arena_new();
	struct dnsbl list;

	assert_null(dnsbl_read(a, row->text, &list));
	assert_string_equal(list.zone, row->zone);
	assert_int_equal(list.weight, row->weight);
	assert_string_equal(list.text, row->text);
	arena_release(a);
}

struct wrong_row {
	const char *name;
	const char *text;
	const char *wrong;
};

#define NO_FILTER                                                              \
	"has no filter such as 127.0.0.2 or 127.0.0.[2..11;14] behind its '='"
#define NO_WEIGHT "has no weight from -1000 to 1000 behind its '*'"
#define NO_DOMAIN "is not a domain"

// clang-format off
static const struct wrong_row wrong_rows[] = {
	{ "there is a domain", "", NO_DOMAIN },
	{ "before a filter too", "=127.0.0.2", NO_DOMAIN },
	{ "of letters and digits", "bl example", NO_DOMAIN },
	{ "it does not end with a dot", "bl.example.", NO_DOMAIN },
	{ "it is no mail address", "a@bl.example", NO_DOMAIN },
	{ "it is in ASCII", "b\xc3\xbc.example", "is not a domain in ASCII" },
	{ "it leaves room for an address", Z183 "aaaaaaa", "has too long a domain" },
	{ "a filter is not empty", "bl.example=", NO_FILTER },
	{ "nor before a weight", "bl.example=*2", NO_FILTER },
	{ "it has four numbers", "bl.example=127.0.0", NO_FILTER },
	{ "and no hole", "bl.example=127..0.2", NO_FILTER },
	{ "of at most 255", "bl.example=127.0.0.256", NO_FILTER },
	{ "in a set too", "bl.example=127.0.0.[2..256]", NO_FILTER },
	{ "not of many digits", "bl.example=127.0.0.99999999999999999999", NO_FILTER },
	{ "a range stands in brackets", "bl.example=127.0.0.2..11", NO_FILTER },
	{ "which are closed", "bl.example=127.0.0.[2..11", NO_FILTER },
	{ "and hold something", "bl.example=127.0.0.[]", NO_FILTER },
	{ "between semicolons too", "bl.example=127.0.0.[2;;4]", NO_FILTER },
	{ "a range goes up", "bl.example=127.0.0.[11..2]", NO_FILTER },
	{ "and has an end", "bl.example=127.0.0.[2..]", NO_FILTER },
	{ "blanks are no part of it", "bl.example=127.0.0.[2; 4]", NO_FILTER },
	{ "a list answers nothing else", "bl.example=10.0.0.2", "has a filter outside of 127.0.0.0/8" },
	{ "nor sometimes", "bl.example=[0..255].0.0.2", "has a filter outside of 127.0.0.0/8" },
	{ "a weight is not missing", "bl.example*", NO_WEIGHT },
	{ "nor a lone sign", "bl.example*-", NO_WEIGHT },
	{ "nor more than a thousand", "bl.example*1001", NO_WEIGHT },
	{ "nor less", "bl.example*-1001", NO_WEIGHT },
	{ "nor a fraction", "bl.example*1.5", NO_WEIGHT },
	{ "nothing follows it", "bl.example*2*3", NO_WEIGHT },
	{ "a filter stands before it", "bl.example*2=127.0.0.2", NO_WEIGHT },
	{ "there is one filter", "bl.example=127.0.0.2=127.0.0.3", NO_FILTER },
};
// clang-format on

static void
is_wrong(void **state)
{
	const struct wrong_row *row = *state;
	struct arena *a = arena_new();
	struct dnsbl list;
	const char *wrong = dnsbl_read(a, row->text, &list);

	assert_non_null(wrong);
	assert_string_equal(wrong, row->wrong);
	arena_release(a);
}

struct same_row {
	const char *name;
	const char *one, *other;
	bool same;
};

// clang-format off
static const struct same_row same_rows[] = {
	{ "a list is the same with another weight", "bl.example", "BL.example*2", true },
	{ "or its answers written in another way", "bl.example=127.0.0.[2..3]", "bl.example=127.0.0.[3;2]", true },
	{ "not with other answers", "bl.example=127.0.0.2", "bl.example=127.0.0.3", false },
	{ "nor at another place", "bl.example", "bl.example.net", false },
};
// clang-format on

static void
is_same(void **state)
{
	const struct same_row *row = *state;
	struct arena *a = arena_new();
	struct dnsbl one, other;

	assert_null(dnsbl_read(a, row->one, &one));
	assert_null(dnsbl_read(a, row->other, &other));
	assert_int_equal(dnsbl_same(&one, &other), row->same);
	arena_release(a);
}

struct sane_row {
	const char *name;
	unsigned char answer[DNSBL_OCTETS];
	bool sane;
	bool one;
};

// clang-format off
static const struct sane_row sane_rows[] = {
	{ "a list answers 127.0.0.2", { 127, 0, 0, 2 }, true },
	{ "or anything else of 127", { 127, 255, 254, 1 }, true },
	{ "not 127.0.0.1", { 127, 0, 0, 1 }, false },
	{ "nor what says that one asked through a public resolver", { 127, 255, 255, 254 }, false },
	{ "nor too often", { 127, 255, 255, 255 }, false },
	{ "nor an address of the internet", { 192, 0, 2, 1 }, false },
	{ "127.0.0.1 only where that is asked for", { 127, 0, 0, 1 }, true, true },
	{ "which changes nothing of others", { 127, 255, 255, 254 }, false, true },
	{ "nor of other networks", { 192, 0, 0, 1 }, false, true },
};
// clang-format on

static void
is_sane(void **state)
{
	const struct sane_row *row = *state;

	assert_int_equal(dnsbl_sane(row->answer, row->one), row->sane);
}

struct one_row {
	const char *name;
	const char *text;
	bool one;
};

static const struct one_row one_rows[] = {
	{ "127.0.0.1 can be asked for", "bl.example=127.0.0.1", true },
	{ "with any weight", "bl.example=127.0.0.1*-3", true },
	{ "in brackets too", "bl.example=127.0.0.[1]", true },
	{ "not together with others", "bl.example=127.0.0.[1..2]", false },
	{ "nor by asking for all", "bl.example", false },
	{ "nor by another one", "bl.example=127.0.0.2", false },
};

static void
is_one(void **state)
{
	const struct one_row *row = *state;
	struct arena *a = arena_new();
	struct dnsbl list;

	assert_null(dnsbl_read(a, row->text, &list));
	assert_int_equal(list.one, row->one);
	arena_release(a);
}

int
main(void)
{
	struct suite s = { 0 };

	SUITE_ROWS(&s, read_rows, reads);
	SUITE_ROWS(&s, counts_rows, counts);
	SUITE_ROWS(&s, wrong_rows, is_wrong);
	SUITE_ROWS(&s, same_rows, is_same);
	SUITE_ROWS(&s, sane_rows, is_sane);
	SUITE_ROWS(&s, one_rows, is_one);
	return suite_run(&s, "conf/dnsbl");
}
