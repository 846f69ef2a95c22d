/*
 * policyctl_rate_change - forgetting what was counted, allowing more
 *
 * Each meter is one question: it is changed whole, and told by itself. Who is
 * named is changed alone: not the domain of a mailbox, nor the mailboxes of a
 * domain.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/text.h"
#include "conf/kind.h"
#include "policyctl.h"
#include "policyctl_change.h"
#include "policyctl_log.h"
#include "policyctl_out.h"
#include "policyctl_rate.h"
#include "policyctl_rate_terms.h"
#include "policyctl_redis.h"
#include "policyctl_when.h"

enum { LONGEST = 1000 * 86400 }; /* of a grant */

static const int64_t most = INT64_C(1) << 50; /* as of limits */

enum what { RESET, GRANT, REVOKE };

static const char *const names[] = { "reset", "grant", "revoke" };

struct work {
	struct ctl *ctl;
	struct door *door;
	enum what what;
	struct rate_terms terms;
	const char *amount; /* "+500" */
	int64_t more, until;
	const char *by;
	int64_t now;
	struct out_array array;
};

/* -- words -- */

static enum what
what_named(const char *name)
{
	enum what w = RESET;

	while (strcmp(names[w], name) != 0)
		w++;
	return w;
}

static int
read_amount(struct work *w)
{
	const struct unit *units = w->terms.meter.kind == RATE_BYTES
	    ? kind_size_units
	    : kind_number_units;

	if (!kind_read_number(w->amount + 1, units, &w->more) || w->more > most)
		return fail(EX_USAGE, "'%s' is no amount of %s such as +%s",
		    w->amount, rate_kind_name(w->terms.meter.kind),
		    w->terms.meter.kind == RATE_BYTES ? "50M" : "500");
	if (w->more == 0)
		w->what = REVOKE;
	return EX_OK;
}

/* The one word with a plus is how much; the others are who. */
static int
take_amount(struct work *w, int *argc, char **argv)
{
	int kept = 0;

	for (int i = 0; i < *argc; i++)
		if (*argv[i] != '+')
			argv[kept++] = argv[i];
		else if (w->amount)
			return fail(EX_USAGE, "rate grant: either %s or %s",
			    w->amount, argv[i]);
		else
			w->amount = argv[i];
	*argc = kept;
	if (!w->amount)
		return fail(EX_USAGE, "rate grant: how much? As in +500");
	return read_amount(w);
}

static int
check_terms(const struct work *w)
{
	const struct rate_terms *t = &w->terms;

	if (t->until && t->seconds)
		return fail(EX_USAGE, "rate grant: either --until or --for");
	if (!t->until && !t->seconds && w->what == GRANT)
		return fail(EX_USAGE,
		    "rate grant: until when? --until 18:00, or --for 2h");
	return EX_OK;
}

/* By Redis' clock. */
static int
read_until(struct work *w)
{
	const struct rate_terms *t = &w->terms;

	w->now = door_now(w->door);
	w->until = w->now + t->seconds;
	if (w->what != GRANT || !t->until)
		return EX_OK;
	if (!when_until(t->until, w->now, &w->until))
		return fail(EX_USAGE,
		    "--until: '%s' is no time to come such as 18:00 or "
		    "\"2026-11-21 17:45\"",
		    t->until);
	if (w->until - w->now > LONGEST)
		return fail(EX_USAGE, "--until: '%s' is too far", t->until);
	return EX_OK;
}

/* -- what is to be changed -- */

static bool
is_meant(const struct work *w, const struct gauge *g)
{
	if (!meter_wish_means(&w->terms.meter, g))
		return false;
	switch (w->what) {
	case RESET:
		return g->there;
	case GRANT:
		return g->meter.limit.count > 0 && !g->idle;
	case REVOKE:
		break;
	}
	return g->is.granted > 0;
}

/* Its limits, for whom names another. */
static const char *
limits_text(struct arena *a, const struct gauges *list)
{
	const char *text = "";

	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].meter.limit.count > 0)
			text = arena_printf(a, "%s%s%s", text,
			    *text ? ", " : "", list->items[i].label);
	return *text ? text : "none";
}

/* A grant that would have no effect is a mistake. */
static int
no_limit(struct arena *a, const struct work *w, const struct payer *p,
    const struct gauges *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].idle &&
		    meter_wish_means(&w->terms.meter, &list->items[i]))
			return fail(EX_USAGE, "rate grant: %s: %s", p->name,
			    list->items[i].idle);
	return fail(EX_USAGE,
	    "rate grant: %s has no such limit of %s; its limits are %s",
	    p->name, rate_kind_name(w->terms.meter.kind), limits_text(a, list));
}

/* -- changing -- */

static struct question
question_of(struct arena *a, const struct work *w, const struct gauge *g)
{
	if (w->what == RESET)
		return rate_reset(a, &(struct meters){ 1, &g->meter },
		    w->terms.grants, rate_journal(a, w->ctl->conf->prefix));
	return rate_grant(a, &g->meter, w->what == GRANT ? w->more : 0,
	    w->what == GRANT ? w->until : 0);
}

static bool
loses_grant(const struct work *w, const struct gauge *g)
{
	return g->is.granted > 0 &&
	    (w->what == REVOKE || (w->what == RESET && w->terms.grants));
}

static void
log_changed(const struct work *w, const struct gauge *g)
{
	struct line l;

	line_clear(&l);
	line_field(&l, "owner", rate_owner_name(g->meter.owner));
	line_field(&l, "name", g->name);
	line_field(&l, "meter", g->label);
	if (w->what == RESET)
		line_number(&l, "used", g->is.used);
	if (w->what == GRANT) {
		line_number(&l, "more", w->more);
		line_number(&l, "until", w->until);
	}
	if (loses_grant(w, g))
		line_number(&l, "granted", g->is.granted);
	log_change("rate", names[w->what], w->by, &l);
}

static void
print_changed(struct arena *a, const struct work *w, const struct gauge *g)
{
	const enum rate_kind kind = g->meter.kind;
	const char *granted = amount_text(a, kind, g->is.granted);

	printf("rate: ");
	out_text(stdout, g->name);
	printf(" %s: ", g->label);
	switch (w->what) {
	case RESET:
		printf("reset, was %s", amount_text(a, kind, g->is.used));
		if (g->is.open > 0)
			printf(", still open %s",
			    amount_text(a, kind, g->is.open));
		break;
	case GRANT:
		printf("%s more until %s", amount_text(a, kind, w->more),
		    out_moment(a, w->until, w->now));
		if (g->is.granted > 0)
			printf(", in place of %s", granted);
		break;
	case REVOKE:
		break;
	}
	if (loses_grant(w, g))
		printf("%sgrant of %s taken back", w->what == RESET ? ", " : "",
		    granted);
	else if (w->what == RESET && g->is.granted > 0)
		printf(", grant of %s stays", granted);
	putchar('\n');
}

static json_t *
changed_json(const struct work *w, const struct gauge *g)
{
	const bool granted = g->is.granted > 0, grant = w->what == GRANT;

	return json_pack("{s:s, s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o}",
	    "action", names[w->what], "owner", rate_owner_name(g->meter.owner),
	    "name", out_json_text(g->name), "meter", g->label, "used",
	    out_json_number(!g->unreadable, g->is.used), "open",
	    out_json_number(!g->unreadable, g->is.open), "granted",
	    out_json_number(granted, g->is.granted), "more",
	    out_json_number(grant, w->more), "until",
	    out_json_number(grant, w->until));
}

static bool
change(struct work *w, struct arena *a, const struct gauge *g)
{
	const struct question q = question_of(a, w, g);
	struct answer answer = { 0 };

	if (!door_question(w->door, a, &q, &answer, 1))
		return false;
	log_changed(w, g);
	if (w->ctl->json)
		out_array_add(&w->array, changed_json(w, g));
	else
		print_changed(a, w, g);
	return true;
}

static void
print_idle(const struct work *w, const struct payer *p)
{
	if (w->ctl->json)
		return;
	printf("rate: ");
	out_text(stdout, p->name);
	puts(w->what == RESET ? ": nothing was counted"
			      : ": nothing was granted");
}

static int
change_all(struct work *w, struct arena *a, struct payer *p)
{
	struct gauges list;
	size_t count = 0;

	payer_find(w->ctl, w->door, p);
	gauges_limited(w->ctl, a, p, false, &list);
	if (w->what != GRANT)
		gauges_scan(w->ctl, w->door, a, p, &list);
	if (!gauges_fetch(w->ctl, w->door, a, list.items, list.count))
		return EX_OK; /* the door has a trouble */
	gauges_sort(&list);
	for (size_t i = 0; i < list.count; i++)
		if (is_meant(w, &list.items[i])) {
			count++;
			if (!change(w, a, &list.items[i]))
				return EX_OK;
		}
	if (count == 0 && w->what == GRANT)
		return no_limit(a, w, p, &list);
	if (count == 0)
		print_idle(w, p);
	return EX_OK;
}

static int
run(struct work *w, struct payer *payers, int count)
{
	int status, worst;

	w->by = author(w->ctl->arena);
	w->door = register_door(w->ctl);
	worst = read_until(w);
	for (int i = 0; i < count && worst == EX_OK; i++) {
		struct arena *a = arena_new();

		worst = change_all(w, a, &payers[i]);
		arena_release(a);
	}
	status = register_status(w->door);
	if (w->ctl->json &&
	    ((status == EX_OK && worst == EX_OK) || w->array.count > 0))
		out_array_end(&w->array);
	door_close(w->door);
	return status == EX_OK ? worst : status;
}

int
rate_change(struct ctl *ctl, int argc, char **argv)
{
	static const unsigned known[] = {
		[RESET] = RATE_TERMS_METER | RATE_TERMS_RESET,
		[GRANT] = RATE_TERMS_METER | RATE_TERMS_GRANT,
		[REVOKE] = RATE_TERMS_METER,
	};
	struct work w = { .ctl = ctl, .what = what_named(argv[0]) };
	const char *name = argv[0];
	struct payer *payers;
	int status = rate_terms_read(&w.terms, known[w.what], &argc, &argv);

	if (w.what == GRANT && !w.terms.meter.by_kind)
		w.terms.meter = (struct meter_wish){ .by_kind = true,
			.kind = RATE_MESSAGES };
	if (status == EX_OK && w.what == GRANT)
		status = take_amount(&w, &argc, argv);
	if (status == EX_OK)
		status = check_terms(&w);
	if (status == EX_OK && argc == 0)
		status = fail(EX_USAGE, "rate %s: whom?", name);
	payers = arena_alloc(ctl->arena, ((size_t)argc + 1) * sizeof(*payers));
	for (int i = 0; i < argc && status == EX_OK; i++)
		status = payer_read(ctl, argv[i], &payers[i]);
	return status == EX_OK ? run(&w, payers, argc) : status;
}
