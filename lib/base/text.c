/*
 * text - escaping and measuring
 */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"

enum { FIELD_LIMIT = 320, WORD_LIMIT = 64 };

size_t
text_utf8(const char *text, size_t size)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned code, least;
	size_t n;

	if (size == 0)
		return 0;
	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf) {
		n = 2, code = s[0] & 0x1f, least = 0x80;
	} else if ((s[0] & 0xf0) == 0xe0) {
		n = 3, code = s[0] & 0x0f, least = 0x800;
	} else if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		n = 4, code = s[0] & 0x07, least = 0x10000;
	} else {
		return 0;
	}
	if (size < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	if (code < least || code > 0x10ffff ||
	    (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return n;
}

char *
text_lower(struct arena *a, const char *text)
{
	char *copy = arena_strdup(a, text);

	for (char *p = copy; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p += 'a' - 'A';
	return copy;
}

unsigned
text_distance(const char *a, const char *b)
{
	const size_t na = strnlen(a, WORD_LIMIT), nb = strnlen(b, WORD_LIMIT);
	unsigned d[WORD_LIMIT + 1][WORD_LIMIT + 1];

	for (size_t i = 0; i <= na; i++)
		d[i][0] = (unsigned)i;
	for (size_t j = 0; j <= nb; j++)
		d[0][j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++)
		for (size_t j = 1; j <= nb; j++) {
			unsigned best = d[i - 1][j - 1] +
			    (a[i - 1] != b[j - 1]);

			if (d[i - 1][j] + 1 < best)
				best = d[i - 1][j] + 1;
			if (d[i][j - 1] + 1 < best)
				best = d[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < best)
				best = d[i - 2][j - 2] + 1;
			d[i][j] = best;
		}
	return d[na][nb];
}

void
line_clear(struct line *l)
{
	l->used = 0;
	l->text[0] = '\0';
}

static void
add(struct line *l, const char *text, size_t size)
{
	const size_t room = sizeof(l->text) - 1 - l->used;

	if (size > room)
		size = room;
	memcpy(l->text + l->used, text, size);
	l->used += size;
	l->text[l->used] = '\0';
}

void
line_add(struct line *l, const char *text)
{
	add(l, text, strlen(text));
}

void
line_printf(struct line *l, const char *format, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	line_add(l, text);
}

/* True for what logfmt readers take without quotes. */
static bool
plain(const char *value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (value[i] <= ' ' || value[i] >= 0x7f || value[i] == '"' ||
		    value[i] == '=' || value[i] == '\\')
			return false;
	return true;
}

static void
add_escaped(struct line *l, const char *value, size_t size)
{
	size_t n;

	for (size_t i = 0; i < size; i += n) {
		const unsigned char c = (unsigned char)value[i];
		/* C1 controls (U+0080-U+009F) move terminals too. */
		const bool c1 = c == 0xc2 && i + 1 < size &&
		    (unsigned char)value[i + 1] < 0xa0;

		n = text_utf8(value + i, size - i);
		if (n == 0 || c < 0x20 || c == 0x7f || c1) {
			n = n ? n : 1;
			for (size_t k = 0; k < n; k++)
				line_printf(
				    l, "\\x%02x", (unsigned char)value[i + k]);
		} else {
			if (c == '"' || c == '\\')
				add(l, "\\", 1);
			add(l, value + i, n);
		}
	}
}

void
line_field(struct line *l, const char *name, const char *value)
{
	size_t size = strnlen(value, FIELD_LIMIT + 1);
	const bool cut = size > FIELD_LIMIT;

	if (size == 0)
		return;
	if (cut)
		size = FIELD_LIMIT;
	add(l, " ", 1);
	line_add(l, name);
	add(l, "=", 1);
	if (!cut && plain(value, size)) {
		add(l, value, size);
		return;
	}
	add(l, "\"", 1);
	add_escaped(l, value, size);
	line_add(l, cut ? "...\"" : "\"");
}

void
line_number(struct line *l, const char *name, long long value)
{
	line_printf(l, " %s=%lld", name, value);
}
