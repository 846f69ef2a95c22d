/*
 * value_word - words of a choice, strings, lists of strings
 */
#include "conf/kind.h"

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "conf/complaints.h"

static const char *
range_choice(const struct option *o, struct arena *a)
{
	const char *all = o->words[0];

	for (unsigned i = 1; o->words[i]; i++)
		all = arena_printf(a, "%s, %s", all, o->words[i]);
	return all;
}

static void
set_choice(const struct setting *s, void *at)
{
	const char *const *words = s->option->words;
	char name[OPTION_NAME];

	for (unsigned i = 0; words[i]; i++)
		if (strcmp(words[i], s->words[0]) == 0) {
			memcpy(at, &i, sizeof(i)); /* any of the enums */
			return;
		}
	complaint(s->said, s->line, "%s: '%.64s' is none of %s",
	    option_name(s->option, name), s->words[0],
	    range_choice(s->option, s->arena));
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
		kind_wrong(s, "must be yes or no");
	else
		*(bool *)at = yes;
}

static const char *
range_yesno(const struct option *o, struct arena *a)
{
	(void)o, (void)a;
	return "yes, no";
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

/* It repeats the word, so secrets have no check. */
bool
kind_sound(const struct setting *s, const char *word)
{
	const struct option *o = s->option;
	const char *what = o->check ? o->check(word) : NULL;
	char name[OPTION_NAME];

	if (what)
		complaint(s->said, s->line, "%s: '%.64s' %s",
		    option_name(o, name), word, what);
	return !what;
}

static const char *
range_string(const struct option *o, struct arena *a)
{
	return arena_printf(a, "at most %lld bytes", (long long)o->most);
}

static void
set_string(const struct setting *s, void *at)
{
	const struct option *o = s->option;
	const size_t size = strlen(s->words[0]);

	if (size < (size_t)o->least)
		kind_wrong(s, "must not be empty");
	else if (size > (size_t)o->most)
		kind_wrong(s,
		    arena_printf(s->arena, "longer than %lld bytes",
			(long long)o->most));
	else if (kind_sound(s, s->words[0]))
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

const char *
kind_range_list(const struct option *o, struct arena *a)
{
	return arena_printf(a, "at most %lld", (long long)o->most);
}

bool
kind_not_too_many(const struct setting *s)
{
	if (s->count <= (size_t)s->option->most)
		return true;
	kind_wrong(s,
	    arena_printf(s->arena, "takes at most %lld, not %zu",
		(long long)s->option->most, s->count));
	return false;
}

static void
set_list(const struct setting *s, void *at)
{
	bool all = kind_not_too_many(s);

	for (size_t i = 0; i < s->count; i++)
		all = kind_sound(s, s->words[i]) && all;
	if (all)
		*(struct list *)at = (struct list){ s->count, s->words };
}

const char *
kind_show_item(struct arena *a, const char *text, const char *item)
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
		text = kind_show_item(a, text, l->items[i]);
	return *text ? arena_printf(a, "{ %s }", text) : "{}";
}

const struct kind kind_choice = { sizeof(unsigned), false, set_choice,
	show_choice, range_choice };
const struct kind kind_yesno = { sizeof(bool), false, set_yesno, show_yesno,
	range_yesno };
const struct kind kind_string = { sizeof(char *), false, set_string,
	show_string, range_string };
const struct kind kind_secret = { sizeof(char *), false, set_string,
	show_secret, range_string };
const struct kind kind_list = { sizeof(struct list), true, set_list, show_list,
	kind_range_list };
