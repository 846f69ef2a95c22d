/*
 * fork - by what a question has
 */
#include "ask/fork.h"

static struct store *
door(const struct store *s, const struct question *q)
{
	const struct fork *f = (const struct fork *)s;

	if (q->script)
		return f->redis;
	return q->zone && f->zones ? f->zones : f->dns;
}

static void
ask(struct store *s, const struct question *q, struct ticket *t)
{
	store_ask(door(s, q), q, t);
}

static bool
known(struct store *s, const struct question *q, struct answer *out)
{
	return store_known(door(s, q), q, out);
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
	f->store = (struct store){ ask, health, time_of, .known = known };
	f->redis = redis;
	f->dns = dns;
	f->zones = NULL;
}
