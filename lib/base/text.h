/*
 * text - strings that came from strangers, made fit for where they go
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct arena;

/* A bounded line under construction; what does not fit is cut. */
struct line {
	char text[4096];
	size_t used;
};

/* The number of bytes (1-4) of the UTF-8 character `text` starts with (RFC
 * 3629: no overlong forms, no surrogates), 0 when it is not one. */
size_t text_utf8(const char *text, size_t size);

/* True for UTF-8 without control characters other than tabs. */
bool text_sound(const char *text);

/* What is no UTF-8 as \xNN, a copy: JSON takes nothing else. */
char *text_as_utf8(struct arena *a, const char *text);

/* ASCII letters to lower case, a copy. Other bytes stay. */
char *text_lower(struct arena *a, const char *text);

/* The same with `size` bytes of it, to `out`, which may be `text` itself. True
 * when all of them are ASCII. */
bool text_lower_bytes(char *out, const char *text, size_t size);

/* What a label of a domain may have, in lower case: also "_", which names of
 * servers do not have and those of mail do (_spf.example.com). */
static inline bool
text_of_label(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	    c == '_';
}

enum { TEXT_DIGITS = 20 }; /* of the largest number */

/* Writes `number` in decimal, at most TEXT_DIGITS bytes and no NUL; returns
 * their end. A tenth of what printf() costs. */
char *text_number(char *out, uint64_t number);

/* Reads one back, of at most 18 digits; returns its end, NULL when there is
 * none or it is longer. */
const char *text_read_number(const char *text, int64_t *number);

/* As text_number() in `width` digits, with zeros in front; all nines when it
 * has more.
 */
char *text_digits(char *out, unsigned width, uint64_t number);

/* Damerau-Levenshtein distance, for "did you mean". */
unsigned text_distance(const char *a, const char *b);

void line_clear(struct line *l);
void line_printf(struct line *l, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* As many of them as there is room for. */
void line_fill(struct line *l, const char *bytes);

/* What is written here is a constant as a rule, and copied in one or two
 * instructions. */
static inline __attribute__((always_inline)) void
line_put(struct line *l, const char *bytes, size_t size)
{
	if (size >= sizeof(l->text) - l->used) {
		line_fill(l, bytes);
		return;
	}
	memcpy(l->text + l->used, bytes, size);
	l->used += size;
	l->text[l->used] = '\0';
}

static inline void
line_add(struct line *l, const char *text)
{
	line_put(l, text, strlen(text));
}

/* Appends ` name=`; false when there is no room for more than that. */
static inline __attribute__((always_inline)) bool
line_name(struct line *l, const char *name)
{
	const size_t size = strlen(name);
	char *to = l->text + l->used;

	if (size + 2 >= sizeof(l->text) - 1 - l->used)
		return false;
	*to++ = ' ';
	memcpy(to, name, size);
	to[size] = '=';
	l->used += size + 2;
	return true;
}

/* Quoted when it must be, control bytes and bytes that are no UTF-8 as \xNN,
 * cut at 320 bytes with "..." behind. */
void line_value(struct line *l, const char *value);

/* Appends ` name=value` as logfmt, nothing for an empty value. */
static inline __attribute__((always_inline)) void
line_field(struct line *l, const char *name, const char *value)
{
	if (*value && line_name(l, name))
		line_value(l, value);
}

/* The same for a word of ours, which has no need of quotes. */
static inline void
line_word(struct line *l, const char *name, const char *word)
{
	if (*word && line_name(l, name))
		line_add(l, word);
}

void line_decimal(struct line *l, long long value);

static inline void
line_number(struct line *l, const char *name, long long value)
{
	if (line_name(l, name))
		line_decimal(l, value);
}

#endif
