/*
 * hash - open addressing, linear probing
 *
 * Not uthash, which has its place where things come and go. What is here is
 * mostly asked for in vain: a client is looked for in a network of each length
 * there is, an address under six names. A miss ends in a byte that is near;
 * uthash's is in a chain through the things themselves. Among a million
 * addresses it took three times as long, and a hit half as long again.
 */
#include "conf/hash.h"

#include <string.h>

#include "base/arena.h"
#include "base/hash.h"

enum { FIRST_PLACES = 16 };

struct place {
	const void *key;
	size_t size;
	void *thing;
};

/*
 * Most looks into a large table are in vain, and each would wait for memory.
 * A byte of each key's hash stands in an array of its own, which is small
 * enough to stay near.
 */
struct hash {
	struct arena *arena;
	size_t count, places; /* a power of two, at least half of it free */
	unsigned char *tags; /* of each place; 0: free */
	struct place *all;
};

static void
make_places(struct hash *h, size_t places)
{
	h->places = places;
	h->tags = arena_alloc(h->arena, places);
	h->all = arena_alloc(h->arena, places * sizeof(h->all[0]));
}

struct hash *
hash_new(struct arena *a)
{
	struct hash *h = arena_alloc(a, sizeof(*h));

	h->arena = a;
	make_places(h, FIRST_PLACES);
	return h;
}

static size_t
hashed(const void *key, size_t size)
{
	return (size_t)hash_bytes(0, key, size);
}

/* From other bits than those that say where to begin. */
static unsigned char
tag_of(size_t hash)
{
	return (unsigned char)(hash >> 24 | 1);
}

/* Where a key is, or would be. */
static size_t
find(const struct hash *h, size_t hash, const void *key, size_t size)
{
	const unsigned char tag = tag_of(hash);
	size_t i = hash & (h->places - 1);

	for (; h->tags[i] != 0; i = (i + 1) & (h->places - 1))
		if (h->tags[i] == tag && h->all[i].size == size &&
		    memcmp(h->all[i].key, key, size) == 0)
			break;
	return i;
}

static void
grow(struct hash *h)
{
	const struct hash old = *h;

	make_places(h, 2 * old.places);
	for (size_t i = 0; i < old.places; i++) {
		const struct place *p = &old.all[i];
		size_t to;

		if (old.tags[i] == 0)
			continue;
		to = find(h, hashed(p->key, p->size), p->key, p->size);
		h->tags[to] = old.tags[i];
		h->all[to] = *p;
	}
}

void **
hash_put(struct hash *h, const void *key, size_t size)
{
	const size_t hash = hashed(key, size);
	size_t i = find(h, hash, key, size);

	if (h->tags[i] != 0)
		return &h->all[i].thing;
	if (++h->count * 2 > h->places) {
		grow(h);
		i = find(h, hash, key, size);
	}
	h->tags[i] = tag_of(hash);
	h->all[i] = (struct place){ .key = arena_memdup(h->arena, key, size),
		.size = size };
	return &h->all[i].thing;
}

void *
hash_get(const struct hash *h, const void *key, size_t size)
{
	const size_t i = find(h, hashed(key, size), key, size);

	return h->tags[i] != 0 ? h->all[i].thing : NULL;
}
