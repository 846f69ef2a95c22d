/*
 * events - the log, and two outlets
 */
#include "event/events.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "event/command.h"
#include "event/event.h"
#include "event/hook.h"

struct events {
	struct outlet *command, *hook;
	bool closing;
	unsigned open; /* outlets */
	struct event_counts counts[EVENT_KINDS_MOST];
	size_t kinds;
	void (*closed)(void *data);
	void *data;
};

const char *
teller_name(enum teller t)
{
	static const char *const names[] = { "log", "command", "url" };

	return names[t];
}

const char *
told_name(enum told t)
{
	static const char *const names[] = { "told", "failed", "dropped" };

	return names[t];
}

/* The last row is for all that do not fit; there are a handful. */
static struct event_counts *
counts_of(struct events *e, const char *event)
{
	for (size_t i = 0; i < e->kinds; i++)
		if (strcmp(e->counts[i].event, event) == 0)
			return &e->counts[i];
	if (e->kinds == EVENT_KINDS_MOST)
		return &e->counts[EVENT_KINDS_MOST - 1];
	e->counts[e->kinds].event = event;
	return &e->counts[e->kinds++];
}

static void
count(void *data, const struct outlet *o, const char *event, enum told told)
{
	struct events *e = data;
	const enum teller by = o == e->command ? BY_COMMAND : BY_URL;

	counts_of(e, event)->told[by][told]++;
}

const struct event_counts *
events_counts(const struct events *e, size_t *kinds)
{
	*kinds = e->kinds;
	return e->counts;
}

struct events *
events_new(uv_loop_t *loop, struct clock *clock)
{
	struct events *e = xcalloc(1, sizeof(*e));

	e->command = command_new(loop, clock);
	e->hook = hook_new(loop, clock, NULL, NULL);
	e->command->count = e->hook->count = count;
	e->command->count_data = e->hook->count_data = e;
	e->open = 2;
	return e;
}

void
events_configure(struct events *e, const struct conf *conf)
{
	const struct conf_events *c = &conf->events;

	command_configure(e->command, c->command, c->timeout);
	hook_configure(e->hook, c->url, c->timeout);
}

void
events_tell(void *events, const struct request *r, const struct check *c,
    const struct verdict *v, enum mode mode)
{
	const struct event event = { r, c, v, mode };
	struct events *e = events;
	struct arena *a;
	const char *text;

	event_log(&event);
	counts_of(e, v->event)->told[BY_LOG][TOLD]++;
	if (e->closing || (!e->command->on && !e->hook->on))
		return;
	a = arena_new();
	text = event_json(&event, a);
	outlet_tell(e->command, v->event, text);
	outlet_tell(e->hook, v->event, text);
	arena_release(a);
}

static void
outlet_closed(void *data)
{
	struct events *e = data;
	void (*closed)(void *) = e->closed;
	void *closed_data = e->data;

	if (--e->open > 0)
		return;
	free(e);
	closed(closed_data);
}

void
events_close(
    struct events *e, uint64_t ms, void (*closed)(void *data), void *data)
{
	e->closing = true;
	e->closed = closed;
	e->data = data;
	outlet_close(e->command, ms, outlet_closed, e);
	outlet_close(e->hook, ms, outlet_closed, e);
}

bool
events_check(const struct conf *conf)
{
	const struct conf_events *c = &conf->events;
	const char *program = *c->command ? command_check(c->command) : NULL;
	const char *url = *c->url ? hook_check(c->url) : NULL;

	if (program)
		log_error("%s:%d: events.command: '%s': %s", conf->path,
		    conf_line(conf, "events", "command"), c->command, program);
	if (url)
		log_error("%s:%d: events.url: %s", conf->path,
		    conf_line(conf, "events", "url"), url);
	return !program && !url;
}
