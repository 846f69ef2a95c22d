/*
 * handover - telling Redis what was counted without it
 *
 * A walk over all scores, each second while there are any. While Redis is not
 * known to answer one of them tries it out; then each gives its sum, so many
 * at a time. What is lost is kept and given again, unless it may have arrived.
 */
#ifndef RATE_HANDOVER_H
#define RATE_HANDOVER_H

#include "base/clock.h"
#include "rate/scores.h"

/* At a time; those before a charge do not count. */
enum { HANDOVER_MOST = 16 };

/* Embed it; the first block is the owner's to fill in. */
struct handover {
	struct clock *clock;
	struct store *inner;
	struct scores *scores;

	bool away; /* Redis was lost, and has not answered since */
	bool finishing;
	struct timer walk;
	unsigned to_walk; /* scores that this walk has still to see */
	unsigned in_flight;
	uint64_t count; /* sums that Redis was told */
	uint64_t logged; /* of these */
	unsigned unsure; /* perhaps it was not, and not logged yet */
};

void handover_init(struct handover *h);
void handover_clear(struct handover *h); /* nothing may be in flight */

/* The loss of a question is one of Redis as a whole; and did it run? */
bool handover_is_away(enum loss loss);
bool handover_did_not_run(enum loss loss);

/* An answer came; one was lost; something was counted. */
void handover_back(struct handover *h);
void handover_lost(struct handover *h, enum loss loss);
void handover_counted(struct handover *h);

/* A charge of these keys is about to be asked: Redis hears of them before. */
void handover_first(
    struct handover *h, const struct word *keys, unsigned count);

/* All that can be handed over is, and nothing is in flight. */
bool handover_finish(struct handover *h);

#endif
