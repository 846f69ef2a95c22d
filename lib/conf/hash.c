/*
 * hash - open addressing, linear probing
 */
#include "conf/hash.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

enum { FIRST_PLACES = 16 };

struct place {
	const void *key; /* NULL: free */
	size_t size;
	void *thing;
};

struct hash {
	struct arena *arena;
	size_t count, places; /* a power of two, at least half of it free */
	struct place *all;
};

struct hash *
hash_new(struct arena *a)
{
	struct hash *h = arena_alloc(a, sizeof(*h));

	h->arena = a;
	h->places = FIRST_PLACES;
	h->all = arena_alloc(a, h->places * sizeof(h->all[0]));
	return h;
}

/* FNV-1a, and its high bits folded in. */
static size_t
hashed(const void *key, size_t size)
{
	const unsigned char *byte = key;
	uint64_t n = 14695981039346656037u;

	for (size_t i = 0; i < size; i++)
		n = (n ^ byte[i]) * 1099511628211u;
	return (size_t)(n ^ n >> 32);
}

/* Where a key is, or would be. */
static struct place *
find(const struct hash *h, const void *key, size_t size)
{
	size_t i = hashed(key, size) & (h->places - 1);

	for (;; i = (i + 1) & (h->places - 1)) {
		struct place *p = &h->all[i];

		if (!p->key ||
		    (p->size == size && memcmp(p->key, key, size) == 0))
			return p;
	}
}

static void
grow(struct hash *h)
{
	const struct place *old = h->all;
	const size_t places = h->places;

	h->places *= 2;
	h->all = arena_alloc(h->arena, h->places * sizeof(h->all[0]));
	for (size_t i = 0; i < places; i++)
		if (old[i].key)
			*find(h, old[i].key, old[i].size) = old[i];
}

void **
hash_put(struct hash *h, const void *key, size_t size)
{
	struct place *p = find(h, key, size);

	if (p->key)
		return &p->thing;
	if (++h->count * 2 > h->places) {
		grow(h);
		p = find(h, key, size);
	}
	p->key = arena_memdup(h->arena, key, size);
	p->size = size;
	return &p->thing;
}

void *
hash_get(const struct hash *h, const void *key, size_t size)
{
	return find(h, key, size)->thing;
}
