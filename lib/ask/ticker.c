/*
 * ticker - a timer that bounds the poll, a look at the clock behind it
 */
#include "ask/ticker.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"

enum { FLUSH_MS = 50 }; /* for a reader of the log that is too slow */

struct ticker {
	struct clock *clock;
	uv_prepare_t before;
	uv_check_t after;
	uv_timer_t bound;
	unsigned handles; /* not closed yet */
};

/* The poll has been ended; what is due fires in after_poll(). */
static void
wake(uv_timer_t *bound)
{
	(void)bound;
}

static void
before_poll(uv_prepare_t *before)
{
	struct ticker *t = before->data;
	int64_t next;

	log_flush();
	next = clock_next(t->clock);
	if (log_waits() && (next < 0 || next > FLUSH_MS))
		next = FLUSH_MS;
	if (next < 0)
		uv_timer_stop(&t->bound);
	else
		uv_timer_start(&t->bound, wake, (uint64_t)next, 0);
	clock_stale(t->clock);
}

static void
after_poll(uv_check_t *after)
{
	struct ticker *t = after->data;

	clock_run(t->clock);
}

struct ticker *
ticker_new(uv_loop_t *loop, struct clock *clock)
{
	struct ticker *t = xcalloc(1, sizeof(*t));

	t->clock = clock;
	t->handles = 3;
	t->before.data = t->after.data = t->bound.data = t;
	uv_prepare_init(loop, &t->before);
	uv_check_init(loop, &t->after);
	uv_timer_init(loop, &t->bound);
	uv_prepare_start(&t->before, before_poll);
	uv_check_start(&t->after, after_poll);
	return t;
}

static void
closed(uv_handle_t *handle)
{
	struct ticker *t = handle->data;

	if (--t->handles == 0)
		free(t);
}

void
ticker_free(struct ticker *t)
{
	if (!t)
		return;
	uv_close((uv_handle_t *)&t->before, closed);
	uv_close((uv_handle_t *)&t->after, closed);
	uv_close((uv_handle_t *)&t->bound, closed);
}
