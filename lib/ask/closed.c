/*
 * closed - tickets in a queue, all told by one timer
 */
#include "ask/closed.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"

struct waiting {
	struct waiting *next;
	struct ticket *ticket;
};

struct closed {
	struct store store;
	struct clock *clock;
	struct timer timer;
	struct waiting *first, **last;
};

static void
tell_all(struct timer *t)
{
	struct closed *c = (struct closed *)((char *)t -
	    offsetof(struct closed, timer));
	const struct answer down = { .state = LOST, .loss = LOSS_DOWN };
	struct waiting *w = c->first, *next;

	/* Who is told may ask again: that is for the next turn. */
	c->first = NULL;
	c->last = &c->first;
	for (; w; w = next) {
		next = w->next;
		w->ticket->answered(w->ticket, &down);
		free(w);
	}
}

static void
ask(struct store *s, const struct question *q, struct ticket *t)
{
	struct closed *c = (struct closed *)s;
	struct waiting *w = xmalloc(sizeof(*w));

	(void)q;
	*w = (struct waiting){ NULL, t };
	*c->last = w;
	c->last = &w->next;
	if (!timer_running(&c->timer))
		timer_start(&c->timer, c->clock, 0);
}

static void
health(const struct store *s, struct store_health *h)
{
	(void)s;
	*h = (struct store_health){
		.state = "closed", .where = "", .error = ""
	};
}

struct closed *
closed_new(struct clock *clock)
{
	struct closed *c = xcalloc(1, sizeof(*c));

	c->store = (struct store){ ask, health };
	c->clock = clock;
	c->timer.fire = tell_all;
	c->last = &c->first;
	return c;
}

struct store *
closed_store(struct closed *c)
{
	return &c->store;
}

void
closed_free(struct closed *c)
{
	free(c);
}
