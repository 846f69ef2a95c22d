/*
 * charge - looked up meter by meter, asked, and what becomes of the answer
 */
#include "rate/charge.h"

#include "base/arena.h"
#include "rate/handover.h"
#include "rate/later.h"
#include "rate/plain.h"

/* Of one meter what is taken of its advance. */
struct taken {
	struct word key;
	int64_t seconds; /* the window */
	int64_t n;
};

/* A question on its way through us. */
struct passing {
	struct ticket ticket;
	struct charging *charging;
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
		teller_lost(p->charging->teller, a->loss);
	arena_release(p->arena);
	pool_give(&p->charging->passing, p);
	asker->answered(asker, a);
}

static void
heard_script(struct ticket *t, const struct answer *a)
{
	struct passing *p = (struct passing *)t;
	const struct asked *w = asked_of(p->question);

	if (a->state == KNOWN && w->what == ASKED_SETTLE &&
	    p->inner == p->charging->teller->inner)
		plain_learn(p->charging->teller->plain, w, a);
	hand_back(p, a);
}

static void
ask_script(struct passing *p)
{
	p->ticket.answered = heard_script;
	p->inner = p->charging->teller->inner;
	p->arena = arena_new_small();
	store_ask(p->charging->teller->inner,
	    asked_written(p->arena, p->question), &p->ticket);
}

static struct passing *
pass(struct charging *c, const struct question *q, struct ticket *t)
{
	struct passing *p = pool_take(&c->passing);

	p->charging = c;
	p->question = q;
	p->asker = t;
	p->inner = c->teller->inner;
	p->arena = NULL;
	p->count = p->plain.count = 0;
	return p;
}

/* -- charging -- */

static void
put_back(struct charging *c, const struct taken *t, int64_t end)
{
	struct advance *a = advance_find(&c->teller->advances, t->key);

	if (a && !a->over && a->end == end && advance_has_room(a, t->n))
		a->left += t->n;
	else
		teller_tell(c->teller,
		    &(struct settlement){ t->key, t->seconds, 0, end, t->n });
}

/* It is not asked for again for a while. */
static void
denied(struct charging *c, const struct plain_meter *m, int64_t end)
{
	struct heat *heat = plain_heat(c->teller->plain, m->key);

	advance_missed(&c->teller->advances, m->key, end, m->more);
	if (heat)
		heat_denied(heat, clock_ms(c->teller->clock));
}

static void
got(struct charging *c, const struct plain_meter *m, int64_t end, bool fits)
{
	struct advances *all = &c->teller->advances;
	const uint64_t now = clock_ms(c->teller->clock);

	if (m->more == 0 ||
	    (fits && advance_got(all, m->key, end, m->more, now)))
		return;
	if (!fits)
		denied(c, m, end);
	teller_tell(c->teller,
	    &(struct settlement){ m->key, m->seconds, 0, end, m->more });
}

/* What was taken for it is put back; of another Redis all ends with its lease.
 * `said` is NULL when it was lost. */
static void
not_charged(struct passing *p, const struct plain_said *said)
{
	struct charging *c = p->charging;
	struct advances *all = &c->teller->advances;

	if (p->inner == c->teller->inner)
		for (unsigned i = 0; i < p->count; i++)
			put_back(c, &p->taken[i], p->end);
	for (unsigned i = 0; i < p->plain.count; i++) {
		const struct plain_meter *m = &p->plain.meters[i];

		if (m->more > 0 && said && said[i].fits_more)
			advance_missed(all, m->key, p->end, m->more);
		else if (m->more > 0)
			denied(c, m, p->end);
	}
}

/* As it was noted. */
static struct settlement
noted(const struct plain_meter *m, int64_t end)
{
	return (struct settlement){ m->key, m->seconds, 0, end, m->amount };
}

/* None of it is noted any more. What was not, as its lease is over, is given
 * back by who comes by. */
static void
strike_all(struct passing *p, struct plain_said *said)
{
	struct journal *j = &p->charging->teller->journal;

	for (unsigned i = 0; i < p->plain.count; i++) {
		const struct plain_meter *m = &p->plain.meters[i];
		const struct settlement s = noted(m, p->end);

		if (m->noted && !journal_take_back(j, &s))
			said[i].current = 0;
	}
	journal_tell(j);
}

/* Redis hears of that first, and then sums up. */
static void
give_back(struct passing *p, struct plain_said *said)
{
	if (p->inner != p->charging->teller->inner)
		return;
	strike_all(p, said);
	for (unsigned i = 0; i < p->plain.count; i++) {
		const struct plain_meter *m = &p->plain.meters[i];

		if (said[i].current || said[i].open)
			teller_take_back(p->charging->teller,
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

	if (p->inner != p->charging->teller->inner)
		return;
	if (!doubt)
		give_back(p, said);
	for (unsigned i = 0; i < p->plain.count && doubt; i++) {
		const struct plain_meter *m = &p->plain.meters[i];
		const struct settlement s = noted(m, p->end);

		if (m->noted)
			journal_doubt(&p->charging->teller->journal, &s);
	}
}

static void
all_charged(struct passing *p, const struct plain_said *said)
{
	struct charging *c = p->charging;
	const bool same = p->inner == c->teller->inner;
	struct answer done;

	for (unsigned i = 0; i < p->plain.count && same; i++) {
		const struct plain_meter *m = &p->plain.meters[i];
		const struct settlement s = noted(m, p->end);

		if (m->noted)
			journal_charged(&c->teller->journal, &s);
		got(c, m, p->end, said[i].fits_more);
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
	if (plain_charged(p->charging->teller->plain, &p->plain, a, said)) {
		all_charged(p, said);
		return;
	}
	not_charged(p, said);
	give_back(p, said);
	teller_give_up_all(p->charging->teller, p->question);
	ask_script(p);
}

static int64_t
wish(struct charging *c, const struct asked_meter *m, int64_t end)
{
	struct advance *a = advance_find(&c->teller->advances, m->key);
	struct heat *heat;

	if (a && advance_is_old(a, m, end))
		teller_return(c->teller, a);
	teller_watch(c->teller);
	heat = plain_heat(c->teller->plain, m->key);
	return heat ? advance_wish(&c->teller->advances, m, end, c->nodes, heat,
			  clock_ms(c->teller->clock))
		    : 0;
}

/* How one meter is charged without rate.lua. */
struct way {
	struct advance *advance; /* that covers it; NULL: plainly */
	struct plain_step step; /* it counts in */
};

/* False: the script must be asked of one of them, and nothing was done. */
static bool
is_simple(struct charging *c, const struct asked *w, int64_t now,
    struct way ways[PLAIN_MOST])
{
	if (w->end == 0 || w->count == 0 || w->count > PLAIN_MOST)
		return false;
	for (unsigned i = 0; i < w->count; i++) {
		const struct asked_meter *m = &w->meters[i];

		ways[i].advance = advance_find(&c->teller->advances, m->key);
		if (advance_covers(ways[i].advance, m, w->end))
			continue;
		ways[i].advance = NULL;
		if (!plain_may_charge(
			c->teller->plain, m, now, w->end, &ways[i].step))
			return false;
	}
	return true;
}

/* What is charged in advance stays open: it has a lease. */
static bool
is_noted(struct charging *c, const struct plain_charge *plain, unsigned i)
{
	return plain->count <= PLAIN_COMMANDS && plain->meters[i].more == 0 &&
	    journal_has_room(&c->teller->journal, plain->meters[i].key);
}

/* Behind the charge: a page that is full is written at once. */
static void
note(struct charging *c, const struct plain_charge *plain, int64_t end)
{
	for (unsigned i = 0; i < plain->count; i++) {
		const struct plain_meter *m = &plain->meters[i];
		const struct settlement s = noted(m, end);

		if (m->noted)
			journal_add(&c->teller->journal, &s, m->step.until);
	}
}

static void
charge_plainly(
    struct passing *p, const struct asked *w, const struct way ways[PLAIN_MOST])
{
	struct charging *c = p->charging;
	struct plain_charge *plain = &p->plain;

	for (unsigned i = 0; i < w->count; i++) {
		const struct asked_meter *m = &w->meters[i];

		if (ways[i].advance) {
			advance_take(ways[i].advance, m->amount);
			p->taken[p->count++] = (struct taken){ m->key,
				m->seconds, m->amount };
		} else {
			plain->meters[plain->count++] =
			    (struct plain_meter){ m->key, m->seconds, m->amount,
				    m->warn, wish(c, m, w->end),
				    advance_bound(m), ways[i].step, false };
		}
	}
	p->end = w->end;
	p->ticket.answered = charged_plainly;
	for (unsigned i = 0; i < plain->count; i++)
		plain->meters[i].noted = is_noted(c, plain, i);
	plain_charge(plain, c->teller->inner, w->end, &p->ticket);
	note(c, plain, w->end);
}

void
charge_ask(struct charging *c, const struct question *q, const struct asked *w,
    int64_t now, struct ticket *t)
{
	struct passing *p = pass(c, q, t);
	struct way ways[PLAIN_MOST];

	if (is_simple(c, w, now, ways)) {
		charge_plainly(p, w, ways);
		return;
	}
	teller_give_up_all(c->teller, q);
	ask_script(p);
}

bool
charge_known(struct charging *c, const struct asked *w)
{
	struct advance *found[METERS];

	for (unsigned i = 0; i < w->count; i++) {
		found[i] = advance_find(&c->teller->advances, w->meters[i].key);
		if (!advance_covers(found[i], &w->meters[i], w->end))
			return false;
	}
	for (unsigned i = 0; i < w->count; i++)
		advance_take(found[i], w->meters[i].amount);
	c->covered++;
	return w->count > 0;
}

void
charge_script(struct charging *c, const struct question *q, struct ticket *t)
{
	ask_script(pass(c, q, t));
}

/* -- its life -- */

void
charge_init(struct charging *c, struct teller *teller)
{
	*c = (struct charging){ .teller = teller,
		.nodes = 1,
		.passing.size = sizeof(struct passing) };
}

void
charge_clear(struct charging *c)
{
	pool_clear(&c->passing);
}
