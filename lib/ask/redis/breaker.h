/*
 * breaker - whether it is any use to ask
 *
 * A Redis that hangs still takes connections and questions, and every request
 * would wait for its deadline. So the breaker opens after LOST_IN_A_ROW, or at
 * once with the connection, and who asks meanwhile is told at once. While it
 * is open the owner is called from time to time to try: the waits double from
 * 100 ms to 5 s, and are spread by a quarter so that forty policyd do not fall
 * upon a returning Redis together. Only a good answer closes it.
 *
 * A state machine on a clock; it does no I/O.
 */
#ifndef ASK_REDIS_BREAKER_H
#define ASK_REDIS_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

enum {
	BREAKER_LOST = 3, /* in a row */
	BREAKER_FIRST_MS = 100,
	BREAKER_LONGEST_MS = 5000
};

/* Embed it. */
struct breaker {
	/* Time to try; ends in breaker_good() or breaker_failed(). */
	void (*try_again)(struct breaker *);
	struct clock *clock;
	struct timer timer;
	bool open;
	unsigned lost; /* in a row */
	unsigned tries; /* since it opened */
	uint64_t seed;
};

/* Open, with a first try at once: nothing is proven yet. */
void breaker_init(struct breaker *b, struct clock *clock, uint64_t seed,
    void (*try_again)(struct breaker *));
void breaker_stop(struct breaker *b);

/* The try showed that all is well: it closes. */
void breaker_good(struct breaker *b);

/* While it is closed: a question was answered in time, or was not. True when
 * that opened it. */
void breaker_answered(struct breaker *b);
bool breaker_lost(struct breaker *b);

/* It cannot be any use: the connection is gone. True when that opened it. */
bool breaker_trip(struct breaker *b);

/* The try came to nothing; there will be another one. */
void breaker_failed(struct breaker *b);

#endif
