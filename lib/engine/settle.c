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
	transaction_count(t, &e->counts);
}

void
leave_transaction(struct engine *e, struct transaction **place)
{
	struct transaction *t = *place;

	if (!t)
		return;
	*place = NULL;
	if (transaction_leave(t) == 0)
		end_transaction(e, t, RELEASED, NULL);
	transaction_unref(t);
}

/* True when some answer says what Redis did. */
static bool
knows_something(const struct facts *f)
{
	for (const struct fact *fact = f->list; fact; fact = fact->next)
		if (fact->asked->answer->state == KNOWN)
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

static void
hand_over(struct engine *e, struct transaction *to, struct charge *list)
{
	enum outcome outcome;
	struct charge *next;

	if (!list)
		return;
	if (transaction_ended(to, &outcome)) {
		settle(e, list, outcome, NULL);
		return;
	}
	for (; list; list = next) {
		next = list->next;
		transaction_charge(to, list);
	}
}

void
hand_over_charges(struct work *w)
{
	struct engine *e = w->engine;

	if (w->decision.refused)
		settle(e, w->charges, RELEASED, NULL);
	else
		hand_over(e, w->transaction, w->charges);
	hand_over(e, w->visit, w->visit_charges);
	w->charges = w->visit_charges = NULL;
}
