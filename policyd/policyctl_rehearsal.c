/*
 * policyctl_rehearsal - an engine with stores of its own
 */
#include "policyctl_rehearsal.h"

#include "ask/dns/dns.h"
#include "ask/fork.h"
#include "base/arena.h"
#include "checks/checks.h"
#include "dnsbl/zones.h"
#include "policyctl.h"
#include "policyctl_redis.h"
#include "rate/rate.h"
#include "register/register.h"
#include "scope/scope.h"

struct rehearsal {
	struct door *door;
	struct dns *dns;
	struct zones *zones;
	struct fork fork;
	struct engine *engine;
};

enum { SCRIPTS = 64 };

static size_t
add_scripts(
    const struct script **list, size_t n, const struct script *const *more)
{
	for (; more && *more && n + 1 < SCRIPTS; more++)
		list[n++] = *more;
	return n;
}

const struct script *const *
rehearsal_scripts(struct arena *a)
{
	const struct script **list = arena_alloc(a, SCRIPTS * sizeof(*list));
	size_t n = add_scripts(list, 0, register_scripts);

	n = add_scripts(list, n, scope_scripts);
	n = add_scripts(list, n, rate_scripts);
	for (size_t i = 0; checks[i]; i++)
		n = add_scripts(list, n, checks[i]->scripts);
	return list;
}

struct rehearsal *
rehearsal_open(struct ctl *ctl, struct door *d, const struct check *const *some,
    struct lists *lists)
{
	struct rehearsal *r = arena_alloc(ctl->arena, sizeof(*r));

	r->door = d;
	r->dns = dns_new(door_loop(d), door_clock(d), &ctl->conf->dns);
	r->zones = zones_new(door_clock(d), dns_store(r->dns));
	zones_configure(r->zones, ctl->conf);
	fork_init(&r->fork, door_store(d), dns_store(r->dns));
	r->fork.zones = zones_store(r->zones);
	r->engine = engine_new(door_clock(d), some, &r->fork.store, ctl->conf);
	engine_lists(r->engine, lists);
	return r;
}

void
rehearsal_ask(struct rehearsal *r, struct request *req, engine_explained *done,
    void *data)
{
	engine_explain(r->engine, req, done, data);
}

void
rehearsal_wait(struct rehearsal *r)
{
	while (engine_in_work(r->engine) > 0 || engine_in_flight(r->engine) > 0)
		door_turn(r->door);
}

const struct zones *
rehearsal_zones(const struct rehearsal *r)
{
	return r->zones;
}

static void
note_closed(void *data)
{
	*(bool *)data = true;
}

void
rehearsal_close(struct rehearsal *r)
{
	bool closed = false;

	engine_free(r->engine);
	zones_stop(r->zones);
	dns_free(r->dns, note_closed, &closed);
	while (!closed)
		door_turn(r->door);
	zones_free(r->zones);
}
