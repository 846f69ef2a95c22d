/*
 * value_number - numbers, times, sizes, modes of files
 */
#include "conf/kind.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "conf/complaints.h"

bool
kind_read_number(const char *word, const struct unit *units, int64_t *out)
{
	const size_t digits = strspn(word, "0123456789");
	int64_t n = 0;

	if (digits == 0)
		return false;
	for (size_t i = 0; i < digits; i++)
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, word[i] - '0', &n))
			return false;
	for (; units->name; units++)
		if (strcmp(word + digits, units->name) == 0)
			return !__builtin_mul_overflow(n, units->size, out);
	return false;
}

const char *
kind_number_text(struct arena *a, const struct unit *units, int64_t n)
{
	const struct unit *best = units;

	for (const struct unit *u = units; u->name; u++)
		if (n != 0 && n % u->size == 0 && u->size > best->size)
			best = u;
	return arena_printf(
	    a, "%lld%s", (long long)(n / best->size), best->name);
}

static const char *
range_number(const struct option *o, struct arena *a)
{
	const struct unit *units = kind_of(o)->units;

	return arena_printf(a, "%s to %s", kind_number_text(a, units, o->least),
	    kind_number_text(a, units, o->most));
}

/* False after a complaint. */
static bool
number(const struct setting *s, int64_t *n)
{
	const struct option *o = s->option;
	const struct kind *k = kind_of(o);
	char name[OPTION_NAME];

	option_name(o, name);
	if (!kind_read_number(s->words[0], k->units, n)) {
		complaint(s->said, s->line, "%s: '%.64s' is not %s", name,
		    s->words[0], k->is);
		return false;
	}
	if (*n < o->least || *n > o->most) {
		complaint(s->said, s->line, "%s: must be %s, not %s", name,
		    range_number(o, s->arena), s->words[0]);
		return false;
	}
	return true;
}

static void
set_number(const struct setting *s, void *at)
{
	int64_t n;

	if (number(s, &n))
		memcpy(at, &n, sizeof(n));
}

static const char *
show_number(const struct option *o, const void *at, struct arena *a)
{
	return kind_number_text(a, kind_of(o)->units, *(const int64_t *)at);
}

static void
set_code(const struct setting *s, void *at)
{
	int64_t n;

	if (number(s, &n))
		*(int *)at = (int)n;
}

static const char *
show_code(const struct option *o, const void *at, struct arena *a)
{
	(void)o;
	return arena_printf(a, "%d", *(const int *)at);
}

static void
set_mode(const struct setting *s, void *at)
{
	const char *word = s->words[0];
	const size_t digits = strspn(word, "01234567");
	int64_t n = 0;

	if (digits == 0 || digits > 4 || word[digits] != '\0' ||
	    (n = strtol(word, NULL, 8)) > s->option->most) {
		kind_wrong(s, "must be octal, from 0000 to 0777");
		return;
	}
	memcpy(at, &n, sizeof(n));
}

static const char *
range_mode(const struct option *o, struct arena *a)
{
	return arena_printf(a, "0000 to %04llo", (unsigned long long)o->most);
}

static const char *
show_mode(const struct option *o, const void *at, struct arena *a)
{
	(void)o;
	return arena_printf(
	    a, "%04llo", (unsigned long long)*(const int64_t *)at);
}

const struct unit kind_number_units[] = { { "", 1 }, { NULL, 0 } };
const struct unit kind_seconds_units[] = { { "s", 1 }, { "", 1 }, { "m", 60 },
	{ "h", 3600 }, { "d", 86400 }, { "w", 7 * 86400 }, { NULL, 0 } };
static const struct unit milliseconds[] = { { "ms", 1 }, { "s", 1000 },
	{ "m", 60000 }, { NULL, 0 } };
const struct unit kind_size_units[] = { { "", 1 }, { "K", 1 << 10 },
	{ "M", 1 << 20 }, { "G", 1 << 30 }, { "T", (int64_t)1 << 40 },
	{ NULL, 0 } };

const struct kind kind_number = { sizeof(int64_t), false, set_number,
	show_number, range_number, .is = "a number",
	.units = kind_number_units };
const struct kind kind_seconds = { sizeof(int64_t), false, set_number,
	show_number, range_number, .is = "a time such as 30s, 5m, 1h or 36d",
	.units = kind_seconds_units };
const struct kind kind_milliseconds = { sizeof(int64_t), false, set_number,
	show_number, range_number, .is = "a time such as 500ms or 5s",
	.units = milliseconds };
const struct kind kind_size = { sizeof(int64_t), false, set_number, show_number,
	range_number, .is = "a size such as 512K, 10M or 1G",
	.units = kind_size_units };
const struct kind kind_code = { sizeof(int), false, set_code, show_code,
	range_number, .is = "a reply code", .units = kind_number_units };
const struct kind kind_mode = { sizeof(int64_t), false, set_mode, show_mode,
	range_mode };
