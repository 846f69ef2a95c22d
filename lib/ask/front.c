/*
 * front - what goes on to the inner store
 */
#include "ask/front.h"

static struct store *
inner(const struct store *s)
{
	return ((const struct front *)s)->inner;
}

static void
health(const struct store *s, struct store_health *h)
{
	inner(s)->health(inner(s), h);
}

static int64_t
server_time(const struct store *s)
{
	return store_time(inner(s));
}

static unsigned
absences(const struct store *s)
{
	return store_absences(inner(s));
}

static bool
known_inside(struct store *s, const struct question *q, struct answer *out)
{
	return store_known(inner(s), q, out);
}

void
front_init(struct front *f, struct store *in,
    void (*ask)(struct store *, const struct question *, struct ticket *),
    bool (*known)(struct store *, const struct question *, struct answer *out))
{
	f->store = (struct store){ .ask = ask,
		.health = health,
		.time = server_time,
		.absences = absences,
		.known = known ? known : known_inside };
	f->inner = in;
}
