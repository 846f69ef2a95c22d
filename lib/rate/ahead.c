/*
 * ahead - which way a question goes
 */
#include "rate/ahead.h"

#include <stdlib.h>

#include "ask/front.h"
#include "base/arena.h"
#include "rate/charge.h"
#include "rate/later.h"
#include "rate/plain.h"
#include "rate/settle.h"

struct ahead {
	struct front front; /* what is asked */
	struct plain *plain;
	struct teller teller;
	struct charging charging;
	struct later later;
};

/* -- the store -- */

/* What need not wait for Redis. */
static bool
do_at_once(
    struct ahead *h, const struct asked *w, int64_t now, struct answer *out)
{
	const bool charges = w->what != ASKED_SETTLE;

	if (h->teller.own ||
	    !(charges ? charge_known(&h->charging, w)
		      : settle_known(&h->teller, w, now)))
		return false;
	later_answer(out, charges ? w->end : 1);
	return true;
}

/* Who gives back what nobody has sent has no request to ask. */
static int64_t
now_of(const struct ahead *h, const struct asked *w)
{
	return w->now > 0 ? w->now : store_time(h->front.inner);
}

/* NULL: it is not for us. */
static const struct asked *
read_question(struct ahead *h, const struct question *q)
{
	const struct asked *w = asked_of(q);

	if (!w || w->what == ASKED_DRY)
		return NULL;
	teller_look(&h->teller);
	reap(&h->teller.reap, now_of(h, w));
	return w;
}

static bool
known(struct store *s, const struct question *q, struct answer *out)
{
	struct ahead *h = (struct ahead *)s;
	const struct asked *w = read_question(h, q);

	return w && do_at_once(h, w, now_of(h, w), out);
}

static void
ask(struct store *s, const struct question *q, struct ticket *t)
{
	struct ahead *h = (struct ahead *)s;
	const struct asked *w = read_question(h, q);
	const int64_t now = w ? now_of(h, w) : 0;
	struct answer done;

	if (!w)
		store_ask(h->front.inner, q, t);
	else if (do_at_once(h, w, now, &done))
		later_tell(&h->later, t, done.values[0].number);
	else if (w->what == ASKED_SETTLE)
		charge_script(&h->charging, q, t);
	else
		charge_ask(&h->charging, q, w, now, t);
}

struct ahead *
ahead_new(struct clock *clock, struct store *inner, struct store *outer)
{
	struct ahead *h = xcalloc(1, sizeof(*h));

	front_init(&h->front, inner, ask, known);
	h->plain = plain_new();
	later_init(&h->later, clock);
	teller_init(&h->teller, clock, inner, outer, h->plain);
	charge_init(&h->charging, &h->teller);
	return h;
}

struct store *
ahead_store(struct ahead *h)
{
	return &h->front.store;
}

void
ahead_configure(struct ahead *h, struct store *inner, const char *prefix)
{
	teller_use(&h->teller, inner);
	journal_prefix(&h->teller.journal, prefix);
	h->front.inner = inner;
}

void
ahead_nodes(struct ahead *h, unsigned count)
{
	h->charging.nodes = count > 0 ? count : 1;
}

struct ahead_counts
ahead_counts(const struct ahead *h)
{
	const struct teller *t = &h->teller;

	return (struct ahead_counts){ t->advances.count, h->charging.covered,
		t->journal.entries, t->reap.count };
}

bool
ahead_finish(struct ahead *h)
{
	return teller_finish(&h->teller);
}

void
ahead_free(struct ahead *h)
{
	if (!h)
		return;
	later_clear(&h->later);
	teller_clear(&h->teller);
	plain_free(h->plain);
	charge_clear(&h->charging);
	free(h);
}
