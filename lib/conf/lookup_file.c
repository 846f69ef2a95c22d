/*
 * lookup_file - the files of Postfix' cidr_table(5) and texthash
 *
 * A line that begins with white space goes on with the one before; empty lines
 * and those whose first character is '#' do not count. A key may stand alone:
 * its value is "".
 */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "conf/file.h"
#include "conf/lookup_add.h"

enum { FILE_LIMIT = 64 << 20 };

struct lines {
	char *next, *end;
	int number; /* of the line at `next` */
};

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Cuts one line off; NULL at the end. */
static char *
physical_line(struct lines *l)
{
	char *line = l->next, *end;

	if (line >= l->end)
		return NULL;
	end = memchr(line, '\n', (size_t)(l->end - line));
	if (!end)
		end = l->end; /* a NUL stands there */
	*end = '\0';
	l->next = end + 1;
	l->number++;
	while (end > line && blank(end[-1]))
		*--end = '\0';
	return line;
}

/* True for lines that do not count. */
static bool
comment(const char *line)
{
	while (blank(*line))
		line++;
	return *line == '\0' || *line == '#';
}

/* The next line that counts, with those that continue it, and its number. They
 * are moved together where they stand: there is always room. */
static char *
logical_line(struct lines *l, int *number)
{
	char *line, *end, *more;

	do {
		if (!(line = physical_line(l)))
			return NULL;
	} while (comment(line));
	*number = l->number;
	end = line + strlen(line);
	while (l->next < l->end &&
	    (blank(*l->next) || *l->next == '#' || *l->next == '\n')) {
		more = physical_line(l);
		if (comment(more))
			continue;
		memmove(end, more, strlen(more) + 1);
		end += strlen(end);
	}
	return line;
}

/* Cuts a line into key and value; a key in quotes may hold blanks. */
static char *
cut(struct source *s, char **line)
{
	const bool quoted = **line == '"';
	char *key = *line + quoted;
	char *end = key + strcspn(key, quoted ? "\"" : " \t\r");

	if (quoted && *end != '"') {
		source_wrong(s, "this key's quotes are not closed");
		return NULL;
	}
	*line = end;
	if (*end)
		*(*line)++ = '\0';
	while (blank(**line))
		(*line)++;
	return key;
}

static void
take_line(struct source *s, char *line, bool cidr)
{
	const char *key;

	if (!text_sound(line)) {
		source_wrong(s, "a control character, or not UTF-8");
		return;
	}
	if (blank(*line)) {
		source_wrong(s, "nothing before this line that it continues");
		return;
	}
	key = cut(s, &line);
	if (key && cidr)
		source_cidr(s, key, line, (uint32_t)s->line);
	else if (key)
		source_key(s, key, line);
}

void
lookup_file(struct source *s, const char *path, bool cidr)
{
	struct arena *a = arena_new();
	/* Before it is read: what is written meanwhile is read again. */
	const struct stamp stamp = stamp_of(path);
	struct lines l = { 0 };
	size_t size;
	char *text, *line;
	int rc = file_read(a, path, FILE_LIMIT, &text, &size);

	s->file = path;
	stamps_add(&s->lookups->files, path, &stamp);
	if (rc < 0) {
		source_wrong(s, "cannot be read: %s", strerror(-rc));
	} else if (memchr(text, '\0', size)) {
		source_wrong(s, "holds a NUL byte");
	} else {
		l.next = text;
		l.end = text + size;
		while ((line = logical_line(&l, &s->line)) != NULL)
			take_line(s, line, cidr);
	}
	arena_release(a);
}
