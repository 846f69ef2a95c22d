/*
 * table - things found by a number
 *
 * The number is a hash already. Each thing has its link in itself, so that
 * putting it in and taking it out allocates nothing.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Embed it first, with its number. */
struct link {
	struct link *next;
	uint64_t number;
};

/* Embed it, zeroed. */
struct table {
	struct link **chains;
	size_t mask, count; /* the number of chains, less one */
};

/* NULL when there is none. */
struct link *table_find(const struct table *t, uint64_t number);

/*
 * A thing that was not looked for lately has left the processor's caches, and
 * its chain, too. Who knows some work ahead that he will look for a number can
 * have both fetched meanwhile, one after the other: first the chain, then the
 * first `size` bytes of the thing it begins with, which is mostly the one.
 */
static inline void
table_fetch_chain(const struct table *t, uint64_t number)
{
	if (t->count > 0)
		__builtin_prefetch(&t->chains[number & t->mask]);
}

static inline void
table_fetch_thing(const struct table *t, uint64_t number, size_t size)
{
	if (t->count > 0)
		memory_fetch(t->chains[number & t->mask], size);
}

/* No other has its number. */
void table_add(struct table *t, struct link *l);
void table_remove(struct table *t, struct link *l);

/* Forgets them. */
void table_clear(struct table *t);

#endif
