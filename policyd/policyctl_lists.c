/*
 * policyctl_lists - reading the lists once
 */
#include "policyctl_lists.h"

#include "base/arena.h"
#include "base/clock.h"
#include "conf/conf.h"
#include "policyctl.h"
#include "policyctl_redis.h"
#include "register/lists.h"

enum { PATIENCE_MS = 2000 };

/* A door through which nothing is written: whoever reads the lists may take
 * off what is over, but not here. One question at a time. */
struct reading {
	struct store store;
	struct store *inner;
	struct question question;
};

static void
ask_reading(struct store *store, const struct question *q, struct ticket *t)
{
	struct reading *r = (struct reading *)store;

	r->question = *q;
	r->question.read_only = true;
	store_ask(r->inner, &r->question, t);
}

static void
take_lists(void *data, struct lists *l)
{
	struct lists **at = data;

	lists_unref(*at);
	*at = l;
}

struct lists *
lists_fetch(struct ctl *ctl, struct door *door)
{
	struct clock *clock = door_clock(door);
	const uint64_t end = clock_ms(clock) + PATIENCE_MS;
	struct reading *r = arena_alloc(ctl->arena, sizeof(*r));
	struct lists *lists = NULL;
	struct mirror *m;

	r->store.ask = ask_reading;
	r->inner = door_store(door);
	m = mirror_new(clock, &r->store, ctl->conf->prefix, take_lists, &lists);

	while (!lists && !door_trouble(door) && clock_ms(clock) < end)
		door_turn(door);
	mirror_free(m);
	if (!lists && !door_trouble(door))
		door_spoil(door, "the lists cannot be read");
	return lists;
}
