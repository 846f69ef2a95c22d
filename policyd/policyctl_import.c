/*
 * policyctl_import - domains and mailboxes, as many as a file has
 *
 * A heap of records at a time: one pass of questions, and memory for no more.
 * To do it once more changes nothing. A wrong line is told and left out.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/text.h"
#include "conf/conf.h"
#include "conf/lookup.h"
#include "policyctl.h"
#include "policyctl_change.h"
#include "policyctl_holder.h"
#include "policyctl_log.h"
#include "policyctl_option.h"
#include "policyctl_out.h"
#include "policyctl_progress.h"
#include "policyctl_record.h"
#include "policyctl_redis.h"
#include "policyctl_seen.h"
#include "scope/scope.h"

enum {
	HEAP = 512, /* records and parts of records */
	LINE_MOST = 64 * 1024
};

struct counts {
	int64_t read, created, changed, same; /* records */
	int64_t domains; /* created besides, as somebody is of them */
	int64_t ignored, wrong; /* lines */
};

/* As much of a record as fits into one question. */
struct item {
	struct record record;
	bool part; /* of the one before */
	bool implied; /* a domain that no line names */
	bool created, changed; /* by it */
};

struct import {
	struct ctl *ctl;
	struct door *door;
	bool dry;
	const char *path;
	FILE *file;
	int64_t line, bytes;
	struct records *records;
	struct seen *addresses, *domains;
	struct arena *arena; /* of the heap */
	size_t lines, used;
	struct item heap[HEAP];
	struct counts counts;
	struct progress progress;
};

static int
wrong_line(struct import *im, const char *what)
{
	im->counts.wrong++;
	progress_hide(&im->progress);
	return fail(EX_DATAERR, "%s:%" PRId64 ": %s", im->path, im->line, what);
}

/* -- a heap -- */

/* Each part of a record says what it did. */
static void
count_items(struct import *im)
{
	for (size_t i = 0; i < im->used;) {
		const struct item *first = &im->heap[i];
		bool changed = first->changed;

		while (++i < im->used && im->heap[i].part)
			changed |= im->heap[i].changed;
		if (first->implied)
			im->counts.domains += first->created;
		else if (first->created)
			im->counts.created++;
		else if (changed)
			im->counts.changed++;
		else
			im->counts.same++;
	}
}

static bool
write_items(struct import *im)
{
	struct arena *a = im->arena;
	struct question *qs = arena_alloc(a, im->used * sizeof(*qs));
	struct answer *answers = arena_alloc(a, im->used * sizeof(*answers));

	for (size_t i = 0; i < im->used; i++) {
		const struct record *r = &im->heap[i].record;

		qs[i] = scope_set(a, im->ctl->conf, r->address, r->names,
		    r->values, r->count);
	}
	if (!door_question(im->door, a, qs, answers, im->used))
		return false;
	for (size_t i = 0; i < im->used; i++) {
		im->heap[i].created = answers[i].values[0].number != 0;
		im->heap[i].changed = answers[i].values[1].number != 0;
	}
	return true;
}

static bool
would_change(const struct record *r, const struct holder *h)
{
	for (size_t i = 0; i < r->count; i++) {
		const char *now = holder_field(h, r->names[i]);
		const char *then = r->values[i];

		if (now && then ? strcmp(now, then) != 0 : now != then)
			return true;
	}
	return false;
}

/* Dry: what is there, and would another thing be? */
static bool
compare_items(struct import *im)
{
	struct arena *a = im->arena;
	const char **names = arena_alloc(a, im->used * sizeof(*names));
	struct holder *found = arena_alloc(a, im->used * sizeof(*found));

	for (size_t i = 0; i < im->used; i++)
		names[i] = im->heap[i].record.address;
	if (!holders_fetch(im->ctl, im->door, a, NULL, names, found, im->used))
		return false;
	for (size_t i = 0; i < im->used; i++) {
		im->heap[i].created = !found[i].there || found[i].unreadable;
		im->heap[i].changed = would_change(
		    &im->heap[i].record, &found[i]);
	}
	return true;
}

/* False without Redis. */
static bool
flush(struct import *im)
{
	const bool whole = im->used == 0 ||
	    (im->dry ? compare_items(im) : write_items(im));

	if (whole)
		count_items(im);
	arena_release(im->arena);
	im->arena = arena_new();
	im->lines = im->used = 0;
	return whole;
}

static void
add(struct import *im, const struct record *r, bool implied)
{
	size_t done = 0;

	do {
		const size_t rest = r->count - done;
		const size_t now = rest < SCOPE_SET ? rest : SCOPE_SET;

		im->heap[im->used++] = (struct item){
			.record = { r->address, now, r->names + done,
			    r->values + done },
			.part = done > 0,
			.implied = implied,
		};
		done += now;
	} while (done < r->count);
}

/* -- lines -- */

/* A mailbox of a domain that nobody knows would have no effect. */
static void
add_domain(struct import *im, const char *address)
{
	const char *at = strrchr(address, '@');
	struct record domain = { at ? at + 1 : address };

	if (seen_before(im->domains, domain.address) || !at ||
	    lookups_domain(im->ctl->conf->local_domains, domain.address))
		return;
	add(im, &domain, true);
}

enum { PARTS = 20 }; /* the most that a record may have, and its domain */

static void
take_line(struct import *im, char *text)
{
	struct record r;
	const char *wrong;

	if ((im->used + PARTS > HEAP || ++im->lines > HEAP) && !flush(im))
		return;
	wrong = records_read(
	    im->records, im->arena, arena_strdup(im->arena, text), &r);
	if (!wrong && r.address && seen_before(im->addresses, r.address))
		wrong = arena_printf(im->arena,
		    "%s is there twice; the first counts", r.address);
	if (wrong) {
		wrong_line(im, wrong);
	} else if (!r.address) {
		im->counts.ignored++;
	} else {
		im->counts.read++;
		add_domain(im, r.address);
		add(im, &r, false);
	}
}

/* Without its end. What follows a line that is too long is a part of it. */
static bool
read_line(struct import *im, char *text, bool *whole)
{
	size_t size;
	int c;

	if (!fgets(text, LINE_MOST, im->file))
		return false;
	im->line++;
	size = strlen(text);
	*whole = size < LINE_MOST - 1 || text[size - 1] == '\n';
	im->bytes += (int64_t)size;
	for (c = 0; !*whole && c != '\n' && c != EOF; im->bytes++)
		c = getc(im->file);
	text[strcspn(text, "\r\n")] = '\0';
	return true;
}

/* Before the first line, spreadsheets put a mark. */
static int
begin(struct import *im, char *text, bool *is_head)
{
	static const char mark[] = "\xef\xbb\xbf";
	const char *wrong;

	if (!strncmp(text, mark, strlen(mark)))
		memmove(text, text + 3, strlen(text) - 2);
	wrong = records_begin(im->records, text, is_head);
	return wrong ? wrong_line(im, wrong) : EX_OK;
}

static int
import_lines(struct import *im)
{
	char *text = xmalloc(LINE_MOST);
	bool begun = false, is_head, whole;
	int status = EX_OK;

	while (status == EX_OK && !door_trouble(im->door) &&
	    read_line(im, text, &whole)) {
		is_head = false;
		if (!whole)
			wrong_line(im, "the line is too long");
		else if (text[strspn(text, " \t")] == '\0')
			continue;
		else if (!begun)
			status = begin(im, text, &is_head);
		begun = true;
		if (whole && !is_head && status == EX_OK)
			take_line(im, text);
		progress_step(&im->progress, im->bytes, im->line);
	}
	if (ferror(im->file))
		status = fail(EX_IOERR, "%s: %s", im->path, strerror(errno));
	free(text);
	return status;
}

/* -- the outcome -- */

static void
log_import(const struct import *im)
{
	const struct counts *c = &im->counts;
	struct line l;

	if (im->dry || c->created + c->changed + c->domains == 0)
		return;
	line_clear(&l);
	line_field(&l, "file", im->path);
	line_number(&l, "created", c->created);
	line_number(&l, "changed", c->changed);
	line_number(&l, "domains", c->domains);
	log_change("mailbox", "import", author(im->ctl->arena), &l);
}

static void
tell(const struct import *im)
{
	const struct counts *c = &im->counts;
	const struct {
		const char *name, *text;
		int64_t number;
	} rows[] = {
		{ "read", "read", c->read },
		{ "created", im->dry ? "would be created" : "created",
		    c->created },
		{ "changed", im->dry ? "would be changed" : "changed",
		    c->changed },
		{ "same", "were so already", c->same },
		{ "domains", "domains besides", c->domains },
		{ "ignored", "lines ignored", c->ignored },
		{ "wrong", "lines wrong", c->wrong },
	};
	json_t *o = json_pack("{s:b}", "dry_run", im->dry);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_object_set_new(
		    o, rows[i].name, json_integer(rows[i].number));
		if (!im->ctl->json)
			printf("%s%" PRId64 " %s",
			    i ? ", " : "import: ", rows[i].number,
			    rows[i].text);
	}
	if (im->ctl->json)
		out_json(json_incref(o));
	else
		putchar('\n');
	json_decref(o);
}

static int
import_file(struct import *im)
{
	int status;

	im->door = holder_door(im->ctl);
	im->arena = arena_new();
	im->addresses = seen_new();
	im->domains = seen_new();
	progress_begin(&im->progress, "import", im->file);
	status = import_lines(im);
	flush(im);
	progress_hide(&im->progress);
	log_import(im);
	tell(im);
	if (status == EX_OK)
		status = register_status(im->door);
	if (status == EX_OK && im->counts.wrong > 0)
		status = EX_DATAERR;
	seen_free(im->domains);
	seen_free(im->addresses);
	arena_release(im->arena);
	door_close(im->door);
	return status;
}

/* -- the command -- */

struct options {
	bool dry;
	enum format format;
};

static int
read_dry_run(void *into, const char *text)
{
	struct options *o = into;

	(void)text;
	o->dry = true;
	return EX_OK;
}

static int
read_format(void *into, const char *text)
{
	struct options *o = into;

	if (!strcmp(text, "csv"))
		o->format = FORMAT_CSV;
	else if (!strcmp(text, "mailenable"))
		o->format = FORMAT_MAILENABLE;
	else
		return fail(EX_USAGE,
		    "unknown format '%s': it is csv or mailenable", text);
	return EX_OK;
}

static const struct option_row rows[] = {
	{ "dry-run", 1, 0, read_dry_run },
	{ "format", 1, 1, read_format },
	{ NULL },
};

int
run_import(struct ctl *ctl, int argc, char **argv)
{
	struct options o = { 0 };
	struct import *im = arena_alloc(ctl->arena, sizeof(*im));
	int status = options_read(rows, 1, &o, &argc, &argv);

	if (status != EX_OK)
		return status;
	if (argc > 1)
		return fail(EX_USAGE, "import: one file");
	im->ctl = ctl;
	im->dry = o.dry;
	im->records = records_new(ctl->arena, o.format);
	im->path = argc ? argv[0] : "-";
	im->file = strcmp(im->path, "-") ? fopen(im->path, "re") : stdin;
	if (!im->file)
		return fail(EX_NOINPUT, "%s: %s", im->path, strerror(errno));
	status = import_file(im);
	if (im->file != stdin)
		fclose(im->file);
	return status;
}
