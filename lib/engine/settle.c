/*
 * settle - what was charged is settled or given back, once
 */
#include "engine/work.h"

#include "base/arena.h"
#include "engine/transaction.h"

static bool
has_charged(const struct check *check, const struct charge *list)
{
	while (list && list->check != check)
		list = list->next;
	return list != NULL;
}

/* Each check is told once. */
static void
settle(struct engine *e, const struct transaction *t, const struct charge *list,
    enum outcome outcome, const struct request *by)
{
	const struct ending ending = { outcome, by, transaction_repeated(t) };

	for (size_t i = 0; list && i < e->check_count; i++)
		if (has_charged(e->checks[i], list) && e->checks[i]->settle)
			errand_settle(e, e->checks[i], list, &ending);
}

static void
count_charged(struct engine *e, const struct charge *list, enum outcome outcome)
{
	for (size_t i = 0; list && i < e->check_count; i++) {
		struct check_counts *c = &e->check_counts[i];

		if (!has_charged(e->checks[i], list))
			continue;
		if (outcome == COMMITTED)
			c->committed++;
		else
			c->released++;
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
