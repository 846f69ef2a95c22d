/*
 * ticker - turns our clock with libuv's loop
 *
 * Before the loop polls, the next timer of the clock bounds the wait and the
 * log is flushed; after it polled, the clock is read anew and due timers fire.
 * Make it before other things of the loop: libuv runs the oldest prepare
 * handle last, and timers started by the others must bound the wait too. It
 * keeps the loop alive until it is freed.
 */
#ifndef ASK_TICKER_H
#define ASK_TICKER_H

#include <uv.h>

struct clock;
struct ticker;

struct ticker *ticker_new(uv_loop_t *loop, struct clock *clock);

/* Closes its handles; the memory goes when the loop has run once more. NULL
 * is fine. */
void ticker_free(struct ticker *t);

#endif
