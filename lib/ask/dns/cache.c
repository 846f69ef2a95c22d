/*
 * cache - a table, and a list from the longest unused to the last one used
 */
#include "ask/dns/cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/table.h"

struct entry {
	struct link link; /* cache_number() */
	struct entry *older, *younger;
	uint64_t ends_ms;
	enum dns_type type;
	enum dns_outcome outcome;
	enum loss loss;
	size_t name_size, size; /* of the name, and of the records behind it */
	char bytes[];
};

struct cache {
	struct clock *clock;
	uint64_t seed;
	struct table table;
	struct entry *oldest, *youngest;
	size_t bytes, most;
};

static size_t
bytes_of(const struct entry *e)
{
	return sizeof(*e) + e->name_size + 1 + e->size + 1;
}

static void
unlink_age(struct cache *c, struct entry *e)
{
	*(e->older ? &e->older->younger : &c->oldest) = e->younger;
	*(e->younger ? &e->younger->older : &c->youngest) = e->older;
}

static void
link_youngest(struct cache *c, struct entry *e)
{
	e->younger = NULL;
	e->older = c->youngest;
	*(e->older ? &e->older->younger : &c->oldest) = e;
	c->youngest = e;
}

static void
forget(struct cache *c, struct entry *e)
{
	table_remove(&c->table, &e->link);
	unlink_age(c, e);
	c->bytes -= bytes_of(e);
	free(e);
}

static void
make_room(struct cache *c)
{
	while (c->oldest && c->bytes > c->most)
		forget(c, c->oldest);
}

uint64_t
cache_number(const struct cache *c, enum dns_type type, const char *name)
{
	return hash_text(c->seed + (uint64_t)type, name);
}

static struct entry *
find(const struct cache *c, enum dns_type type, const char *name)
{
	struct link *l = table_find(&c->table, cache_number(c, type, name));

	return (struct entry *)l;
}

bool
cache_find(
    struct cache *c, enum dns_type type, const char *name, struct cached *out)
{
	struct entry *e = find(c, type, name);

	if (!e || e->type != type || strcmp(e->bytes, name) != 0)
		return false;
	if (e->ends_ms <= clock_ms(c->clock)) {
		forget(c, e);
		return false;
	}
	unlink_age(c, e);
	link_youngest(c, e);
	*out = (struct cached){ e->outcome, e->loss,
		{ e->bytes + e->name_size + 1, e->size } };
	return true;
}

uint64_t
cache_holds_ms(uint32_t seconds)
{
	if (seconds > CACHE_LONGEST)
		seconds = CACHE_LONGEST;
	return seconds > 0 ? (uint64_t)seconds * 1000 : 1000;
}

void
cache_put(struct cache *c, enum dns_type type, const char *name,
    const struct cached *what, uint64_t ttl_ms)
{
	const size_t name_size = strlen(name), size = what->records.size;
	struct entry *e = find(c, type, name);

	if (e)
		forget(c, e);
	if (ttl_ms == 0 || size > c->most / 4)
		return; /* one answer must not drive out all others */
	e = xcalloc(1, sizeof(*e) + name_size + 1 + size + 1);
	e->link.number = cache_number(c, type, name);
	e->ends_ms = clock_ms(c->clock) + ttl_ms;
	e->type = type;
	e->outcome = what->outcome;
	e->loss = what->loss;
	e->name_size = name_size;
	e->size = size;
	memcpy(e->bytes, name, name_size);
	if (size > 0)
		memcpy(e->bytes + name_size + 1, what->records.text, size);
	table_add(&c->table, &e->link);
	link_youngest(c, e);
	c->bytes += bytes_of(e);
	make_room(c);
}

void
cache_clear(struct cache *c)
{
	while (c->oldest)
		forget(c, c->oldest);
}

struct cache *
cache_new(struct clock *clock, uint64_t seed, size_t most)
{
	struct cache *c = xcalloc(1, sizeof(*c));

	c->clock = clock;
	c->seed = seed;
	c->most = most;
	return c;
}

void
cache_free(struct cache *c)
{
	if (!c)
		return;
	cache_clear(c);
	table_clear(&c->table);
	free(c);
}

void
cache_limit(struct cache *c, size_t most)
{
	c->most = most;
	make_room(c);
}

size_t
cache_count(const struct cache *c)
{
	return c->table.count;
}

size_t
cache_bytes(const struct cache *c)
{
	return c->bytes;
}
