/*
 * policyctl_rate_paper - meters for people and for programs
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "policyctl.h"
#include "policyctl_out.h"
#include "policyctl_paper.h"
#include "policyctl_rate.h"

const char *
amount_text(struct arena *a, enum rate_kind kind, int64_t n)
{
	return kind == RATE_BYTES ? out_size(a, n)
				  : arena_printf(a, "%" PRId64, n);
}

/* "-" where there is none. */
static const char *
limit_text(struct arena *a, const struct gauge *g)
{
	return gauge_limit(g) > 0
	    ? amount_text(a, g->meter.kind, gauge_limit(g))
	    : "-";
}

static int64_t
left(const struct gauge *g)
{
	return gauge_is_full(g) ? 0 : gauge_limit(g) - g->is.used;
}

static const char *
used_text(struct arena *a, const struct gauge *g, int64_t n)
{
	return g->unreadable ? "-" : amount_text(a, g->meter.kind, n);
}

/* -- of many -- */

static const struct column many[] = { { "NAME", 28 }, { "OF", 7 },
	{ "METER", 15 }, { "USED", 9 }, { "OPEN", 6 }, { "LIMIT", 9 },
	{ "PERCENT", 1 }, { 0 } };

void
gauge_head(void)
{
	out_head(many);
}

void
gauge_row(const struct gauge *g)
{
	struct arena *a = arena_new();
	const int64_t percent = gauge_percent(g);

	out_row(many,
	    (const char *const[]){ g->name, rate_owner_name(g->meter.owner),
		g->label, used_text(a, g, g->is.used),
		used_text(a, g, g->is.open), limit_text(a, g),
		percent < 0 ? "-" : arena_printf(a, "%" PRId64, percent) });
	arena_release(a);
}

/* -- of one -- */

static const struct column few[] = { { "METER", 15 }, { "OF", 7 },
	{ "USED", 9 }, { "OPEN", 6 }, { "LIMIT", 9 }, { "LEFT", 9 },
	{ "NEXT", 28 }, { "FROM", 1 }, { 0 } };

/* When one more is allowed. */
static const char *
next_text(struct arena *a, const struct gauge *g, int64_t now)
{
	if (gauge_limit(g) == 0)
		return "-";
	if (g->is.next == 0)
		return "now";
	return arena_printf(a, "%s, in %s", out_time(a, now + g->is.next),
	    out_span(a, g->is.next));
}

static const char *
from_text(struct arena *a, const struct gauge *g)
{
	if (g->meter.limit.count == 0)
		return "-";
	return strcmp(g->from.from, g->from.level) != 0
	    ? arena_printf(a, "%s, %s", g->from.from, g->from.level)
	    : g->from.from;
}

static void
print_gauge(struct arena *a, const struct gauge *g, int64_t now)
{
	out_row(few,
	    (const char *const[]){ g->label, rate_owner_name(g->meter.owner),
		used_text(a, g, g->is.used), used_text(a, g, g->is.open),
		limit_text(a, g),
		gauge_limit(g) > 0 ? amount_text(a, g->meter.kind, left(g))
				   : "-",
		next_text(a, g, now), from_text(a, g) });
}

/* A mailbox, its domain and the server may have one of the same name: then also
 * whose it is. */
static const char *
which(struct arena *a, const struct gauges *list, const struct gauge *g)
{
	unsigned same = 0;

	for (size_t i = 0; i < list->count; i++)
		same += strcmp(list->items[i].label, g->label) == 0;
	return same > 1 ? arena_printf(a, "%s of %s", g->label,
			      rate_owner_name(g->meter.owner))
			: g->label;
}

static void
print_mark(struct arena *a, const char *name, const char *label, int64_t at,
    int64_t now)
{
	if (at > 0)
		paper_line(name,
		    arena_printf(a, "%s, %s", label, out_moment(a, at, now)));
}

/* What there is to say of few of them. */
static void
print_notes(
    struct arena *a, const struct gauge *g, const char *label, int64_t now)
{
	if (g->unreadable)
		paper_line("because",
		    arena_printf(a, "%s: its value cannot be read", label));
	if (g->idle)
		paper_line("idle",
		    arena_printf(a, "%s, %s: %s", label,
			amount_text(a, g->meter.kind, g->meter.limit.count),
			g->idle));
	if (g->is.granted > 0)
		paper_line("granted",
		    arena_printf(a, "%s, %s more until %s", label,
			amount_text(a, g->meter.kind, g->is.granted),
			out_moment(a, g->is.granted_until, now)));
	print_mark(a, "warned", label, g->warned, now);
	print_mark(a, "refused", label, g->refused, now);
}

/* A grant takes the place of what is granted already: with as much as was sent
 * all of the limit is free again. */
static void
print_help(struct arena *a, const struct gauge *g)
{
	const char *name = paper_shell(a, g->name);

	if (!gauge_is_full(g))
		return;
	paper_line("help",
	    arena_printf(a,
		"policyctl rate grant %s +%" PRId64 " --meter %s --for 1h",
		name, g->is.used, g->label));
	paper_line("help",
	    arena_printf(
		a, "policyctl rate reset %s --meter %s", name, g->label));
}

void
gauges_print(const struct gauges *list, int64_t now)
{
	struct arena *a = arena_new();

	if (list->count > 0)
		out_head(few);
	for (size_t i = 0; i < list->count; i++)
		print_gauge(a, &list->items[i], now);
	for (size_t i = 0; i < list->count; i++)
		print_notes(
		    a, &list->items[i], which(a, list, &list->items[i]), now);
	for (size_t i = 0; i < list->count; i++)
		print_help(a, &list->items[i]);
	arena_release(a);
}

/* -- for programs -- */

static void
add(json_t *o, const char *name, json_t *value)
{
	json_object_set_new(o, name, value);
}

/* Null where no limit holds. */
static void
add_limit(json_t *o, const struct gauge *g, int64_t now)
{
	const bool holds = gauge_limit(g) > 0;
	const bool set = g->meter.limit.count > 0;
	const bool granted = g->is.granted > 0;

	add(o, "limit", out_json_number(holds, gauge_limit(g)));
	add(o, "left", out_json_number(holds, left(g)));
	add(o, "percent", out_json_number(holds, gauge_percent(g)));
	add(o, "next", out_json_number(holds, g->is.next));
	add(o, "next_at", out_json_number(holds, now + g->is.next));
	add(o, "set", out_json_number(set, g->meter.limit.count));
	add(o, "from", out_json_text(g->from.from));
	add(o, "level", out_json_text(g->from.level));
	add(o, "idle", out_json_text(g->idle));
	add(o, "granted", out_json_number(granted, g->is.granted));
	add(o, "granted_until", out_json_number(granted, g->is.granted_until));
}

json_t *
gauge_json(const struct gauge *g, int64_t now)
{
	const bool known = !g->unreadable;
	json_t *o = json_object();

	add(o, "name", out_json_text(g->name));
	add(o, "owner", json_string(rate_owner_name(g->meter.owner)));
	add(o, "meter", json_string(g->label));
	add(o, "kind", json_string(rate_kind_name(g->meter.kind)));
	add(o, "seconds", json_integer(g->meter.limit.seconds));
	add(o, "key", out_json_text(g->meter.key.text));
	add(o, "used", out_json_number(known, g->is.used));
	add(o, "open", out_json_number(known, g->is.open));
	add(o, "window", paper_json_time(g->there ? g->is.window : 0));
	add(o, "current", out_json_number(known, g->is.current));
	add(o, "previous", out_json_number(known, g->is.previous));
	add_limit(o, g, now);
	add(o, "warned", paper_json_time(g->warned));
	add(o, "refused", paper_json_time(g->refused));
	return o;
}

json_t *
gauges_json(const struct gauges *list, int64_t now)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(array, gauge_json(&list->items[i], now));
	return array;
}
