/*
 * policyctl_out - columns, times, JSON
 */
#include "policyctl_out.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/text.h"

/* The bytes of the character at `text` that may be shown, 0 when it is one
 * that moves a terminal (C0, DEL, C1) or none at all. */
static size_t
shown(const char *text, size_t size)
{
	const unsigned char *s = (const unsigned char *)text;
	const size_t n = text_utf8(text, size);

	if (s[0] < 0x20 || s[0] == 0x7f)
		return 0;
	if (n == 2 && s[0] == 0xc2 && s[1] < 0xa0)
		return 0;
	return n;
}

/* Columns `text` takes on a terminal, about: one for each character. */
static int
text_width(const char *text)
{
	const size_t size = strlen(text);
	int width = 0;
	size_t n;

	for (size_t i = 0; i < size; i += n ? n : 1) {
		n = shown(text + i, size - i);
		width += n ? 1 : 4;
	}
	return width;
}

void
out_text(FILE *to, const char *text)
{
	const size_t size = strlen(text);
	size_t n;

	for (size_t i = 0; i < size; i += n ? n : 1) {
		n = shown(text + i, size - i);
		if (n)
			fwrite(text + i, 1, n, to);
		else
			fprintf(to, "\\x%02x", (unsigned char)text[i]);
	}
}

void
out_row(const struct column *columns, const char *const *cells)
{
	for (size_t i = 0; columns[i].width; i++) {
		const bool last = columns[i + 1].width == 0;

		out_text(stdout, cells[i]);
		if (!last)
			printf("%*s  ",
			    columns[i].width > text_width(cells[i])
				? columns[i].width - text_width(cells[i])
				: 0,
			    "");
	}
	putchar('\n');
}

void
out_head(const struct column *columns)
{
	const char *heads[16];
	size_t n = 0;

	for (; columns[n].width; n++)
		heads[n] = columns[n].head;
	out_row(columns, heads);
}

const char *
out_time(struct arena *a, int64_t unix_time)
{
	const time_t t = (time_t)unix_time;
	struct tm tm;
	char text[64];

	if (unix_time == 0 || !localtime_r(&t, &tm) ||
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm) == 0)
		return "-";
	return arena_strdup(a, text);
}

const char *
out_span(struct arena *a, int64_t seconds)
{
	static const struct {
		int64_t seconds;
		const char *unit, *minor;
		int64_t minor_seconds;
	} units[] = {
		{ 86400, "d", "h", 3600 },
		{ 3600, "h", "m", 60 },
		{ 60, "m", "s", 1 },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		const int64_t minor = seconds % units[i].seconds /
		    units[i].minor_seconds;

		if (seconds < units[i].seconds)
			continue;
		if (minor == 0)
			return arena_printf(a, "%lld%s",
			    (long long)(seconds / units[i].seconds),
			    units[i].unit);
		return arena_printf(a, "%lld%s %lld%s",
		    (long long)(seconds / units[i].seconds), units[i].unit,
		    (long long)minor, units[i].minor);
	}
	return arena_printf(a, "%llds", (long long)seconds);
}

const char *
out_moment(struct arena *a, int64_t unix_time, int64_t now)
{
	const char *span = out_span(
	    a, unix_time > now ? unix_time - now : now - unix_time);

	return arena_printf(a,
	    unix_time > now ? "%s (%lld, in %s)" : "%s (%lld, %s ago)",
	    out_time(a, unix_time), (long long)unix_time, span);
}

const char *
out_size(struct arena *a, int64_t bytes)
{
	static const char units[] = "BKMGT";
	double value = (double)bytes;
	size_t i = 0;

	while (value >= 1024 && units[i + 1]) {
		value /= 1024;
		i++;
	}
	return arena_printf(a, i ? "%.1f%c" : "%.0f%c", value, units[i]);
}

json_t *
out_json_text(const char *text)
{
	struct arena *a;
	json_t *value;

	if (!text)
		return json_null();
	a = arena_new_small();
	value = json_string(text_as_utf8(a, text));
	arena_release(a);
	return value;
}

json_t *
out_json_number(bool known, int64_t number)
{
	return known ? json_integer(number) : json_null();
}

/* All in ASCII: C1 controls must not reach a terminal this way either. */
enum { JSON_FORM = JSON_ENSURE_ASCII | JSON_ENCODE_ANY };

void
out_json(json_t *value)
{
	json_dumpf(value, stdout, JSON_FORM | JSON_INDENT(2));
	putchar('\n');
	json_decref(value);
}

void
out_array_add(struct out_array *array, json_t *value)
{
	fputs(array->count++ ? ",\n" : "[\n", stdout);
	json_dumpf(value, stdout, JSON_FORM);
	json_decref(value);
}

void
out_array_end(struct out_array *array)
{
	puts(array->count ? "\n]" : "[]");
}
