/*
 * teller - walks over the advances, and what becomes of a settlement
 */
#include "rate/teller.h"

#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "rate/handover.h"
#include "rate/plain.h"

enum {
	WALK_MS = 40,
	WALK_MOST = 1000, /* advances at a time */
	SAY_MS = 60 * 1000
};

static void
forget(struct teller *t)
{
	plain_forget(t->plain);
	t->journal.away = true;
	reap_later(&t->reap);
	for (struct advance *a = t->advances.first; a; a = a->next)
		a->over = true;
}

void
teller_lost(struct teller *t, enum loss loss)
{
	if (loss == LOSS_DOWN || loss == LOSS_BROKEN)
		forget(t);
	if (handover_is_away(loss))
		reap_later(&t->reap);
}

void
teller_look(struct teller *t)
{
	const unsigned absences = store_absences(t->inner);

	if (absences != t->absences)
		forget(t);
	t->absences = absences;
}

/* What a batch could not do is asked of rate.lua, or kept by who is in front.
 */
struct telling {
	struct ticket ticket;
	struct teller *teller;
	struct arena *arena;
};

static void
told(struct ticket *ticket, const struct answer *a)
{
	struct telling *telling = (struct telling *)ticket;

	(void)a;
	telling->teller->asked--;
	arena_release(telling->arena);
}

void
teller_ask(struct teller *t, struct arena *a, const struct question *q)
{
	struct telling *telling = arena_take(a, sizeof(*telling));

	telling->ticket.answered = told;
	telling->teller = t;
	telling->arena = a;
	t->asked++;
	t->own = true;
	store_ask(t->outer, q, &telling->ticket);
	t->own = false;
}

/* Of what kind it is does not matter to Redis, which goes by the key. */
static void
tell_alone(struct teller *t, const struct settlement *s)
{
	struct arena *a = arena_new_small();
	const struct meter m = { .limit.seconds = s->seconds,
		.key = {
		    arena_memdup(a, s->key.text, s->key.size), s->key.size } };
	const struct amounts sent = { .of[RATE_MESSAGES] = s->sent };
	const struct rate_open open = { s->end,
		{ .of[RATE_MESSAGES] = s->open } };

	teller_ask(t, a,
	    rate_settle(a, &(const struct meters){ 1, &m }, &sent, &open, 1,
		store_time(t->inner)));
}

void
teller_take_back(struct teller *t, const struct settlement *s)
{
	tell_alone(t, s);
}

static void
walk_soon(struct teller *t)
{
	if (!timer_running(&t->walk))
		timer_start(&t->walk, t->clock, WALK_MS);
}

void
teller_gather(struct teller *t, const struct settlement *s)
{
	batch_add(&t->batch, s);
	walk_soon(t);
}

void
teller_tell(struct teller *t, const struct settlement *s)
{
	if (!plain_begun(t->plain, s->key, store_time(t->inner))) {
		tell_alone(t, s);
		return;
	}
	teller_gather(t, s);
}

#define OF(embedded, member)                                                   \
	((struct teller *)((char *)(embedded)-offsetof(struct teller, member)))

static void
from_journal(struct journal *j, const struct settlement *s)
{
	(s->open < 0 ? teller_gather : teller_tell)(OF(j, journal), s);
}

static void
opened(struct batch *b, const struct settlement *s, enum loss loss)
{
	struct teller *t = OF(b, batch);

	teller_lost(t, loss);
	journal_moved(&t->journal, s, !handover_did_not_run(loss));
}

static void
undone(struct batch *b, const struct settlement *s, enum loss loss)
{
	struct teller *t = OF(b, batch);

	teller_lost(t, loss);
	if (s->sent == 0 && s->open == 0)
		reap_look(&t->reap, s);
	else
		tell_alone(t, s);
}

static void
lost(struct batch *b, unsigned count, enum loss loss)
{
	struct teller *t = OF(b, batch);
	const uint64_t now = clock_ms(t->clock);

	teller_lost(t, loss);
	t->unsure += count;
	if (t->lost_ms != 0 && now - t->lost_ms < SAY_MS)
		return;
	log_warning("rate: Redis was lost (%s) while it was told of %u "
		    "settlements: perhaps it has not heard them",
	    loss_name(loss), t->unsure);
	t->lost_ms = now;
	t->unsure = 0;
}

/* What was sent of it, and so much is open no longer. */
static void
tell(struct teller *t, const struct advance *a, int64_t open)
{
	if (open > 0)
		teller_tell(t,
		    &(struct settlement){
			a->key, a->seconds, a->sent, a->end, open });
}

void
teller_return(struct teller *t, struct advance *a)
{
	tell(t, a, a->sent + a->left);
	advance_empty(a);
}

static void
give_up(struct teller *t, struct advance *a)
{
	teller_return(t, a);
	advance_remove(&t->advances, a);
}

static void
give_up_all(struct teller *t)
{
	while (t->advances.first)
		give_up(t, t->advances.first);
	journal_hold_all(&t->journal);
	batch_send(&t->batch);
}

static void
see_to(struct teller *t, struct advance *a, uint64_t now)
{
	if (a->over || !a->used) {
		give_up(t, a);
		return;
	}
	if (now - a->since >= ADVANCE_MS)
		teller_return(t, a);
	tell(t, a, a->sent);
	a->sent = 0;
	a->used = false;
	advance_seen(&t->advances, a, now);
}

static void
walk(struct timer *timer)
{
	struct teller *t = OF(timer, walk);
	const uint64_t now = clock_ms(t->clock);
	struct advance *a;
	bool more;

	teller_look(t);
	for (int i = 0; i < WALK_MOST; i++) {
		a = t->advances.first;
		if (!a || now - a->seen < TELLER_MS)
			break;
		see_to(t, a, now);
	}
	more = journal_walk(&t->journal, store_time(t->inner));
	batch_send(&t->batch);
	if (more || t->advances.first)
		walk_soon(t);
}

void
teller_give_up_all(struct teller *t, const struct question *q)
{
	struct advance *a;

	for (unsigned i = 0; i < q->keys; i++)
		if ((a = advance_find(&t->advances, q->words[i])) != NULL)
			give_up(t, a);
	batch_send(&t->batch);
}

void
teller_watch(struct teller *t)
{
	walk_soon(t);
}

/* -- its life -- */

void
teller_init(struct teller *t, struct clock *clock, struct store *inner,
    struct store *outer, struct plain *plain)
{
	*t = (struct teller){ .clock = clock,
		.inner = inner,
		.outer = outer,
		.plain = plain,
		.absences = store_absences(inner),
		.batch = { inner, undone, opened, lost, NULL, 0 },
		.journal = { clock, inner, from_journal },
		.reap = { inner, &t->journal.key, &t->journal.taken, 0, 0, 0 },
		.walk.fire = walk };
	advances_init(&t->advances);
	journal_init(&t->journal);
}

void
teller_use(struct teller *t, struct store *inner)
{
	if (t->inner == inner)
		return;
	give_up_all(t);
	forget(t);
	journal_use(&t->journal, inner);
	reap_clear(&t->reap);
	t->inner = t->batch.store = t->reap.store = inner;
	t->absences = store_absences(inner);
}

bool
teller_finish(struct teller *t)
{
	give_up_all(t);
	return t->asked == 0 && t->batch.in_flight == 0 &&
	    t->journal.in_flight == 0 && t->reap.in_flight == 0;
}

void
teller_clear(struct teller *t)
{
	timer_stop(&t->walk);
	batch_clear(&t->batch);
	journal_clear(&t->journal);
	reap_clear(&t->reap);
	advances_clear(&t->advances);
}
