/*
 * fork - by what a question has
 */
#include "ask/fork.h"

static void
ask(struct store *s, const struct question *q, struct ticket *t)
{
	const struct fork *f = (const struct fork *)s;

	if (q->script)
		store_ask(f->redis, q, t);
	else
		store_ask(q->zone && f->zones ? f->zones : f->dns, q, t);
}

static void
health(const struct store *s, struct store_health *h)
{
	const struct fork *f = (const struct fork *)s;

	f->redis->health(f->redis, h);
}

static int64_t
time_of(const struct store *s)
{
	return store_time(((const struct fork *)s)->redis);
}

void
fork_init(struct fork *f, struct store *redis, struct store *dns)
{
	f->store = (struct store){ ask, health, time_of };
	f->redis = redis;
	f->dns = dns;
	f->zones = NULL;
}
