/*
 * reader - libconfuse, told the table, and its result walked through
 *
 * libconfuse keeps neither the line of a value nor that of a section. Values
 * are therefore of its type for anything (CFGT_PTR): parse() makes a word with
 * the line it stands in. And each section has one option more, whose name
 * nobody can write and whose default libconfuse reads as the section opens.
 */
#include "conf/reader.h"

#include <confuse.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "conf/complaints.h"
#include "conf/hint.h"
#include "conf/options.h"
#include "conf/sieve.h"
#include "conf/value.h"

#define OPENING "{"

struct word {
	const struct option *option; /* NULL: an opening */
	int line;
	bool first; /* of a list */
	char text[];
};

struct reading {
	struct arena *arena;
	struct complaints *said;
	reader_take *take;
	void *data;
	bool parsing;
	int secret_line; /* of the last secret */
};

/* libconfuse takes no pointer of ours to its callbacks, and its scanner is
 * one for the process; so is this, while reader_read() runs. */
static struct reading *reading;

/*
 * What libconfuse calls
 */

/* As the table calls it. */
static const char *
section_name(const cfg_t *section)
{
	if (strcmp(section->name, SIEVE_MAILBOX) == 0)
		return "mailbox";
	return strcmp(section->name, "root") == 0 ? "" : section->name;
}

static int
parse(cfg_t *section, cfg_opt_t *opt, const char *value, void *result)
{
	const size_t size = strlen(value) + 1;
	struct word *w = xmalloc(sizeof(*w) + size);

	w->option = option_find(section_name(section), opt->name);
	w->line = section->line;
	w->first = opt->nvalues == 1;
	memcpy(w->text, value, size);
	*(void **)result = w;
	if (w->option && w->option->type == OPTION_SECRET)
		reading->secret_line = w->line;
	return 0;
}

/* A value that is dropped while the file is read was set a second time. */
static void
drop(void *value)
{
	struct word *w = value;
	char name[OPTION_NAME];

	if (reading->parsing && w->first && w->option)
		complaint(reading->said, w->line,
		    "%s: is set a second time further down",
		    option_name(w->option, name));
	free(w);
}

static void
no_such_option(const cfg_t *section, const char *name)
{
	if (section->line == reading->secret_line)
		complaint(reading->said, section->line,
		    "no option follows the password; one that holds blanks "
		    "needs quotes");
	else
		hint_no_such(reading->said, section->line,
		    section_name(section), section->title != NULL, name);
}

/* A comma is forgotten now and then; libconfuse says only what came instead. */
static const char *
expected(const char *token)
{
	return strpbrk(token, ",{}()=+")
	    ? ""
	    : "; items of a list have commas between them";
}

static void
failed(cfg_t *section, const char *format, va_list ap)
{
	char text[512];

	if (strcmp(format, "no such option '%s'") == 0) {
		no_such_option(section, va_arg(ap, const char *));
		return;
	}
	if (strcmp(format, "unexpected token '%s'") == 0) {
		const char *token = va_arg(ap, const char *);

		complaint(reading->said, section->line,
		    "unexpected token '%.64s'%s", token, expected(token));
		return;
	}
	vsnprintf(text, sizeof(text), format, ap);
	complaint(reading->said, section->line, "%s", text);
}

/*
 * The table as libconfuse wants it. It copies what it is given.
 */

static cfg_opt_t
value_option(const struct option *o)
{
	return (cfg_opt_t){ .name = o->name,
		.type = CFGT_PTR,
		.flags = value_is_list(o) ? CFGF_LIST : CFGF_NONE,
		.parsecb = parse,
		.freecb = drop };
}

static cfg_opt_t
opening_option(void)
{
	return (cfg_opt_t){ .name = OPENING,
		.type = CFGT_PTR,
		.def = { .parsed = (char *)"0" },
		.parsecb = parse,
		.freecb = drop };
}

/* MULTI also for those that may stand once: only then is a second one kept,
 * and seen. */
static cfg_opt_t
section_option(const char *name, cfg_opt_t *within, cfg_flag_t flags)
{
	return (cfg_opt_t){ .name = name,
		.type = CFGT_SEC,
		.flags = CFGF_MULTI | flags,
		.subopts = within };
}

/* Room for so many, and the end. */
static cfg_opt_t *
room(struct arena *a, size_t count)
{
	return arena_alloc(a, (count + 1) * sizeof(cfg_opt_t));
}

/* Room for what holds sections: all options, all their sections, opening and
 * scopes. */
static cfg_opt_t *
large_room(struct arena *a)
{
	return room(a, 2 * option_count + 4);
}

/* In this section; of those that a scope may set, or of all. */
static bool
stands_in(const struct option *o, const char *section, bool scoped)
{
	return strcmp(o->section, section) == 0 &&
	    (!scoped || o->of == OF_SETTINGS);
}

/* There are a hundred sections, so that each has what it needs. */
static cfg_opt_t *
section_options(struct arena *a, const char *name, bool scoped)
{
	size_t count = 0;
	cfg_opt_t *all, *next;

	for (size_t i = 0; i < option_count; i++)
		count += stands_in(&options[i], name, scoped);
	all = next = room(a, count + 1);
	*next++ = opening_option();
	for (size_t i = 0; i < option_count; i++)
		if (stands_in(&options[i], name, scoped))
			*next++ = value_option(&options[i]);
	return all;
}

/* Where there is a scope of that name, see sieve.h. */
static const char *
untitled(const char *section)
{
	return strcmp(section, "mailbox") == 0 ? SIEVE_MAILBOX : section;
}

/* All sections without a title; each one's rows stand together. */
static cfg_opt_t *
add_sections(struct arena *a, cfg_opt_t *next, bool scoped)
{
	const char *last = "";

	for (size_t i = 0; i < option_count; i++) {
		const struct option *o = &options[i];

		if (strcmp(o->section, last) == 0 || o->of == OF_REPLY ||
		    (scoped && o->of != OF_SETTINGS))
			continue;
		last = o->section;
		*next++ = section_option(
		    untitled(last), section_options(a, last, scoped), 0);
	}
	return next;
}

static cfg_opt_t *
scope_options(struct arena *a)
{
	cfg_opt_t *all = large_room(a);

	all[0] = opening_option();
	add_sections(a, all + 1, true);
	return all;
}

static cfg_opt_t *
root_options(struct arena *a)
{
	const cfg_flag_t titled = CFGF_TITLE | CFGF_NO_TITLE_DUPES;
	cfg_opt_t *all = large_room(a), *next = all;

	for (size_t i = 0; i < option_count; i++)
		if (options[i].section[0] == '\0')
			*next++ = value_option(&options[i]);
	next = add_sections(a, next, false);
	*next++ = section_option(
	    "reply", section_options(a, "reply", false), titled);
	*next++ = section_option("domain", scope_options(a), titled);
	*next++ = section_option("mailbox", scope_options(a), titled);
	return all;
}

/*
 * The walk
 */

static void walk(cfg_t *section, struct statement of);

static int
opening_line(cfg_t *section)
{
	const struct word *w = cfg_getptr(section, OPENING);

	return w ? w->line : section->line;
}

static const char *const *
copy_words(const cfg_opt_t *opt)
{
	const char **words = arena_alloc(
	    reading->arena, (opt->nvalues + 1) * sizeof(*words));

	for (unsigned i = 0; i < opt->nvalues; i++) {
		const struct word *w = opt->values[i]->ptr;

		words[i] = arena_strdup(reading->arena, w->text);
	}
	return words;
}

static void
take_value(const cfg_opt_t *opt, const char *section, struct statement s)
{
	const struct word *first = opt->nvalues ? opt->values[0]->ptr : NULL;

	s.option = option_find(section, opt->name);
	if (!s.option || !(opt->flags & CFGF_MODIFIED))
		return;
	if (!first && !(opt->flags & CFGF_LIST))
		return; /* its value did not come, as was complained about */
	s.line = first ? first->line : 0;
	s.count = opt->nvalues;
	s.words = copy_words(opt);
	reading->take(reading->data, &s);
}

static enum scope
scope_of(const char *name)
{
	if (strcmp(name, "reply") == 0)
		return SCOPE_REPLY;
	return strcmp(name, "domain") == 0 ? SCOPE_DOMAIN : SCOPE_MAILBOX;
}

static void
take_scope(cfg_t *section)
{
	struct statement s = { .scope = scope_of(section->name),
		.line = opening_line(section) };

	s.title = arena_strdup(reading->arena, section->title);
	reading->take(reading->data, &s);
	walk(section, s);
}

static void
take_section(cfg_opt_t *opt, unsigned i, struct statement of)
{
	cfg_t *section = cfg_opt_getnsec(opt, i);

	if (opt->flags & CFGF_TITLE) {
		take_scope(section);
		return;
	}
	if (i > 0)
		complaint(reading->said, opening_line(section),
		    "a second section '%s', the first is in line %d",
		    section_name(section),
		    opening_line(cfg_opt_getnsec(opt, 0)));
	walk(section, of);
}

static void
walk(cfg_t *section, struct statement of)
{
	for (cfg_opt_t *opt = section->opts; opt->name; opt++) {
		if (opt->type != CFGT_SEC)
			take_value(opt, section_name(section), of);
		else
			for (unsigned i = 0; i < opt->nvalues; i++)
				take_section(opt, i, of);
	}
}

static void
read_sound(const char *text, cfg_opt_t *table)
{
	const size_t before = complaints_count(reading->said);
	cfg_t *root = cfg_init(table, CFGF_NONE);

	if (!root)
		abort(); /* as xmalloc() does */
	cfg_set_error_function(root, failed);
	reading->parsing = true;
	if (cfg_parse_buf(root, text) != CFG_SUCCESS &&
	    complaints_count(reading->said) == before)
		complaint(reading->said, root->line, "cannot be understood");
	reading->parsing = false;
	walk(root, (struct statement){ .title = "" });
	cfg_free(root);
}

void
reader_read(const char *text, size_t size, struct arena *a,
    struct complaints *said, reader_take *take, void *data)
{
	struct reading r = {
		.arena = a, .said = said, .take = take, .data = data
	};
	struct arena *scratch = arena_new();
	const char *sound = sieve(scratch, text, size, said);

	if (sound) {
		reading = &r;
		read_sound(sound, root_options(scratch));
		reading = NULL;
	}
	arena_release(scratch);
}
