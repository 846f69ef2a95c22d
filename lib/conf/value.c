/*
 * value - a kind for each type of option
 */
#include "conf/value.h"

#include "conf/complaints.h"
#include "conf/kind.h"

static const struct kind *const kinds[] = {
	[OPTION_CHOICE] = &kind_choice,
	[OPTION_SECONDS] = &kind_seconds,
	[OPTION_MILLISECONDS] = &kind_milliseconds,
	[OPTION_SIZE] = &kind_size,
	[OPTION_NUMBER] = &kind_number,
	[OPTION_RATE] = &kind_rate,
	[OPTION_MODE] = &kind_mode,
	[OPTION_YESNO] = &kind_yesno,
	[OPTION_STRING] = &kind_string,
	[OPTION_SECRET] = &kind_secret,
	[OPTION_TIMES] = &kind_times,
	[OPTION_LIST] = &kind_list,
	[OPTION_LOOKUPS] = &kind_lookups,
	[OPTION_CODE] = &kind_code,
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
