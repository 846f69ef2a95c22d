/*
 * named - a set that is filled when somebody looks
 *
 * Nobody tells that a request was accepted in the end; but then what it has
 * charged is there when the next one comes.
 */
#include "checks/named.h"

#include <string.h>

#include "base/arena.h"
#include "base/hash.h"

struct named {
	struct table table;
	int64_t count;
};

/* Where the arena lies strangers do not know. */
static uint64_t
number_of(const struct facts *f, const char *name)
{
	return hash_text((uintptr_t)charge_arena(f), name);
}

static struct named_one *
look_up(const struct named *set, uint64_t number, const char *name)
{
	struct named_one *one = (struct named_one *)table_find(
	    &set->table, number);

	return one && strcmp(one->name, name) == 0 ? one : NULL;
}

static void
put_in(struct named *set, struct named_one *one)
{
	if (look_up(set, one->link.number, one->name))
		return;
	set->count++;
	if (!table_find(&set->table, one->link.number))
		table_add(&set->table, &one->link);
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
named_find(const struct named *set, const struct facts *f, const char *name)
{
	return set ? look_up(set, number_of(f, name), name) : NULL;
}

bool
named_has(const struct named *set, const struct facts *f, const char *name)
{
	return named_find(set, f, name) != NULL;
}

int64_t
named_count(const struct named *set)
{
	return set ? set->count : 0;
}

static void
let_go_table(void *table)
{
	table_clear(table);
}

void
named_make(const struct facts *f, struct named *before, struct named_one *one,
    const char *name)
{
	struct arena *a = charge_arena(f);

	if (!before) {
		before = arena_alloc(a, sizeof(*before));
		arena_defer(a, let_go_table, &before->table);
	}
	*one = (struct named_one){ .set = before };
	if (name) {
		one->link.number = number_of(f, name);
		one->name = arena_strdup(a, name);
	}
}
