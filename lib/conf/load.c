/*
 * load - scope by scope: its values, then what they must be together
 */
#include "conf/load.h"

#include <string.h>

#include "base/arena.h"
#include "conf/complaints.h"
#include "conf/file.h"
#include "conf/hint.h"
#include "conf/layers.h"
#include "conf/options.h"
#include "conf/reader.h"
#include "conf/scopes.h"
#include "conf/sense.h"
#include "conf/terms.h"
#include "conf/syntax.h"
#include "conf/value.h"

enum { SECRET_SIZE = 1024 };

struct load {
	struct whole *whole;
	struct complaints *said;
	struct load_from from;

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
string_of(const struct conf *c, const struct option *o)
{
	return (const char **)((const char *)c + o->at);
}

/* What is wrong with the file, or NULL; then *text is its first line. */
static const char *
read_first_line(struct load *l, const char *path, char **text)
{
	struct arena *a = l->whole->arena;
	size_t size;
	int rc;

	if (!l->from.files)
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
	const char *path = *string_of(&l->whole->conf, file), *wrong;
	const char **value = string_of(&l->whole->conf, o);
	char name[OPTION_NAME], *text = NULL;

	if (!*path)
		return;
	if (**value)
		wrong = arena_printf(l->whole->arena, "%s is set too", s->name);
	else
		wrong = read_first_line(l, path, &text);
	if (wrong)
		complaint(l->said, l->lines[file - options], "%s: %s",
		    option_name(file, name), wrong);
	else
		*value = text;
}

/* A file that only root may read was read by root, once. */
static void
keep_secret(struct load *l, const struct secret *s)
{
	const struct option *o = option_find(s->section, s->name);

	*string_of(&l->whole->conf, o) = arena_strdup(
	    l->whole->arena, *string_of(l->from.again, o));
}

static void
read_secrets(struct load *l)
{
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		if (l->from.again)
			keep_secret(l, &secrets[i]);
		else
			read_secret(l, &secrets[i]);
}

/*
 * Scopes
 */

static void
end_server(struct load *l)
{
	struct conf *c = &l->whole->conf;

	read_secrets(l);
	sense_check(c, &c->settings, l->lines, l->said);
	memcpy(l->whole->lines, l->lines, option_count * sizeof(l->lines[0]));
	terms_write(&c->settings);
}

static void
end_reply(struct load *l)
{
	const char *title = l->scope.title, *what = reply_check(l->reply);
	size_t size;

	if (what)
		complaint(
		    l->said, l->scope.line, "reply '%s': %s", title, what);
	else if ((what = reply_unknown(l->reply->text, &size)) != NULL)
		hint_no_such_value(l->said, l->scope.line, title,
		    arena_memdup(l->whole->arena, what, size));
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
		.files = l->from.files ? &l->whole->files : NULL,
		.arena = l->whole->arena,
		.said = l->said,
	};

	if (!s->option) {
		enter_scope(l, s);
		return;
	}
	if (s->option->domains && l->scope.scope == SCOPE_MAILBOX)
		hint_of_domains(l->said, s->line, s->option);
	l->lines[s->option - options] = s->line;
	value_set(&setting, base_of(l, s->option));
}

void
load_text(struct whole *w, const char *text, size_t size,
    const struct load_from *from, struct complaints *said)
{
	struct load l = { .whole = w, .said = said, .from = *from };

	w->lines = arena_alloc(w->arena, option_count * sizeof(l.lines[0]));
	l.lines = arena_alloc(w->arena, option_count * sizeof(l.lines[0]));
	l.rows = arena_alloc(w->arena, option_count * sizeof(l.rows[0]));
	begin_scope(&l, &(struct statement){ .scope = SCOPE_SERVER });
	reader_read(text, size, w->arena, said, take, &l);
	end_scope(&l);
}
