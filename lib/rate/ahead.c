/*
 * ahead - which way a question goes
 */
#include "rate/ahead.h"

#include <stdlib.h>
#include <string.h>

#include "ask/front.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/pool.h"
#include "rate/handover.h"
#include "rate/later.h"
#include "rate/plain.h"
#include "rate/settle.h"
#include "rate/teller.h"

struct ahead {
	struct front front; /* what is asked */
	struct clock *clock;
	struct plain *plain;
	struct teller teller;
	struct later later;
	struct pool passing;
	uint64_t charged;
	unsigned nodes;
};

/* Of one meter what is taken of its advance. */
struct taken {
	struct word key;
	int64_t seconds; /* the window */
	int64_t n;
};

/* A question on its way through us. */
struct passing {
	struct ticket ticket;
	struct ahead *ahead;
	const struct question *question;
	struct ticket *asker;
	const struct store *inner; /* whom it is asked */
	struct arena *arena; /* of words for rate.lua; mostly NULL */
	int64_t end; /* of the lease */
	unsigned count;
	struct taken taken[PLAIN_MOST];
	struct plain_charge plain; /* the others */
};

/* -- ways -- */

static void
hand_back(struct passing *p, const struct answer *a)
{
	struct ticket *asker = p->asker;

	if (a->state == LOST)
		teller_lost(&p->ahead->teller, a->loss);
	arena_release(p->arena);
	pool_give(&p->ahead->passing, p);
	asker->answered(asker, a);
}

static void
heard_script(struct ticket *t, const struct answer *a)
{
	struct passing *p = (struct passing *)t;
	const struct asked *w = asked_of(p->question);

	if (a->state == KNOWN && w->what == ASKED_SETTLE &&
	    p->inner == p->ahead->front.inner)
		plain_learn(p->ahead->plain, w, a);
	hand_back(p, a);
}

static void
ask_script(struct passing *p)
{
	p->ticket.answered = heard_script;
	p->inner = p->ahead->front.inner;
	p->arena = arena_new_small();
	store_ask(p->ahead->front.inner, asked_written(p->arena, p->question),
	    &p->ticket);
}

static struct passing *
pass(struct ahead *h, const struct question *q, struct ticket *t)
{
	struct passing *p = pool_take(&h->passing);

	p->ahead = h;
	p->question = q;
	p->asker = t;
	p->inner = h->front.inner;
	p->arena = NULL;
	p->count = p->plain.count = 0;
	return p;
}

/* -- charging -- */

static void
put_back(struct ahead *h, const struct taken *t, int64_t end)
{
	struct advance *a = advance_find(&h->teller.advances, t->key);

	if (a && !a->over && a->end == end && advance_has_room(a, t->n))
		a->left += t->n;
	else
		teller_tell(&h->teller,
		    &(struct settlement){ t->key, t->seconds, 0, end, t->n });
}

static void
got(struct ahead *h, const struct plain_meter *m, int64_t end, bool fits)
{
	struct advances *all = &h->teller.advances;
	const uint64_t now = clock_ms(h->clock);

	if (m->more == 0 ||
	    (fits && advance_got(all, m->key, end, m->more, now)))
		return;
	if (!fits)
		advance_denied(all, m->key, end, m->more, now);
	teller_tell(&h->teller,
	    &(struct settlement){ m->key, m->seconds, 0, end, m->more });
}

/* What was taken for it is put back; of another Redis all ends with its lease.
 * `said` is NULL when it was lost. */
static void
not_charged(struct passing *p, const struct plain_said *said)
{
	struct ahead *h = p->ahead;
	struct advances *all = &h->teller.advances;

	if (p->inner == h->front.inner)
		for (unsigned i = 0; i < p->count; i++)
			put_back(h, &p->taken[i], p->end);
	for (unsigned i = 0; i < p->plain.count; i++) {
		const struct plain_meter *m = &p->plain.meters[i];

		if (m->more > 0 && said && said[i].fits_more)
			advance_missed(all, m->key, p->end, m->more);
		else if (m->more > 0)
			advance_denied(
			    all, m->key, p->end, m->more, clock_ms(h->clock));
	}
}

/* None of it is noted any more. What was not, as its lease is over, is given
 * back by who comes by. */
static void
strike_all(struct passing *p, struct plain_said *said)
{
	struct journal *j = &p->ahead->teller.journal;

	for (unsigned i = 0; i < p->plain.count; i++) {
		const struct plain_meter *m = &p->plain.meters[i];

		if (m->noted &&
		    !journal_take_back(j, m->key, p->end, m->amount))
			said[i].current = 0;
	}
	journal_tell(j);
}

/* Redis hears of that first, and then sums up. */
static void
give_back(struct passing *p, struct plain_said *said)
{
	if (p->inner != p->ahead->front.inner)
		return;
	strike_all(p, said);
	for (unsigned i = 0; i < p->plain.count; i++) {
		const struct plain_meter *m = &p->plain.meters[i];

		if (said[i].current || said[i].open)
			teller_take_back(&p->ahead->teller,
			    &(struct settlement){ m->key, m->seconds,
				said[i].open - said[i].current, p->end,
				said[i].open });
	}
}

/* Nothing ran, or perhaps: then its page is left behind. */
static void
not_heard(struct passing *p, enum loss loss)
{
	struct plain_said said[PLAIN_MOST] = { 0 };
	const bool doubt = !handover_did_not_run(loss);

	if (p->inner != p->ahead->front.inner)
		return;
	if (!doubt)
		give_back(p, said);
	for (unsigned i = 0; i < p->plain.count && doubt; i++)
		if (p->plain.meters[i].noted)
			journal_doubt(&p->ahead->teller.journal,
			    p->plain.meters[i].key, p->end);
}

static void
all_charged(struct passing *p, const struct plain_said *said)
{
	struct ahead *h = p->ahead;
	const bool same = p->inner == h->front.inner;
	struct answer done;

	for (unsigned i = 0; i < p->plain.count && same; i++) {
		const struct plain_meter *m = &p->plain.meters[i];

		if (m->noted)
			journal_charged(&h->teller.journal, m->key, p->end);
		got(h, m, p->end, said[i].fits_more);
	}
	later_answer(&done, p->end);
	hand_back(p, &done);
}

static void
charged_plainly(struct ticket *t, const struct answer *a)
{
	struct passing *p = (struct passing *)t;
	struct plain_said said[PLAIN_MOST];

	if (a->state != KNOWN) {
		not_charged(p, NULL);
		not_heard(p, a->loss);
		hand_back(p, a);
		return;
	}
	if (plain_charged(p->ahead->plain, &p->plain, a, said)) {
		all_charged(p, said);
		return;
	}
	not_charged(p, said);
	give_back(p, said);
	teller_give_up_all(&p->ahead->teller, p->question);
	ask_script(p);
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

/* How one meter is charged without rate.lua. */
struct way {
	struct advance *advance; /* that covers it; NULL: plainly */
	struct plain_step step; /* it counts in */
};

/* False: the script must be asked of one of them, and nothing was done. */
static bool
is_simple(struct ahead *h, const struct asked *w, int64_t now,
    struct way ways[PLAIN_MOST])
{
	if (w->end == 0 || w->count == 0 || w->count > PLAIN_MOST)
		return false;
	for (unsigned i = 0; i < w->count; i++) {
		const struct asked_meter *m = &w->meters[i];

		ways[i].advance = advance_find(&h->teller.advances, m->key);
		if (advance_covers(ways[i].advance, m, w->end))
			continue;
		ways[i].advance = NULL;
		if (!plain_may_charge(h->plain, m, now, w->end, &ways[i].step))
			return false;
	}
	return true;
}

/* What is charged in advance stays open: it has a lease. */
static bool
is_noted(struct ahead *h, const struct plain_charge *c, unsigned i)
{
	return c->count <= PLAIN_COMMANDS && c->meters[i].more == 0 &&
	    journal_has_room(&h->teller.journal, c->meters[i].key);
}

/* Behind the charge: a page that is full is written at once. */
static void
note(struct ahead *h, const struct plain_charge *c, int64_t end)
{
	for (unsigned i = 0; i < c->count; i++) {
		const struct plain_meter *m = &c->meters[i];

		if (m->noted)
			journal_add(&h->teller.journal,
			    &(struct settlement){
				m->key, m->seconds, 0, end, m->amount },
			    m->step.until);
	}
}

static void
charge_plainly(
    struct passing *p, const struct asked *w, const struct way ways[PLAIN_MOST])
{
	struct ahead *h = p->ahead;
	struct plain_charge *c = &p->plain;

	for (unsigned i = 0; i < w->count; i++) {
		const struct asked_meter *m = &w->meters[i];

		if (ways[i].advance) {
			advance_take(ways[i].advance, m->amount);
			p->taken[p->count++] = (struct taken){ m->key,
				m->seconds, m->amount };
		} else {
			c->meters[c->count++] = (struct plain_meter){ m->key,
				m->seconds, m->amount, m->warn,
				wish(h, m, w->end), advance_bound(m),
				ways[i].step, false };
		}
	}
	p->end = w->end;
	p->ticket.answered = charged_plainly;
	for (unsigned i = 0; i < c->count; i++)
		c->meters[i].noted = is_noted(h, c, i);
	plain_charge(c, h->front.inner, w->end, &p->ticket);
	note(h, c, w->end);
}

static void
ask_charge(struct ahead *h, const struct question *q, const struct asked *w,
    int64_t now, struct ticket *t)
{
	struct passing *p = pass(h, q, t);
	struct way ways[PLAIN_MOST];

	if (is_simple(h, w, now, ways)) {
		charge_plainly(p, w, ways);
		return;
	}
	teller_give_up_all(&h->teller, q);
	ask_script(p);
}

/* All of it is covered. */
static bool
charge_known(struct ahead *h, const struct asked *w)
{
	struct advance *found[METERS];

	for (unsigned i = 0; i < w->count; i++) {
		found[i] = advance_find(&h->teller.advances, w->meters[i].key);
		if (!advance_covers(found[i], &w->meters[i], w->end))
			return false;
	}
	for (unsigned i = 0; i < w->count; i++)
		advance_take(found[i], w->meters[i].amount);
	h->charged++;
	return w->count > 0;
}

/* -- settling -- */

/* -- the store -- */

/* What need not wait for Redis. */
static bool
do_at_once(
    struct ahead *h, const struct asked *w, int64_t now, struct answer *out)
{
	const bool charges = w->what != ASKED_SETTLE;

	if (h->teller.own ||
	    !(charges ? charge_known(h, w) : settle_known(&h->teller, w, now)))
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
		ask_script(pass(h, q, t));
	else
		ask_charge(h, q, w, now, t);
}

struct ahead *
ahead_new(struct clock *clock, struct store *inner, struct store *outer)
{
	struct ahead *h = xcalloc(1, sizeof(*h));

	front_init(&h->front, inner, ask, known);
	h->clock = clock;
	h->nodes = 1;
	h->passing.size = sizeof(struct passing);
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
ahead_configure(struct ahead *h, struct store *inner, const char *prefix)
{
	teller_use(&h->teller, inner);
	journal_prefix(&h->teller.journal, prefix);
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
	const struct teller *t = &h->teller;

	return (struct ahead_counts){ t->advances.count, h->charged,
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
	pool_clear(&h->passing);
	free(h);
}
