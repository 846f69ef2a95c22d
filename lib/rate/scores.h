/*
 * scores - those of all meters, found by their keys
 *
 * Bounded: when there are too many, the longest unused goes of those that
 * nothing is lost with, and when there is none, there is no room.
 */
#ifndef RATE_SCORES_H
#define RATE_SCORES_H

#include "rate/score.h"

/* Those that one charge uses are safe from each other: finding a place never
 * goes through so many. */
enum { SCORES_LEAST = 1000 };

/* Embed it. */
struct scores {
	unsigned most;
	uint64_t seed;
	struct table table;
	struct score *list; /* the longest unused first */
	struct score *cursor; /* of scores_walk(); NULL: at the beginning */
};

/* `most` is SCORES_LEAST at least. */
void scores_init(struct scores *all, unsigned most);
void scores_clear(struct scores *all);
unsigned scores_count(const struct scores *all);

/* NULL: there is none. */
struct score *scores_find(const struct scores *all, struct word key);

/* It, or a new one, as the one used last; NULL: there is no room. */
struct score *scores_use(
    struct scores *all, struct word key, int64_t seconds, uint64_t now);

/* The next of a walk over all that never ends. NULL: it was over and has been
 * taken away, or there are none. */
struct score *scores_walk(struct scores *all, uint64_t now);

#endif
