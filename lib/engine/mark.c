/*
 * mark - headers that checks want a message to have
 *
 * Each request of a message may say the same once more, and Postfix would
 * PREPEND it once more: so the transaction remembers what was given. What a
 * refused recipient's request found out is not kept; another one finds it, too.
 */
#include "engine/transaction.h"

/* Postfix takes headers at MAIL, RCPT and DATA; at MAIL its requests name no
 * transaction yet. */
enum { MARKING = AT_RCPT | AT_DATA };

static bool
marks(const struct facts *f)
{
	return f->verdict->kind == VERDICT_PASS && f->verdict->mark &&
	    facts_policy(f)->mode == MODE_ENFORCE;
}

void
mark_find(struct work *w)
{
	struct decision *d = &w->decision;

	if (!(w->req->stage & MARKING) || d->refused)
		return;
	for (const struct facts *f = w->telling; f; f = f->next_telling) {
		if (!marks(f))
			continue;
		if (!w->req->dry)
			transaction_mark(
			    w->transaction, f->check, f->verdict->mark);
		else if (!d->mark)
			d->mark = f->verdict->mark;
	}
}

void
mark_give(struct work *w)
{
	struct engine *e = w->engine;
	const struct check *check;
	size_t i = 0;

	if (!(w->req->stage & MARKING) || w->decision.refused)
		return;
	w->decision.mark = transaction_next_mark(w->transaction, &check);
	if (!w->decision.mark)
		return;
	while (e->checks[i] != check)
		i++;
	e->check_counts[i].marked++;
}
