/*
 * text - escaping and measuring
 */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/eight.h"

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

/* The same number; 0 too for a control character, but not for a tab. */
static size_t
seen(const char *text, size_t size)
{
	const unsigned char *s = (const unsigned char *)text;

	if (s[0] < 0x80)
		return (s[0] >= ' ' && s[0] != 0x7f) || s[0] == '\t';
	if (s[0] == 0xc2 && s[1] < 0xa0)
		return 0; /* C1 */
	return text_utf8(text, size);
}

bool
text_sound(const char *text)
{
	const char *end = text + strlen(text);
	size_t n = 1;

	for (; text < end && n > 0; text += n)
		n = seen(text, (size_t)(end - text));
	return n > 0;
}

char *
text_as_utf8(struct arena *a, const char *text)
{
	const size_t size = strlen(text);
	char *out = arena_alloc(a, 4 * size + 1), *to = out;

	for (size_t i = 0, n; i < size; i += n) {
		n = text_utf8(text + i, size - i);
		if (n == 0) {
			to += sprintf(to, "\\x%02x", (unsigned char)text[i]);
			n = 1;
		} else {
			memcpy(to, text + i, n);
			to += n;
		}
	}
	return out;
}

/* Returns what they were. */
static uint64_t
copy_lower(char *out, const char *text)
{
	const uint64_t bytes = eight_at(text);

	eight_put(out, eight_lower(bytes));
	return bytes;
}

/* The last eight may be seen twice. */
bool
text_lower_bytes(char *out, const char *text, size_t size)
{
	const size_t step = sizeof(uint64_t);
	uint64_t seen = 0;

	if (size < step) {
		for (size_t i = 0; i < size; i++) {
			seen |= (unsigned char)text[i];
			out[i] = (char)eight_lower((unsigned char)text[i]);
		}
		return seen < 0x80;
	}
	for (size_t i = 0; i < size; i += step) {
		if (i > size - step)
			i = size - step;
		seen |= copy_lower(out + i, text + i);
	}
	return (seen & EIGHT_HIGHEST) == 0;
}

char *
text_lower(struct arena *a, const char *text)
{
	const size_t size = strlen(text) + 1;
	char *copy = arena_take(a, size);

	text_lower_bytes(copy, text, size);
	return copy;
}

/* Dividing is what costs. */
static const char pairs[] = "0001020304050607080910111213141516171819"
			    "2021222324252627282930313233343536373839"
			    "4041424344454647484950515253545556575859"
			    "6061626364656667686970717273747576777879"
			    "8081828384858687888990919293949596979899";

static char *
two_digits(char *out, unsigned number)
{
	memcpy(out, pairs + 2 * number, 2);
	return out + 2;
}

static char *
three_digits(char *out, unsigned number)
{
	const unsigned hundreds = number / 100;

	out[0] = (char)('0' + hundreds);
	return two_digits(out + 1, number - 100 * hundreds);
}

/* Apart, as most numbers are small: text_number() keeps nothing for its return.
 */
static __attribute__((noinline)) char *
many_digits(char *out, uint64_t number)
{
	out = text_number(out, number / 1000);
	return three_digits(out, (unsigned)(number % 1000));
}

char *
text_number(char *out, uint64_t number)
{
	if (number >= 1000)
		return many_digits(out, number);
	if (number >= 100)
		return three_digits(out, (unsigned)number);
	if (number >= 10)
		return two_digits(out, (unsigned)number);
	*out = (char)('0' + number);
	return out + 1;
}

const char *
text_read_number(const char *text, int64_t *number)
{
	enum { MOST = 18 };
	const char *p = text;

	for (*number = 0; *p >= '0' && *p <= '9'; p++) {
		if (p - text == MOST)
			return NULL;
		*number = 10 * *number + (*p - '0');
	}
	return p > text ? p : NULL;
}

char *
text_digits(char *out, unsigned width, uint64_t number)
{
	unsigned left = width;

	for (; left >= 2; left -= 2, number /= 100)
		two_digits(out + left - 2, (unsigned)(number % 100));
	if (left == 1) {
		out[0] = (char)('0' + number % 10);
		number /= 10;
	}
	if (number > 0)
		memset(out, '9', width);
	return out + width;
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

void
line_fill(struct line *l, const char *bytes)
{
	const size_t room = sizeof(l->text) - 1 - l->used;

	memcpy(l->text + l->used, bytes, room);
	l->used += room;
	l->text[l->used] = '\0';
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

/* What logfmt readers take without quotes: all that is to be seen in ASCII but
 * the quote, "=" and the backslash. */
static const bool plain[256] = { ['!'] = true,
	['#' ... '<'] = true,
	['>' ... '['] = true,
	[']' ... '~'] = true };

static bool
is_plain(const char *value)
{
	while (plain[(unsigned char)*value])
		value++;
	return *value == '\0';
}

/* Control characters: C0, DEL, C1 (U+0080-U+009F), and those that turn the
 * direction of writing (U+202A-U+202E, U+2066-U+2069), which make a line read
 * otherwise than it is. */
static bool
moves_text(const char *character, size_t n)
{
	const unsigned char *c = (const unsigned char *)character;

	if (n == 1)
		return c[0] < 0x20 || c[0] == 0x7f;
	if (n == 2)
		return c[0] == 0xc2 && c[1] < 0xa0;
	return n == 3 && c[0] == 0xe2 &&
	    ((c[1] == 0x80 && c[2] >= 0xaa && c[2] <= 0xae) ||
		(c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
}

static void
add_escaped(struct line *l, const char *value, size_t size)
{
	size_t n;

	for (size_t i = 0; i < size; i += n) {
		const unsigned char c = (unsigned char)value[i];

		n = text_utf8(value + i, size - i);
		if (n == 0 || moves_text(value + i, n)) {
			n = n ? n : 1;
			for (size_t k = 0; k < n; k++)
				line_printf(
				    l, "\\x%02x", (unsigned char)value[i + k]);
		} else {
			if (c == '"' || c == '\\')
				line_put(l, "\\", 1);
			line_put(l, value + i, n);
		}
	}
}

/* One that is odd, or long, or has no room. */
static __attribute__((noinline)) void
add_odd(struct line *l, const char *value)
{
	const size_t size = strnlen(value, FIELD_LIMIT + 1);
	const bool cut = size > FIELD_LIMIT;

	if (!cut && is_plain(value)) {
		line_put(l, value, size);
		return;
	}
	line_add(l, "\"");
	add_escaped(l, value, cut ? FIELD_LIMIT : size);
	line_add(l, cut ? "...\"" : "\"");
}

/* Whether one of eight bytes is not plain, or "!". */
static bool
are_odd(uint64_t bytes)
{
	return (eight_outside(bytes, '#', '~') | eight_with(bytes, '=') |
		   eight_with(bytes, '\\')) != 0;
}

static bool
copy_eight(char *to, const char *from)
{
	const uint64_t bytes = eight_at(from);

	eight_put(to, bytes);
	return !are_odd(bytes);
}

/* Copies a value until it finds something odd in it; true: nothing. Eight bytes
 * at a time, the last of them maybe seen twice: the line of each request has
 * ten values. */
static bool
copy_plain(char *to, const char *value, size_t size)
{
	size_t i = 0;

	if (size < 8) {
		for (; i < size && plain[(unsigned char)value[i]]; i++)
			to[i] = value[i];
		return i == size;
	}
	for (; i < size; i += 8) {
		if (i > size - 8)
			i = size - 8;
		if (!copy_eight(to + i, value + i))
			return false;
	}
	return true;
}

void
line_value(struct line *l, const char *value)
{
	const size_t size = strlen(value);
	char *const to = l->text + l->used;

	if (size > FIELD_LIMIT || size >= sizeof(l->text) - l->used ||
	    !copy_plain(to, value, size)) {
		add_odd(l, value);
		return;
	}
	l->used += size;
	to[size] = '\0';
}

static char *
write_decimal(char *out, long long value)
{
	if (value >= 0)
		return text_number(out, (uint64_t)value);
	*out++ = '-';
	return text_number(out, 0 - (uint64_t)value);
}

void
line_decimal(struct line *l, long long value)
{
	char digits[TEXT_DIGITS + 1], *const to = l->text + l->used;
	const char *end;

	if (sizeof(l->text) - l->used <= sizeof(digits)) {
		end = write_decimal(digits, value);
		line_put(l, digits, (size_t)(end - digits));
		return;
	}
	l->used += (size_t)(write_decimal(to, value) - to);
	l->text[l->used] = '\0';
}
