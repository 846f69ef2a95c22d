/*
 * clock - what time it is, and who wants to be told later
 *
 * Everything that waits (a request's deadline, a silent Redis, half a request
 * from a slow client) waits on this clock and not on libuv's, so that tests
 * turn it by hand and hours pass in no time. In the daemon lib/ask/ticker
 * turns it.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct clock;

/* Embed it, give it `fire`, start it. It fires once; it may be started again
 * from `fire`, and its owner may free it there. */
struct timer {
	void (*fire)(struct timer *);
	struct clock *clock; /* NULL when not started */
	uint64_t due; /* on clock_ms()' scale */
	size_t at; /* place in the clock's heap */
};

/* Shows the system's time: CLOCK_MONOTONIC and CLOCK_REALTIME. */
struct clock *clock_new(void);

/* Stands still until clock_turn(). */
struct clock *clock_new_virtual(int64_t unix_seconds);

/* No timer may be running. NULL is fine. */
void clock_free(struct clock *c);

/* Monotonic milliseconds, as of the last clock_run(), or of the first who
 * asked or started a timer since clock_stale(). */
uint64_t clock_ms(const struct clock *c);

/* Microseconds of the same moment: since when who is served in this turn of the
 * loop has waited, himself or behind others. */
uint64_t clock_turn_us(const struct clock *c);

/* Monotonic microseconds, read anew: for measuring, not for deciding. */
uint64_t clock_us(const struct clock *c);

/* Wall clock, Unix seconds; it may step. */
int64_t clock_unix(const struct clock *c);

/* Reads the system's time and fires every timer that is due, in order. */
void clock_run(struct clock *c);

/* The loop is about to sleep: what the clock shows will be old when it wakes.
 * No effect on a virtual clock. */
void clock_stale(struct clock *c);

/* Moves a virtual clock on by `ms`; timers fire, each at its own time. */
void clock_turn(struct clock *c, uint64_t ms);

/* Milliseconds until the next timer, 0 when one is due, -1 without any. */
int64_t clock_next(const struct clock *c);

/* Starting a running timer moves it; stopping a stopped one is fine. */
void timer_start(struct timer *t, struct clock *c, uint64_t ms);
void timer_stop(struct timer *t);
static inline bool
timer_running(const struct timer *t)
{
	return t->clock != NULL;
}

#endif
