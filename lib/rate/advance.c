/*
 * advance - the book, and who is in a hurry
 *
 * How often a meter is charged while it has no advance stands at the place that
 * its key's hash says; who comes later takes it over, and is counted anew.
 */
#include "rate/advance.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"

enum {
	HEATS = 1 << 12, /* a power of two; 96 KB */
	HEAT_MS = 1000,
	DENIED_MS = 10 * 1000,
	MORE = 4 /* times of what was charged, or of the last one */
};

struct heat {
	uint64_t number; /* its key's */
	uint64_t since; /* ms; of one that was denied: until then */
	unsigned count;
	bool denied;
};

void
advances_init(struct advances *all)
{
	*all = (struct advances){ 0 };
	all->seed = hash_seed();
	all->heat = xcalloc(HEATS, sizeof(*all->heat));
}

void
advances_clear(struct advances *all)
{
	while (all->count > 0)
		advance_remove(all, all->items[0]);
	table_clear(&all->table);
	free(all->items);
	free(all->heat);
}

static uint64_t
number_of(const struct advances *all, struct word key)
{
	return hash_bytes(all->seed, key.text, key.size);
}

struct advance *
advance_find(const struct advances *all, struct word key)
{
	struct advance *a;

	if (all->count == 0)
		return NULL;
	a = (struct advance *)table_find(&all->table, number_of(all, key));
	return a && a->key.size == key.size &&
		memcmp(a->text, key.text, key.size) == 0
	    ? a
	    : NULL;
}

/* -- using it -- */

bool
advance_covers(
    const struct advance *a, const struct asked_meter *m, int64_t end)
{
	return a && !a->over && a->end == end && m->amount > 0 &&
	    m->amount <= a->left;
}

void
advance_take(struct advance *a, int64_t n)
{
	a->left -= n;
	a->taken += n;
	a->used = true;
}

/* As long as the lease is not over: then Redis has forgotten it. */
bool
advance_holds(const struct advance *a, const struct asked_meter *m, int64_t now)
{
	return a && !a->over && m->count == 1 && m->leases[0].end == a->end &&
	    now < a->end && m->amount >= 0 &&
	    m->amount <= m->leases[0].n + a->left;
}

void
advance_settle(struct advance *a, const struct asked_meter *m)
{
	a->sent += m->amount;
	a->left += m->leases[0].n - m->amount;
	a->used = true;
}

/* -- how much -- */

static struct heat *
heat_of(struct advances *all, struct word key)
{
	const uint64_t number = number_of(all, key);
	struct heat *h = &all->heat[number & (HEATS - 1)];

	if (h->number != number)
		*h = (struct heat){ .number = number };
	return h;
}

/* For a second to come as much as for the one before. */
static int64_t
wish_again(const struct advance *a, const struct asked_meter *m, uint64_t now)
{
	const uint64_t took = now - a->since;
	const int64_t most = MORE * (a->got + m->amount);
	const int64_t need = a->taken / (int64_t)(took / HEAT_MS + 1);

	return took < HEAT_MS ? most : need;
}

static int64_t
wish_first(struct advances *all, const struct asked_meter *m, uint64_t now)
{
	struct heat *h = heat_of(all, m->key);

	if (h->denied && now < h->since)
		return 0;
	if (h->denied || now - h->since >= HEAT_MS)
		*h = (struct heat){ .number = h->number, .since = now };
	return ++h->count > ADVANCE_HOT ? MORE * m->amount : 0;
}

int64_t
advance_wish(struct advances *all, const struct asked_meter *m, unsigned nodes,
    uint64_t now)
{
	const int64_t most = m->limit / (ADVANCE_PART * (int64_t)nodes);
	const struct advance *a = advance_find(all, m->key);
	int64_t n = a ? wish_again(a, m, now) : wish_first(all, m, now);

	n = n < most ? n : most;
	return m->amount + n < advance_bound(m) ? n : 0;
}

int64_t
advance_bound(const struct asked_meter *m)
{
	return m->warn < m->limit / 2 ? m->warn : m->limit / 2;
}

void
advance_denied(struct advances *all, struct word key, uint64_t now)
{
	struct heat *h = heat_of(all, key);

	h->denied = true;
	h->since = now + DENIED_MS;
}

/* -- the book -- */

static struct advance *
add(struct advances *all, struct word key, int64_t seconds, uint64_t now)
{
	const uint64_t number = number_of(all, key);
	struct advance *a;

	if (all->count == ADVANCE_MOST || table_find(&all->table, number))
		return NULL;
	if (all->count == all->room) {
		all->room = all->room ? 2 * all->room : 16;
		all->items = xrealloc(
		    all->items, all->room * sizeof(struct advance *));
	}
	a = xmalloc(sizeof(*a) + key.size);
	*a = (struct advance){ .link.number = number,
		.at = all->count,
		.seconds = seconds,
		.seen = now,
		.key = { a->text, key.size } };
	memcpy(a->text, key.text, key.size);
	all->items[all->count++] = a;
	table_add(&all->table, &a->link);
	return a;
}

bool
advance_got(struct advances *all, struct word key, int64_t seconds, int64_t end,
    int64_t n, uint64_t now)
{
	struct advance *a = advance_find(all, key);

	if (a && (a->end != end || a->over))
		return false;
	if (!a && !(a = add(all, key, seconds, now)))
		return false;
	a->end = end;
	a->left += n;
	a->got = n;
	a->taken = 0;
	a->since = now;
	a->used = true;
	return true;
}

/* Backwards: one that is removed is replaced by the last, which was seen. */
struct advance *
advances_walk(struct advances *all)
{
	if (all->count == 0)
		return NULL;
	if (all->cursor == 0 || all->cursor > all->count)
		all->cursor = all->count;
	return all->items[--all->cursor];
}

void
advance_remove(struct advances *all, struct advance *a)
{
	struct advance *last = all->items[--all->count];

	last->at = a->at;
	all->items[a->at] = last;
	table_remove(&all->table, &a->link);
	free(a);
}
