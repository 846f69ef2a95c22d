/*
 * record - what this policyd tells the others, and policyctl, about itself
 */
#include <stdint.h>
#include <unistd.h>

#include "ask/dns/dns.h"
#include "ask/redis/redis.h"
#include "base/arena.h"
#include "base/histogram.h"
#include "checks/checks.h"
#include "checks/recent.h"
#include "conf/conf.h"
#include "engine/engine.h"
#include "engine/node.h"
#include "rate/local.h"
#include "wire/wire.h"

#include "daemon.h"

static uint64_t
count_refused(const struct daemon *d)
{
	uint64_t sum = 0;

	for (size_t i = 0; checks[i]; i++)
		sum += engine_check_counts(d->engine, i)->refused;
	return sum;
}

static const char *
number(struct arena *a, uint64_t n)
{
	return arena_printf(a, "%llu", (unsigned long long)n);
}

/* How it hears of those in settings. */
static const char *
changes(const struct store *s)
{
	struct store_health h;

	s->health(s, &h);
	return h.watching ? "told" : "asked for";
}

static const char *
own_name(struct arena *a)
{
	char host[256] = "localhost";

	gethostname(host, sizeof(host) - 1);
	return arena_printf(a, "%s/%ld", host, (long)getpid());
}

static void
heard_of_nodes(void *data, unsigned count)
{
	local_nodes(data, count);
}

enum { FIELDS = 36 }; /* see node.h */

struct record {
	struct arena *arena;
	size_t count;
	struct node_field fields[FIELDS];
};

static void
add(struct record *r, const char *name, const char *value)
{
	if (r->count < FIELDS)
		r->fields[r->count++] = (struct node_field){ name, value };
}

static void
add_number(struct record *r, const char *name, uint64_t n)
{
	add(r, name, number(r->arena, n));
}

static void
add_dns(struct record *r, struct dns *dns)
{
	const struct dns_counts c = dns_counts(dns);
	struct store_health h;
	char servers[512];

	dns_store(dns)->health(dns_store(dns), &h);
	dns_servers(dns, servers, sizeof(servers));
	add(r, "dns_state", h.state);
	add(r, "dns_servers", arena_strdup(r->arena, servers));
	add_number(r, "dns_asked", c.asked);
	add_number(r, "dns_answered", c.answered);
	add_number(r, "dns_remembered", c.hits);
	add_number(r, "dns_shared", c.shared);
	add_number(r, "dns_late", c.late);
	add_number(r, "dns_failed", c.failed);
	add_number(r, "dns_busy", c.busy);
	add_number(r, "dns_down", c.down);
	add_number(r, "dns_in_flight", c.in_flight);
	add_number(r, "dns_max_in_flight", c.most_in_flight);
	add_number(r, "dns_bytes", c.bytes);
	add_number(r, "dns_cache", c.most_bytes);
	add_number(r, "dns_p50_us", histogram_most(h.times, 50));
	add_number(r, "dns_p99_us", histogram_most(h.times, 99));
}

static void
add_daemon(struct record *r, const struct daemon *d)
{
	const struct engine_counts *e = engine_counts(d->engine);
	const struct local_counts l = local_counts(d->local);
	const struct recent_counts g = recent_counts(d->recent);

	add(r, "version", VERSION);
	add(r, "config", *d->conf->path ? d->conf->path : "none");
	add_number(r, "started", (uint64_t)d->started);
	add_number(r, "config_read", (uint64_t)d->site.conf.read);
	add(r, "reload_failed", d->site.conf.broken ? "yes" : "no");
	add_number(r, "tables", (uint64_t)d->site.tables.read);
	add_number(r, "requests", e->requests);
	add_number(r, "refused", count_refused(d));
	add_number(r, "late", e->late);
	add_number(r, "clients", wire_counts(d->wire)->clients);
	add(r, "changes", changes(redis_store(d->redis)));
	add_number(r, "nodes", l.nodes);
	add_number(r, "rate_alone", l.charged + l.refused);
	add_number(r, "greylist_asked", g.asked);
	add_number(r, "greylist_remembered", g.remembered);
}

void
record_publish(const struct daemon *d)
{
	struct store *redis = redis_store(d->redis);
	struct arena *a = arena_new();
	const char *name = own_name(a);
	struct record r = { a };

	add_daemon(&r, d);
	add_dns(&r, d->dns);
	add(&r, "dnsbl", dnsbl_record(d, a));
	node_publish(redis, d->conf->prefix, name, r.fields, r.count);
	node_count(
	    redis, d->conf->prefix, name, false, heard_of_nodes, d->local);
	arena_release(a);
}

void
record_leave(const struct daemon *d)
{
	struct arena *a = arena_new();

	node_count(redis_store(d->redis), d->conf->prefix, own_name(a), true,
	    NULL, NULL);
	arena_release(a);
}
