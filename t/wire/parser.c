/*
 * Bytes to requests, in whatever pieces they come.
 *
 * Each row is parsed whole, byte by byte, and in two pieces split at every
 * place; the transcript must always be the same: "[name=value ...]" for each
 * request with what is not empty in it, then "more" or "error: WHY".
 */
#include "wire/parser.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "engine/request.h"
#include "kit/suite.h"
#include "wire/wire.h"

// clang-format off
#define PLACE(name) { #name, offsetof(struct request, name) }

static const struct {
	const char *name;
	size_t at;
} places[] = {
	PLACE(protocol_state), PLACE(protocol_name), PLACE(client_address),
	PLACE(client_name), PLACE(client_port), PLACE(reverse_client_name),
	PLACE(server_address), PLACE(server_port), PLACE(helo_name),
	PLACE(sender), PLACE(recipient), PLACE(recipient_count),
	PLACE(queue_id), PLACE(instance), PLACE(size), PLACE(stress),
	PLACE(sasl_method), PLACE(sasl_username), PLACE(sasl_sender),
	PLACE(ccert_subject), PLACE(ccert_fingerprint),
	PLACE(encryption_protocol), PLACE(policy_context)
};
// clang-format on

enum { PLACES = sizeof(places) / sizeof(places[0]) };

static const char *
value(const struct request *r, size_t i)
{
	return *(const char *const *)((const char *)r + places[i].at);
}

/* What one parser makes of a stream that comes in pieces. */
struct reading {
	struct parser parser;
	char *transcript;
	size_t size;
	FILE *out;
	bool broken;
};

static void
begin(struct reading *to)
{
	memset(to, 0, sizeof(*to));
	to->out = open_memstream(&to->transcript, &to->size);
}

static void
show(FILE *out, const struct request *r)
{
	const char *before = "[";

	for (size_t i = 0; i < PLACES; i++) {
		assert_non_null(value(r, i));
		if (!*value(r, i))
			continue;
		fprintf(out, "%s%s=%s", before, places[i].name, value(r, i));
		before = " ";
	}
	fprintf(out, "%s] ", *before == '[' ? "[" : "");
}

/* The piece is copied to memory of just its size: sanitizers see its end. */
static void
take(struct reading *to, const char *bytes, size_t size)
{
	char *piece = memcpy(malloc(size), bytes, size);
	size_t at = 0, used;
	struct request *r;
	const char *error;

	while (at < size && !to->broken) {
		switch (parser_take(
		    &to->parser, piece + at, size - at, &used, &r, &error)) {
		case PARSED_REQUEST:
			show(to->out, r);
			arena_release(r->arena);
			assert_true(used > 0);
			break;
		case PARSED_MORE:
			assert_int_equal(used, size - at);
			break;
		case PARSED_ERROR:
			fprintf(to->out, "error: %s", error);
			to->broken = true;
			break;
		}
		at += used;
		assert_true(at <= size);
	}
	free(piece);
}

/* The transcript; to be freed. */
static char *
end(struct reading *to)
{
	if (to->parser.kept && !to->broken)
		fprintf(to->out, "more");
	fclose(to->out);
	parser_clear(&to->parser);
	return to->transcript;
}

static char *
read_whole(const char *bytes, size_t size)
{
	struct reading to;

	begin(&to);
	take(&to, bytes, size);
	return end(&to);
}

static char *
read_bytes(const char *bytes, size_t size)
{
	struct reading to;

	begin(&to);
	for (size_t i = 0; i < size; i++)
		take(&to, bytes + i, 1);
	return end(&to);
}

static char *
read_two(const char *bytes, size_t size, size_t first)
{
	struct reading to;

	begin(&to);
	take(&to, bytes, first);
	take(&to, bytes + first, size - first);
	return end(&to);
}

static void
check(char *transcript, const char *expected)
{
	assert_string_equal(transcript, expected);
	free(transcript);
}

static void
reads(const char *bytes, size_t size, const char *expected)
{
	check(read_whole(bytes, size), expected);
	check(read_bytes(bytes, size), expected);
	for (size_t i = 1; i < size; i++)
		check(read_two(bytes, size, i), expected);
}

#define OURS "request=smtpd_access_policy\n"
#define BYTES(text) text, sizeof(text) - 1

struct row {
	const char *name;
	const char *bytes;
	size_t size;
	const char *transcript;
};

static const struct row rows[] = {
	{ "an empty line ends a request", BYTES(OURS "sender=a@b\n\n"),
	    "[sender=a@b] " },
	{ "without it there is more to come", BYTES(OURS "sender=a@b\n"),
	    "more" },
	{ "half a line is more to come", BYTES(OURS "sen"), "more" },
	{ "what was not sent is empty", BYTES(OURS "\n"), "[] " },
	{ "an unknown attribute is ignored", BYTES(OURS "moon=full\n\n"),
	    "[] " },
	{ "an attribute without a place is ignored",
	    BYTES(OURS "ccert_issuer=x\n\n"), "[] " },
	{ "a prefix of a name is another name",
	    BYTES(OURS "send=a\nsenders=b\n\n"), "[] " },
	{ "letter case matters in names", BYTES(OURS "Sender=a\n\n"), "[] " },
	{ "a name may be empty", BYTES(OURS "=a\n\n"), "[] " },
	{ "no memory address can be named",
	    BYTES(OURS "arena=a\nconf=b\nclient=c\n\n"), "[] " },
	{ "any order will do",
	    BYTES("sender=a\nprotocol_state=RCPT\n" OURS "recipient=b\n\n"),
	    "[protocol_state=RCPT sender=a recipient=b] " },
	{ "requests follow each other",
	    BYTES(OURS "sender=a\n\n" OURS "sender=b\n\n" OURS "sender=c\n\n"),
	    "[sender=a] [sender=b] [sender=c] " },
	{ "also when the last one is cut",
	    BYTES(OURS "sender=a\n\n" OURS "sen"), "[sender=a] more" },
	{ "nothing of a request is left in the next",
	    BYTES(OURS "sender=a\nhelo_name=h\n\n" OURS "recipient=b\n\n"),
	    "[helo_name=h sender=a] [recipient=b] " },
	{ "a line is split at its first equals sign",
	    BYTES(OURS "sender=SRS0=h=t=o=u@d\n\n"),
	    "[sender=SRS0=h=t=o=u@d] " },
	{ "a value may begin with one", BYTES(OURS "helo_name==?x\n\n"),
	    "[helo_name==?x] " },
	{ "the first of two equal names counts",
	    BYTES(OURS "sender=a\nrecipient=b\nsender=c\n\n"),
	    "[sender=a recipient=b] " },
	{ "also when the first is empty", BYTES(OURS "sender=\nsender=c\n\n"),
	    "[] " },
	{ "blanks belong to the value", BYTES(OURS "sender= a b \n\n"),
	    "[sender= a b ] " },
	{ "blanks belong to the name", BYTES(OURS "sender =a\n sender=b\n\n"),
	    "[] " },
	{ "control bytes pass, and are escaped where they go",
	    BYTES(OURS "sender=a\x01\x1b[31m\x7f\tb\n\n"),
	    "[sender=a\x01\x1b[31m\x7f\tb] " },
	{ "UTF-8 passes", BYTES(OURS "sender=\xc3\xbc@b\n\n"),
	    "[sender=\xc3\xbc@b] " },
	{ "bytes that are no UTF-8 pass", BYTES(OURS "sender=\xff\x80\n\n"),
	    "[sender=\xff\x80] " },
	{ "a CR within a value passes", BYTES(OURS "sender=a\rb\n\n"),
	    "[sender=a\rb] " },
	{ "so do tabs and other control characters, wherever they stand",
	    BYTES(OURS "sender=\t\x01 of a value of some length\x09\t\n"
		       "recipient=\x0b\n\n"),
	    "[sender=\t\x01 of a value of some length\x09\t "
	    "recipient=\x0b] " },
	{ "a format is no format", BYTES(OURS "sender=%s%n\n\n"),
	    "[sender=%s%n] " },

	{ "a line that ends in CR LF is an error",
	    BYTES(OURS "sender=a\r\nrecipient=b\n\n"),
	    "error: a line ends in CR LF instead of LF" },
	{ "also the first one", BYTES("request=smtpd_access_policy\r\n"),
	    "error: a line ends in CR LF instead of LF" },
	{ "an empty line with CR LF ends no request", BYTES(OURS "\r\n"),
	    "error: a line ends in CR LF instead of LF" },
	{ "one who speaks HTTP is told apart at once",
	    BYTES("GET / HTTP/1.1\r\n"),
	    "error: a line ends in CR LF instead of LF" },
	{ "a line without an equals sign is an error",
	    BYTES(OURS "sender\nrecipient=b\n\n"),
	    "error: a line without '='" },
	{ "also before the request is whole", BYTES("EHLO x\n"),
	    "error: a line without '='" },
	{ "a NUL in a value is an error", BYTES(OURS "sender=a\0b\n\n"),
	    "error: a NUL byte" },
	{ "a NUL in an empty value is an error", BYTES(OURS "sender=\0\n\n"),
	    "error: a NUL byte" },
	{ "a NUL behind a tab is an error",
	    BYTES(OURS "sender=a value\tand\0more of it\n\n"),
	    "error: a NUL byte" },
	{ "a NUL in a value of no known name is an error",
	    BYTES(OURS "moon=a\0b\n\n"), "error: a NUL byte" },
	{ "a NUL in a name is an error", BYTES(OURS "sen\0der=a\n\n"),
	    "error: a NUL byte" },
	{ "a NUL and nothing else is an error", BYTES(OURS "\0\n\n"),
	    "error: a NUL byte" },
	{ "another kind of request is an error",
	    BYTES("request=junk_policy\nsender=a\n\n"),
	    "error: no request=smtpd_access_policy" },
	{ "a request that says nothing of its kind is an error",
	    BYTES("sender=a\n\n"), "error: no request=smtpd_access_policy" },
	{ "an empty line alone is an error", BYTES("\n"),
	    "error: no request=smtpd_access_policy" },
	{ "one between two requests too", BYTES(OURS "\n\n" OURS "\n"),
	    "[] error: no request=smtpd_access_policy" },
	{ "the first kind counts", BYTES("request=junk_policy\n" OURS "\n"),
	    "error: no request=smtpd_access_policy" },
	{ "a kind with more behind it is another",
	    BYTES("request=smtpd_access_policy2\n\n"),
	    "error: no request=smtpd_access_policy" },
	{ "what came before an error counts",
	    BYTES(OURS "sender=a\n\n" OURS "x\n\n"),
	    "[sender=a] error: a line without '='" },
};

static void
rows_read(void **state)
{
	const struct row *row = *state;

	reads(row->bytes, row->size, row->transcript);
}

/* A stream that is put together: `text`, `count` times the byte `filler`. */
struct stream {
	char bytes[3 * WIRE_REQUEST];
	size_t size;
};

static void
put(struct stream *s, const char *text)
{
	memcpy(s->bytes + s->size, text, strlen(text));
	s->size += strlen(text);
}

static void
fill(struct stream *s, char filler, size_t count)
{
	memset(s->bytes + s->size, filler, count);
	s->size += count;
}

static const char *
outcome(const struct stream *s)
{
	static char word[64];
	char *whole = read_whole(s->bytes, s->size);
	char *bytes = read_bytes(s->bytes, s->size);

	assert_string_equal(whole, bytes);
	snprintf(word, sizeof(word), "%.60s", *whole == '[' ? "read" : whole);
	free(whole);
	free(bytes);
	return word;
}

static void
a_value_of_8_KB_is_read_and_one_more_byte_is_too_much(void **state)
{
	static struct stream s;
	(void)state;

	for (size_t more = 0; more < 2; more++) {
		s.size = 0;
		put(&s, OURS "sender=");
		fill(&s, 'a', WIRE_VALUE + more);
		put(&s, "\n\n");
		assert_string_equal(
		    outcome(&s), more ? "error: a value over 8 KB" : "read");
	}
}

static void
the_limit_holds_for_unknown_attributes_too(void **state)
{
	static struct stream s;
	(void)state;

	put(&s, OURS "moon=");
	fill(&s, 'a', WIRE_VALUE + 1);
	put(&s, "\n\n");
	assert_string_equal(outcome(&s), "error: a value over 8 KB");
}

static void
a_request_of_200_lines_is_read_and_one_more_is_too_much(void **state)
{
	static struct stream s;
	(void)state;

	for (int more = 0; more < 2; more++) {
		s.size = 0;
		put(&s, OURS);
		for (int i = 1; i < WIRE_ATTRIBUTES + more; i++)
			put(&s, "sender=a\n");
		put(&s, "\n");
		assert_string_equal(outcome(&s),
		    more ? "error: more than 200 attributes" : "read");
	}
}

static void
one_line_more_is_too_much_before_the_request_ends(void **state)
{
	static struct stream s;
	(void)state;

	s.size = 0;
	put(&s, OURS);
	for (int i = 0; i < WIRE_ATTRIBUTES; i++)
		put(&s, "sender=a\n");
	assert_string_equal(outcome(&s), "error: more than 200 attributes");
}

static void
a_request_of_64_KB_is_read_and_one_more_byte_is_too_much(void **state)
{
	static struct stream s;
	(void)state;

	for (size_t more = 0; more < 2; more++) {
		s.size = 0;
		put(&s, OURS "sender=a\n");
		while (s.size + 8000 < WIRE_REQUEST) {
			put(&s, "moon=");
			fill(&s, 'o', 7000);
			put(&s, "\n");
		}
		put(&s, "m=");
		fill(&s, 'o', WIRE_REQUEST - s.size - 2 + more);
		put(&s, "\n\n");
		assert_int_equal(s.size, WIRE_REQUEST + more);
		assert_string_equal(
		    outcome(&s), more ? "error: a request over 64 KB" : "read");
	}
}

static void
a_line_without_an_end_is_given_up_at_64_KB(void **state)
{
	static struct stream s;
	(void)state;

	fill(&s, 'a', WIRE_REQUEST);
	assert_string_equal(outcome(&s), "more");
	fill(&s, 'a', WIRE_REQUEST);
	assert_string_equal(outcome(&s), "error: a request over 64 KB");
}

static void
an_idle_client_keeps_nothing(void **state)
{
	struct reading to;
	(void)state;

	begin(&to);
	assert_null(to.parser.kept);
	take(&to, OURS, strlen(OURS));
	assert_non_null(to.parser.kept);
	take(&to, "\n", 1);
	assert_null(to.parser.kept);
	take(&to, OURS "\n", strlen(OURS) + 1);
	assert_null(to.parser.kept);
	free(end(&to));
}

/* Its lines are taken apart here in the simplest way, and compared. */
static char *
expect(const char *bytes)
{
	char *transcript = NULL, *copy = strdup(bytes), *save = NULL;
	size_t size;
	FILE *out = open_memstream(&transcript, &size);
	struct arena *a = arena_new();
	struct request *r = request_new(a);

	for (char *line = strtok_r(copy, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *equals = strchr(line, '=');

		*equals = '\0';
		for (size_t i = 0; i < PLACES; i++)
			if (strcmp(places[i].name, line) == 0)
				*(const char **)((char *)r +
				    places[i].at) = equals + 1;
	}
	show(out, r);
	fclose(out);
	arena_release(a);
	free(copy);
	return transcript;
}

static void
capture(const char *name)
{
	static char bytes[WIRE_REQUEST];
	char path[512], *expected;
	size_t size;
	FILE *f;

	snprintf(path, sizeof(path), "t/wire/requests/%s", name);
	f = fopen(path, "r");
	assert_non_null(f);
	size = fread(bytes, 1, sizeof(bytes) - 1, f);
	fclose(f);
	bytes[size] = '\0';
	expected = expect(bytes);
	reads(bytes, size, expected);
	assert_non_null(strstr(expected, "[protocol_state="));
	free(expected);
}

/* t/wire/requests: Postfix 3.7, one file a request, its exact bytes. */
static void
every_request_a_real_Postfix_sent_is_read(void **state)
{
	DIR *dir = opendir("t/wire/requests");
	struct dirent *entry;
	int count = 0;
	(void)state;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		if (strstr(entry->d_name, ".req")) {
			capture(entry->d_name);
			count++;
		}
	closedir(dir);
	assert_true(count >= 167);
}

int
main(void)
{
	struct suite s = { 0 };
	int failed;

	SUITE_ROWS(&s, rows, rows_read);
	SUITE_TEST(&s, a_value_of_8_KB_is_read_and_one_more_byte_is_too_much);
	SUITE_TEST(&s, the_limit_holds_for_unknown_attributes_too);
	SUITE_TEST(&s, a_request_of_200_lines_is_read_and_one_more_is_too_much);
	SUITE_TEST(&s, one_line_more_is_too_much_before_the_request_ends);
	SUITE_TEST(
	    &s, a_request_of_64_KB_is_read_and_one_more_byte_is_too_much);
	SUITE_TEST(&s, a_line_without_an_end_is_given_up_at_64_KB);
	SUITE_TEST(&s, an_idle_client_keeps_nothing);
	SUITE_TEST(&s, every_request_a_real_Postfix_sent_is_read);
	failed = suite_run(&s, "wire/parser");
	arena_pool_clear();
	return failed;
}
