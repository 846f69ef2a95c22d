/*
 * writes - what is to be written, together and as soon as Redis is there
 *
 * What one client does within a tenth of a second becomes one question. While
 * Redis is away it is kept, a limited number of clients for a limited time;
 * the oldest goes first, counted and logged. A question that may have run is
 * not asked again: a failure less is better than one that nobody made.
 */
#ifndef FEED_WRITES_H
#define FEED_WRITES_H

#include "feed/feed.h"

enum {
	WRITES_PENDING = 20000, /* most */
	WRITES_IN_FLIGHT = 32,
	WRITES_BATCH_MS = 100,
	WRITES_RETRY_MS = 1000
};

struct writes;

/* `store` NULL: nothing is written, only told. `conf` must live as long. */
struct writes *writes_new(struct clock *clock, struct store *store,
    const struct conf *conf, feed_told *told, void *data);

/* Nothing may be in flight. */
void writes_configure(struct writes *w, const struct conf *conf);

/* Nothing may be in flight. NULL is fine. */
void writes_free(struct writes *w);

/* `act` is copied; `count` of equal ones are added up. */
void writes_add(struct writes *w, const struct feed_act *act);

/* Now, not in a tenth of a second. */
void writes_flush(struct writes *w);

/* Not yet answered, in flight or waiting. */
unsigned writes_waiting(const struct writes *w);

/* Adds its own numbers. */
void writes_counts(const struct writes *w, struct feed_counts *out);

#endif
