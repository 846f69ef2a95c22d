/*
 * policyctl_origin - option by option
 */
#include "policyctl_origin.h"

#include <string.h>

#include "base/arena.h"
#include "conf/layers.h"
#include "conf/options.h"
#include "policyctl.h"
#include "policyctl_out.h"
#include "scope/scope.h"

static const char *const level_names[] = { "server", "domain", "mailbox" };

static struct origin
origin_of(struct arena *a, const struct conf *conf, const struct scope *scope,
    const struct option *o)
{
	const bool scoped = o->of == OF_SETTINGS;
	const struct layer *l = scoped
	    ? layers_origin(&conf->settings, scope->layers, o)
	    : NULL;

	return (struct origin){
		.name = option_name(o, arena_alloc(a, OPTION_NAME)),
		.value = option_value(
		    o, scoped ? scope->set : option_base(o, conf), a),
		.from = l ? l->from : "server",
		.level = level_names[l ? l->level : LEVEL_SERVER],
	};
}

static bool
is_meant(const struct option *o, const char *section)
{
	if (o->of == OF_REPLY)
		return false;
	return section ? !strcmp(o->section, section) : o->of == OF_SETTINGS;
}

void
origins_tell(struct arena *a, const struct conf *conf,
    const struct scope *scope, const char *section, bool all, origin_told *told,
    void *data)
{
	for (size_t i = 0; i < option_count; i++) {
		struct origin from;

		if (!is_meant(&options[i], section))
			continue;
		from = origin_of(a, conf, scope, &options[i]);
		if (all || strcmp(from.level, level_names[LEVEL_SERVER]) != 0)
			told(data, &from);
	}
}

bool
origin_find(struct arena *a, const struct conf *conf, const struct scope *scope,
    const char *name, struct origin *out)
{
	const struct option *o = option_of_scope(name);

	if (o)
		*out = origin_of(a, conf, scope, o);
	return o != NULL;
}

bool
origin_is_option(const char *name, bool mailbox)
{
	return (mailbox && !strcmp(name, "alias")) || option_of_scope(name);
}

const char *
origin_no_such(struct arena *a, const char *name, bool mailbox)
{
	const char **names = arena_alloc(
	    a, (option_count + 2) * sizeof(*names));
	const char *hint;
	size_t n = 0;

	if (mailbox)
		names[n++] = "alias";
	for (size_t i = 0; i < option_count; i++)
		if (options[i].of == OF_SETTINGS)
			names[n++] = option_name(
			    &options[i], arena_alloc(a, OPTION_NAME));
	hint = nearest(name, names, sizeof(*names));
	return hint
	    ? arena_printf(
		  a, "unknown option '%s': did you mean '%s'?", name, hint)
	    : arena_printf(a, "unknown option '%s': '%s show --all' lists them",
		  name, mailbox ? "mailbox" : "domain");
}

static void
add(void *array, const struct origin *o)
{
	json_array_append_new(array,
	    json_pack("{s:s, s:o, s:s, s:s}", "name", o->name, "value",
		out_json_text(o->value), "from", o->from, "level", o->level));
}

json_t *
origins_json(struct arena *a, const struct conf *conf,
    const struct scope *scope, const char *section, bool all)
{
	json_t *array = json_array();

	origins_tell(a, conf, scope, section, all, add, array);
	return array;
}
