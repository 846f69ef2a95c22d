/*
 * table - chains, as many as there are things
 */
#include "base/table.h"

#include <stdlib.h>

#include "base/arena.h"

enum { FIRST_CHAINS = 64 };

/* The place of that number's link, or of the NULL where its chain ends. */
static struct link **
find(const struct table *t, uint64_t number)
{
	struct link **at = &t->chains[number & t->mask];

	while (*at && (*at)->number != number)
		at = &(*at)->next;
	return at;
}

struct link *
table_find(const struct table *t, uint64_t number)
{
	return t->count > 0 ? *find(t, number) : NULL;
}

static void
put(struct table *t, struct link *l)
{
	struct link **chain = &t->chains[l->number & t->mask];

	l->next = *chain;
	*chain = l;
}

static void
grow(struct table *t)
{
	const struct table old = *t;
	const size_t n = old.chains ? 2 * (old.mask + 1) : FIRST_CHAINS;
	size_t chains = old.chains ? old.mask + 1 : 0;

	t->chains = xcalloc(n, sizeof(t->chains[0]));
	t->mask = n - 1;
	while (chains-- > 0)
		for (struct link *l = old.chains[chains], *next; l; l = next) {
			next = l->next;
			put(t, l);
		}
	free(old.chains);
}

void
table_add(struct table *t, struct link *l)
{
	if (!t->chains || t->count > t->mask)
		grow(t);
	t->count++;
	put(t, l);
}

void
table_remove(struct table *t, struct link *l)
{
	struct link **at = find(t, l->number);

	*at = l->next;
	t->count--;
}

void
table_clear(struct table *t)
{
	free(t->chains);
	*t = (struct table){ 0 };
}
