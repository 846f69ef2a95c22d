/*
 * errand - what a check asks when nobody waits for the answer
 *
 * A charge is settled or given back, when the request it came from has long
 * been answered; a refusal is noted. The questions go out with memory of their
 * own. What is lost is not asked again: a charge ends by itself in Redis, with
 * its lease.
 */
#include "engine/work.h"

#include "base/arena.h"

struct errand {
	struct arena *arena;
	struct engine *engine;
	struct store *store;
	unsigned in_flight;
};

struct errand_question {
	struct ticket ticket;
	struct errand *errand;
};

static void
let_go(struct errand *errand)
{
	if (--errand->in_flight == 0)
		arena_release(errand->arena);
}

static void
answered(struct ticket *ticket, const struct answer *answer)
{
	struct errand_question *q = (struct errand_question *)ticket;

	(void)answer;
	q->errand->engine->in_flight--;
	let_go(q->errand);
}

bool
errand_need_not_ask(struct errand *errand, const struct question *question)
{
	struct answer known;

	return store_known(errand->store, question, &known);
}

void
errand_ask(struct errand *errand, const struct question *question)
{
	struct errand_question *q;

	if (errand_need_not_ask(errand, question))
		return;
	q = arena_take(errand->arena, sizeof(*q));
	q->ticket.answered = answered;
	q->errand = errand;
	errand->in_flight++;
	errand->engine->in_flight++;
	store_ask(errand->store, question, &q->ticket);
}

struct arena *
errand_arena(struct errand *errand)
{
	return errand->arena;
}

static struct errand *
begin(struct engine *e)
{
	struct arena *arena = arena_new_brief();
	struct errand *errand = arena_take(arena, sizeof(*errand));

	errand->arena = arena;
	errand->engine = e;
	errand->store = e->store;
	errand->in_flight = 1; /* ours, while the check asks */
	return errand;
}

static size_t
count_of(const struct check *check, const struct charge *list)
{
	size_t n = 0;

	for (; list; list = list->next)
		n += list->check == check;
	return n;
}

void
errand_settle(struct engine *e, const struct check *check,
    const struct charge *list, const struct ending *ending)
{
	const size_t count = count_of(check, list);
	struct errand *errand = begin(e);
	struct questions qs = { .errand = errand };
	void **data = arena_take(errand->arena, count * sizeof(*data)),
	     **at = data;

	for (; list; list = list->next)
		if (list->check == check)
			*at++ = list->data;
	check->settle(data, count, ending, &qs);
	let_go(errand);
}

void
errand_refused(const struct work *w)
{
	struct engine *e = w->engine;
	const struct choice *all = choice_of(e, w->req);

	for (unsigned i = 0; all->hears_of_refusals && i < all->count; i++) {
		const struct check *c = all->parts[i].check;
		struct questions qs;

		if (!c->refused || !check_applies(c, w->req))
			continue;
		qs = (struct questions){ .errand = begin(e) };
		c->refused(w->req, w->deciding->check, &qs);
		let_go(qs.errand);
	}
}
