/*
 * advance - the book, and how much somebody needs
 */
#include "rate/advance.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"

enum { MORE = 4 /* times of what was charged, or of the last one */ };

void
advances_init(struct advances *all)
{
	*all = (struct advances){ 0 };
	all->seed = hash_seed();
}

void
advances_clear(struct advances *all)
{
	while (all->first)
		advance_remove(all, all->first);
	table_clear(&all->table);
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

	if (!all->first)
		return NULL;
	a = (struct advance *)table_find(&all->table, number_of(all, key));
	return a && a->key.size == key.size &&
		memcmp(a->text, key.text, key.size) == 0
	    ? a
	    : NULL;
}

/* -- using it -- */

bool
advance_is_old(
    const struct advance *a, const struct asked_meter *m, int64_t end)
{
	return a->over || a->end != end || a->warn != m->warn ||
	    a->limit != m->limit;
}

bool
advance_has_room(const struct advance *a, int64_t n)
{
	return a->left + n <= a->most;
}

bool
advance_covers(
    const struct advance *a, const struct asked_meter *m, int64_t end)
{
	return a && m->amount > 0 && m->amount <= a->left &&
	    !advance_is_old(a, m, end);
}

void
advance_take(struct advance *a, int64_t n)
{
	a->left -= n;
	a->taken += n;
	a->used = true;
}

/* As long as the lease is not over: then Redis has forgotten it. What many had
 * charged and did not send is more than it may be. */
bool
advance_holds(const struct advance *a, const struct asked_meter *m, int64_t now)
{
	int64_t back;

	if (!a || a->over || m->count != 1 || m->leases[0].end != a->end ||
	    now >= a->end || m->amount < 0)
		return false;
	back = m->leases[0].n - m->amount;
	return a->left + back >= 0 && (back <= 0 || advance_has_room(a, back));
}

void
advance_settle(struct advance *a, const struct asked_meter *m)
{
	a->sent += m->amount;
	a->left += m->leases[0].n - m->amount;
	a->used = true;
}

void
advance_empty(struct advance *a)
{
	a->spare |= a->left > 0;
	a->left = a->sent = 0;
}

/* -- how much -- */

/* For a second to come as much as for the one before. */
static int64_t
wish_again(const struct advance *a, const struct asked_meter *m, uint64_t now)
{
	const uint64_t took = now - a->since;

	if (!a->spare && took < HEAT_MS)
		return MORE * (a->got + m->amount);
	return a->taken / (int64_t)(took / HEAT_MS + 1);
}

/* -- the book -- */

static void
append(struct advances *all, struct advance *a)
{
	a->next = NULL;
	a->prev = all->last;
	*(a->prev ? &a->prev->next : &all->first) = a;
	all->last = a;
}

static void
take_out(struct advances *all, struct advance *a)
{
	*(a->prev ? &a->prev->next : &all->first) = a->next;
	*(a->next ? &a->next->prev : &all->last) = a->prev;
}

/* NULL: there is no place for it. */
static struct advance *
add(struct advances *all, struct word key, uint64_t now)
{
	const uint64_t number = number_of(all, key);
	struct advance *a;

	if (all->count == ADVANCE_MOST || table_find(&all->table, number))
		return NULL;
	a = xmalloc(sizeof(*a) + key.size);
	*a = (struct advance){ .link.number = number,
		.since = now,
		.seen = now,
		.key = { a->text, key.size } };
	memcpy(a->text, key.text, key.size);
	table_add(&all->table, &a->link);
	append(all, a);
	all->count++;
	return a;
}

void
advance_seen(struct advances *all, struct advance *a, uint64_t now)
{
	a->seen = now;
	take_out(all, a);
	append(all, a);
}

void
advance_remove(struct advances *all, struct advance *a)
{
	take_out(all, a);
	table_remove(&all->table, &a->link);
	all->count--;
	free(a);
}

/* -- asking for it -- */

int64_t
advance_bound(const struct asked_meter *m)
{
	return m->warn < m->limit / 2 ? m->warn : m->limit / 2;
}

static int64_t
how_much(const struct advance *a, const struct asked_meter *m, int64_t most,
    struct heat *heat, uint64_t now)
{
	const int64_t n = a         ? wish_again(a, m, now)
	    : heat_rises(heat, now) ? MORE * m->amount
				    : 0;
	const int64_t room = most - (a ? a->left : 0);
	const int64_t some = n < room ? n : room;

	return some > 0 && m->amount + some < advance_bound(m) ? some : 0;
}

int64_t
advance_wish(struct advances *all, const struct asked_meter *m, int64_t end,
    unsigned nodes, struct heat *heat, uint64_t now)
{
	const int64_t most = m->limit / (ADVANCE_PART * (int64_t)nodes);
	struct advance *a = advance_find(all, m->key);
	int64_t n;

	if (a && a->asking > 0 && a->end == end)
		return 0;
	n = how_much(a, m, most, heat, now);
	if (n == 0 || (!a && !(a = add(all, m->key, now))))
		return 0;
	a->end = end;
	a->seconds = m->seconds;
	a->warn = m->warn;
	a->limit = m->limit;
	a->most = most;
	a->asking = n;
	a->over = false;
	a->used = true;
	return n;
}

/* The one that is being asked for. */
static struct advance *
find_asking(const struct advances *all, struct word key, int64_t end, int64_t n)
{
	struct advance *a = advance_find(all, key);

	return a && !a->over && a->end == end && a->asking == n ? a : NULL;
}

bool
advance_got(
    struct advances *all, struct word key, int64_t end, int64_t n, uint64_t now)
{
	struct advance *a = find_asking(all, key, end, n);

	if (!a)
		return false;
	a->asking = 0;
	a->spare = false;
	a->left += n;
	a->got = n;
	a->taken = 0;
	a->since = now;
	a->used = true;
	return true;
}

void
advance_missed(struct advances *all, struct word key, int64_t end, int64_t n)
{
	struct advance *a = find_asking(all, key, end, n);

	if (a)
		a->asking = 0;
}
