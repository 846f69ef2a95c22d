/*
 * ahead - which way a question goes
 */
#include "rate/ahead.h"

#include <stdlib.h>
#include <string.h>

#include "ask/front.h"
#include "base/arena.h"
#include "base/clock.h"
#include "rate/later.h"
#include "rate/plain.h"
#include "rate/teller.h"

struct ahead {
	struct front front; /* what is asked */
	struct clock *clock;
	struct plain *plain;
	struct teller teller;
	struct later later;
	uint64_t charged;
	unsigned nodes;
};

/* Of one meter what is charged, or taken of its advance. */
struct part {
	struct word key;
	int64_t seconds, end; /* the window; of the lease */
	int64_t n, more; /* asked for besides */
	bool ours;
};

/* A question on its way through us. */
struct passing {
	struct ticket ticket;
	struct ahead *ahead;
	const struct question *question;
	struct ticket *asker;
	const struct store *inner; /* whom it is asked */
	bool settles;
	unsigned count;
	struct part parts[PLAIN_MOST];
};

/* -- ways -- */

static void
hand_back(struct passing *p, const struct answer *a)
{
	if (a->state == LOST)
		teller_lost(&p->ahead->teller, a->loss);
	p->asker->answered(p->asker, a);
	free(p);
}

static void
heard_script(struct ticket *t, const struct answer *a)
{
	struct passing *p = (struct passing *)t;
	struct asked w;

	if (a->state == KNOWN && p->settles &&
	    p->inner == p->ahead->front.inner && asked_read(p->question, &w))
		plain_learn(p->ahead->plain, &w);
	hand_back(p, a);
}

static void
ask_script(struct passing *p)
{
	p->ticket.answered = heard_script;
	p->inner = p->ahead->front.inner;
	store_ask(p->ahead->front.inner, p->question, &p->ticket);
}

static struct passing *
pass(struct ahead *h, const struct question *q, struct ticket *t, bool settles)
{
	struct passing *p = xmalloc(sizeof(*p));

	p->ahead = h;
	p->question = q;
	p->asker = t;
	p->inner = h->front.inner;
	p->settles = settles;
	p->count = 0;
	return p;
}

/* -- charging -- */

/* Puts those to the end that an advance covers; how many others there are. */
static unsigned
sort(struct ahead *h, struct asked *w)
{
	unsigned rest = w->count;

	for (unsigned i = 0; i < rest;) {
		struct asked_meter *m = &w->meters[i];

		if (advance_covers(
			advance_find(&h->teller.advances, m->key), m, w->end)) {
			const struct asked_meter ours = *m;

			*m = w->meters[--rest];
			w->meters[rest] = ours;
		} else {
			i++;
		}
	}
	return rest;
}

static void
take(struct ahead *h, const struct asked_meter *m)
{
	advance_take(advance_find(&h->teller.advances, m->key), m->amount);
}

static void
put_back(struct ahead *h, const struct part *part)
{
	struct advance *a = advance_find(&h->teller.advances, part->key);

	if (a && !a->over && a->end == part->end &&
	    advance_has_room(a, part->n))
		a->left += part->n;
	else
		teller_tell(&h->teller,
		    &(struct settlement){
			part->key, part->seconds, 0, part->end, part->n });
}

static void
got(struct ahead *h, const struct part *part)
{
	if (part->more == 0)
		return;
	if (!advance_got(&h->teller.advances, part->key, part->end, part->more,
		clock_ms(h->clock)))
		teller_tell(&h->teller,
		    &(struct settlement){
			part->key, part->seconds, 0, part->end, part->more });
}

/* What was taken for it is put back; of another Redis all ends with its lease.
 */
static void
not_charged(struct passing *p)
{
	for (unsigned i = 0; i < p->count; i++) {
		const struct part *part = &p->parts[i];

		if (part->ours && p->inner == p->ahead->front.inner)
			put_back(p->ahead, part);
		else if (part->more > 0)
			advance_denied(&p->ahead->teller.advances, part->key,
			    part->end, part->more, clock_ms(p->ahead->clock));
	}
}

static void
charged_plainly(struct ticket *t, const struct answer *a)
{
	struct passing *p = (struct passing *)t;
	struct answer done;

	if (a->state == KNOWN && a->values[0].number != 0) {
		for (unsigned i = 0; i < p->count; i++)
			if (!p->parts[i].ours &&
			    p->inner == p->ahead->front.inner)
				got(p->ahead, &p->parts[i]);
		done = later_answer(p->parts[0].end);
		hand_back(p, &done);
		return;
	}
	not_charged(p);
	if (a->state == KNOWN) {
		teller_give_up_all(&p->ahead->teller, p->question);
		ask_script(p);
	} else {
		hand_back(p, a);
	}
}

static int64_t
wish(struct ahead *h, const struct asked_meter *m, int64_t end)
{
	struct advance *a = advance_find(&h->teller.advances, m->key);

	if (a && advance_is_old(a, m, end))
		teller_return(&h->teller, a);
	teller_watch(&h->teller);
	return advance_wish(
	    &h->teller.advances, m, end, h->nodes, clock_ms(h->clock));
}

static void
charge_plainly(struct passing *p, struct asked *w, unsigned total)
{
	struct ahead *h = p->ahead;

	for (unsigned i = 0; i < total; i++) {
		struct asked_meter *m = &w->meters[i];
		struct part *part = &p->parts[i];

		*part = (struct part){ m->key, m->seconds, w->end, m->amount, 0,
			i >= w->count };
		if (part->ours) {
			take(h, m);
			continue;
		}
		part->more = wish(h, m, w->end);
		if (part->more > 0)
			m->warn = advance_bound(m);
		m->amount += part->more;
	}
	p->count = total;
	p->ticket.answered = charged_plainly;
	plain_charge(h->front.inner, w, &p->ticket);
}

static void
ask_charge(struct ahead *h, const struct question *q, struct asked *w,
    struct ticket *t)
{
	const unsigned total = w->count;
	struct passing *p = pass(h, q, t, false);

	w->count = sort(h, w);
	if (total <= PLAIN_MOST && plain_may_charge(h->plain, w)) {
		charge_plainly(p, w, total);
		return;
	}
	teller_give_up_all(&h->teller, q);
	ask_script(p);
}

/* All of it is covered. */
static bool
charge_known(struct ahead *h, struct asked *w)
{
	for (unsigned i = 0; i < w->count; i++)
		if (!advance_covers(
			advance_find(&h->teller.advances, w->meters[i].key),
			&w->meters[i], w->end))
			return false;
	for (unsigned i = 0; i < w->count; i++)
		take(h, &w->meters[i]);
	h->charged++;
	return w->count > 0;
}

/* -- settling -- */

/* All was charged under one lease, and that is not over. What is sent besides
 * counts at once. */
static bool
is_plain(struct ahead *h, const struct asked_meter *m, int64_t now)
{
	return m->count == 1 && m->amount >= 0 && m->amount <= m->leases[0].n &&
	    m->leases[0].end > now && plain_begun(h->plain, m->key, now);
}

static void
settle(struct ahead *h, const struct asked_meter *m, int64_t now)
{
	struct advance *a = advance_find(&h->teller.advances, m->key);

	if (advance_holds(a, m, now))
		advance_settle(a, m);
	else
		teller_tell(&h->teller,
		    &(struct settlement){ m->key, m->seconds, m->amount,
			m->leases[0].end, m->leases[0].n });
}

/* Redis will be told of all of it. */
static bool
settle_known(struct ahead *h, const struct asked *w)
{
	for (unsigned i = 0; i < w->count; i++) {
		const struct asked_meter *m = &w->meters[i];

		if (!is_plain(h, m, w->now) &&
		    !advance_holds(
			advance_find(&h->teller.advances, m->key), m, w->now))
			return false;
	}
	for (unsigned i = 0; i < w->count; i++)
		settle(h, &w->meters[i], w->now);
	return w->count > 0;
}

/* -- the store -- */

/* False: it is not for us. */
static bool
read_question(struct ahead *h, const struct question *q, struct asked *w)
{
	if (!asked_read(q, w) || w->what == ASKED_OTHER)
		return false;
	teller_look(&h->teller);
	/* Who gives back what nobody has sent has no request to ask. */
	if (w->now == 0)
		w->now = store_time(h->front.inner);
	return true;
}

/* What need not wait for Redis. */
static bool
do_at_once(struct ahead *h, struct asked *w, struct answer *out)
{
	const bool charges = w->what == ASKED_CHARGE || w->what == ASKED_ALONE;

	if (h->teller.own ||
	    !(charges ? charge_known(h, w) : settle_known(h, w)))
		return false;
	*out = later_answer(charges ? w->end : 1);
	return true;
}

static bool
known(struct store *s, const struct question *q, struct answer *out)
{
	struct ahead *h = (struct ahead *)s;
	struct asked w;

	return read_question(h, q, &w) && do_at_once(h, &w, out);
}

static void
ask(struct store *s, const struct question *q, struct ticket *t)
{
	struct ahead *h = (struct ahead *)s;
	struct asked w;
	struct answer done;

	if (!read_question(h, q, &w))
		store_ask(h->front.inner, q, t);
	else if (do_at_once(h, &w, &done))
		later_tell(&h->later, t, done.values[0].number);
	else if (w.what == ASKED_SETTLE)
		ask_script(pass(h, q, t, true));
	else
		ask_charge(h, q, &w, t);
}

struct ahead *
ahead_new(struct clock *clock, struct store *inner, struct store *outer)
{
	struct ahead *h = xcalloc(1, sizeof(*h));

	front_init(&h->front, inner, ask, known);
	h->clock = clock;
	h->nodes = 1;
	h->plain = plain_new();
	later_init(&h->later, clock);
	teller_init(&h->teller, clock, inner, outer, h->plain);
	return h;
}

struct store *
ahead_store(struct ahead *h)
{
	return &h->front.store;
}

void
ahead_configure(struct ahead *h, struct store *inner)
{
	teller_use(&h->teller, inner);
	h->front.inner = inner;
}

void
ahead_nodes(struct ahead *h, unsigned count)
{
	h->nodes = count > 0 ? count : 1;
}

struct ahead_counts
ahead_counts(const struct ahead *h)
{
	return (struct ahead_counts){ h->teller.advances.count, h->charged };
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
	free(h);
}
