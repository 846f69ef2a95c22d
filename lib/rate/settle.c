/*
 * settle - meter by meter, when there is a way for each
 */
#include "rate/settle.h"

#include "base/arena.h"
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
	struct asked_meter rest; /* more may be sent than is left of its */
	struct asked_lease lease;
};

/* What is in the journal is settled there, and sent first. */
static void
split(struct teller *t, const struct asked_meter *m, int64_t now,
    struct settling *s)
{
	s->noted = s->back = 0;
	s->advance = NULL;
	s->rest = *m;
	if (m->count != 1 || m->amount < 0)
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

/* What of it was not sent and is to be taken off now. */
static int64_t
settle_noted(
    struct journal *j, struct word key, int64_t end, int64_t sent, int64_t back)
{
	if (sent > 0)
		journal_settle(j, key, end, sent, true);
	return back > 0 ? journal_settle(j, key, end, back, false) : 0;
}

static void
settle_rest(struct teller *t, const struct settling *s)
{
	const struct asked_meter *m = &s->rest;
	const int64_t besides = m->leases[0].n == 0 ? m->amount : 0;

	if (besides != s->back)
		teller_tell(t,
		    &(struct settlement){
			m->key, m->seconds, besides - s->back, 0, 0 });
	if (s->advance)
		advance_settle(s->advance, m);
	else if (m->leases[0].n > 0)
		teller_gather(t,
		    &(struct settlement){ m->key, m->seconds, m->amount,
			m->leases[0].end, m->leases[0].n });
}

/* True when there is a way for each meter. */
static bool
settle_all(struct teller *t, const struct asked *w, int64_t now)
{
	struct settling found[PLAIN_MOST];
	bool back = false;

	if (w->count > PLAIN_MOST)
		return false;
	for (unsigned i = 0; i < w->count; i++)
		if (!find_settling(t, &w->meters[i], now, &found[i]))
			return false;
	for (unsigned i = 0; i < w->count; i++) {
		struct settling *s = &found[i];

		s->back = settle_noted(&t->journal, s->rest.key, s->lease.end,
		    s->noted - s->back, s->back);
		back |= s->back > 0;
	}
	if (back)
		journal_tell(&t->journal);
	for (unsigned i = 0; i < w->count; i++)
		settle_rest(t, &found[i]);
	return true;
}

/* -- what the script is asked of -- */

static bool
is_noted(const struct journal *j, const struct asked *w, int64_t now)
{
	for (unsigned i = 0; i < w->count; i++)
		for (size_t k = 0; k < w->meters[i].count; k++)
			if (journal_find(j, w->meters[i].key, now,
				w->meters[i].leases[k].end, 1) > 0)
				return true;
	return false;
}

/* What stands in the journal counts as sent: as much less is to be. True when
 * some of that is taken off. */
static bool
settle_part(struct journal *j, struct asked_meter *m, int64_t now)
{
	int64_t taken_off = 0;

	for (size_t i = 0; i < m->count; i++) {
		struct asked_lease *l = &m->leases[i];
		const int64_t noted = journal_find(
		    j, m->key, now, l->end, l->n);
		const int64_t sent = noted < m->amount ? noted : m->amount;

		taken_off += settle_noted(
		    j, m->key, l->end, sent, noted - sent);
		l->n -= noted;
		m->amount -= sent;
	}
	m->amount -= taken_off;
	return taken_off > 0;
}

/* What was charged alone is taken back already. */
static void
keep_what_is_open(struct asked_meter *m)
{
	const size_t count = m->count;

	m->count = 0;
	for (size_t i = 0; i < count; i++)
		if (m->leases[i].end > 0 && m->leases[i].n > 0)
			m->leases[m->count++] = m->leases[i];
}

static void
ask_of_the_rest(struct teller *t, const struct asked *w, int64_t now)
{
	struct arena *a = arena_new();
	struct asked *rest = asked_copy(a, w);
	bool back = false;

	for (unsigned i = 0; i < rest->count; i++) {
		back |= settle_part(&t->journal, &rest->meters[i], now);
		keep_what_is_open(&rest->meters[i]);
	}
	if (back)
		journal_tell(&t->journal);
	teller_ask(t, a, asked_question(a, rest, 1));
}

bool
settle_known(struct teller *t, const struct asked *w, int64_t now)
{
	if (w->count == 0)
		return false;
	if (!settle_all(t, w, now)) {
		if (!is_noted(&t->journal, w, now))
			return false;
		ask_of_the_rest(t, w, now);
	}
	teller_watch(t);
	return true;
}
