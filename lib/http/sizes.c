/*
 * sizes - a question for each index, since each may be on another server
 */
#include "http/sizes.h"

#include <stdlib.h>

#include "ask/key.h"
#include "base/arena.h"
#include "base/clock.h"
#include "conf/conf.h"
#include "engine/engine.h"
#include "http/site.h"

struct look {
	struct ticket ticket;
	struct look *next; /* under way */
	struct sizes *sizes; /* NULL: nobody wants to know any more */
	enum register_name which;
	struct arena *arena;
	struct question question;
};

struct sizes {
	const struct site *site;
	struct timer timer;
	struct look *looks;
	int64_t counts[SIZES];
};

static void
answered(struct ticket *ticket, const struct answer *a)
{
	struct look *l = (struct look *)ticket, **at;

	if (l->sizes) {
		for (at = &l->sizes->looks; *at != l; at = &(*at)->next)
			;
		*at = l->next;
		l->sizes->counts[l->which] = a->state == KNOWN &&
			a->count == 1 && a->values[0].is_number
		    ? a->values[0].number
		    : -1;
	}
	arena_release(l->arena);
}

static void
look(struct sizes *s, enum register_name which)
{
	struct arena *a = arena_new_small();
	struct look *l = arena_alloc(a, sizeof(*l));
	const char *name = register_name(which);

	l->ticket.answered = answered;
	l->arena = a;
	l->sizes = s;
	l->which = which;
	l->next = s->looks;
	s->looks = l;
	l->question.script = &script_sizes;
	l->question.read_only = true;
	l->question.keys = l->question.count = 1;
	l->question.words[0] = key_make(
	    a, engine_conf(s->site->engine)->prefix, "index", NULL, &name, 1);
	store_ask(engine_store(s->site->engine), &l->question, &l->ticket);
}

static void
look_at_all(struct timer *t)
{
	struct sizes *s = (struct sizes *)((char *)t -
	    offsetof(struct sizes, timer));

	if (!s->looks)
		for (int i = 0; i < SIZES; i++)
			look(s, (enum register_name)i);
	timer_start(t, s->site->clock, SIZES_EVERY_MS);
}

struct sizes *
sizes_new(const struct site *site)
{
	struct sizes *s = xcalloc(1, sizeof(*s));

	s->site = site;
	s->timer.fire = look_at_all;
	for (int i = 0; i < SIZES; i++)
		s->counts[i] = -1;
	timer_start(&s->timer, site->clock, 0);
	return s;
}

void
sizes_free(struct sizes *s)
{
	if (!s)
		return;
	timer_stop(&s->timer);
	for (struct look *l = s->looks; l; l = l->next)
		l->sizes = NULL;
	free(s);
}

int64_t
sizes_of(const struct sizes *s, enum register_name which)
{
	return s ? s->counts[which] : -1;
}
