/*
 * value - a row of kinds, one for each type of option
 */
#include "conf/value.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "conf/complaints.h"
#include "conf/lookup.h"
#include "conf/options.h"

/* What may follow a number, the smallest first. */
struct unit {
	const char *name;
	int64_t size;
};

struct kind {
	const char *is; /* what a right word is */
	void (*set)(const struct setting *s, void *at);
	const char *(*show)(
	    const struct option *o, const void *at, struct arena *a);
	const struct unit *units;
};

static const struct kind kinds[];

static void
wrong(const struct setting *s, const char *what)
{
	char name[OPTION_NAME];

	complaint(
	    s->said, s->line, "%s: %s", option_name(s->option, name), what);
}

/*
 * Numbers
 */

static bool
parse_number(const char *word, const struct unit *units, int64_t *out)
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

/* With the largest unit that divides it: 24h and 1440m are 1d. */
static const char *
number_text(struct arena *a, const struct unit *units, int64_t n)
{
	const struct unit *best = units;

	for (const struct unit *u = units; u->name; u++)
		if (n != 0 && n % u->size == 0 && u->size > best->size)
			best = u;
	return arena_printf(
	    a, "%lld%s", (long long)(n / best->size), best->name);
}

/* False after a complaint. */
static bool
number(const struct setting *s, int64_t *n)
{
	const struct option *o = s->option;
	const struct kind *k = &kinds[o->type];
	char name[OPTION_NAME];

	option_name(o, name);
	if (!parse_number(s->words[0], k->units, n)) {
		complaint(s->said, s->line, "%s: '%.64s' is not %s", name,
		    s->words[0], k->is);
		return false;
	}
	if (*n < o->least || *n > o->most) {
		complaint(s->said, s->line,
		    "%s: must be between %s and %s, not %s", name,
		    number_text(s->arena, k->units, o->least),
		    number_text(s->arena, k->units, o->most), s->words[0]);
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
	return number_text(a, kinds[o->type].units, *(const int64_t *)at);
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
		wrong(s, "must be octal, from 0000 to 0777");
		return;
	}
	memcpy(at, &n, sizeof(n));
}

static const char *
show_mode(const struct option *o, const void *at, struct arena *a)
{
	(void)o;
	return arena_printf(
	    a, "%04llo", (unsigned long long)*(const int64_t *)at);
}

/*
 * Words
 */

static void
set_choice(const struct setting *s, void *at)
{
	const char *const *words = s->option->words;
	const char *all = words[0];
	char name[OPTION_NAME];

	for (unsigned i = 0; words[i]; i++) {
		if (strcmp(words[i], s->words[0]) == 0) {
			memcpy(at, &i, sizeof(i)); /* any of the enums */
			return;
		}
		if (i > 0)
			all = arena_printf(s->arena, "%s, %s", all, words[i]);
	}
	complaint(s->said, s->line, "%s: '%.64s' is none of %s",
	    option_name(s->option, name), s->words[0], all);
}

static const char *
show_choice(const struct option *o, const void *at, struct arena *a)
{
	unsigned i;

	(void)a;
	memcpy(&i, at, sizeof(i));
	return o->words[i];
}

static void
set_yesno(const struct setting *s, void *at)
{
	const bool yes = strcmp(s->words[0], "yes") == 0;

	if (!yes && strcmp(s->words[0], "no") != 0)
		wrong(s, "must be yes or no");
	else
		*(bool *)at = yes;
}

static const char *
show_yesno(const struct option *o, const void *at, struct arena *a)
{
	(void)o, (void)a;
	return *(const bool *)at ? "yes" : "no";
}

/*
 * Strings and lists
 */

/* As it must stand in a file to be read as `text`. */
static const char *
quoted(struct arena *a, const char *text)
{
	char *out = arena_alloc(a, 2 * strlen(text) + 3), *p = out;

	*p++ = '"';
	for (; *text; text++) {
		if (*text == '"' || *text == '\\' ||
		    (*text == '$' && text[1] == '{'))
			*p++ = '\\';
		*p++ = *text;
	}
	*p = '"';
	return out;
}

/* False after a complaint. A secret is not repeated in it. */
static bool
sound(const struct setting *s, const char *word)
{
	const struct option *o = s->option;
	const char *what = o->check ? o->check(word) : NULL;
	char name[OPTION_NAME];

	if (what)
		complaint(s->said, s->line, "%s: '%.64s' %s",
		    option_name(o, name), word, what);
	return !what;
}

static void
set_string(const struct setting *s, void *at)
{
	const struct option *o = s->option;
	const size_t size = strlen(s->words[0]);

	if (size < (size_t)o->least)
		wrong(s, "must not be empty");
	else if (size > (size_t)o->most)
		wrong(s,
		    arena_printf(s->arena, "longer than %lld bytes",
			(long long)o->most));
	else if (sound(s, s->words[0]))
		*(const char **)at = s->words[0];
}

static const char *
show_string(const struct option *o, const void *at, struct arena *a)
{
	(void)o;
	return quoted(a, *(const char *const *)at);
}

static const char *
show_secret(const struct option *o, const void *at, struct arena *a)
{
	(void)o, (void)a;
	return **(const char *const *)at ? "(set)" : "\"\"";
}

static bool
not_too_many(const struct setting *s)
{
	if (s->count <= (size_t)s->option->most)
		return true;
	wrong(s,
	    arena_printf(s->arena, "takes at most %lld, not %zu",
		(long long)s->option->most, s->count));
	return false;
}

static void
set_list(const struct setting *s, void *at)
{
	bool all = not_too_many(s);

	for (size_t i = 0; i < s->count; i++)
		all = sound(s, s->words[i]) && all;
	if (all)
		*(struct list *)at = (struct list){ s->count, s->words };
}

static const char *
show_items(struct arena *a, const char *text, const char *item)
{
	return arena_printf(
	    a, "%s%s%s", text, *text ? ", " : "", quoted(a, item));
}

static const char *
show_list(const struct option *o, const void *at, struct arena *a)
{
	const struct list *l = at;
	const char *text = "";

	(void)o;
	for (size_t i = 0; i < l->count; i++)
		text = show_items(a, text, l->items[i]);
	return *text ? arena_printf(a, "{ %s }", text) : "{}";
}

/*
 * Lookup tables
 */

static void
table_wrong(void *data, const char *file, int line, const char *text)
{
	const struct setting *s = data;

	if (file && line > 0)
		complaint_in(s->said, s->line, file, line, text);
	else if (file)
		wrong(s, arena_printf(s->arena, "'%s' %s", file, text));
	else
		wrong(s, text);
}

static void
free_lookups(void *l)
{
	lookups_free(l);
}

static void
set_lookups(const struct setting *s, void *at)
{
	struct lookups *l;

	if (!not_too_many(s))
		return;
	for (size_t i = 0; i < s->count; i++)
		if (!s->files && lookup_is_file(s->words[i])) {
			wrong(s, "no file is read from here");
			return;
		}
	l = lookups_open(s->words, s->count, table_wrong, (void *)s);
	if (!l)
		return;
	arena_defer(s->arena, free_lookups, l);
	*(const struct lookups **)at = l;
}

static const char *
show_lookups(const struct option *o, const void *at, struct arena *a)
{
	const struct lookups *l = *(const struct lookups *const *)at;
	const char *text = "";

	(void)o;
	for (size_t i = 0; i < lookups_count(l); i++)
		text = show_items(a, text, lookups_item(l, i));
	return *text ? arena_printf(a, "{ %s }", text) : "{}";
}

/*
 * All of them
 */

static const struct unit none[] = { { "", 1 }, { NULL, 0 } };
static const struct unit seconds[] = { { "s", 1 }, { "", 1 }, { "m", 60 },
	{ "h", 3600 }, { "d", 86400 }, { "w", 7 * 86400 }, { NULL, 0 } };
static const struct unit milliseconds[] = { { "ms", 1 }, { "s", 1000 },
	{ "m", 60000 }, { NULL, 0 } };
static const struct unit bytes[] = { { "", 1 }, { "K", 1 << 10 },
	{ "M", 1 << 20 }, { "G", 1 << 30 }, { "T", (int64_t)1 << 40 },
	{ NULL, 0 } };

static const struct kind kinds[] = {
	[OPTION_CHOICE] = { "", set_choice, show_choice, NULL },
	[OPTION_SECONDS] = { "a time such as 30s, 5m, 1h or 36d", set_number,
	    show_number, seconds },
	[OPTION_MILLISECONDS] = { "a time such as 500ms or 5s", set_number,
	    show_number, milliseconds },
	[OPTION_SIZE] = { "a size such as 512K, 10M or 1G", set_number,
	    show_number, bytes },
	[OPTION_NUMBER] = { "a number", set_number, show_number, none },
	[OPTION_MODE] = { "", set_mode, show_mode, NULL },
	[OPTION_YESNO] = { "", set_yesno, show_yesno, NULL },
	[OPTION_STRING] = { "", set_string, show_string, NULL },
	[OPTION_SECRET] = { "", set_string, show_secret, NULL },
	[OPTION_LIST] = { "", set_list, show_list, NULL },
	[OPTION_LOOKUPS] = { "", set_lookups, show_lookups, NULL },
	[OPTION_CODE] = { "a reply code", set_code, show_code, none },
};

void
value_set(const struct setting *s, void *base)
{
	kinds[s->option->type].set(s, (char *)base + s->option->at);
}

const char *
option_value(const struct option *o, const void *base, struct arena *a)
{
	return kinds[o->type].show(o, (const char *)base + o->at, a);
}
