/*
 * clock - a binary heap of timers
 */
#include "base/clock.h"

#include <stdlib.h>
#include <time.h>

#include "base/arena.h"

struct clock {
	bool is_virtual;
	bool stale; /* the next two are from before the loop slept */
	uint64_t now_ms;
	uint64_t now_us; /* the same moment; not of virtual clocks */
	int64_t unix_ms; /* virtual clocks only */
	struct timer **heap; /* the earliest first */
	size_t count, room;
};

static uint64_t
monotonic_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void
look(struct clock *c)
{
	c->now_us = monotonic_us();
	c->now_ms = c->now_us / 1000;
	c->stale = false;
}

struct clock *
clock_new(void)
{
	struct clock *c = xcalloc(1, sizeof(*c));

	look(c);
	return c;
}

struct clock *
clock_new_virtual(int64_t unix_seconds)
{
	struct clock *c = xcalloc(1, sizeof(*c));

	c->is_virtual = true;
	c->unix_ms = unix_seconds * 1000;
	return c;
}

void
clock_free(struct clock *c)
{
	if (!c)
		return;
	free(c->heap);
	free(c);
}

/* One look at the system's clock serves a whole turn of the loop. */
static const struct clock *
now(const struct clock *c)
{
	if (c->stale)
		look((struct clock *)c); /* every clock came from malloc */
	return c;
}

void
clock_stale(struct clock *c)
{
	c->stale = !c->is_virtual;
}

uint64_t
clock_ms(const struct clock *c)
{
	return now(c)->now_ms;
}

uint64_t
clock_turn_us(const struct clock *c)
{
	return c->is_virtual ? c->now_ms * 1000 : now(c)->now_us;
}

uint64_t
clock_us(const struct clock *c)
{
	return c->is_virtual ? c->now_ms * 1000 : monotonic_us();
}

/* time() is a tenth of clock_gettime(), and at most a tick behind it. */
int64_t
clock_unix(const struct clock *c)
{
	return c->is_virtual ? c->unix_ms / 1000 : time(NULL);
}

static void
put(struct clock *c, size_t at, struct timer *t)
{
	c->heap[at] = t;
	t->at = at;
}

static void
rise(struct clock *c, size_t at, struct timer *t)
{
	while (at > 0 && t->due < c->heap[(at - 1) / 2]->due) {
		put(c, at, c->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	put(c, at, t);
}

static void
sink(struct clock *c, size_t at, struct timer *t)
{
	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < c->count &&
		    c->heap[child + 1]->due < c->heap[child]->due)
			child++;
		if (child >= c->count || c->heap[child]->due >= t->due)
			break;
		put(c, at, c->heap[child]);
		at = child;
	}
	put(c, at, t);
}

void
timer_start(struct timer *t, struct clock *c, uint64_t ms)
{
	timer_stop(t);
	if (c->count == c->room) {
		c->room = c->room ? 2 * c->room : 64;
		c->heap = xrealloc(c->heap, c->room * sizeof(c->heap[0]));
	}
	t->clock = c;
	t->due = now(c)->now_ms + ms;
	rise(c, c->count++, t);
}

void
timer_stop(struct timer *t)
{
	struct clock *c = t->clock;
	struct timer *last;

	if (!c)
		return;
	t->clock = NULL;
	last = c->heap[--c->count];
	if (last == t)
		return;
	if (t->at > 0 && last->due < c->heap[(t->at - 1) / 2]->due)
		rise(c, t->at, last);
	else
		sink(c, t->at, last);
}

int64_t
clock_next(const struct clock *c)
{
	const uint64_t ms = clock_ms(c);

	if (c->count == 0)
		return -1;
	return c->heap[0]->due <= ms ? 0 : (int64_t)(c->heap[0]->due - ms);
}

static void
fire_due(struct clock *c)
{
	while (c->count > 0 && c->heap[0]->due <= c->now_ms) {
		struct timer *t = c->heap[0];

		timer_stop(t);
		t->fire(t);
	}
}

void
clock_run(struct clock *c)
{
	clock_stale(c);
	now(c);
	fire_due(c);
}

void
clock_turn(struct clock *c, uint64_t ms)
{
	const uint64_t until = c->now_ms + ms;

	while (c->count > 0 && c->heap[0]->due <= until) {
		const uint64_t due = c->heap[0]->due;

		if (due > c->now_ms) {
			c->unix_ms += (int64_t)(due - c->now_ms);
			c->now_ms = due;
		}
		fire_due(c);
	}
	c->unix_ms += (int64_t)(until - c->now_ms);
	c->now_ms = until;
}
