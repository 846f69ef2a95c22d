/*
 * local - charges and settlements that Redis did not hear of
 *
 * alone.c counts them, handover.c tells Redis; here is what becomes of a
 * question.
 */
#include "rate/local.h"

#include <stdlib.h>
#include <string.h>

#include "ask/front.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/pool.h"
#include "rate/ahead.h"
#include "rate/alone.h"
#include "rate/handover.h"
#include "rate/later.h"

enum { SAY_MS = 60 * 1000 };

struct local {
	struct front front; /* what the engine asks */
	struct clock *clock;
	struct ahead *ahead; /* and behind it Redis */
	struct scores scores;
	struct handover handover;
	struct local_counts counts;
	bool said; /* that Redis is lost, and when */
	uint64_t said_ms;
	struct later later;
	struct pool passing;
};

/* A question on its way through us. */
struct passing {
	struct ticket ticket;
	struct local *local;
	const struct question *question;
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
	later_answer(out, 1);
	return true;
}

static bool
answer_alone(struct local *l, const struct question *q, enum loss loss,
    struct answer *out)
{
	const struct asked *w = asked_of(q);

	if (!w)
		return false;
	if (w->what == ASKED_SETTLE)
		return handover_did_not_run(loss) && settle_alone(l, w, out);
	if (w->what != ASKED_ALONE || !handover_is_away(loss))
		return false;
	say_alone(l, loss);
	return charge_alone(l, w, loss, out);
}

static void
answered(struct ticket *t, const struct answer *a)
{
	struct passing *p = (struct passing *)t;
	struct ticket *asker = p->asker;
	struct local *l = p->local;
	struct answer own;

	if (a->state == KNOWN) {
		handover_back(&l->handover);
	} else {
		handover_lost(&l->handover, a->loss);
		if (answer_alone(l, p->question, a->loss, &own))
			a = &own;
		handover_counted(&l->handover);
	}
	pool_give(&l->passing, p);
	asker->answered(asker, a); /* who may be the last to need us */
}

/* True when it is of what was charged alone, and kept: Redis is told the sums
 * of all such. */
static bool
settled_here(struct local *l, const struct asked *w)
{
	if (!alone_take_back(&l->scores, w) ||
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
	const struct asked *w;
	struct passing *p;

	if (q->script != &script_rate) {
		store_ask(l->front.inner, q, t);
		return;
	}
	if (scores_count(&l->scores) > 0 && (w = asked_of(q)) != NULL &&
	    w->what == ASKED_SETTLE && settled_here(l, w)) {
		later_tell(&l->later, t, 1);
		return;
	}
	handover_first(&l->handover, q->words, q->keys);
	p = pool_take(&l->passing);
	*p = (struct passing){ { answered }, l, q, t };
	store_ask(l->front.inner, q, &p->ticket);
}

/* What was counted here goes first, of the same meter. */
static bool
known(struct store *s, const struct question *q, struct answer *out)
{
	struct local *l = (struct local *)s;

	return q->script == &script_rate && scores_count(&l->scores) == 0 &&
	    store_known(l->front.inner, q, out);
}

struct local *
local_new(struct clock *clock, struct store *inner)
{
	struct local *l = xcalloc(1, sizeof(*l));

	l->clock = clock;
	l->passing.size = sizeof(struct passing);
	l->ahead = ahead_new(clock, inner, &l->front.store);
	front_init(&l->front, ahead_store(l->ahead), ask, known);
	l->counts.nodes = 1;
	later_init(&l->later, clock);
	scores_init(&l->scores, LOCAL_MOST);
	l->handover = (struct handover){
		.clock = clock, .inner = inner, .scores = &l->scores
	};
	handover_init(&l->handover);
	return l;
}

struct store *
local_store(struct local *l)
{
	return &l->front.store;
}

void
local_configure(struct local *l, struct store *inner, const char *prefix)
{
	ahead_configure(l->ahead, inner, prefix);
	l->handover.inner = inner;
}

void
local_nodes(struct local *l, unsigned count)
{
	l->counts.nodes = count;
	ahead_nodes(l->ahead, count);
}

struct local_counts
local_counts(const struct local *l)
{
	struct local_counts c = l->counts;

	c.meters = scores_count(&l->scores);
	c.handed_over = l->handover.count;
	c.ahead = ahead_counts(l->ahead);
	return c;
}

/* -- the end -- */

bool
local_finish(struct local *l)
{
	return ahead_finish(l->ahead) && handover_finish(&l->handover);
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
	later_clear(&l->later);
	scores_clear(&l->scores);
	ahead_free(l->ahead);
	pool_clear(&l->passing);
	free(l);
}
