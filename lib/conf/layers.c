/*
 * layers - row by row
 */
#include "conf/layers.h"

#include <string.h>

#include "base/arena.h"
#include "conf/complaints.h"
#include "conf/hint.h"
#include "conf/options.h"
#include "conf/sense.h"
#include "conf/terms.h"
#include "conf/value.h"
#include "conf/words.h"

static bool
is_decided_by(const struct option *o)
{
	return strcmp(o->name, "decided_by") == 0;
}

/* The row `decided_by` of the section that `o` is in; NULL when it has none. */
static const struct option *
decider(const struct option *o)
{
	const char *section = o->section;

	while (o > options && strcmp(o[-1].section, section) == 0)
		o--;
	for (; o < options + option_count; o++) {
		if (strcmp(o->section, section) != 0)
			return NULL;
		if (is_decided_by(o))
			return o;
	}
	return NULL;
}

static enum level
level_at(const struct option *o, const struct settings *set)
{
	unsigned level;

	memcpy(&level, (const char *)set + o->at, sizeof(level));
	return (enum level)level;
}

static void
set_level(const struct option *o, struct settings *set, enum level level)
{
	const unsigned word = level;

	memcpy((char *)set + o->at, &word, sizeof(word));
}

/* Without a row to say so, everybody may set it. */
static bool
may_set(enum level level, const struct option *o, const struct settings *wider)
{
	const struct option *d = decider(o);

	return !d || level <= level_at(d, wider);
}

void
layer_apply(const struct layer *l, struct settings *set)
{
	const struct settings wider = *set;

	for (size_t i = 0; i < l->count; i++)
		if (may_set(l->level, l->rows[i], &wider))
			value_copy(l->rows[i], set, &l->set);
	sense_mend(set, &wider);
	terms_write(set);
}

static bool
has(const struct layer *l, const struct option *o)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->rows[i] == o)
			return true;
	return false;
}

const struct layer *
layers_origin(const struct settings *server,
    const struct layer *const layers[LAYERS], const struct option *o)
{
	struct settings set = *server;
	const struct layer *from = NULL;

	for (size_t i = 0; i < LAYERS; i++) {
		const struct layer *l = layers[i];
		bool may;

		if (!l)
			continue;
		may = has(l, o) && may_set(l->level, o, &set);
		layer_apply(l, &set);
		if (may && value_same(o, &set, &l->set))
			from = l; /* else it made no sense there */
	}
	return from;
}

/*
 * Making one
 */

void
layer_finish(struct layer *l, struct arena *a, const struct option *const *rows,
    size_t count)
{
	l->count = count;
	l->rows = (void *)arena_memdup(a, rows, count * sizeof(*rows));
	for (size_t i = 0; i < count; i++)
		if (is_decided_by(rows[i]) &&
		    level_at(rows[i], &l->set) < l->level)
			set_level(rows[i], &l->set, l->level);
}

/* A name may be anything, and ends up in a log. */
static void
no_option(struct complaints *said, const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_.";

	if (name[strspn(name, letters)] != '\0')
		name = "?";
	complaint(
	    said, 0, "'%.64s' is no option of domains and mailboxes", name);
}

/* False after a complaint. */
static bool
read_value(struct layer *l, struct arena *a, const struct option *o,
    const char *value, struct complaints *said)
{
	const size_t before = complaints_count(said);
	struct setting s = { .option = o, .arena = a, .said = said };
	struct words words;
	char name[OPTION_NAME];
	const char *wrong;

	if (o->domains && l->level == LEVEL_MAILBOX) {
		hint_of_domains(said, 0, o);
		return false;
	}
	wrong = words_read(a, value, value_is_list(o), &words);
	if (wrong)
		complaint(said, 0, "%s: %s", option_name(o, name), wrong);
	else {
		s.count = words.count;
		s.words = words.items;
		value_set(&s, &l->set);
	}
	return complaints_count(said) == before;
}

struct teller {
	layer_complain *complain;
	void *data;
};

static void
tell(void *data, const char *file, int line, const char *text)
{
	const struct teller *t = data;

	(void)file, (void)line;
	t->complain(t->data, text);
}

const struct layer *
layer_read(struct arena *a, enum level level, const char *const *names,
    const char *const *values, size_t count, layer_complain *complain,
    void *data)
{
	struct arena *scratch = arena_new();
	struct complaints *said = complaints_new(scratch, "");
	const struct option **rows = arena_alloc(
	    scratch, (count + 1) * sizeof(*rows));
	struct layer *l = arena_alloc(a, sizeof(*l));
	struct teller teller = { complain, data };
	size_t used = 0;

	l->level = level;
	l->from = "redis";
	for (size_t i = 0; i < count; i++) {
		const struct option *o = option_of_scope(names[i]);

		if (!o)
			no_option(said, names[i]);
		else if (read_value(l, a, o, values[i], said))
			rows[used++] = o;
	}
	layer_finish(l, a, rows, used);
	complaints_tell(said, tell, &teller);
	arena_release(scratch);
	return used > 0 ? l : NULL;
}
