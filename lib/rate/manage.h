/*
 * manage - what an administrator asks of meters, and does to them
 *
 * What a meter is and how it counts is told in rate.h.
 */
#ifndef RATE_MANAGE_H
#define RATE_MANAGE_H

#include "rate/meter.h"

/* A state for each, in their order. The journal (rate_journal()) tells what is
 * open of what was charged lately; without it ({ NULL, 0 }), which is cheaper,
 * that is told as sent. */
struct question rate_look(
    struct arena *a, const struct meters *m, int64_t now, struct word journal);
struct rate_state {
	int64_t used, open; /* open is part of used */
	int64_t window, current, previous;
	int64_t granted, granted_until; /* 0: nothing */
	int64_t next; /* seconds until one more is free; 0: now */
};
bool rate_state(
    const struct answer *a, const struct meters *m, struct rate_state *out);

/* So much more until then (Unix seconds), in place of what was granted; 0 takes
 * that back. */
struct question rate_grant(
    struct arena *a, const struct meter *m, int64_t n, int64_t until);

/* What was counted is forgotten; what is open stays, and grants do unless
 * `all`. Answer: how many meters there were. */
struct question rate_reset(
    struct arena *a, const struct meters *m, bool all, struct word journal);

#endif
