/*
 * ticker - turns our clock with libuv's loop
 *
 * Before the loop polls, the next timer of the clock bounds the wait and the
 * log is flushed; after it polled, the clock is read anew and due timers fire.
 */
#ifndef ASK_TICKER_H
#define ASK_TICKER_H

#include <uv.h>

struct clock;
struct ticker;

struct ticker *ticker_new(uv_loop_t *loop, struct clock *clock);

/* Closes its handles; the memory goes when the loop has run once more. */
void ticker_free(struct ticker *t);

#endif
