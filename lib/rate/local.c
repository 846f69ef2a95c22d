/*
 * local - charges and settlements that Redis did not hear of
 *
 * alone.c counts them, handover.c tells Redis; here is what becomes of a
 * question.
 */
#include "rate/local.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "rate/alone.h"
#include "rate/handover.h"
#include "rate/plain.h"

enum { SAY_MS = 60 * 1000 };

struct local {
	struct store store; /* what the engine asks */
	struct clock *clock;
	struct store *inner;
	struct scores scores;
	struct handover handover;
	struct plain *plain;
	struct local_counts counts;
	bool said; /* that Redis is lost, and when */
	uint64_t said_ms;
	struct settled *settled, **settled_end; /* to be answered */
	struct timer moment;
};

/* A question on its way through us. */
struct passing {
	struct ticket ticket;
	struct local *local;
	const struct question *question;
	struct ticket *asker;
	const struct store *script; /* settles there by one; or NULL */
};

/* A settlement that Redis need not hear of. */
struct settled {
	struct settled *next;
	struct ticket *asker;
};

extern const struct script script_rate;

/* -- alone -- */

static void
say_alone(struct local *l, enum loss loss)
{
	const uint64_t now = clock_ms(l->clock);

	if (l->said && now - l->said_ms < SAY_MS)
		return;
	l->said = true;
	l->said_ms = now;
	log_warning("rate: Redis is lost (%s): limits are counted here, %u "
		    "policyd share them",
	    loss_name(loss), l->counts.nodes);
}

/* True: `out` is the answer. */
static bool
charge_alone(
    struct local *l, const struct asked *w, enum loss loss, struct answer *out)
{
	struct asked_said said;

	if (!alone_charge(
		&l->scores, w, l->counts.nodes, clock_ms(l->clock), &said)) {
		l->counts.full++;
		return false;
	}
	*(said.charged ? &l->counts.charged : &l->counts.refused) += 1;
	said.alone = loss;
	*out = asked_answer(&said);
	return true;
}

static bool
settle_alone(struct local *l, const struct asked *w, struct answer *out)
{
	if (!alone_count(&l->scores, w, clock_ms(l->clock))) {
		l->counts.full++;
		return false;
	}
	*out = (struct answer){ .state = KNOWN,
		.count = 1,
		.values = { { .number = 1, .is_number = true } } };
	return true;
}

static bool
answer_alone(struct local *l, const struct question *q, enum loss loss,
    struct answer *out)
{
	struct asked w;

	if (!asked_read(q, &w))
		return false;
	if (w.what == ASKED_SETTLE)
		return handover_did_not_run(loss) && settle_alone(l, &w, out);
	if (w.what != ASKED_ALONE || !handover_is_away(loss))
		return false;
	say_alone(l, loss);
	return charge_alone(l, &w, loss, out);
}

static void
settled_by_script(struct local *l, const struct question *q)
{
	struct asked w;

	if (asked_read(q, &w))
		plain_learn(l->plain, &w);
}

static void
answered(struct ticket *t, const struct answer *a)
{
	struct passing *p = (struct passing *)t;
	struct local *l = p->local;
	struct answer own;

	if (a->state == KNOWN) {
		if (p->script == l->inner)
			settled_by_script(l, p->question);
		handover_back(&l->handover);
	} else {
		handover_lost(&l->handover, a->loss);
		if (a->loss == LOSS_DOWN || a->loss == LOSS_BROKEN)
			plain_forget(l->plain);
		if (answer_alone(l, p->question, a->loss, &own))
			a = &own;
		handover_counted(&l->handover);
	}
	p->asker->answered(p->asker, a);
	free(p);
}

/* -- settlements of what was charged alone -- */

static void
tell_settled(struct timer *timer)
{
	struct local *l = (struct local *)((char *)timer -
	    offsetof(struct local, moment));
	const struct answer well = { .state = KNOWN,
		.count = 1,
		.values = { { .number = 1, .is_number = true } } };
	struct settled *s = l->settled, *next;

	/* Who is told may ask again: that is for the next time. */
	l->settled = NULL;
	l->settled_end = &l->settled;
	for (; s; s = next) {
		next = s->next;
		s->asker->answered(s->asker, &well);
		free(s);
	}
}

static void
answer_later(struct local *l, struct ticket *asker)
{
	struct settled *s = xmalloc(sizeof(*s));

	*s = (struct settled){ NULL, asker };
	*l->settled_end = s;
	l->settled_end = &s->next;
	if (!timer_running(&l->moment))
		timer_start(&l->moment, l->clock, 0);
}

/* True when it is of what was charged alone, and kept: Redis is told the sums
 * of all such. */
static bool
settled_here(struct local *l, const struct asked *w)
{
	if (scores_count(&l->scores) == 0 || !alone_take_back(&l->scores, w) ||
	    !alone_count(&l->scores, w, clock_ms(l->clock)))
		return false;
	handover_counted(&l->handover);
	return true;
}

/* -- the store -- */

static void
ask(struct store *s, const struct question *q, struct ticket *t)
{
	struct local *l = (struct local *)s;
	struct passing *p;
	struct asked w;
	bool settles, plain;

	if (q->script != &script_rate) {
		store_ask(l->inner, q, t);
		return;
	}
	if (!asked_read(q, &w))
		w.what = ASKED_OTHER;
	settles = w.what == ASKED_SETTLE;
	if (settles && settled_here(l, &w)) {
		answer_later(l, t);
		return;
	}
	handover_first(&l->handover, q->words, q->keys);
	p = xmalloc(sizeof(*p));
	*p = (struct passing){ { answered }, l, q, t, NULL };
	plain = settles ? plain_settle(l->plain, l->inner, q, &w, &p->ticket)
			: w.what != ASKED_OTHER &&
		plain_charge(l->plain, l->inner, q, &w, &p->ticket);
	if (plain)
		return;
	p->script = settles ? l->inner : NULL;
	store_ask(l->inner, q, &p->ticket);
}

static void
health(const struct store *s, struct store_health *h)
{
	const struct store *inner = ((const struct local *)s)->inner;

	inner->health(inner, h);
}

static int64_t
server_time(const struct store *s)
{
	return store_time(((const struct local *)s)->inner);
}

struct local *
local_new(struct clock *clock, struct store *inner)
{
	struct local *l = xcalloc(1, sizeof(*l));

	l->store = (struct store){ ask, health, server_time };
	l->clock = clock;
	l->inner = inner;
	l->counts.nodes = 1;
	l->moment.fire = tell_settled;
	l->settled_end = &l->settled;
	scores_init(&l->scores, LOCAL_MOST);
	l->plain = plain_new();
	l->handover = (struct handover){
		.clock = clock, .inner = inner, .scores = &l->scores
	};
	handover_init(&l->handover);
	return l;
}

struct store *
local_store(struct local *l)
{
	return &l->store;
}

void
local_configure(struct local *l, struct store *inner)
{
	if (l->inner != inner)
		plain_forget(l->plain);
	l->inner = l->handover.inner = inner;
}

void
local_nodes(struct local *l, unsigned count)
{
	l->counts.nodes = count;
}

struct local_counts
local_counts(const struct local *l)
{
	struct local_counts c = l->counts;

	c.meters = scores_count(&l->scores);
	c.handed_over = l->handover.count;
	return c;
}

/* -- the end -- */

bool
local_finish(struct local *l)
{
	return handover_finish(&l->handover);
}

static unsigned
count_untold(struct local *l)
{
	unsigned count = 0;

	for (struct score *s = l->scores.list; s; s = s->next)
		count += score_busy(s, clock_ms(l->clock));
	return count;
}

void
local_free(struct local *l)
{
	unsigned untold;

	if (!l)
		return;
	untold = count_untold(l);
	if (untold > 0)
		log_warning("rate: what was sent without Redis is forgotten, "
			    "of %u meters",
		    untold);
	handover_clear(&l->handover);
	timer_stop(&l->moment);
	scores_clear(&l->scores);
	plain_free(l->plain);
	free(l);
}
