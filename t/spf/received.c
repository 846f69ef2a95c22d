/*
 * A verdict as a header tells it.
 */
#include "spf/spf.h"

#include <string.h>

#include "base/arena.h"
#include "kit/suite.h"

static struct arena *arena;

struct row {
	const char *name;
	const char *header;
	struct spf_verdict verdict;
	const char *ip, *helo, *sender;
	const char *receiver;
};

#define VERDICT(result, term, problem)                                         \
	{                                                                      \
		result, "example.org", "example.org", term, problem            \
	}
#define IP4 "192.0.2.1", "mail.example.net", "user@example.org"
#define IP6 "2001:db8::1", "mail.example.net", "user@example.org"

static const struct row rows[] = {
	{ "it begins with the result and ends with what matched",
	    "pass (example.org permits 192.0.2.1) identity=mailfrom;"
	    " client-ip=192.0.2.1; helo=mail.example.net;"
	    " envelope-from=\"user@example.org\"; receiver=mx.example.com;"
	    " mechanism=\"ip4:192.0.2.0/24\"",
	    VERDICT(SPF_PASS, "ip4:192.0.2.0/24", ""), IP4, "mx.example.com" },
	{ "an IPv6 address stands in quotes",
	    "fail (example.org does not permit 2001:db8::1) identity=mailfrom;"
	    " client-ip=\"2001:db8::1\"; helo=mail.example.net;"
	    " envelope-from=\"user@example.org\"; receiver=mx.example.com;"
	    " mechanism=-all",
	    VERDICT(SPF_FAIL, "-all", ""), IP6, "mx.example.com" },
	{ "a receiver without a name is left out",
	    "softfail (example.org probably does not permit 192.0.2.1)"
	    " identity=mailfrom; client-ip=192.0.2.1; helo=mail.example.net;"
	    " envelope-from=\"user@example.org\"; mechanism=\"~all\"",
	    VERDICT(SPF_SOFTFAIL, "~all", ""), IP4, "" },
	{ "what no term says is said by default",
	    "neutral (example.org says nothing about 192.0.2.1)"
	    " identity=mailfrom; client-ip=192.0.2.1; helo=mail.example.net;"
	    " envelope-from=\"user@example.org\"; mechanism=default",
	    VERDICT(SPF_NEUTRAL, "", ""), IP4, "" },
	{ "where there is no record, no mechanism is told",
	    "none (example.org has no record about 192.0.2.1)"
	    " identity=mailfrom; client-ip=192.0.2.1; helo=mail.example.net;"
	    " envelope-from=\"user@example.org\"",
	    VERDICT(SPF_NONE, "", ""), IP4, "" },
	{ "of an error the problem is told",
	    "temperror (example.org could not be asked about 192.0.2.1)"
	    " identity=mailfrom; client-ip=192.0.2.1; helo=mail.example.net;"
	    " envelope-from=\"user@example.org\";"
	    " problem=\"the DNS does not answer\"",
	    VERDICT(SPF_TEMPERROR, "a:example.com", "the DNS does not answer"),
	    IP4, "" },
	{ "the problem of a record holds what stands there, with backslashes",
	    "permerror (example.org has a wrong record about 192.0.2.1)"
	    " identity=mailfrom; client-ip=192.0.2.1; helo=mail.example.net;"
	    " envelope-from=\"user@example.org\";"
	    " problem=\"\\\"x\\\\\\\": unknown mechanism\"",
	    VERDICT(SPF_PERMERROR, "", "\"x\\\": unknown mechanism"), IP4, "" },
	{ "a bounce is about the name of the greeting",
	    "pass (example.org permits 192.0.2.1) identity=helo;"
	    " client-ip=192.0.2.1; helo=example.org; envelope-from=\"<>\";"
	    " mechanism=a",
	    VERDICT(SPF_PASS, "a", ""), "192.0.2.1", "example.org", "", "" },
	{ "a client may have said nothing at all",
	    "none (an empty name has no record about 192.0.2.1) identity=helo;"
	    " client-ip=192.0.2.1; envelope-from=\"<>\"",
	    { SPF_NONE, "", "", "", "" }, "192.0.2.1", "", "", "" },
	{ "a record of our own is called so",
	    "pass (our record for example.org permits 192.0.2.1)"
	    " identity=mailfrom; client-ip=192.0.2.1; helo=mail.example.net;"
	    " envelope-from=\"user@example.org\"; mechanism=mx",
	    { SPF_PASS, "example.org", "example.org", "mx", "", true }, IP4,
	    "" },
	{ "nobody says identity= or ends the quotes, the comment, the line",
	    "none (a\\)\\; identity\\=helo\\( has no record about 192.0.2.1)"
	    " identity=mailfrom; client-ip=192.0.2.1;"
	    " helo=\"x\\\"\\; identity\\=helo\\; y\\=\\\\\";"
	    " envelope-from=\"u?\?Subject: x?v@a\\)\\; identity\\=helo\\(\"",
	    { SPF_NONE, "a); identity=helo(", "", "", "" }, "192.0.2.1",
	    "x\"; identity=helo; y=\\",
	    "u\r\nSubject: x\177v@a); identity=helo(", "" },
	{ "bytes that are no ASCII are question marks",
	    "none (\?\?.example has no record about 192.0.2.1) "
	    "identity=mailfrom;"
	    " client-ip=192.0.2.1; helo=\"\?\?.example\";"
	    " envelope-from=\"\?\?@\?\?.example\"",
	    { SPF_NONE, "\xc3\xa4.example", "", "", "" }, "192.0.2.1",
	    "\xc3\xa4.example", "\xc3\xa4@\xc3\xa4.example", "" },
	{ "a name with a dot at an end stands in quotes",
	    "none (example.org has no record about 192.0.2.1)"
	    " identity=mailfrom; client-ip=192.0.2.1; helo=\"example.net.\";"
	    " envelope-from=\".a\"; receiver=\"a..b\"",
	    VERDICT(SPF_NONE, "", ""), "192.0.2.1", "example.net.", ".a",
	    "a..b" },
};

static const char *
header_of(const struct row *row)
{
	struct spf_client c = { .helo = row->helo, .sender = row->sender };

	assert_true(address_parse(&c.address, row->ip));
	return spf_received(arena, &row->verdict, &c, row->receiver);
}

static void
header(void **state)
{
	const struct row *row = *state;

	assert_string_equal(header_of(row), row->header);
}

/* So many times one byte. */
static const char *
many(char byte, size_t count)
{
	char *text = arena_alloc(arena, count + 1);

	memset(text, byte, count);
	return text;
}

static void
whatever_is_too_long_is_cut(void **state)
{
	static const char bytes[] = "a\"\x80";

	(void)state;
	for (enum spf_result r = 0; r < SPF_RESULTS; r++)
		for (size_t i = 0; i < sizeof(bytes) - 1; i++) {
			const char *s = many(bytes[i], 5000);
			const struct row row = { "", "",
				{ r, s, s, s, r % 2 ? s : "", true },
				"2001:db8:1111:2222:3333:4444:5555:6666", s, s,
				s };
			const char *text = header_of(&row);

			assert_in_range(strlen(text), 600, SPF_RECEIVED);
			assert_non_null(strstr(text, "...\""));
		}
}

static void
what_is_cut_ends_with_dots_and_what_fits_does_not(void **state)
{
	struct row row = { "", "", VERDICT(SPF_NONE, "", ""), IP4, "" };

	(void)state;
	row.helo = many('x', 110);
	assert_null(strstr(header_of(&row), "..."));
	assert_non_null(strstr(header_of(&row), row.helo));
	row.helo = many('x', 111);
	assert_non_null(strstr(header_of(&row), "xxx...\"; envelope-from="));
}

static void
a_backslash_and_its_character_are_cut_together(void **state)
{
	struct row row = { "", "", VERDICT(SPF_NONE, "", ""), IP4, "" };

	(void)state;
	for (size_t n = 100; n < 115; n++) {
		char *helo = (char *)many('"', n + 10);

		memset(helo, 'x', n - 50);
		row.helo = helo;
		assert_non_null(
		    strstr(header_of(&row), "\\\"...\"; envelope-from="));
	}
}

int
main(void)
{
	static struct suite suite;
	int failed;

	arena = arena_new();
	SUITE_ROWS(&suite, rows, header);
	SUITE_TEST(&suite, whatever_is_too_long_is_cut);
	SUITE_TEST(&suite, what_is_cut_ends_with_dots_and_what_fits_does_not);
	SUITE_TEST(&suite, a_backslash_and_its_character_are_cut_together);
	failed = suite_run(&suite, "received");
	arena_release(arena);
	arena_pool_clear();
	return failed;
}
