/*
 * complaints - kept, sorted, told
 */
#include "conf/complaints.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

/* More help nobody; a file of another program would make thousands. */
enum { KEPT = 100, TEXT_SIZE = 512 };

struct one {
	int line; /* of the configuration: the order */
	size_t number; /* among those of a line */
	const char *file;
	int file_line;
	const char *text;
};

struct complaints {
	struct arena *arena;
	const char *file;
	size_t count; /* the ones not kept are counted too */
	struct one all[KEPT];
};

struct complaints *
complaints_new(struct arena *a, const char *file)
{
	struct complaints *c = arena_alloc(a, sizeof(*c));

	c->arena = a;
	c->file = arena_strdup(a, file);
	return c;
}

void
complaint_in(struct complaints *c, int line, const char *file, int file_line,
    const char *text)
{
	const size_t n = c->count++;

	if (n >= KEPT)
		return;
	c->all[n] = (struct one){
		.line = line,
		.number = n,
		.file = arena_strdup(c->arena, file),
		.file_line = file_line,
		.text = arena_strdup(c->arena, text),
	};
}

void
complaint(struct complaints *c, int line, const char *format, ...)
{
	char text[TEXT_SIZE];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	complaint_in(c, line, c->file, line, text);
}

size_t
complaints_count(const struct complaints *c)
{
	return c->count;
}

static int
by_line(const void *a, const void *b)
{
	const struct one *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->number < y->number ? -1 : 1;
}

void
complaints_tell(struct complaints *c, conf_complain *tell, void *data)
{
	const size_t kept = c->count < KEPT ? c->count : KEPT;

	qsort(c->all, kept, sizeof(c->all[0]), by_line);
	for (size_t i = 0; i < kept; i++)
		tell(data, c->all[i].file, c->all[i].file_line, c->all[i].text);
	if (kept < c->count)
		tell(
		    data, c->file, 0, "too many errors, the rest is not shown");
}
