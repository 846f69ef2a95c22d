/*
 * settle - what was charged is settled or given back, once
 */
#include "engine/work.h"

#include "base/arena.h"
#include "engine/transaction.h"

/* One of each check in table order, NULL behind the last of them: mostly there
 * is but one. */
static const struct charge *
next_of(const struct charge *list, const struct charge *last)
{
	const struct charge *found = NULL;

	for (; list; list = list->next)
		if ((!last || list->number > last->number) &&
		    (!found || list->number < found->number))
			found = list;
	return found;
}

/* Each check is told once. */
static void
settle(struct engine *e, const struct transaction *t, const struct charge *list,
    enum outcome outcome, const struct request *by)
{
	const struct ending ending = { outcome, by, transaction_repeated(t) };
	const struct charge *c = NULL;

	while ((c = next_of(list, c)) != NULL)
		if (c->check->settle)
			errand_settle(e, c->check, list, &ending);
}

static void
count_charged(struct engine *e, const struct charge *list, enum outcome outcome)
{
	const struct charge *c = NULL;

	while ((c = next_of(list, c)) != NULL) {
		struct check_counts *counts = &e->check_counts[c->number];

		if (outcome == COMMITTED)
			counts->committed++;
		else
			counts->released++;
	}
}

void
end_transaction(struct engine *e, struct transaction *t, enum outcome outcome,
    const struct request *end)
{
	const struct charge *charges;
	enum outcome before;

	if (transaction_ended(t, &before))
		return;
	charges = transaction_take_charges(t);
	settle(e, t, charges, outcome, outcome == COMMITTED ? end : NULL);
	transaction_end(t, outcome);
	if (!transaction_counts(t))
		return;
	count_charged(e, charges, outcome);
	if (outcome == COMMITTED)
		e->counts.committed++;
	else
		e->counts.released++;
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
	if (!w->may_charge)
		return;
	for (struct facts *f = w->parts; f < w->end; f++) {
		struct verdict v;

		if (!f->check->settle || (f->verdict && !f->judged_late) ||
		    !knows_something(f))
			continue;
		v = f->check->judge(w->req, f);
		tell_watcher(f, &v);
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
		settle(e, to, list, outcome, NULL);
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

	if (!w->charges && !w->visit_charges)
		return;
	if (w->decision.refused)
		settle(e, w->transaction, w->charges, REFUSED, NULL);
	else
		hand_over(e, w->transaction, w->charges);
	hand_over(e, w->visit, w->visit_charges);
	w->charges = w->visit_charges = NULL;
}
