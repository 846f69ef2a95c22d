/*
 * settle - what was charged is settled or given back, once
 */
#include "engine/work.h"

#include "base/arena.h"
#include "engine/transaction.h"

static void
settle(struct engine *e, const struct charge *list, enum outcome outcome,
    const struct request *end)
{
	for (; list; list = list->next)
		if (list->check->settle)
			errand_run(e, e->store, list, outcome, end);
}

void
end_transaction(struct engine *e, struct transaction *t, enum outcome outcome,
    const struct request *end)
{
	enum outcome before;

	if (transaction_ended(t, &before))
		return;
	settle(e, transaction_take_charges(t), outcome,
	    outcome == COMMITTED ? end : NULL);
	transaction_end(t, outcome);
	if (outcome == COMMITTED)
		e->counts.committed++;
	else
		e->counts.released++;
}

void
leave_transaction(struct engine *e, struct session *s)
{
	struct transaction *t = s->transaction;

	if (!t)
		return;
	s->transaction = NULL;
	if (transaction_leave(t) == 0)
		end_transaction(e, t, RELEASED, NULL);
	transaction_unref(t);
}

/* True when some answer says what Redis did. */
static bool
knows_something(const struct facts *f)
{
	for (const struct fact *fact = f->list; fact; fact = fact->next)
		if (fact->asked->answer.state == KNOWN)
			return true;
	return false;
}

void
find_late_charges(struct work *w)
{
	for (size_t i = 0; i < w->part_count; i++) {
		struct facts *f = &w->parts[i];

		if (f->check->settle && (!f->verdict || f->judged_late) &&
		    knows_something(f))
			f->check->judge(w->req, f);
	}
}

void
hand_over_charges(struct work *w)
{
	struct engine *e = w->engine;
	enum outcome outcome;

	if (w->decision.refused) {
		settle(e, w->charges, RELEASED, NULL);
	} else if (transaction_ended(w->transaction, &outcome)) {
		settle(e, w->charges, outcome, NULL);
	} else {
		for (struct charge *c = w->charges; c; c = c->next)
			transaction_charge(w->transaction, c->check, c->data);
	}
	w->charges = NULL;
}
