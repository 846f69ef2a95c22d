/*
 * scripts - commands written by hand
 *
 * hiredis' own formatter takes arrays of pointers and lengths and allocates
 * each command; every request of every client passes here.
 */
#include "ask/redis/scripts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { HEAD = 24 }; /* "$", 20 digits, CR, LF and a bit */

void
scripts_init(struct scripts *s, const struct script *const *scripts)
{
	size_t count = 0;

	while (scripts[count])
		count++;
	s->count = count;
	s->list = xcalloc(count, sizeof(s->list[0]));
	for (size_t i = 0; i < count; i++)
		s->list[i].script = scripts[i];
}

void
scripts_clear(struct scripts *s)
{
	free(s->list);
	*s = (struct scripts){ 0 };
}

struct loaded *
scripts_find(const struct scripts *s, const struct script *script)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->list[i].script == script && s->list[i].digest[0])
			return &s->list[i];
	return NULL;
}

static void
need(struct buffer *b, size_t size)
{
	if (size <= b->room - b->size)
		return;
	b->room = 2 * (b->size + size);
	b->bytes = xrealloc(b->bytes, b->room);
}

static void
put(struct buffer *b, const char *bytes, size_t size)
{
	memcpy(b->bytes + b->size, bytes, size);
	b->size += size;
}

static void
put_number(struct buffer *b, size_t number)
{
	char digits[20], *p = digits + sizeof(digits);

	do
		*--p = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	put(b, p, (size_t)(digits + sizeof(digits) - p));
}

static void
put_head(struct buffer *b, char kind, size_t number)
{
	need(b, HEAD);
	b->bytes[b->size++] = kind;
	put_number(b, number);
	put(b, "\r\n", 2);
}

static void
put_word(struct buffer *b, const char *text, size_t size)
{
	need(b, size + HEAD + 2);
	put_head(b, '$', size);
	put(b, text, size);
	put(b, "\r\n", 2);
}

/* hiredis looks at the byte behind the last word. */
static void
put_end(struct buffer *b)
{
	need(b, 1);
	b->bytes[b->size] = '\0';
}

void
format_question(
    struct buffer *b, const struct loaded *l, const struct question *q)
{
	char keys[12];
	const int keys_size = snprintf(keys, sizeof(keys), "%u", q->keys);

	b->size = 0;
	put_head(b, '*', 3 + q->count);
	if (q->read_only)
		put_word(b, "EVALSHA_RO", 10);
	else
		put_word(b, "EVALSHA", 7);
	put_word(b, l->digest, DIGEST_SIZE);
	put_word(b, keys, (size_t)keys_size);
	for (unsigned i = 0; i < q->count; i++)
		put_word(b, q->words[i].text, q->words[i].size);
	put_end(b);
}

void
format_words(struct buffer *b, const struct word *words, size_t count)
{
	b->size = 0;
	put_head(b, '*', count);
	for (size_t i = 0; i < count; i++)
		put_word(b, words[i].text, words[i].size);
	put_end(b);
}
