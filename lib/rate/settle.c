/*
 * settle - meter by meter, when there is a way for each
 */
#include "rate/settle.h"

#include "rate/plain.h"

/* All was charged under one lease, and that is not over. What is sent besides
 * counts at once. */
static bool
is_plain(struct teller *t, const struct asked_meter *m, int64_t now)
{
	return m->count == 1 && m->amount >= 0 && m->amount <= m->leases[0].n &&
	    m->leases[0].end > now && plain_begun(t->plain, m->key, now);
}

/* How one meter is settled without rate.lua. */
struct settling {
	int64_t noted; /* so much of it, in the journal */
	int64_t back; /* of that, not sent */
	struct advance
	    *advance; /* that holds the rest; NULL: a lease, if any */
	struct asked_meter rest;
	struct asked_lease lease; /* of that */
};

/* What is in the journal is settled there, and sent first. */
static void
split(struct teller *t, const struct asked_meter *m, int64_t now,
    struct settling *s)
{
	s->noted = s->back = 0;
	s->advance = NULL;
	s->rest = *m;
	if (m->count != 1 || m->amount < 0 || m->amount > m->leases[0].n)
		return;
	s->lease = m->leases[0];
	s->noted = journal_find(
	    &t->journal, m->key, now, s->lease.end, s->lease.n);
	s->back = s->noted > m->amount ? s->noted - m->amount : 0;
	s->lease.n -= s->noted;
	s->rest.amount -= s->noted - s->back;
	s->rest.leases = &s->lease;
}

/* False: rate.lua must be asked. */
static bool
find_settling(struct teller *t, const struct asked_meter *m, int64_t now,
    struct settling *s)
{
	struct advance *a;

	split(t, m, now, s);
	if (s->noted > 0 && s->lease.n == 0)
		return true;
	a = advance_find(&t->advances, m->key);
	s->advance = advance_holds(a, &s->rest, now) ? a : NULL;
	return s->advance || is_plain(t, &s->rest, now);
}

static void
settle_noted(struct journal *j, const struct settling *s)
{
	const struct asked_meter *m = &s->rest;
	const int64_t sent = s->noted - s->back;

	if (sent > 0)
		journal_settle(j, m->key, s->lease.end, sent, true);
	if (s->back > 0)
		journal_settle(j, m->key, s->lease.end, s->back, false);
}

static void
settle_rest(struct teller *t, const struct settling *s)
{
	const struct asked_meter *m = &s->rest;

	if (s->back > 0)
		teller_gather(t,
		    &(struct settlement){ m->key, m->seconds, -s->back, 0, 0 });
	if (s->advance)
		advance_settle(s->advance, m);
	else if (m->leases[0].n > 0)
		teller_gather(t,
		    &(struct settlement){ m->key, m->seconds, m->amount,
			m->leases[0].end, m->leases[0].n });
}

bool
settle_known(struct teller *t, const struct asked *w, int64_t now)
{
	struct settling found[PLAIN_MOST];
	bool back = false;

	if (w->count == 0 || w->count > PLAIN_MOST)
		return false;
	for (unsigned i = 0; i < w->count; i++)
		if (!find_settling(t, &w->meters[i], now, &found[i]))
			return false;
	for (unsigned i = 0; i < w->count; i++) {
		settle_noted(&t->journal, &found[i]);
		back |= found[i].back > 0;
	}
	if (back)
		journal_tell(&t->journal);
	for (unsigned i = 0; i < w->count; i++)
		settle_rest(t, &found[i]);
	teller_watch(t);
	return true;
}
