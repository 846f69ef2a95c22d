/*
 * alone - all or nothing, in memory
 */
#include "rate/alone.h"

int64_t
alone_share(int64_t limit, unsigned nodes)
{
	const int64_t n = nodes > 0 ? nodes : 1;

	return limit / n + (limit % n != 0);
}

/* The same part of a share; more than it is never. */
static int64_t
warn_at(const struct asked_meter *m, int64_t share)
{
	if (m->warn > m->limit)
		return INT64_MAX;
	return share -
	    (int64_t)((double)(m->limit - m->warn) / (double)m->limit *
		(double)share);
}

/* One meter of a charge, and how it stands. */
struct stand {
	const struct asked_meter *meter;
	struct score *score; /* NULL: nothing was counted yet */
	int64_t used; /* with what is charged now */
	int64_t limit, warn; /* our share */
};

static struct stand
look(const struct scores *all, const struct asked_meter *m, unsigned nodes,
    uint64_t now)
{
	struct score *score = scores_find(all, m->key);
	const bool has_limit = m->limit < ASKED_UNLIMITED;
	const int64_t share = has_limit ? alone_share(m->limit, nodes)
					: m->limit;

	return (struct stand){ m, score,
		(score ? score_used(score, now) : 0) + m->amount, share,
		warn_at(m, share) };
}

static int64_t
next_of(const struct stand *s, uint64_t now)
{
	if (!s->score)
		return s->meter->seconds;
	return score_next(s->score, now, s->meter->amount, s->limit);
}

static void
tell(struct asked_said *out, const struct stand *s, int64_t used)
{
	out->key = s->meter->key;
	out->used = used;
	out->limit = s->limit;
}

/* The meter that refuses for the longest time, if any. */
static const struct asked_meter *
find_refusal(const struct scores *all, const struct asked *w, unsigned nodes,
    uint64_t now, struct asked_said *out)
{
	const struct asked_meter *found = NULL;

	for (unsigned i = 0; i < w->count; i++) {
		const struct stand s = look(all, &w->meters[i], nodes, now);
		const int64_t next = s.used > s.limit ? next_of(&s, now) : 0;

		if (next <= out->next)
			continue;
		found = s.meter;
		tell(out, &s, s.used - s.meter->amount);
		out->next = next;
	}
	return found;
}

static bool
says_something(const struct asked_meter *m)
{
	bool open = false;

	for (size_t k = 0; k < m->count; k++)
		open |= m->leases[k].end > 0 && m->leases[k].n != 0;
	return open || m->amount != 0;
}

/* Of all that will be charged. */
static bool
make_places(struct scores *all, const struct asked *w, uint64_t now)
{
	for (unsigned i = 0; i < w->count; i++) {
		const struct asked_meter *m = &w->meters[i];

		if (says_something(m) &&
		    !scores_use(all, m->key, m->seconds, now))
			return false;
	}
	return true;
}

static void
charge_one(const struct stand *s, int64_t lease, uint64_t now)
{
	if (lease > 0)
		score_open(s->score, now, s->meter->amount, lease);
	else
		score_add(s->score, now, s->meter->amount);
}

/* Of those that warn one is told, if there is any one that nobody was told of
 * yet. */
static void
warn(const struct stand *s, uint64_t now, struct asked_said *out)
{
	const bool first = s->score && score_first(s->score, now, false);

	if (out->key.size > 0 && (out->first || !first))
		return;
	tell(out, s, s->used);
	out->first = first;
}

static void
charge_all(struct scores *all, const struct asked *w, unsigned nodes,
    uint64_t now, struct asked_said *out)
{
	for (unsigned i = 0; i < w->count; i++) {
		const struct stand s = look(all, &w->meters[i], nodes, now);

		if (s.used >= s.warn)
			warn(&s, now, out);
		if (s.meter->amount != 0)
			charge_one(&s, w->lease, now);
	}
}

bool
alone_charge(struct scores *all, const struct asked *w, unsigned nodes,
    uint64_t now, struct asked_said *out)
{
	const struct asked_meter *m;
	struct score *score;

	*out = (struct asked_said){ 0 };
	m = find_refusal(all, w, nodes, now, out);
	if (m) {
		score = scores_use(all, m->key, m->seconds, now);
		out->first = score && score_first(score, now, true);
		return true;
	}
	if (!make_places(all, w, now))
		return false;
	out->charged = true;
	charge_all(all, w, nodes, now, out);
	return true;
}

/* -- settling -- */

bool
alone_take_back(struct scores *all, const struct asked *w)
{
	size_t ours = 0, others = 0;

	for (unsigned i = 0; i < w->count; i++) {
		const struct asked_meter *m = &w->meters[i];
		struct score *score = scores_find(all, m->key);

		for (size_t k = 0; k < m->count; k++) {
			*(m->leases[k].end == 0 ? &ours : &others) += 1;
			if (score && m->leases[k].end == 0)
				score_close(score, m->leases[k].n);
		}
	}
	return ours > 0 && others == 0;
}

static void
count_one(struct score *score, const struct asked_meter *m, uint64_t now)
{
	score_add(score, now, m->amount);
	for (size_t k = 0; k < m->count; k++)
		if (m->leases[k].end > 0 && m->leases[k].n != 0)
			score_ended(score, m->leases[k].end, m->leases[k].n);
}

bool
alone_count(struct scores *all, const struct asked *w, uint64_t now)
{
	if (!make_places(all, w, now))
		return false;
	for (unsigned i = 0; i < w->count; i++)
		if (says_something(&w->meters[i]))
			count_one(scores_find(all, w->meters[i].key),
			    &w->meters[i], now);
	return true;
}
