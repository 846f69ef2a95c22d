/*
 * alone - charging and settling in memory, against a share of each limit
 *
 * What rate.lua does, by this policyd alone: all meters are charged or none.
 * Its share of a limit is the limit divided by the number of policyd that
 * share it, rounded up, so that it is 1 at least. Networks are not counted
 * here, and what was granted by hand is not known.
 */
#ifndef RATE_ALONE_H
#define RATE_ALONE_H

#include "rate/scores.h"
#include "rate/asked.h"

int64_t alone_share(int64_t limit, unsigned nodes);

/* Charges what ASKED_ALONE asks. False: there is no room for a meter, and
 * nothing was charged. The limit it tells is our share; its loss is left to
 * the caller. */
bool alone_charge(struct scores *all, const struct asked *w, unsigned nodes,
    uint64_t now, struct asked_said *out);

/*
 * ASKED_SETTLE, in two steps. What was charged alone is taken back; true when
 * that is all that was open. And what was sent counts, and what is open in
 * Redis is remembered for the hand-over. False: there is no room for a meter,
 * and nothing was counted.
 */
bool alone_take_back(struct scores *all, const struct asked *w);
bool alone_count(struct scores *all, const struct asked *w, uint64_t now);

#endif
