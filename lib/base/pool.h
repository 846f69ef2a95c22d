/*
 * pool - memory for things of one kind, kept for the next of them
 *
 * For what is taken and given back with every request: malloc() takes some
 * hundred instructions each time. Nothing is read in a thing to take it: it has
 * left the processor's caches since, and who only writes need not wait.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>

/* Somewhat more than 128 busy clients have under way. What a burst needed
 * besides is not kept. */
enum { POOL_MOST = 160 };

/* Embed it, zeroed but for the size of a thing. */
struct pool {
	size_t size;
	unsigned count;
	void *free[POOL_MOST]; /* the last one that was given back last */
};

/* With whatever is in it. Never NULL. */
void *pool_take(struct pool *p);
void pool_give(struct pool *p, void *thing);

/* Frees all that was given back. */
void pool_clear(struct pool *p);

#endif
