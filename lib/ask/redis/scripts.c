/*
 * scripts - commands written by hand
 *
 * hiredis' formatter takes arrays of pointers and lengths and allocates each
 * command; every request of every client passes here.
 */
#include "ask/redis/scripts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

enum { COUNT_SIZE = 32 }; /* "$", 20 digits, CR, LF, and those behind it */

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

static struct loaded *
search(const struct scripts *s, const struct script *script)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->list[i].script == script)
			return &s->list[i];
	return NULL;
}

struct loaded *
scripts_find(struct scripts *s, const struct script *script)
{
	/* In one turn of the loop many requests ask for the same. */
	if (!s->latest || s->latest->script != script)
		s->latest = search(s, script);
	return s->latest && s->latest->digest[0] ? s->latest : NULL;
}

/* As EVALSHA takes it: the same for each question. */
static size_t
write_head(char head[HEAD_SIZE], const char *command, const char *digest)
{
	return (size_t)snprintf(head, HEAD_SIZE, "$%zu\r\n%s\r\n$%d\r\n%s\r\n",
	    strlen(command), command, DIGEST_SIZE, digest);
}

void
loaded_as(struct loaded *l, const char *digest)
{
	memcpy(l->digest, digest, DIGEST_SIZE);
	l->digest[DIGEST_SIZE] = '\0';
	l->head_size = write_head(l->head, "EVALSHA", l->digest);
	l->read_head_size = write_head(l->read_head, "EVALSHA_RO", l->digest);
	l->loading = false;
}

static char *
write_bytes(char *p, const char *bytes, size_t size)
{
	memcpy(p, bytes, size);
	return p + size;
}

static char *
end_line(char *p)
{
	return write_bytes(p, "\r\n", 2);
}

static char *
write_count(char *p, char kind, size_t number)
{
	*p++ = kind;
	return end_line(text_number(p, number));
}

static char *
write_word(char *p, const struct word *w)
{
	p = write_count(p, '$', w->size);
	return end_line(write_bytes(p, w->text, w->size));
}

/* Room for all of it, so that nobody has to look again. */
static char *
begin(struct buffer *b, size_t fixed, const struct word *words, size_t count)
{
	size_t size = fixed + COUNT_SIZE;

	for (size_t i = 0; i < count; i++)
		size += words[i].size + COUNT_SIZE;
	if (size > b->room) {
		b->room = 2 * size;
		b->bytes = xrealloc(b->bytes, b->room);
	}
	return b->bytes;
}

void
format_question(
    struct buffer *b, const struct loaded *l, const struct question *q)
{
	char keys[TEXT_DIGITS];
	const struct word count = { keys,
		(size_t)(text_number(keys, q->keys) - keys) };
	char *p = begin(b, HEAD_SIZE + COUNT_SIZE, q->words, q->count);

	p = write_count(p, '*', 3 + q->count);
	p = q->read_only ? write_bytes(p, l->read_head, l->read_head_size)
			 : write_bytes(p, l->head, l->head_size);
	p = write_word(p, &count);
	for (unsigned i = 0; i < q->count; i++)
		p = write_word(p, &q->words[i]);
	b->size = (size_t)(p - b->bytes);
}

/* How many words the command has that begins with word `i`. */
static unsigned
length(const struct question *q, unsigned i)
{
	unsigned end = i;

	while (end < q->count && q->words[end].text)
		end++;
	return end - i;
}

void
format_commands(struct buffer *b, const struct question *q)
{
	char *p = begin(b, COUNT_SIZE, q->words, q->count);

	for (unsigned i = 0; i < q->count; i++) {
		unsigned left = length(q, i);

		p = write_count(p, '*', left);
		for (; left > 0; left--)
			p = write_word(p, &q->words[i++]);
	}
	b->size = (size_t)(p - b->bytes);
}

void
format_words(struct buffer *b, const struct word *words, size_t count)
{
	char *p = begin(b, 0, words, count);

	p = write_count(p, '*', count);
	for (size_t i = 0; i < count; i++)
		p = write_word(p, &words[i]);
	b->size = (size_t)(p - b->bytes);
}
