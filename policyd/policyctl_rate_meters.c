/*
 * policyctl_rate_meters - limits of a payer, and what Redis has beside them
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "checks/meters.h"
#include "conf/conf.h"
#include "policyctl.h"
#include "policyctl_key.h"
#include "policyctl_rate.h"
#include "policyctl_redis.h"
#include "policyctl_scan.h"
#include "scope/scope.h"

/* -- limits -- */

static struct request
request_of(const struct ctl *ctl, struct arena *a, const struct payer *p,
    enum request_class class)
{
	struct request r = { .arena = a,
		.conf = ctl->conf,
		.class = class,
		.client = p->client,
		.login_scope = p->scope };

	r.sets[OF_SERVER] = &ctl->conf->settings;
	return r;
}

/* Who set it: of the server and of clients only the server can. */
static struct origin
origin_of(const struct ctl *ctl, struct arena *a, const struct payer *p,
    const struct meter *m)
{
	static const char *const prefixes[] = { "", "domain_", "server_",
		"inbound_", "trusted_" };
	struct origin from = { .from = "server", .level = "server" };
	const char *name = arena_printf(
	    a, "rate.%s%s", prefixes[m->owner], rate_kind_name(m->kind));

	origin_find(a, ctl->conf, p->scope, name, &from);
	return from;
}

static const char *
name_of(struct arena *a, const struct payer *p, enum rate_owner owner)
{
	if (p->owner != OWNER_MAILBOX || owner == OWNER_MAILBOX)
		return p->name;
	if (owner == OWNER_SERVER)
		return "server";
	return domain_name(a, p->domain);
}

static void
add(struct gauges *list, struct arena *a, struct gauge g)
{
	struct gauge *items;

	if ((list->count & (list->count - 1)) == 0) { /* a power of two: full */
		items = arena_alloc(a, (2 * list->count + 1) * sizeof(*items));
		if (list->count > 0)
			memcpy(
			    items, list->items, list->count * sizeof(*items));
		list->items = items;
	}
	list->items[list->count++] = g;
}

static struct gauge
make(const struct ctl *ctl, struct arena *a, const struct payer *p,
    const struct meter *m)
{
	struct gauge g = { .meter = *m,
		.name = name_of(a, p, m->owner),
		.label = rate_meter_name(a, m->kind, m->limit.seconds) };

	if (m->limit.count > 0)
		g.from = origin_of(ctl, a, p, m);
	return g;
}

static bool
is_same(const struct meter *m, const struct meter *other)
{
	return m->key.size == other->key.size &&
	    !memcmp(m->key.text, other->key.text, m->key.size);
}

/* Who asks for many has no time for others of each. */
static bool
is_meant(const struct meter *only, const struct meter *m)
{
	return !only || is_same(m, only);
}

static bool
holds(const struct meters *list, const struct meter *m)
{
	for (unsigned i = 0; i < list->count; i++)
		if (is_same(&list->items[i], m))
			return true;
	return false;
}

/* The mailbox' own limits in whose place those of its domain hold. */
static void
add_idle(struct ctl *ctl, struct arena *a, const struct payer *p,
    const struct request *r, const struct meters *m, const struct meter *only,
    struct gauges *out)
{
	for (int kind = 0; kind < RATE_METERS; kind++) {
		const struct meters own = meters_of_login(
		    a, r, (enum rate_kind)kind);

		for (unsigned i = 0; i < own.count; i++) {
			struct gauge g;

			if (holds(m, &own.items[i]) ||
			    !is_meant(only, &own.items[i]))
				continue;
			g = make(ctl, a, p, &own.items[i]);
			g.idle = arena_printf(a,
			    "what %s has of %s holds instead", p->domain,
			    rate_kind_name(g.meter.kind));
			add(out, a, g);
		}
	}
}

static void
add_limited(struct ctl *ctl, struct arena *a, const struct payer *p,
    const struct meters *m, bool all, const struct meter *only,
    struct gauges *out)
{
	for (unsigned i = 0; i < m->count; i++) {
		const struct meter *one = &m->items[i];

		if (is_meant(only, one) &&
		    (all || one->owner == p->owner || p->client.family != 0))
			add(out, a, make(ctl, a, p, one));
	}
}

/* `only` NULL: all of them. */
static void
limited(struct ctl *ctl, struct arena *a, const struct payer *p, bool all,
    const struct meter *only, struct gauges *out)
{
	const bool client = p->client.family != 0;
	const struct request r = request_of(
	    ctl, a, p, client ? INBOUND : AUTHENTICATED);
	const struct request trusted = request_of(ctl, a, p, TRUSTED);
	const struct meters m = meters_of(a, &r);
	const struct meters t = meters_of(a, &trusted);

	*out = (struct gauges){ 0 };
	add_limited(ctl, a, p, &m, all && p->owner == OWNER_MAILBOX, only, out);
	if (client)
		add_limited(ctl, a, p, &t, false, only, out);
	if (p->owner == OWNER_MAILBOX)
		add_idle(ctl, a, p, &r, &m, only, out);
}

void
gauges_limited(struct ctl *ctl, struct arena *a, const struct payer *p,
    bool all, struct gauges *out)
{
	limited(ctl, a, p, all, NULL, out);
}

void
gauge_complete(
    struct ctl *ctl, struct arena *a, const struct payer *p, struct gauge *g)
{
	struct gauges found;
	struct gauge whole;

	limited(ctl, a, p, false, &g->meter, &found);
	whole = found.count > 0 ? found.items[0] : make(ctl, a, p, &g->meter);
	g->meter = whole.meter;
	g->name = whole.name;
	g->label = whole.label;
	g->from = whole.from;
	g->idle = whole.idle;
}

/* -- what else there is -- */

static bool
is_known(const struct gauges *list, const struct meter *m)
{
	for (size_t i = 0; i < list->count; i++)
		if (is_same(&list->items[i].meter, m))
			return true;
	return false;
}

/* All of its own keys begin with it, and more do of a domain. */
static const char *
pattern_of(const struct ctl *ctl, struct arena *a, const struct payer *p)
{
	struct word key = rate_key(a, ctl->conf->prefix, p->owner, p->domain,
	    p->user, RATE_MESSAGES, 1);
	const char *end = strrchr(key.text, ':');

	if (p->client.family != 0)
		while (*--end != ':')
			;
	return key_pattern(
	    a, arena_memdup(a, key.text, (size_t)(end - key.text) + 1));
}

static bool
is_own(const struct payer *p, const struct payer *of)
{
	if (p->client.family != 0)
		return of->client.family != 0;
	return of->owner == p->owner;
}

void
gauges_scan(struct ctl *ctl, struct door *d, struct arena *a,
    const struct payer *p, struct gauges *list)
{
	struct scan scan;
	struct payer of;
	struct meter m;
	bool more = true;

	scan_start(&scan, d, pattern_of(ctl, a, p));
	scan.optional = true; /* what has a limit is known without */
	while (more) {
		struct arena *page = arena_new();
		struct node keys = { 0 };

		more = scan_next(&scan, page, &keys);
		for (size_t i = 0; more && i < keys.count; i++) {
			if (!payer_of_key(
				ctl, page, keys.items[i].text, &of, &m) ||
			    !is_own(p, &of) || is_known(list, &m))
				continue;
			m.key.text = arena_memdup(a, m.key.text, m.key.size);
			add(list, a, make(ctl, a, p, &m));
		}
		arena_release(page);
	}
	scan_end(&scan);
}

/* -- their order -- */

static int
compare_meters(const struct gauge *a, const struct gauge *b)
{
	const int64_t x = a->meter.limit.seconds, y = b->meter.limit.seconds;

	if (a->meter.owner != b->meter.owner)
		return (int)a->meter.owner - (int)b->meter.owner;
	if (a->meter.kind != b->meter.kind)
		return (int)a->meter.kind - (int)b->meter.kind;
	return (x > y) - (x < y);
}

int
gauge_compare(const struct gauge *a, const struct gauge *b)
{
	const int order = strcmp(a->name, b->name);

	return order ? order : compare_meters(a, b);
}

static int
compare(const void *a, const void *b)
{
	return compare_meters(a, b);
}

void
gauges_sort(struct gauges *list)
{
	if (list->count > 0)
		qsort(list->items, list->count, sizeof(*list->items), compare);
}
