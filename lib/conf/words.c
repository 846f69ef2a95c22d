/*
 * words - quotes taken off, lists cut
 */
#include "conf/words.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"

static const char unclosed[] = "has quotes that are not closed";

struct cut {
	char *next, *end;
	bool unclosed;
};

static bool
blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
quote(char c)
{
	return c == '"' || c == '\'';
}

/* Without the blanks around it. */
static void
trim(struct cut *c)
{
	while (c->next < c->end && blank(*c->next))
		c->next++;
	while (c->end > c->next && blank(c->end[-1]))
		c->end--;
	*c->end = '\0';
}

/* The string that begins here, its quotes and backslashes taken off where it
 * stands. */
static char *
quoted(struct cut *c)
{
	const char mark = *c->next++;
	char *word = c->next, *to = word;

	while (c->next < c->end && *c->next != mark) {
		if (*c->next == '\\' && c->next + 1 < c->end)
			c->next++;
		*to++ = *c->next++;
	}
	c->unclosed = c->next == c->end;
	c->next += !c->unclosed;
	*to = '\0';
	return word;
}

/* Up to a comma or blank, but not one within braces: inline:{a=b, c} is one
 * word. */
static char *
bare(struct cut *c)
{
	char *word = c->next;
	int depth = 0;

	for (; c->next < c->end; c->next++) {
		depth += (*c->next == '{') - (*c->next == '}');
		if (depth <= 0 && (blank(*c->next) || *c->next == ','))
			break;
	}
	if (c->next < c->end)
		*c->next++ = '\0';
	return word;
}

/* The next item of a list; NULL at its end. */
static char *
item(struct cut *c)
{
	while (c->next < c->end && (blank(*c->next) || *c->next == ','))
		c->next++;
	if (c->next == c->end)
		return NULL;
	return quote(*c->next) ? quoted(c) : bare(c);
}

static const char *
read_list(struct arena *a, struct cut *c, struct words *out)
{
	/* Each item has a byte and one that separates it from the next; and
	 * NULL stands behind the last. */
	const size_t most = (size_t)(c->end - c->next) / 2 + 2;
	const char **items = arena_alloc(a, most * sizeof(*items));

	if (*c->next == '{' && c->end[-1] == '}') {
		*--c->end = '\0';
		c->next++;
	}
	while (!c->unclosed && (items[out->count] = item(c)) != NULL)
		out->count++;
	out->items = items;
	return c->unclosed ? unclosed : NULL;
}

static const char *
read_one(struct arena *a, struct cut *c, struct words *out)
{
	const char **items = arena_alloc(a, sizeof(*items));
	const bool in_quotes = quote(*c->next);

	items[0] = in_quotes ? quoted(c) : c->next;
	out->items = items;
	out->count = 1;
	if (c->unclosed)
		return unclosed;
	return in_quotes && c->next < c->end ? "has more behind its quotes"
					     : NULL;
}

const char *
words_read(struct arena *a, const char *text, bool list, struct words *out)
{
	struct cut c;

	*out = (struct words){ 0 };
	if (!text_sound(text)) /* as in a file; nor may it go into a log */
		return "holds a control character or is not UTF-8";
	c.next = arena_strdup(a, text);
	c.end = c.next + strlen(text);
	c.unclosed = false;
	trim(&c);
	return list ? read_list(a, &c, out) : read_one(a, &c, out);
}
