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

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "engine/attribute.h"
#include "engine/request.h"
#include "wire/wire.h"

enum { USUAL = 4096 }; /* most requests have less */

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

/* What is wrong with a line (without its LF), NULL when nothing; `value` is
 * what stands behind its first "=", NULL without one. */
static const char *
check_line(const char *line, const char *end, const char *value)
{
	if (end > line && end[-1] == '\r')
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
		error = check_line(line, end, find_value(line, end));
		if (error)
			return error;
		if (++p->lines > WIRE_ATTRIBUTES)
			return "more than 200 attributes";
		p->checked = (unsigned)(end - p->kept) + 1;
	}
}

/* The LF that ends the line whose rest this is; there is one before `end`. */
static char *
find_lf(char *rest, const char *end)
{
	/* Nearly every other value is empty. */
	return *rest == '\n' ? rest : memchr(rest, '\n', (size_t)(end - rest));
}

/* Sets the attribute that a line names, and puts a NUL at its end, which it
 * returns. `*next` is the one that Postfix would send now. */
static char *
read_line(struct request *r, const struct attribute **next, char *line,
    const char *end, const char **value)
{
	const size_t left = (size_t)(end - line);
	const struct attribute *a = *next;
	char *lf;

	if (!attribute_begins(a, line, left))
		a = attribute_find(line, left);
	if (a) {
		lf = find_lf(line + a->size, end);
		*value = line + a->size;
		*next = a + 1;
		attribute_set(a, r, *value);
	} else {
		lf = find_lf(line, end);
		*value = find_value(line, lf);
	}
	*lf = '\0';
	return lf;
}

/* `*text`, up to `end`, is the request's own copy; an empty line is in it.
 * Returns what is wrong, or NULL; `*text` is behind the empty line then. */
static const char *
read_lines(struct request *r, char **text, const char *end)
{
	const struct attribute *next = attributes;
	const char *error, *value;
	unsigned lines = 0;
	char *line, *lf;

	for (line = *text; *line != '\n'; line = lf + 1) {
		lf = read_line(r, &next, line, end, &value);
		if ((error = check_line(line, lf, value)))
			return error;
		if (++lines > WIRE_ATTRIBUTES)
			return "more than 200 attributes";
	}
	*text = line + 1;
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
	char *const copy = arena_memdup(a, text, *size), *end = copy;

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
	    memcmp(bytes + size - 2, "\n\n", 2) == 0 &&
	    !memchr(bytes, '\0', size);
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
