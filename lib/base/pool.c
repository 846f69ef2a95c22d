/*
 * pool - those that were given back
 */
#include "base/pool.h"

#include <stdlib.h>

#include "base/arena.h"

void *
pool_take(struct pool *p)
{
	return p->count > 0 ? p->free[--p->count] : xmalloc(p->size);
}

void
pool_give(struct pool *p, void *thing)
{
	if (p->count < POOL_MOST)
		p->free[p->count++] = thing;
	else
		free(thing);
}

void
pool_clear(struct pool *p)
{
	while (p->count > 0)
		free(p->free[--p->count]);
}
