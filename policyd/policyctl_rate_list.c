/*
 * policyctl_rate_list - the meters of all: list, top
 *
 * A page of keys is in memory at a time, and those lines that will be shown.
 * Redis adds up no meter that cannot be among them: where their names alone say
 * which these are, only when they are shown.
 */
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/idn.h"
#include "base/text.h"
#include "conf/conf.h"
#include "policyctl.h"
#include "policyctl_change.h"
#include "policyctl_key.h"
#include "policyctl_out.h"
#include "policyctl_progress.h"
#include "policyctl_rate.h"
#include "policyctl_rate_roll.h"
#include "policyctl_rate_terms.h"
#include "policyctl_redis.h"
#include "policyctl_scan.h"

enum {
	LINES = 50000, /* of list, when nobody says */
	HEAVIEST = 10, /* of top */
	PAGE = 500 /* keys that Redis looks at for one page, about */
};

struct walk {
	struct ctl *ctl;
	struct door *door;
	struct rate_terms terms;
	const char *pattern; /* NULL: all */
	bool by_name; /* neither its sum nor its limit decides who is shown */
	struct roll roll;
	struct progress progress;
};

/* -- which ones -- */

/* A pattern without "@" is of domains, and of those in them. */
static bool
fits(const struct walk *w, const struct payer *p)
{
	const bool part = p->owner == OWNER_MAILBOX && p->domain &&
	    !strchr(w->pattern, '@');

	return fnmatch(w->pattern, part ? p->domain : p->name, 0) == 0;
}

static bool
is_kind(const struct rate_terms *t, const struct payer *p)
{
	if (!t->users && !t->domains && !t->clients)
		return true;
	return (t->users && p->owner == OWNER_MAILBOX) ||
	    (t->domains && p->owner == OWNER_DOMAIN) ||
	    (t->clients && p->client.family != 0);
}

static bool
is_wanted(const struct walk *w, const struct payer *p, const struct meter *m)
{
	const struct gauge bare = { .meter = *m };

	return is_kind(&w->terms, p) &&
	    meter_wish_means(&w->terms.meter, &bare) &&
	    (!w->pattern || fits(w, p));
}

static bool
is_over(const struct walk *w, const struct gauge *g)
{
	return w->terms.over < 0 || gauge_percent(g) >= w->terms.over;
}

/* -- walking -- */

/* A gauge that is wanted, and whose it is. */
struct find {
	struct payer *payers;
	struct gauge *list;
	size_t count;
};

static void
read_keys(const struct walk *w, struct arena *a, const struct node *keys,
    struct find *f)
{
	f->payers = arena_alloc(a, keys->count * sizeof(*f->payers));
	f->list = arena_alloc(a, keys->count * sizeof(*f->list));
	for (size_t i = 0; i < keys->count; i++) {
		struct payer *p = &f->payers[f->count];
		struct meter m = { 0 };

		if (!payer_of_key(w->ctl, a, keys->items[i].text, p, &m) ||
		    !is_wanted(w, p, &m))
			continue;
		f->list[f->count++] = (struct gauge){ .meter = m,
			.name = p->name };
	}
}

/* Those that may be shown: others need not be looked at. */
static void
keep(struct walk *w, struct find *f, bool (*may)(struct walk *, struct gauge *))
{
	size_t kept = 0;

	for (size_t i = 0; i < f->count; i++) {
		if (!may(w, &f->list[i]))
			continue;
		f->payers[kept] = f->payers[i];
		f->list[kept++] = f->list[i];
	}
	f->count = kept;
}

static bool
may_stay(struct walk *w, struct gauge *g)
{
	return roll_wants(&w->roll, g);
}

static bool
may_be_over(struct walk *w, struct gauge *g)
{
	return w->terms.over < 0 || gauge_most_percent(g) >= w->terms.over;
}

/* Of networks there may be keys that a glance does not see. */
static bool
is_not_put_by(struct walk *w, struct gauge *g)
{
	if (!w->by_name || !g->there)
		return true;
	roll_add(&w->roll, g);
	return false;
}

static void
complete(struct walk *w, struct arena *a, struct payer *payers,
    struct gauge *list, size_t count)
{
	payers_scope(w->ctl, w->door, a, payers, count);
	for (size_t i = 0; i < count; i++)
		gauge_complete(w->ctl, a, &payers[i], &list[i]);
}

static bool
look(struct walk *w, struct arena *a, struct gauge *list, size_t count)
{
	return gauges_look(w->door, a, list, count, (struct word){ NULL, 0 });
}

static bool
walk_page(struct walk *w, struct arena *a, const struct node *keys)
{
	struct find f = { 0 };

	read_keys(w, a, keys, &f);
	if (!gauges_glance(w->door, a, f.list, f.count))
		return false;
	keep(w, &f, may_stay);
	keep(w, &f, is_not_put_by);
	complete(w, a, f.payers, f.list, f.count);
	keep(w, &f, may_be_over);
	if (!look(w, a, f.list, f.count))
		return false;
	for (size_t i = 0; i < f.count; i++)
		if (f.list[i].there && is_over(w, &f.list[i]))
			roll_add(&w->roll, &f.list[i]);
	return true;
}

static void
walk(struct walk *w)
{
	struct scan scan;
	int64_t seen = 0;
	bool more = true;

	progress_begin(&w->progress, "rate", NULL);
	w->progress.unit = "keys";
	scan_start(&scan, w->door,
	    key_pattern(w->ctl->arena,
		arena_printf(w->ctl->arena, "%srate:{", w->ctl->conf->prefix)));
	while (more) {
		struct arena *page = arena_new();
		struct node keys = { 0 };

		more = scan_next(&scan, page, &keys) &&
		    walk_page(w, page, &keys);
		arena_release(page);
		progress_step(&w->progress, 0, seen += PAGE);
	}
	scan_end(&scan);
	progress_hide(&w->progress);
	roll_end(&w->roll);
}

/* -- telling -- */

/* What was put by is looked at now. */
static bool
look_at_last(struct walk *w, struct arena *a, struct gauge *list, size_t count)
{
	struct payer *payers = arena_alloc(a, count * sizeof(*payers));
	struct meter m;

	for (size_t i = 0; i < count; i++)
		payer_of_key(w->ctl, a, list[i].meter.key.text, &payers[i], &m);
	complete(w, a, payers, list, count);
	return look(w, a, list, count);
}

static void
tell_page(struct walk *w, struct gauge *list, size_t count, int64_t now,
    struct out_array *array)
{
	struct arena *page = arena_new();
	const bool known = !w->by_name || look_at_last(w, page, list, count);

	for (size_t i = 0; known && i < count && !ferror(stdout); i++)
		if (w->ctl->json)
			out_array_add(array, gauge_json(&list[i], now));
		else
			gauge_row(&list[i]);
	arena_release(page);
}

static void
tell(struct walk *w)
{
	const struct gauges *list = &w->roll.kept;
	const int64_t now = door_now(w->door);
	struct out_array array = { 0 };

	if (!w->ctl->json && list->count > 0)
		gauge_head();
	for (size_t i = 0; i < list->count; i += PAGE) {
		const size_t rest = list->count - i;

		tell_page(
		    w, &list->items[i], rest < PAGE ? rest : PAGE, now, &array);
	}
	if (w->ctl->json)
		out_array_end(&array);
}

static int
walk_and_tell(struct walk *w, size_t most, bool heaviest)
{
	int status;

	w->by_name = w->terms.over < 0 && !heaviest;
	roll_init(&w->roll, most, heaviest);
	w->door = register_door(w->ctl);
	walk(w);
	tell(w);
	status = register_status(w->door);
	door_close(w->door);
	if (w->roll.more && w->terms.limit < 0 && !heaviest)
		fail(EX_OK,
		    "there are more: a PATTERN, --meter, --over or --limit "
		    "tells which");
	roll_clear(&w->roll);
	return status;
}

int
rate_list(struct ctl *ctl, int argc, char **argv)
{
	struct walk w = { .ctl = ctl };
	const int status = rate_terms_read(
	    &w.terms, RATE_TERMS_METER | RATE_TERMS_LIST, &argc, &argv);

	if (status != EX_OK)
		return status;
	if (argc > 1)
		return fail(EX_USAGE, "rate list: '%s' is too much", argv[1]);
	w.pattern = argc
	    ? idn_address(ctl->arena, text_lower(ctl->arena, argv[0]))
	    : NULL;
	return walk_and_tell(
	    &w, w.terms.limit < 0 ? LINES : (size_t)w.terms.limit, false);
}

int
rate_top(struct ctl *ctl, int argc, char **argv)
{
	struct walk w = { .ctl = ctl };
	int status = rate_terms_read(&w.terms, RATE_TERMS_TOP, &argc, &argv);

	if (status == EX_OK && argc > 1)
		return fail(EX_USAGE, "rate top: '%s' is too much", argv[1]);
	if (status == EX_OK)
		status = meter_wish_read(
		    &w.terms.meter, argc ? argv[0] : "messages");
	if (status != EX_OK)
		return status;
	if (!w.terms.domains && !w.terms.clients)
		w.terms.users = true;
	return walk_and_tell(
	    &w, w.terms.limit < 0 ? HEAVIEST : (size_t)w.terms.limit, true);
}
