/*
 * value - a kind for each type of option
 */
#include "conf/value.h"

#include <string.h>

#include "conf/complaints.h"
#include "conf/kind.h"

static const struct kind *const kinds[] = {
	[OPTION_CHOICE] = &kind_choice,
	[OPTION_SECONDS] = &kind_seconds,
	[OPTION_MILLISECONDS] = &kind_milliseconds,
	[OPTION_SIZE] = &kind_size,
	[OPTION_NUMBER] = &kind_number,
	[OPTION_RATE] = &kind_rate,
	[OPTION_RATES] = &kind_rates,
	[OPTION_VOLUMES] = &kind_volumes,
	[OPTION_MODE] = &kind_mode,
	[OPTION_YESNO] = &kind_yesno,
	[OPTION_STRING] = &kind_string,
	[OPTION_SECRET] = &kind_secret,
	[OPTION_TIMES] = &kind_times,
	[OPTION_LIST] = &kind_list,
	[OPTION_LOOKUPS] = &kind_lookups,
	[OPTION_CODE] = &kind_code,
	[OPTION_DNSBLS] = &kind_dnsbls,
};

const struct kind *
kind_of(const struct option *o)
{
	return kinds[o->type];
}

void
kind_wrong(const struct setting *s, const char *what)
{
	char name[OPTION_NAME];

	complaint(
	    s->said, s->line, "%s: %s", option_name(s->option, name), what);
}

void
value_set(const struct setting *s, void *base)
{
	kind_of(s->option)->set(s, (char *)base + s->option->at);
}

void
value_copy(const struct option *o, void *to, const void *from)
{
	memcpy(
	    (char *)to + o->at, (const char *)from + o->at, kind_of(o)->size);
}

bool
value_same(const struct option *o, const void *a, const void *b)
{
	return memcmp((const char *)a + o->at, (const char *)b + o->at,
		   kind_of(o)->size) == 0;
}

bool
value_is_list(const struct option *o)
{
	return kind_of(o)->list;
}

const char *
option_value(const struct option *o, const void *base, struct arena *a)
{
	return kind_of(o)->show(o, (const char *)base + o->at, a);
}

const char *
option_range(const struct option *o, struct arena *a)
{
	return kind_of(o)->range(o, a);
}
