/*
 * parser - an empty line ends a request
 *
 * A request that came whole is read where it lies; only the beginning of one
 * is copied. Its lines are looked at as they come, so that a stranger who
 * speaks HTTP or SMTP is told apart at his first line and not by a timeout.
 *
 * A line that ends in CR LF is an error: Postfix never sends one, and half a
 * tolerance (is the CR the value's?) would give one request two spellings. A
 * CR elsewhere in a value is a control character like others, and passes.
 */
#include "wire/parser.h"

#include <endian.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/eight.h"
#include "engine/attribute.h"
#include "engine/request.h"
#include "wire/wire.h"

enum {
	USUAL = 4096, /* most requests have less */
	BEHIND = ATTRIBUTE_LINE
};

void
parser_clear(struct parser *p)
{
	free(p->kept);
	memset(p, 0, sizeof(*p));
}

/* The number of bytes up to and with the LF of the empty line; 0 when there is
 * none yet. */
static size_t
find_end(const struct parser *p, const char *bytes, size_t size)
{
	const char *at = bytes, *const end = bytes + size;
	bool line_begins = !p->kept_size || p->kept[p->kept_size - 1] == '\n';

	while (at < end) {
		if (line_begins && *at == '\n')
			return (size_t)(at - bytes) + 1;
		at = memchr(at, '\n', (size_t)(end - at));
		if (!at)
			return 0;
		at++;
		line_begins = true;
	}
	return 0;
}

static void
keep(struct parser *p, const char *bytes, size_t size)
{
	if (p->kept_size + size > p->kept_room) {
		p->kept_room = (unsigned)(p->kept_size + size + 512);
		p->kept = xrealloc(p->kept, p->kept_room);
	}
	memcpy(p->kept + p->kept_size, bytes, size);
	p->kept_size += (unsigned)size;
}

/* What stands behind the first "=", NULL when there is none. */
static const char *
find_value(const char *line, const char *end)
{
	const char *equals = memchr(line, '=', (size_t)(end - line));

	return equals ? equals + 1 : NULL;
}

/* What is wrong with a line (without its LF) that is not empty, NULL when
 * nothing; `value` is what stands behind its first "=", NULL without one. */
static const char *
check_line(const char *end, const char *value)
{
	if (end[-1] == '\r')
		return "a line ends in CR LF instead of LF";
	if (!value)
		return "a line without '='";
	if (end - value > WIRE_VALUE)
		return "a value over 8 KB";
	return NULL;
}

/* Looks at the lines of an unfinished request that have become whole. */
static const char *
check_kept(struct parser *p)
{
	const char *error;

	for (;;) {
		const char *line = p->kept + p->checked;
		const char *end = memchr(line, '\n', p->kept_size - p->checked);

		if (!end)
			return NULL;
		error = check_line(end, find_value(line, end));
		if (error)
			return error;
		if (++p->lines > WIRE_ATTRIBUTES)
			return "more than 200 attributes";
		p->checked = (unsigned)(end - p->kept) + 1;
	}
}

/* The LF that ends the line whose rest this is, NULL when there is a NUL before
 * it: no other byte of a text is as low, but for a tab. There is a LF, and
 * BEHIND bytes behind it may be read. */
static char *
find_lf(char *rest)
{
	uint64_t bytes, low;

	if (*rest == '\n')
		return rest; /* nearly every other value is empty */
	for (;;) {
		bytes = le64toh(eight_at(rest));
		low = (bytes - ('\n' + 1) * EIGHT_ONES) & ~bytes &
		    EIGHT_HIGHEST;
		if (!low) {
			rest += sizeof(bytes);
			continue;
		}
		rest += __builtin_ctzll(low) / 8;
		if (*rest == '\n')
			return rest;
		if (*rest++ == '\0')
			return NULL;
	}
}

/* Sets the attribute that a line names, and puts a NUL at the line's end.
 * `*next` is the one that Postfix would send now. Returns what is wrong, or
 * NULL; `*text` is behind the line then. */
static const char *
read_line(struct request *r, const struct attribute **next, char **text,
    const char *end)
{
	char *const line = *text;
	const struct attribute *a = *next;
	const char *value, *error;
	char *lf;

	if (!attribute_begins(a, line))
		a = attribute_find(line, (size_t)(end - line));
	if (a) {
		lf = find_lf(line + a->size);
		value = line + a->size;
		attribute_set(a, r, value);
		*next = a + 1;
	} else {
		lf = find_lf(line);
		value = lf ? find_value(line, lf) : NULL;
	}
	if (!lf)
		return "a NUL byte";
	if (lf != value && (error = check_line(lf, value)))
		return error;
	*lf = '\0';
	*text = lf + 1;
	return NULL;
}

/* `*text`, up to `end`, is the request's own copy; an empty line is in it.
 * Returns what is wrong, or NULL; `*text` is behind the empty line then. */
static const char *
read_lines(struct request *r, char **text, const char *end)
{
	const struct attribute *next = attributes;
	unsigned lines = 0;
	const char *error;

	while (**text != '\n') {
		if ((error = read_line(r, &next, text, end)))
			return error;
		if (++lines > WIRE_ATTRIBUTES)
			return "more than 200 attributes";
	}
	++*text;
	if (strcmp(r->request, "smtpd_access_policy") != 0)
		return "no request=smtpd_access_policy";
	return NULL;
}

static enum parsed
read_request(
    const char *text, size_t *size, struct request **out, const char **error)
{
	struct arena *a = arena_new();
	struct request *r = request_new(a);
	char *const copy = arena_take(a, *size + BEHIND), *end = copy;

	memcpy(copy, text, *size);
	memset(copy + *size, '\n', BEHIND);
	*error = read_lines(r, &end, copy + *size);
	if (*error) {
		arena_release(a);
		return PARSED_ERROR;
	}
	*size = (size_t)(end - copy);
	*out = r;
	return PARSED_REQUEST;
}

/* What comes in one piece and ends with an empty line is nearly always one
 * request: its end need not be looked for before it is read. */
static bool
comes_whole(const struct parser *p, const char *bytes, size_t size)
{
	return !p->kept_size && size >= 2 && size <= USUAL &&
	    memcmp(bytes + size - 2, "\n\n", 2) == 0;
}

enum parsed
parser_take(struct parser *p, const char *bytes, size_t size, size_t *used,
    struct request **out, const char **error)
{
	enum parsed parsed;
	size_t end;

	*used = size;
	if (comes_whole(p, bytes, size))
		return read_request(bytes, used, out, error);
	end = find_end(p, bytes, size);
	if (end)
		*used = end;
	if (p->kept_size + *used > WIRE_REQUEST) {
		*error = "a request over 64 KB";
		return PARSED_ERROR;
	}
	if (memchr(bytes, '\0', *used)) {
		*error = "a NUL byte";
		return PARSED_ERROR;
	}
	if (end && !p->kept_size)
		return read_request(bytes, used, out, error);
	keep(p, bytes, *used);
	if (!end) {
		*error = check_kept(p);
		return *error ? PARSED_ERROR : PARSED_MORE;
	}
	end = p->kept_size;
	parsed = read_request(p->kept, &end, out, error);
	parser_clear(p);
	return parsed;
}
