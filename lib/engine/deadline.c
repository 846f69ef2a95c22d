/*
 * deadline - the requests that wait, in a list
 *
 * All have the same time, so they stand in the order in which they began to
 * wait, and one timer is enough: that of the first. It is not moved when the
 * first is answered, as nearly all are: it finds the next one when it fires,
 * which is at most twice in a deadline.
 */
#include "engine/work.h"

static struct work *
earlier_than(struct work *last, uint64_t due_ms)
{
	while (last && last->due_ms > due_ms)
		last = last->earlier; /* a reload has shortened it */
	return last;
}

void
deadline_wait(struct work *w)
{
	struct engine *e = w->engine;
	const uint64_t ms = (uint64_t)w->req->conf->deadline_ms;

	if (w->waits)
		return;
	w->waits = true;
	w->due_ms = clock_ms(e->clock) + ms;
	w->earlier = earlier_than(e->last_waiting, w->due_ms);
	w->later = w->earlier ? w->earlier->later : e->waiting;
	*(w->later ? &w->later->earlier : &e->last_waiting) = w;
	*(w->earlier ? &w->earlier->later : &e->waiting) = w;
	if (!timer_running(&e->deadline) || e->deadline.due > w->due_ms)
		timer_start(&e->deadline, e->clock, ms);
}

void
deadline_end(struct work *w)
{
	struct engine *e = w->engine;

	if (!w->waits)
		return;
	w->waits = false;
	*(w->later ? &w->later->earlier : &e->last_waiting) = w->earlier;
	*(w->earlier ? &w->earlier->later : &e->waiting) = w->later;
	if (!e->waiting)
		timer_stop(&e->deadline);
}

void
deadline_passed(struct timer *t)
{
	struct engine *e = (struct engine *)((char *)t -
	    offsetof(struct engine, deadline));
	const uint64_t now_ms = clock_ms(e->clock);
	struct work *w;

	while ((w = e->waiting) && w->due_ms <= now_ms) {
		deadline_end(w);
		work_late(w);
	}
	if (e->waiting && !timer_running(t))
		timer_start(t, e->clock, e->waiting->due_ms - now_ms);
}
