/*
 * value_table - lists of lookup tables
 */
#include "conf/kind.h"

#include <stdbool.h>

#include "base/arena.h"
#include "conf/complaints.h"
#include "conf/lookup.h"

static void
table_wrong(void *data, const char *file, int line, const char *text)
{
	const struct setting *s = data;

	if (file && line > 0)
		complaint_in(s->said, s->line, file, line, text);
	else if (file)
		kind_wrong(s, arena_printf(s->arena, "'%s' %s", file, text));
	else
		kind_wrong(s, text);
}

/* Names all options that "redis:" is for. */
static void
redis_wrong(const struct setting *s)
{
	const char *all = "", *sep = "";
	char name[OPTION_NAME];

	for (size_t i = 0; i < option_count; i++) {
		if (!options[i].redis)
			continue;
		all = arena_printf(s->arena, "%s%s%s", all, sep,
		    option_name(&options[i], name));
		sep = ", ";
	}
	kind_wrong(s, arena_printf(s->arena, "redis: is only for %s", all));
}

/* False after a complaint. */
static bool
may_be_opened(const struct setting *s, const char *item)
{
	if (lookup_is_redis(item) && !s->option->redis)
		redis_wrong(s);
	else if (lookup_is_file(item) && !s->files)
		kind_wrong(s, "no file is read from here");
	else
		return !lookup_is_key(item) || kind_sound(s, item);
	return false;
}

static void
set_lookups(const struct setting *s, void *at)
{
	struct lookups *l;

	if (!kind_not_too_many(s))
		return;
	for (size_t i = 0; i < s->count; i++)
		if (!may_be_opened(s, s->words[i]))
			return;
	l = lookups_open(s->arena, s->words, s->count, table_wrong, (void *)s);
	if (!l)
		return;
	if (s->files)
		lookups_files(l, s->files);
	*(const struct lookups **)at = l;
}

static const char *
show_lookups(const struct option *o, const void *at, struct arena *a)
{
	const struct lookups *l = *(const struct lookups *const *)at;
	const char *text = "";

	(void)o;
	for (size_t i = 0; i < lookups_count(l); i++)
		text = kind_show_item(a, text, lookups_item(l, i));
	return *text ? arena_printf(a, "{ %s }", text) : "{}";
}

const struct kind kind_lookups = { sizeof(struct lookups *), true, set_lookups,
	show_lookups, kind_range_list };
