/*
 * questions - what the checks of a request ask, and what came back
 *
 * Equal questions of one request share an answer; one that the transaction
 * knows already is not asked at all.
 */
#include "engine/work.h"

#include <string.h>

#include "base/arena.h"
#include "engine/transaction.h"

static void
answered(struct ticket *ticket, const struct answer *answer)
{
	struct asked *q = (struct asked *)ticket; /* its first member */
	struct work *w = q->work;

	q->answer = answer_copy(w->req->arena, answer);
	if (q->once && answer->state == KNOWN)
		transaction_keep(w->transaction, q->question, answer);
	w->in_flight--;
	w->engine->in_flight--;
	work_answered(w);
}

static struct asked *
find_equal(struct work *w, const struct question *q)
{
	struct asked *a = w->asked;

	while (a && !question_equal(a->question, q))
		a = a->next;
	return a;
}

static const struct answer pending = { .state = PENDING };
const struct answer late_answer = { .state = LOST, .loss = LOSS_TIMEOUT };

/* The question is in the request's arena. */
static struct asked *
ask(struct work *w, const struct question *q, bool once)
{
	struct asked *a = arena_alloc(w->req->arena, sizeof(*a));
	const struct answer *kept;
	struct answer known;

	a->ticket.answered = answered;
	a->work = w;
	a->question = q;
	a->once = once;
	a->next = w->asked;
	w->asked = a;
	kept = once ? transaction_recall(w->transaction, q) : NULL;
	if (kept) {
		a->answer = answer_copy(w->req->arena, kept);
		return a;
	}
	if (store_known(w->store, q, &known)) {
		a->answer = answer_copy(w->req->arena, &known);
		return a;
	}
	/* After the deadline nothing more is asked: what needs no answer is
	 * judged all the same. */
	if (w->late) {
		a->answer = &late_answer;
		return a;
	}
	a->answer = &pending;
	w->in_flight++;
	w->engine->in_flight++;
	store_ask(w->store, q, &a->ticket);
	return a;
}

struct asked *
work_ask(struct work *w, const struct question *q)
{
	struct asked *asked = find_equal(w, q);

	return asked ? asked : ask(w, q, false);
}

static const struct fact *
find_fact(const struct facts *f, unsigned slot)
{
	const struct fact *fact = f->list;

	while (fact && fact->slot != slot)
		fact = fact->next;
	return fact;
}

static void
add_fact(struct questions *qs, unsigned slot, struct asked *asked)
{
	struct facts *f = qs->facts;
	struct fact *fact = arena_alloc(f->work->req->arena, sizeof(*fact));

	fact->slot = slot;
	fact->asked = asked;
	fact->ahead = qs->ahead;
	f->went |= qs->ahead;
	fact->next = f->list;
	f->list = fact;
	qs->added = true;
}

/* ask() has been here before. */
static bool
stands(const struct questions *qs, unsigned slot)
{
	return qs->facts && find_fact(qs->facts, slot);
}

/* The question is in the arena. */
static void
add(struct questions *qs, unsigned slot, struct question *q, bool once)
{
	struct facts *f = qs->facts;
	struct asked *asked;

	if (!f) {
		errand_ask(qs->errand, q);
		return;
	}
	/* Who may not write is held to it by Redis, whatever the check says. */
	if (f->check->tier != TIER_COUNTERS || f->work->req->dry)
		q->read_only = true;
	asked = find_equal(f->work, q);
	add_fact(qs, slot, asked ? asked : ask(f->work, q, once));
}

void
ask_script(struct questions *qs, unsigned slot, struct question q)
{
	if (!stands(qs, slot))
		add(qs, slot, question_copy(questions_arena(qs), &q), false);
}

void
ask_prepared(struct questions *qs, unsigned slot, struct question *q)
{
	if (!stands(qs, slot))
		add(qs, slot, q, false);
}

bool
need_not_ask(struct questions *qs, const struct question *q)
{
	return errand_need_not_ask(qs->errand, q);
}

void
ask_once(struct questions *qs, unsigned slot, struct question q)
{
	if (!stands(qs, slot))
		add(qs, slot, question_copy(questions_arena(qs), &q), true);
}

bool
ask_shared(struct questions *qs, unsigned slot, const struct script *script)
{
	struct asked *a = qs->facts ? qs->facts->work->asked : NULL;

	while (a && a->question->script != script)
		a = a->next;
	if (a && !find_fact(qs->facts, slot))
		add_fact(qs, slot, a);
	return a != NULL;
}

struct arena *
questions_arena(struct questions *qs)
{
	return qs->facts ? qs->facts->work->req->arena
			 : errand_arena(qs->errand);
}

const struct answer *
facts_get(const struct facts *f, unsigned slot)
{
	static const struct answer unasked = { .state = UNASKED };
	const struct fact *fact = find_fact(f, slot);

	return fact ? fact->asked->answer : &unasked;
}

void
facts_leave(struct questions *qs, const void *found)
{
	qs->facts->left = found;
}

const void *
facts_left(const struct facts *f)
{
	return f->left;
}

const void *
facts_left_by(const struct facts *f, const struct check *other)
{
	const struct work *w = f->work;

	for (const struct facts *part = w->parts; part < w->end; part++)
		if (part->check == other)
			return part->left;
	return NULL;
}

/* Some answer is not here yet, to the check itself or to its scout. */
static bool
is_open(const struct facts *f, bool ahead)
{
	for (const struct fact *fact = f->list; fact; fact = fact->next)
		if (fact->ahead == ahead &&
		    fact->asked->answer->state == PENDING)
			return true;
	return false;
}

void
facts_ask(struct facts *f)
{
	struct questions qs = { .facts = f, .added = true };

	while (!f->told && !is_open(f, false)) {
		qs.added = false;
		f->check->ask(f->work->req, f, &qs);
		f->told = !qs.added;
	}
}

void
facts_scout(struct facts *f)
{
	struct questions qs = { .facts = f, .added = true, .ahead = true };

	while (!f->scouted && !is_open(f, true)) {
		qs.added = false;
		f->check->scout(f->work->req, f, &qs);
		f->scouted = !qs.added;
	}
}

struct arena *
charge_arena(const struct facts *f)
{
	return transaction_charge_arena(f->work->transaction);
}

static struct charge *
make_charge(
    const struct facts *f, struct arena *a, struct charge *next, void *data)
{
	struct charge *c = arena_take(a, sizeof(*c));

	c->check = f->check;
	c->number = f->number;
	c->data = data;
	c->next = next;
	return c;
}

void
charge(const struct facts *f, void *data)
{
	struct work *w = f->work;

	w->charges = make_charge(f, charge_arena(f), w->charges, data);
}

void
charged_each(
    const struct facts *f, bool (*each)(void *ctx, void *data), void *ctx)
{
	transaction_charged_each(f->work->transaction, f->check, each, ctx);
}

bool
facts_repeated(const struct facts *f)
{
	return transaction_repeated(f->work->transaction);
}

struct arena *
visit_arena(const struct facts *f)
{
	return transaction_arena(f->work->visit);
}

void
charge_visit(const struct facts *f, void *data)
{
	struct work *w = f->work;

	w->visit_charges = make_charge(
	    f, visit_arena(f), w->visit_charges, data);
}

const void *
visit_charged(const struct facts *f)
{
	return transaction_charged(f->work->visit, f->check);
}

unsigned
visits_charged(
    const struct facts *f, uint64_t within_ms, bool (*wanted)(const void *data))
{
	const struct engine *e = f->work->engine;
	const uint64_t now_ms = clock_ms(e->clock);

	return visits_heard(e->transactions,
	    now_ms > within_ms ? now_ms - within_ms : 0, f->check, wanted);
}
