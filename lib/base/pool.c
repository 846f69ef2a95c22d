/*
 * pool - a list of those that were given back
 */
#include "base/pool.h"

#include <stdlib.h>

#include "base/arena.h"

struct pooled {
	struct pooled *next;
};

void *
pool_take(struct pool *p)
{
	struct pooled *first = p->free;

	if (!first)
		return xmalloc(
		    p->size > sizeof(*first) ? p->size : sizeof(*first));
	p->free = first->next;
	p->count--;
	return first;
}

void
pool_give(struct pool *p, void *thing)
{
	struct pooled *first = thing;

	if (p->count == POOL_MOST) {
		free(thing);
		return;
	}
	p->count++;
	first->next = p->free;
	p->free = first;
}

void
pool_clear(struct pool *p)
{
	while (p->free)
		free(pool_take(p));
}
