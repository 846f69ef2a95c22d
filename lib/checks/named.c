/*
 * named - a set that is filled when somebody looks
 *
 * Nobody tells that a request was accepted in the end; but then what it has
 * charged is there when the next one comes.
 *
 * It is a tree of its members and has no memory of its own: nearly all have
 * one. Which way to go says the number, bit by bit.
 */
#include "checks/named.h"

#include <string.h>

#include "base/arena.h"
#include "base/hash.h"

struct named {
	struct named_one *first;
	int64_t count;
};

/* Where the arena lies strangers do not know. */
static uint64_t
number_of(const struct facts *f, const char *name)
{
	return hash_text((uintptr_t)charge_arena(f), name);
}

/* His place, or the empty one where he belongs. */
static struct named_one **
place_of(struct named *set, uint64_t number, const char *name)
{
	struct named_one **at = &set->first;

	for (uint64_t bits = number; *at; bits >>= 1) {
		if ((*at)->number == number && strcmp((*at)->name, name) == 0)
			break;
		at = &(*at)->next[bits & 1];
	}
	return at;
}

static void
put_in(struct named *set, struct named_one *one)
{
	struct named_one **at = place_of(set, one->number, one->name);

	if (*at)
		return;
	*at = one;
	set->count++;
}

/* The one that the newest of its members is in. Of several that were begun,
 * as requests need not wait for each other, any will do. */
static bool
find(void *ctx, void *data)
{
	struct named **set = ctx;
	const struct named_one *one = data;

	if (!*set || one->is_in)
		*set = one->set;
	return !one->is_in;
}

/* Since the last time; whoever is in the set already was there then. */
static bool
take_in(void *ctx, void *data)
{
	struct named **set = ctx;
	struct named_one *one = data;

	if (one->is_in)
		return false;
	one->is_in = true;
	one->set = *set;
	if (one->name)
		put_in(*set, one);
	return true;
}

struct named *
named_before(const struct facts *f)
{
	struct named *set = NULL;

	charged_each(f, find, &set);
	charged_each(f, take_in, &set);
	return set;
}

struct named *
named_all(void *const *data, size_t count)
{
	struct named *set = NULL;

	for (size_t i = 0; i < count && find(&set, data[i]); i++)
		;
	for (size_t i = 0; i < count && take_in(&set, data[i]); i++)
		;
	return set;
}

struct named_one *
named_find(struct named *set, const struct facts *f, const char *name)
{
	return set ? *place_of(set, number_of(f, name), name) : NULL;
}

bool
named_has(struct named *set, const struct facts *f, const char *name)
{
	return named_find(set, f, name) != NULL;
}

int64_t
named_count(const struct named *set)
{
	return set ? set->count : 0;
}

void
named_make(const struct facts *f, struct named *before, struct named_one *one,
    const char *name)
{
	struct arena *a = charge_arena(f);

	if (!before)
		before = arena_alloc(a, sizeof(*before));
	*one = (struct named_one){ .set = before };
	if (name) {
		one->number = number_of(f, name);
		one->name = arena_strdup(a, name);
	}
}
