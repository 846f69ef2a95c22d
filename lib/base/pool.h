/*
 * pool - memory for things of one kind, kept for the next of them
 *
 * For what is taken and given back with every request: malloc() takes some
 * hundred instructions each time, and what it gives is cold.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>

struct pooled;

/* Somewhat more than 128 busy clients have under way. What a burst needed
 * besides is not kept. */
enum { POOL_MOST = 160 };

/* Embed it, zeroed but for the size of a thing. */
struct pool {
	size_t size;
	struct pooled *free; /* the last one that was given back first */
	unsigned count; /* of these */
};

/* With whatever is in it. Never NULL. */
void *pool_take(struct pool *p);
void pool_give(struct pool *p, void *thing);

/* Frees all that was given back. */
void pool_clear(struct pool *p);

#endif
