/*
 * policyctl_census - one SCAN over all keys of the prefix, with a time limit
 */
#include "policyctl_census.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "policyctl_key.h"
#include "policyctl_redis.h"
#include "policyctl_scan.h"

static void
add_register(struct census *c, struct arena *a, const char *name)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if (!strcmp(c->registers[i].name, name)) {
			c->registers[i].keys++;
			return;
		}
	if (i == CENSUS_REGISTERS)
		return;
	c->registers[i].name = arena_strdup(a, name);
	c->registers[i].keys = 1;
	c->count++;
}

static void
add_node(struct census *c, struct arena *a, const char *key)
{
	if (c->node_count < CENSUS_NODES)
		c->nodes[c->node_count++] = arena_strdup(a, key);
}

/* Of registers, lists and nodes, which are told elsewhere. */
static bool
is_book_keeping(const struct key_parts *k)
{
	return !strcmp(k->name, "index") || !strcmp(k->name, "client") ||
	    !strcmp(k->name, "nodes") || (k->tag && !strcmp(k->tag, "lists"));
}

static void
add_key(struct census *c, struct arena *a, struct arena *page,
    const char *prefix, const char *key)
{
	struct key_parts parts;

	if (!key_split(&parts, page, prefix, key))
		return;
	if (!strcmp(parts.name, "node"))
		add_node(c, a, key);
	else if (!is_book_keeping(&parts))
		add_register(c, a, parts.name);
}

void
census_take(struct census *c, struct door *d, struct arena *a,
    const char *prefix, uint64_t limit_ms)
{
	const uint64_t end = clock_us(door_clock(d)) + limit_ms * 1000;
	struct scan scan;
	struct node keys;
	bool more = true;

	*c = (struct census){ 0 };
	scan_start(&scan, d, key_pattern(a, prefix));
	scan.optional = true;
	while (more && clock_us(door_clock(d)) < end) {
		struct arena *page = arena_new();

		more = scan_next(&scan, page, &keys);
		for (size_t i = 0; more && i < keys.count; i++)
			add_key(c, a, page, prefix, keys.items[i].text);
		arena_release(page);
	}
	c->complete = scan.whole;
	scan_end(&scan);
}
