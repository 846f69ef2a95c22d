/*
 * scout - questions ahead of a check, and behind it
 *
 * What the DNS takes long to tell may help a later tier, but not hold it up
 * for long. So it is asked while other tiers are, waited for with patience that
 * ends, and what comes too late is used for next time.
 */
#include "engine/work.h"

void
scout_ahead(struct work *w)
{
	for (struct facts *f = w->scouts; f < w->end; f++)
		if (!f->scouted)
			facts_scout(f);
}

void
scout_begin(struct work *w)
{
	w->scouts = w->first;
	w->scouting_since_ms = clock_ms(w->engine->clock);
	scout_ahead(w);
}

static uint64_t
ends_ms(const struct work *w, const struct facts *f)
{
	const char *set = (const char *)w->req->sets[f->check->whose];
	const int64_t *patience = (const int64_t *)(set + f->check->patience);

	return w->scouting_since_ms + (uint64_t)*patience;
}

bool
scout_done(struct work *w, const struct facts *f)
{
	const uint64_t now_ms = clock_ms(w->engine->clock),
		       then_ms = ends_ms(w, f);

	if (f->scouted || w->late || now_ms >= then_ms)
		return true;
	if (!timer_running(&w->patience))
		timer_start(&w->patience, w->engine->clock, then_ms - now_ms);
	return false;
}

void
scout_impatient(struct timer *t)
{
	work_walk((struct work *)((char *)t - offsetof(struct work, patience)));
}

/* What a request may take at all is what is waited for behind it, too: until
 * then its memory is held. */
static bool
is_over(const struct work *w)
{
	const uint64_t most_us = (uint64_t)w->req->conf->deadline_ms * 1000;

	return clock_us(w->engine->clock) - w->started_us >= most_us;
}

/* Who was not judged has nothing to do with the request any more, and who asked
 * nothing is no wiser now. */
void
scout_behind(struct work *w)
{
	for (struct facts *f = w->scouts; f < w->end; f++) {
		if (!f->went || !f->verdict || w->req->dry)
			continue; /* without a look at the clock: most */
		if (is_over(w))
			return;
		f->scouted = false;
		facts_scout(f);
	}
}
