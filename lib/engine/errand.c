/*
 * errand - a charge is settled or given back
 *
 * The request it came from has long been answered. The check's questions go
 * out with memory of their own, and nobody waits for the answers: a charge
 * whose settling is lost ends by itself in Redis, with its lease.
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

void
errand_ask(struct errand *errand, struct question question)
{
	struct errand_question *q = arena_alloc(errand->arena, sizeof(*q));

	q->ticket.answered = answered;
	q->errand = errand;
	errand->in_flight++;
	errand->engine->in_flight++;
	store_ask(
	    errand->store, question_copy(errand->arena, &question), &q->ticket);
}

struct arena *
errand_arena(struct errand *errand)
{
	return errand->arena;
}

void
errand_run(struct engine *e, struct store *store, const struct charge *charge,
    enum outcome outcome, const struct request *end)
{
	struct arena *arena = arena_new_small();
	struct errand *errand = arena_alloc(arena, sizeof(*errand));
	struct questions qs = { .errand = errand };

	errand->arena = arena;
	errand->engine = e;
	errand->store = store;
	errand->in_flight = 1; /* ours, while the check asks */
	charge->check->settle(charge->data, outcome, end, &qs);
	let_go(errand);
}
