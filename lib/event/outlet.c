/*
 * outlet - a queue with two bounds
 */
#include "event/outlet.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"

enum { QUIET_MS = 60 * 1000 };

#define OF(member, p)                                                          \
	((struct outlet *)((char *)(p)-offsetof(struct outlet, member)))

static void
say_dropped(struct outlet *o)
{
	if (o->unsaid > 0)
		log_warning("events: %u not told by %s, as too many wait "
			    "already",
		    o->unsaid, o->name);
	o->unsaid = 0;
}

static void
quiet_ended(struct timer *t)
{
	struct outlet *o = OF(quiet, t);

	if (o->unsaid == 0)
		return;
	say_dropped(o);
	timer_start(&o->quiet, o->clock, QUIET_MS);
}

static void
drop(struct outlet *o, const char *event)
{
	o->count(o->count_data, o, event, TOLD_DROPPED);
	o->unsaid++;
	if (timer_running(&o->quiet))
		return;
	say_dropped(o);
	timer_start(&o->quiet, o->clock, QUIET_MS);
}

static struct notice *
take_first(struct outlet *o)
{
	struct notice *n = o->first;

	o->first = n->next;
	if (!o->first)
		o->last = &o->first;
	o->waiting--;
	return n;
}

/* start() may be done at once; then it is this loop that goes on. */
static void
start_some(struct outlet *o)
{
	if (o->starting)
		return;
	o->starting = true;
	while (o->first && o->under_way < OUTLET_AT_ONCE) {
		o->under_way++;
		o->start(o, take_first(o));
	}
	o->starting = false;
}

static void
free_when_idle(struct outlet *o)
{
	if (!o->closing || o->ended || o->starting || o->first ||
	    o->under_way > 0)
		return;
	o->ended = true;
	timer_stop(&o->end);
	timer_stop(&o->quiet);
	say_dropped(o);
	o->free(o);
}

void
outlet_init(struct outlet *o)
{
	o->last = &o->first;
	o->quiet.fire = quiet_ended;
}

void
outlet_tell(struct outlet *o, const char *event, const char *text)
{
	const size_t size = strlen(text);
	struct notice *n;

	if (!o->on || o->closing)
		return;
	if (o->waiting == OUTLET_WAITING) {
		drop(o, event);
		return;
	}
	n = xcalloc(1, sizeof(*n) + size + 1);
	n->event = event;
	n->size = size;
	memcpy(n->text, text, size);
	*o->last = n;
	o->last = &n->next;
	o->waiting++;
	start_some(o);
}

void
outlet_done(struct outlet *o, const struct notice *n, bool told)
{
	o->count(o->count_data, o, n->event, told ? TOLD : TOLD_FAILED);
	free((void *)n);
	o->under_way--;
	start_some(o);
	free_when_idle(o);
}

static void
drop_all(struct outlet *o, const char *why)
{
	if (o->waiting > 0)
		log_warning("events: %u not told by %s, as %s", o->waiting,
		    o->name, why);
	while (o->first) {
		struct notice *n = take_first(o);

		o->count(o->count_data, o, n->event, TOLD_DROPPED);
		free(n);
	}
}

void
outlet_switch(struct outlet *o, bool on)
{
	o->on = on;
	if (!on)
		drop_all(o, "the configuration has none any more");
}

static void
time_is_over(struct timer *t)
{
	struct outlet *o = OF(end, t);

	drop_all(o, "policyd stops");
	if (o->under_way > 0)
		o->stop(o); /* the last one frees us */
	else
		free_when_idle(o);
}

void
outlet_close(
    struct outlet *o, uint64_t ms, void (*closed)(void *data), void *data)
{
	o->closing = true;
	o->closed = closed;
	o->closed_data = data;
	o->end.fire = time_is_over;
	timer_start(&o->end, o->clock, ms);
	free_when_idle(o);
}
