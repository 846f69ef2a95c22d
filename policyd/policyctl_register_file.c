/*
 * policyctl_register_file - export and import: a line of JSON for each entry
 *
 * An export is what `list --json` tells. Importing it once more changes
 * nothing; what was over by then is left out, and so is whom no register may
 * hold anything against here.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "ask/key.h"
#include "base/arena.h"
#include "base/text.h"
#include "conf/conf.h"
#include "policyctl.h"
#include "policyctl_change.h"
#include "policyctl_entry.h"
#include "policyctl_immune.h"
#include "policyctl_lists.h"
#include "policyctl_log.h"
#include "policyctl_out.h"
#include "policyctl_paper.h"
#include "policyctl_redis.h"
#include "policyctl_register.h"
#include "policyctl_shelf.h"
#include "policyctl_slip.h"
#include "policyctl_terms.h"
#include "policyctl_walk.h"
#include "register/put.h"

enum { LINE_MOST = 1 << 20 };

/* -- export -- */

static bool
export_entry(void *data, const struct entry *e)
{
	json_t *o = paper_json(e);

	(void)data;
	json_dumpf(o, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
	putchar('\n');
	json_decref(o);
	return !ferror(stdout);
}

int
register_export(struct ctl *ctl, int argc, char **argv)
{
	struct terms t;
	int status = terms_read(&t, TERMS_SELECTION, &argc, &argv);
	struct door *d;

	if (status != EX_OK)
		return status;
	if (argc > 0)
		return fail(EX_USAGE, "%s export: '%s' is too much",
		    ctl->shelf->name, argv[0]);
	d = register_door(ctl);
	entries_walk(ctl, d, ctl->shelf, &t, export_entry, NULL);
	status = register_status(d);
	door_close(d);
	return status;
}

/* -- import -- */

struct importing {
	struct ctl *ctl;
	struct changes changes;
	const char *path;
	long line;
	int64_t now, read, over, immune;
	struct lists *lists; /* NULL: nobody is immune */
};

static bool
is_immune(struct importing *im, const struct slip *s, struct arena *a)
{
	const struct subject who = {
		.client = !s->pattern, .address = s->address, .name = s->client
	};
	const char *why = im->lists
	    ? immune_subject(a, im->lists, im->ctl->conf, &who, im->now)
	    : NULL;

	if (why)
		fail(EX_OK, "%s:%ld: %s: left out, %s; --force does it anyway",
		    im->path, im->line, s->client, why);
	return why != NULL;
}

/* A register's entry: its fields, a question for as many as fit into one. */
static void
put_entry(struct importing *im, const struct slip *s)
{
	struct changes *c = &im->changes;
	const struct shelf *shelf = im->ctl->shelf;

	for (size_t done = 0; done < s->count; done += PUT_FIELDS) {
		struct change *one = changes_next(c);
		const size_t rest = s->count - done;

		one->question = put_fields(c->arena,
		    shelf_key(
			shelf, c->arena, im->ctl->conf, s->client, s->service),
		    shelf_mark_key(c->arena, im->ctl->conf, s->client), s->ends,
		    s->fields + done, rest < PUT_FIELDS ? rest : PUT_FIELDS);
		one->part = done > 0;
		one->indexed = s->until != 0;
		one->kept = shelf->kept;
		one->address = s->address;
		one->until = s->until;
	}
}

static void
put_pattern(struct importing *im, const struct slip *s)
{
	struct change *one = changes_next(&im->changes);
	struct arena *a = im->changes.arena;

	one->question = put_fields(a,
	    shelf_list_key(im->ctl->shelf, a, im->ctl->conf), NULL, FOREVER,
	    s->fields, s->count);
}

static int
wrong_line(const struct importing *im, const char *what)
{
	return fail(EX_DATAERR, "%s:%ld: %s", im->path, im->line, what);
}

static int
import_line(struct importing *im, const char *text, size_t size)
{
	struct arena *a = arena_new();
	json_error_t error;
	json_t *o = json_loadb(text, size, 0, &error);
	struct slip s;
	const char *wrong = o
	    ? slip_read(&s, a, im->ctl->conf, im->ctl->shelf, o)
	    : error.text;
	int status = EX_OK;

	if (wrong) {
		status = wrong_line(im, wrong);
	} else {
		im->read++;
		if (s.ends != FOREVER && s.ends <= im->now)
			im->over++;
		else if (is_immune(im, &s, a))
			im->immune++;
		else if (s.pattern)
			put_pattern(im, &s);
		else
			put_entry(im, &s);
	}
	json_decref(o);
	arena_release(a);
	return status;
}

static int
import_lines(struct importing *im, FILE *file)
{
	char *text = xmalloc(LINE_MOST);
	int status = EX_OK;

	while (status == EX_OK && !door_trouble(im->changes.door) &&
	    fgets(text, LINE_MOST, file)) {
		const size_t size = strlen(text);

		im->line++;
		if (size == LINE_MOST - 1 && text[size - 1] != '\n')
			status = wrong_line(im, "the line is too long");
		else if (text[strspn(text, " \t\r\n")] != '\0')
			status = import_line(im, text, size);
	}
	if (ferror(file))
		status = fail(EX_IOERR, "%s: %s", im->path, strerror(errno));
	free(text);
	return status;
}

/* The other nodes look at the version; without it they would find out within
 * half a minute. */
static void
tell_nodes(struct importing *im)
{
	struct arena *a = im->ctl->arena;
	struct order o = { 0 };

	if (!im->ctl->shelf->has_list || im->changes.made == 0)
		return;
	order_words(&o, "INCR",
	    key_make(a, im->ctl->conf->prefix, "version", "lists", NULL, 0)
		.text,
	    NULL);
	door_ask(im->changes.door, a, &o, 1);
}

static void
tell_imported(const struct importing *im)
{
	const struct ctl *ctl = im->ctl;
	const int64_t made = im->changes.made;
	struct line l;

	if (made > 0) {
		line_clear(&l);
		line_number(&l, "count", made);
		log_change(ctl->shelf->name, "import", im->changes.by, &l);
	}
	if (ctl->json)
		out_json(json_pack("{s:s, s:I, s:I, s:I, s:I}", "register",
		    ctl->shelf->name, "read", (json_int_t)im->read, "changed",
		    (json_int_t)made, "over", (json_int_t)im->over, "immune",
		    (json_int_t)im->immune));
	else
		printf("%s: %" PRId64 " read, %" PRId64 " changed, %" PRId64
		       " were over, %" PRId64 " immune\n",
		    ctl->shelf->name, im->read, made, im->over, im->immune);
}

/* A list of denials or grants may name anybody. */
static bool
fetch_lists(struct importing *im, bool force)
{
	if (force || !im->ctl->shelf->has_register)
		return true;
	im->lists = lists_fetch(im->ctl, im->changes.door);
	return im->lists != NULL;
}

static int
import_file(struct importing *im, FILE *file, bool force)
{
	int status = EX_OK;

	changes_start(&im->changes, im->ctl, register_door(im->ctl));
	im->now = door_now(im->changes.door);
	if (fetch_lists(im, force))
		status = import_lines(im, file);
	changes_do(&im->changes);
	tell_nodes(im);
	tell_imported(im);
	if (status == EX_OK)
		status = register_status(im->changes.door);
	lists_unref(im->lists);
	changes_end(&im->changes);
	door_close(im->changes.door);
	return status;
}

int
register_import(struct ctl *ctl, int argc, char **argv)
{
	struct terms t;
	struct importing *im = arena_alloc(ctl->arena, sizeof(*im));
	FILE *file = stdin;
	int status = terms_read(&t, TERMS_FORCE, &argc, &argv);

	if (status != EX_OK)
		return status;
	if (argc > 1)
		return fail(EX_USAGE, "%s import: one file", ctl->shelf->name);
	im->ctl = ctl;
	im->path = argc ? argv[0] : "-";
	if (strcmp(im->path, "-") != 0 && !(file = fopen(im->path, "re")))
		return fail(EX_NOINPUT, "%s: %s", im->path, strerror(errno));
	status = import_file(im, file, t.force);
	if (file != stdin)
		fclose(file);
	return status;
}
