/*
 * networks - one hash of all, asked once for each length in use
 *
 * A list for the whole internet has some 20 lengths of IPv4 and 40 of IPv6; a
 * trie would ask a little less and take more code and memory.
 */
#include "conf/networks.h"

#include <string.h>

#include "base/address.h"
#include "base/arena.h"
#include "conf/hash.h"

enum { LENGTHS = 129 };

struct outside {
	struct outside *next;
	struct network net;
	struct entry entry;
};

struct networks {
	struct arena *arena;
	struct hash *all;
	unsigned used4, used6; /* how many lengths */
	unsigned char lengths4[LENGTHS], lengths6[LENGTHS];
	struct outside *outside, **last; /* by rank, as they are added */
};

/* Nothing else, so that no padding is hashed. */
struct key {
	unsigned char family, bits, bytes[16];
};

static struct key
key_of(const struct network *net)
{
	struct key k = { net->base.family, (unsigned char)net->bits, { 0 } };

	memcpy(k.bytes, net->base.bytes, sizeof(k.bytes));
	return k;
}

struct networks *
networks_new(struct arena *a)
{
	struct networks *n = arena_alloc(a, sizeof(*n));

	n->arena = a;
	n->all = hash_new(a);
	n->last = &n->outside;
	return n;
}

static void
use(unsigned char *lengths, unsigned *used, unsigned bits)
{
	if (!memchr(lengths, (int)bits, *used))
		lengths[(*used)++] = (unsigned char)bits;
}

void
networks_add(struct networks *n, const struct network *net, struct entry entry)
{
	const struct key key = key_of(net);
	void **thing = hash_put(n->all, &key, sizeof(key));

	if (!*thing)
		*thing = arena_memdup(n->arena, &entry, sizeof(entry));
	if (net->base.family == 4)
		use(n->lengths4, &n->used4, net->bits);
	else
		use(n->lengths6, &n->used6, net->bits);
}

void
networks_add_outside(
    struct networks *n, const struct network *net, struct entry entry)
{
	struct outside *o = arena_alloc(n->arena, sizeof(*o));

	o->net = *net;
	o->entry = entry;
	*n->last = o;
	n->last = &o->next;
}

const struct entry *
networks_find(const struct networks *n, const struct address *a)
{
	const bool v4 = a->family == 4;
	const unsigned char *lengths = v4 ? n->lengths4 : n->lengths6;
	const unsigned used = v4 ? n->used4 : n->used6;
	const struct entry *best = NULL;

	if (a->family == 0)
		return NULL;
	for (unsigned i = 0; i < used; i++) {
		struct network net;
		struct key key;
		const struct entry *e;

		net = network_of(a, lengths[i]);
		key = key_of(&net);
		e = hash_get(n->all, &key, sizeof(key));
		if (e && (!best || e->rank < best->rank))
			best = e;
	}
	for (const struct outside *o = n->outside; o; o = o->next) {
		if (best && best->rank < o->entry.rank)
			break;
		if (!network_has(&o->net, a))
			return &o->entry;
	}
	return best;
}
