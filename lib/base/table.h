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

/* No other has its number. */
void table_add(struct table *t, struct link *l);
void table_remove(struct table *t, struct link *l);

/* Forgets them. */
void table_clear(struct table *t);

#endif
