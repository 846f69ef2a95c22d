/*
 * memory - the addresses that were asked for, found by a hash
 *
 * They are in the order of their use, to four seconds, so that mostly a look at
 * one costs nothing but the look: to move one up its neighbours are touched,
 * which nobody else needs. Whatever takes more memory counts more.
 */
#include "scope/memory.h"

#include <stdlib.h>
#include <utlist.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"

enum {
	MEMORY = 25 << 20, /* bytes; some 100,000 addresses */
	USED_MS = 4000
};

struct scopes_known *
scopes_known_new(struct clock *clock)
{
	struct scopes_known *k = xcalloc(1, sizeof(*k));

	k->clock = clock;
	k->seed = hash_seed();
	return k;
}

struct known *
memory_get(const struct scopes_known *k, const char *address)
{
	struct link *l = table_find(&k->table, hash_text(k->seed, address));

	return (struct known *)l; /* its first member */
}

uint64_t
scope_expect(const struct scopes_known *k, const char *address)
{
	const uint64_t number = hash_text(k->seed, address);

	table_fetch_chain(&k->table, number);
	return number;
}

void
scope_expect_more(const struct scopes_known *k, uint64_t number)
{
	table_fetch_thing(&k->table, number, KNOWN_LOOK);
}

void
memory_weigh(struct scopes_known *k, struct known *e)
{
	const unsigned weight = (unsigned)known_size(e);

	k->bytes = k->bytes - e->weight + weight;
	e->weight = weight;
}

static void
drop(struct scopes_known *k, struct known *e)
{
	k->bytes -= e->weight;
	e->in_memory = false;
	table_remove(&k->table, &e->link);
	DL_DELETE(k->all, e);
	known_unref(e);
}

void
memory_put(struct scopes_known *k, struct known *e)
{
	struct known *before = memory_get(k, e->address);

	if (before)
		drop(k, before);
	e->link.number = hash_text(k->seed, e->address);
	e->in_memory = true;
	table_add(&k->table, &e->link);
	DL_APPEND(k->all, e);
	memory_weigh(k, e);
}

void
memory_used(struct scopes_known *k, struct known *e)
{
	DL_DELETE(k->all, e);
	DL_APPEND(k->all, e);
}

void
memory_found(struct scopes_known *k, struct known *e, uint64_t ms)
{
	const uint32_t now = (uint32_t)(ms / USED_MS);

	if (e->used == now)
		return;
	e->used = now;
	memory_used(k, e);
	if (e->domain && e->domain->in_memory)
		memory_used(k, e->domain);
}

bool
memory_hears(const struct scopes_known *k, const struct known *e)
{
	return e->lasts && e->in_memory && k->live && e->asked_ms >= k->live_ms;
}

struct known *
memory_anew(struct scopes_known *k, struct known *e)
{
	struct known *copy;

	if (e->references == 1) {
		known_unmake(e);
		memory_weigh(k, e);
		return e;
	}
	copy = known_copy(e);
	memory_put(k, copy);
	return copy;
}

void
memory_make_room(struct scopes_known *k)
{
	while (k->bytes > MEMORY)
		drop(k, k->all);
}

void
scopes_known_free(struct scopes_known *k)
{
	if (!k)
		return;
	while (k->all)
		drop(k, k->all);
	table_clear(&k->table);
	arena_release(k->arena);
	free(k);
}

void
scopes_known_configure(struct scopes_known *k)
{
	size_t n = k->table.count;

	/* memory_anew() puts copies behind all others. */
	for (struct known *e = k->all, *next; n-- > 0; e = next) {
		next = e->next;
		memory_anew(k, e);
	}
}

struct scopes_counts
scopes_known_counts(const struct scopes_known *k)
{
	struct scopes_counts c = k->counts;

	c.size = (unsigned)k->table.count;
	return c;
}
