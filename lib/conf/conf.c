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
#include "base/suffix.h"
#include "conf/complaints.h"
#include "conf/file.h"
#include "conf/layers.h"
#include "conf/load.h"
#include "conf/options.h"
#include "conf/scopes.h"
#include "conf/sieve.h"

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
	stamps_init(&w->files, a);
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

	load_text(w, text, strlen(text), &(struct load_from){ 0 }, said);
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
	load_text(w, text, strlen(text), &(struct load_from){ 0 }, said);
	return finish(w, said, complain, data);
}

static void
read_file(struct whole *w, struct complaints *said)
{
	const struct load_from from = { .files = true };
	char *text;
	const int rc = file_read(
	    w->arena, w->conf.path, SIEVE_SIZE, &text, &w->size);

	if (rc < 0) {
		complaint(said, 0, "cannot be read: %s", strerror(-rc));
		return;
	}
	w->text = text;
	load_text(w, text, w->size, &from, said);
}

struct conf *
conf_read(const char *path, conf_complain *complain, void *data)
{
	struct whole *w = whole_new(path ? path : "");
	struct complaints *said = complaints_new(w->arena, w->conf.path);

	load_presets(w);
	w->conf.suffixes = suffixes_open(w->arena);
	if (path)
		read_file(w, said);
	return finish(w, said, complain, data);
}

static struct whole *
whole_of(const struct conf *c)
{
	return (struct whole *)c;
}

int
conf_line(const struct conf *c, const char *section, const char *name)
{
	return whole_of(c)->lines[option_find(section, name) - options];
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

struct conf *
conf_again(const struct conf *c, conf_complain *complain, void *data)
{
	const struct whole *old = whole_of(c);
	const struct load_from from = { .files = true, .again = c };
	struct whole *w = whole_new(c->path);
	struct complaints *said = complaints_new(w->arena, c->path);

	load_presets(w);
	w->conf.suffixes = suffixes_open(w->arena);
	if (old->text) {
		w->text = arena_memdup(w->arena, old->text, old->size);
		w->size = old->size;
		load_text(w, w->text, w->size, &from, said);
	}
	return finish(w, said, complain, data);
}

const struct stamps *
conf_files(const struct conf *c)
{
	return &whole_of(c)->files;
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
