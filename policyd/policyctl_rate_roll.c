/*
 * policyctl_rate_roll - when it is full it is put in order, and the end goes
 */
#include "policyctl_rate_roll.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { ROOM = 1024 }; /* beside twice of what was kept */

static void
begin(struct roll *r, size_t room)
{
	r->arena = arena_new();
	r->room = room;
	r->kept.count = 0;
	r->kept.items = arena_take(r->arena, r->room * sizeof(*r->kept.items));
}

void
roll_init(struct roll *r, size_t most, bool heaviest)
{
	*r = (struct roll){ .most = most, .heaviest = heaviest };
	begin(r, ROOM);
}

void
roll_clear(struct roll *r)
{
	arena_release(r->arena);
}

static const char *
copy(struct arena *a, const char *text)
{
	return text ? arena_strdup(a, text) : NULL;
}

static void
put(struct roll *r, const struct gauge *g)
{
	struct gauge *own = &r->kept.items[r->kept.count++];

	*own = *g;
	own->meter.key.text = arena_memdup(
	    r->arena, g->meter.key.text, g->meter.key.size);
	own->name = copy(r->arena, g->name);
	own->label = copy(r->arena, g->label);
	own->idle = copy(r->arena, g->idle);
	own->from.name = own->from.value = NULL; /* of the page */
}

/* -- the order -- */

static int
by_name(const void *a, const void *b)
{
	return gauge_compare(a, b);
}

/* What is open may never be sent. */
static int64_t
sent(const struct gauge *g)
{
	return g->is.used - g->is.open;
}

static int
by_weight(const void *a, const void *b)
{
	const struct gauge *x = a, *y = b;
	const int64_t p = x->meter.limit.seconds, q = y->meter.limit.seconds;

	if (p != q)
		return p < q ? -1 : 1;
	if (sent(x) != sent(y))
		return sent(x) > sent(y) ? -1 : 1;
	return gauge_compare(x, y);
}

/* A meter of networks has several keys. */
static void
drop_equal(struct gauges *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++)
		if (kept == 0 ||
		    gauge_compare(&list->items[kept - 1], &list->items[i]) != 0)
			list->items[kept++] = list->items[i];
	list->count = kept;
}

static bool
is_wanted(const struct roll *r, const struct gauges *list, size_t i)
{
	if (i < r->most)
		return true;
	return r->heaviest &&
	    list->items[i].meter.limit.seconds !=
	    list->items[i - r->most].meter.limit.seconds;
}

/* The last one of its window that is kept, when there are so many. */
static bool
is_least(const struct roll *r, size_t i)
{
	const struct gauge *list = r->kept.items;
	const int64_t seconds = list[i].meter.limit.seconds;

	return i + 1 >= r->most &&
	    list[i + 1 - r->most].meter.limit.seconds == seconds &&
	    (i + 1 == r->kept.count ||
		list[i + 1].meter.limit.seconds != seconds);
}

static void
note_least(struct roll *r)
{
	r->ordered = r->kept.count;
	r->windows = 0;
	for (size_t i = 0; r->heaviest && i < r->ordered; i++) {
		if (!is_least(r, i) || r->windows == ROLL_WINDOWS)
			continue;
		r->least[r->windows].seconds =
		    r->kept.items[i].meter.limit.seconds;
		r->least[r->windows++].sent = sent(&r->kept.items[i]);
	}
}

bool
roll_wants(struct roll *r, const struct gauge *g)
{
	for (size_t i = 0; i < r->windows; i++)
		if (r->least[i].seconds == g->meter.limit.seconds &&
		    g->at_most < r->least[i].sent)
			return false;
	if (r->heaviest || r->ordered < r->most || r->ordered == 0 ||
	    gauge_compare(&r->kept.items[r->ordered - 1], g) >= 0)
		return true;
	r->more = true;
	return false;
}

static void
trim(struct roll *r)
{
	struct arena *old = r->arena;
	struct gauges list = r->kept;
	size_t wanted = 0;

	qsort(list.items, list.count, sizeof(*list.items), by_name);
	drop_equal(&list);
	if (r->heaviest)
		qsort(list.items, list.count, sizeof(*list.items), by_weight);
	for (size_t i = 0; i < list.count; i++)
		wanted += is_wanted(r, &list, i);
	r->more |= wanted < list.count;
	begin(r, 2 * wanted + ROOM);
	for (size_t i = 0; i < list.count; i++)
		if (is_wanted(r, &list, i))
			put(r, &list.items[i]);
	arena_release(old);
	note_least(r);
}

void
roll_add(struct roll *r, const struct gauge *g)
{
	if (r->kept.count == r->room)
		trim(r);
	put(r, g);
}

void
roll_end(struct roll *r)
{
	trim(r);
}
