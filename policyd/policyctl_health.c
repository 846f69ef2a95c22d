/*
 * policyctl_health - asking Redis about itself, and the daemon for an answer
 */
#include "policyctl_health.h"

#include <string.h>

#include "ask/key.h"
#include "base/arena.h"
#include "base/clock.h"
#include "conf/conf.h"
#include "policyctl.h"
#include "policyctl_key.h"
#include "register/lists.h"
#include "register/register.h"

enum { CENSUS_MS = 1000, PROBE_MS = 2000 };
enum { REGISTERS = 3 }; /* of the holdings; the rest are lists */

const struct fact facts[FACTS] = {
	{ "version", "redis_version", FACT_TEXT },
	{ "role", "role", FACT_TEXT, "master" },
	{ "uptime", "uptime_in_seconds", FACT_SPAN },
	{ "clients", "connected_clients", FACT_NUMBER },
	{ "memory", "used_memory", FACT_SIZE },
	{ "memory_limit", "maxmemory", FACT_SIZE },
	{ "memory_policy", "maxmemory_policy", FACT_TEXT, "noeviction" },
};

/* The value of "name:value\r\n" in what INFO said. */
static const char *
info_value(struct arena *a, const char *info, const char *name)
{
	const size_t size = strlen(name);

	for (const char *line = info; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, name, size) && line[size] == ':')
			return arena_printf(a, "%.*s",
			    (int)strcspn(line + size + 1, "\r\n"),
			    line + size + 1);
	}
	return NULL;
}

static void
ask_facts(struct health *h, struct door *d, struct arena *a)
{
	struct order ping = { 0 }, info = { 0 };
	uint64_t start;

	order_words(&ping, "PING", NULL);
	order_words(&info, "INFO", NULL);
	start = clock_us(door_clock(d));
	if (!door_ask(d, a, &ping, 1))
		return;
	h->ping_us = (int64_t)(clock_us(door_clock(d)) - start);
	if (!door_ask(d, a, &info, 1) || info.reply.kind != NODE_TEXT)
		return; /* a user without the right to INFO is no trouble */
	for (size_t i = 0; i < FACTS; i++)
		h->facts[i] = info_value(a, info.reply.text, facts[i].info);
}

static const char *
holding_key(struct arena *a, const char *prefix, size_t i)
{
	const char *name;

	if (i >= REGISTERS)
		return key_make(a, prefix,
		    list_name((enum list_name)(i - REGISTERS)), "lists", NULL,
		    0)
		    .text;
	name = register_name((enum register_name)i);
	return key_make(a, prefix, "index", NULL, &name, 1).text;
}

/* The registers' indexes have what ends, the lists are short. */
static void
ask_holdings(
    struct health *h, struct door *d, struct arena *a, const char *prefix)
{
	struct order orders[HOLDINGS] = { 0 };
	const char *now = arena_printf(a, "(%lld", (long long)door_now(d));

	for (size_t i = 0; i < HOLDINGS; i++) {
		const char *key = holding_key(a, prefix, i);

		if (i < REGISTERS)
			order_words(
			    &orders[i], "ZCOUNT", key, now, "inf", NULL);
		else
			order_words(&orders[i], "HLEN", key, NULL);
	}
	door_ask(d, a, orders, HOLDINGS);
	for (size_t i = 0; i < HOLDINGS; i++)
		h->holdings[i] = (struct holding){ i < REGISTERS
			    ? register_name((enum register_name)i)
			    : list_name((enum list_name)(i - REGISTERS)),
			orders[i].reply.kind == NODE_NUMBER,
			orders[i].reply.number };
}

static void
ask_peers(struct health *h, struct door *d, struct arena *a, const char *prefix)
{
	const size_t count = h->census.node_count;
	struct order *orders = arena_alloc(a, count * sizeof(*orders));
	struct key_parts key;

	for (size_t i = 0; i < count; i++)
		order_words(&orders[i], "HGETALL", h->census.nodes[i], NULL);
	if (!door_ask(d, a, orders, count))
		return;
	for (size_t i = 0; i < count; i++) {
		const struct node *fields = &orders[i].reply;

		if (fields->kind != NODE_LIST || fields->count == 0)
			continue; /* it has expired meanwhile */
		key_split(&key, a, prefix, h->census.nodes[i]);
		h->peers[h->peer_count++] = (struct peer){
			key.count ? key.parts[0] : key.tag, *fields
		};
	}
}

static void
ask_redis(struct health *h, struct ctl *ctl)
{
	static const struct script *const none[] = { NULL };
	struct door *d = door_open(ctl, none);

	h->own_child = ctl->conf->redis.servers.count == 0;
	h->where = arena_strdup(ctl->arena, door_where(d));
	ask_facts(h, d, ctl->arena);
	ask_holdings(h, d, ctl->arena, ctl->conf->prefix);
	census_take(&h->census, d, ctl->arena, ctl->conf->prefix, CENSUS_MS);
	ask_peers(h, d, ctl->arena, ctl->conf->prefix);
	if (door_trouble(d))
		h->trouble = arena_strdup(ctl->arena, door_trouble(d));
	door_close(d);
}

/* Where systemd's sockets are, the configuration does not say. */
static const char *
daemon_place(const struct list *listen)
{
	for (size_t i = 0; i < listen->count; i++)
		if (strncmp(listen->items[i], "systemd", 7) != 0)
			return listen->items[i];
	return NULL;
}

void
health_take(struct health *h, struct ctl *ctl)
{
	*h = (struct health){ .listen = daemon_place(&ctl->conf->listen) };
	ask_redis(h, ctl);
	if (h->listen)
		probe_daemon(&h->daemon, h->listen, PROBE_MS);
}
