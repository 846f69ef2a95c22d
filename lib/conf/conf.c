/*
 * conf - presets, then the file, then what follows from both
 *
 * The presets are read as a file is, from the same table: a wrong one cannot
 * exist.
 */
#include "conf/conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "conf/complaints.h"
#include "conf/file.h"
#include "conf/hint.h"
#include "conf/layers.h"
#include "conf/options.h"
#include "conf/reader.h"
#include "conf/scopes.h"
#include "conf/sense.h"
#include "conf/sieve.h"
#include "conf/syntax.h"
#include "conf/value.h"

enum { SECRET_SIZE = 1024 };

/* The struct conf that the others see is the first part of this. */
struct whole {
	struct conf conf;
	unsigned references;
	struct arena *arena; /* this too is in it */
	struct scopes *scopes; /* NULL without any */
};

/* One text on its way into a configuration. */
struct load {
	struct whole *whole;
	struct complaints *said;
	bool files; /* it may name other files */

	/* The scope at hand. */
	struct statement scope;
	size_t said_before;
	struct layer *layer; /* of a domain or mailbox */
	size_t row_count;
	const struct option **rows; /* that it sets */
	struct reply *reply;
	int *lines; /* of each row of options */
};

/* A secret that may stand in a file of its own instead. */
struct secret {
	const char *section, *name, *file_name;
};

static const struct secret secrets[] = {
	{ "redis", "password", "password_file" },
	{ "http", "token", "token_file" },
};

static const char **
string_of(struct load *l, const struct option *o)
{
	return (const char **)((char *)&l->whole->conf + o->at);
}

/* What is wrong with the file, or NULL; then *text is its first line. */
static const char *
read_first_line(struct load *l, const char *path, char **text)
{
	struct arena *a = l->whole->arena;
	size_t size;
	int rc;

	if (!l->files)
		return "no file is read from here";
	rc = file_read(a, path, SECRET_SIZE, text, &size);
	if (rc < 0)
		return arena_printf(a, "'%s': %s", path, strerror(-rc));
	(*text)[strcspn(*text, "\r\n")] = '\0';
	return NULL;
}

static void
read_secret(struct load *l, const struct secret *s)
{
	const struct option *o = option_find(s->section, s->name);
	const struct option *file = option_find(s->section, s->file_name);
	const char **value = string_of(l, o), *wrong;
	char name[OPTION_NAME], *text = NULL;

	if (!**string_of(l, file))
		return;
	if (**value)
		wrong = arena_printf(l->whole->arena, "%s is set too", s->name);
	else
		wrong = read_first_line(l, *string_of(l, file), &text);
	if (wrong)
		complaint(l->said, l->lines[file - options], "%s: %s",
		    option_name(file, name), wrong);
	else
		*value = text;
}

static void
read_secrets(struct load *l)
{
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		read_secret(l, &secrets[i]);
}

/*
 * Scopes
 */

static void
end_server(struct load *l)
{
	const struct conf *c = &l->whole->conf;

	read_secrets(l);
	sense_check(c, &c->settings, l->lines, l->said);
}

static void
end_reply(struct load *l)
{
	const char *what = reply_check(l->reply);

	if (what)
		complaint(l->said, l->scope.line, "reply '%s': %s",
		    l->scope.title, what);
}

/* What is wrong is looked for in what was written, also where it is passed
 * over: one day it may not be. */
static void
end_layer(struct load *l)
{
	sense_check(&l->whole->conf, &l->layer->set, l->lines, l->said);
	layer_finish(l->layer, l->whole->arena, l->rows, l->row_count);
	scopes_merge(l->layer);
}

static void
end_scope(struct load *l)
{
	if (complaints_count(l->said) > l->said_before)
		return; /* half of it was not taken */
	if (l->scope.scope == SCOPE_SERVER)
		end_server(l);
	else if (l->scope.scope == SCOPE_REPLY)
		end_reply(l);
	else
		end_layer(l);
}

static void
begin_scope(struct load *l, const struct statement *s)
{
	l->scope = *s;
	l->said_before = complaints_count(l->said);
	l->row_count = 0;
	memset(l->lines, 0, option_count * sizeof(l->lines[0]));
}

static struct reply *
find_reply(struct load *l, const char *name)
{
	for (size_t i = 0; i < REPLY_COUNT; i++)
		if (strcmp(reply_rows[i].name, name) == 0)
			return &l->whole->conf.replies[i];
	hint_no_such_reply(l->said, l->scope.line, name);
	return arena_alloc(l->whole->arena, sizeof(struct reply));
}

/* The layer of a scope that cannot be is filled and forgotten, so that what is
 * wrong within is told too. */
static struct layer *
add_layer(
    struct load *l, const char *kind, const char *title, const char *wrong)
{
	struct whole *w = l->whole;
	struct layer *layer = NULL;

	if (!w->scopes)
		w->scopes = scopes_new(w->arena);
	if (wrong)
		complaint(l->said, l->scope.line, "%s '%.64s' %s", kind, title,
		    wrong);
	else if (!(layer = scopes_add(w->scopes, title, &w->conf.settings)))
		complaint(l->said, l->scope.line, "%s '%.64s' stands twice",
		    kind, title);
	return layer ? layer : arena_alloc(w->arena, sizeof(*layer));
}

static void
enter_scope(struct load *l, const struct statement *s)
{
	end_scope(l);
	begin_scope(l, s);
	if (s->scope == SCOPE_REPLY)
		l->reply = find_reply(l, s->title);
	else if (s->scope == SCOPE_DOMAIN)
		l->layer = add_layer(
		    l, "domain", s->title, syntax_domain(s->title));
	else
		l->layer = add_layer(
		    l, "mailbox", s->title, syntax_mailbox(s->title));
}

/* The struct that has the option's field in the scope at hand. */
static void *
base_of(struct load *l, const struct option *o)
{
	if (o->of == OF_REPLY)
		return l->reply;
	if (o->of == OF_CONF)
		return &l->whole->conf;
	if (l->scope.scope == SCOPE_SERVER)
		return &l->whole->conf.settings;
	if (l->row_count < option_count) /* else a section stands twice */
		l->rows[l->row_count++] = o;
	return &l->layer->set;
}

static void
take(void *data, const struct statement *s)
{
	struct load *l = data;
	const struct setting setting = {
		.option = s->option,
		.line = s->line,
		.count = s->count,
		.words = s->words,
		.files = l->files,
		.arena = l->whole->arena,
		.said = l->said,
	};

	if (!s->option) {
		enter_scope(l, s);
		return;
	}
	l->lines[s->option - options] = s->line;
	value_set(&setting, base_of(l, s->option));
}

static void
load(struct whole *w, const char *text, size_t size, bool files,
    struct complaints *said)
{
	struct load l = { .whole = w, .said = said, .files = files };

	l.lines = arena_alloc(w->arena, option_count * sizeof(l.lines[0]));
	l.rows = arena_alloc(w->arena, option_count * sizeof(l.rows[0]));
	begin_scope(&l, &(struct statement){ .scope = SCOPE_SERVER });
	reader_read(text, size, w->arena, said, take, &l);
	end_scope(&l);
}

/*
 * What the table cannot say
 */

/* systemd names one; without root /var/lib is not ours. */
static const char *
state_directory(struct arena *a, const char *preset)
{
	const char *given = getenv("STATE_DIRECTORY");
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (given && given[0] == '/' && !strchr(given, ':'))
		return arena_strdup(a, given);
	if (geteuid() == 0)
		return preset;
	if (state && state[0] == '/')
		return arena_printf(a, "%s/policyd", state);
	if (home && home[0] == '/')
		return arena_printf(a, "%s/.local/state/policyd", home);
	return preset;
}

static const char *
own_name(struct arena *a)
{
	char name[256] = "";

	if (gethostname(name, sizeof(name) - 1) < 0 || !*name)
		return "localhost";
	return arena_strdup(a, name);
}

/*
 * Reading
 */

static struct whole *
whole_new(const char *path)
{
	struct arena *a = arena_new();
	struct whole *w = arena_alloc(a, sizeof(*w));

	w->arena = a;
	w->references = 1;
	w->conf.path = arena_strdup(a, path);
	for (size_t i = 0; i < REPLY_COUNT; i++)
		w->conf.replies[i] = reply_rows[i].preset;
	return w;
}

static void
load_presets(struct whole *w)
{
	const char *text = option_presets(w->arena);
	struct complaints *said = complaints_new(w->arena, "");

	load(w, text, strlen(text), false, said);
	if (complaints_count(said) > 0)
		abort(); /* the table itself is wrong; a test sees it first */
	w->conf.state_directory = state_directory(
	    w->arena, w->conf.state_directory);
}

/* The configuration, or NULL when something is wrong. */
static struct conf *
finish(struct whole *w, struct complaints *said, conf_complain *complain,
    void *data)
{
	if (!*w->conf.host)
		w->conf.host = own_name(w->arena);
	if (complaints_count(said) == 0)
		return &w->conf;
	complaints_tell(said, complain, data);
	arena_release(w->arena);
	return NULL;
}

struct conf *
conf_parse(
    const char *text, const char *name, conf_complain *complain, void *data)
{
	struct whole *w = whole_new(name);
	struct complaints *said = complaints_new(w->arena, name);

	load_presets(w);
	load(w, text, strlen(text), false, said);
	return finish(w, said, complain, data);
}

struct conf *
conf_read(const char *path, conf_complain *complain, void *data)
{
	struct whole *w = whole_new(path ? path : "");
	struct complaints *said = complaints_new(w->arena, w->conf.path);
	struct arena *scratch;
	size_t size;
	char *text;
	int rc;

	load_presets(w);
	if (!path)
		return finish(w, said, complain, data);
	scratch = arena_new();
	rc = file_read(scratch, path, SIEVE_SIZE, &text, &size);
	if (rc < 0)
		complaint(said, 0, "cannot be read: %s", strerror(-rc));
	else
		load(w, text, size, true, said);
	arena_release(scratch);
	return finish(w, said, complain, data);
}

static struct whole *
whole_of(const struct conf *c)
{
	return (struct whole *)c;
}

struct conf *
conf_ref(struct conf *c)
{
	whole_of(c)->references++;
	return c;
}

void
conf_unref(struct conf *c)
{
	if (c && --whole_of(c)->references == 0)
		arena_release(whole_of(c)->arena);
}

const struct settings *
conf_settings(const struct conf *c, const char *address)
{
	const struct whole *w = whole_of(c);

	if (!w->scopes)
		return &c->settings;
	return scopes_find(w->scopes, address, &c->settings);
}

static const struct layer *
layer_named(const struct conf *c, const char *name)
{
	const struct whole *w = whole_of(c);

	return w->scopes ? scopes_layer(w->scopes, name) : NULL;
}

const struct layer *
layer_of_domain(const struct conf *c, const char *domain)
{
	return layer_named(c, domain);
}

const struct layer *
layer_of_mailbox(const struct conf *c, const char *mailbox)
{
	return layer_named(c, mailbox);
}
