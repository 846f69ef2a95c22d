/*
 * score - what this policyd counted by itself, of one meter
 *
 * As the meters of rate.h count: what was sent within the last window, by
 * twentieths of it, the one it began in as a whole; and what is open. But on
 * the clock that nobody sets, and of this policyd alone.
 *
 * Beside that it knows what Redis has not been told yet: all that was counted
 * since the last hand-over and still lies within the window, and of which
 * leases there the transactions are over.
 */
#ifndef RATE_SCORE_H
#define RATE_SCORE_H

#include "ask/ask.h"
#include "base/table.h"

enum { SCORE_STEPS = 20, SCORE_ENDED = 8 };

/* So much until `end`. */
struct lease {
	struct lease *next;
	int64_t end;
	int64_t n;
};

struct score {
	struct link link;
	struct score *prev, *next; /* the longest unused first */
	struct word key; /* stands behind us */
	int64_t seconds; /* the window */
	uint64_t step_ms;
	uint64_t newest; /* number of the newest step */
	int64_t steps[SCORE_STEPS + 1]; /* a ring */
	struct lease *open; /* here, by their ends in clock_ms() */
	struct lease *ended; /* in Redis, by their ends in Unix seconds */
	unsigned ended_count; /* at most SCORE_ENDED */
	uint64_t told_from; /* Redis knows of what is before this step, */
	int64_t told; /* and so much of the step */
	bool handing; /* it is being told of more */
	bool warned, refused; /* somebody was told, and when */
	uint64_t warned_ms, refused_ms;
	char text[];
};

struct score *score_new(struct word key, int64_t seconds, uint64_t now);
void score_free(struct score *s);

/* What counts now: sent and open. Never less than 0. */
int64_t score_used(struct score *s, uint64_t now);

/* So much was sent. It may be negative: something counted is taken back. */
void score_add(struct score *s, uint64_t now, int64_t n);

/* So much is open for so long; so much of it no longer. Leases of about the
 * same end are one, and a charge is taken off the one that ends first, so who
 * takes back after his own lease may take another one's. */
void score_open(struct score *s, uint64_t now, int64_t n, int64_t seconds);
void score_close(struct score *s, int64_t n);

/* In Redis so much is open until `end`, for nobody. What is too much to be
 * remembered ends by itself there. */
void score_ended(struct score *s, int64_t end, int64_t n);

/* Seconds until `n` more fit under `most`; the window when they never do. */
int64_t score_next(struct score *s, uint64_t now, int64_t n, int64_t most);

/* True when nobody was told of a warning (a refusal) within the window; and
 * from now on somebody was. */
bool score_first(struct score *s, uint64_t now, bool refusal);

/* -- handing over -- */

/* There is something that Redis does not know, or an open charge, or it is
 * being told: this score must stay. */
bool score_busy(struct score *s, uint64_t now);

/* Nothing counts any more, and nothing is to be told. */
bool score_over(struct score *s, uint64_t now);

/* What is to be told now, and what was before, in case it is lost. The leases
 * are the caller's. */
struct handing {
	int64_t n;
	struct lease *ended;
	unsigned ended_count;
	uint64_t told_from;
	int64_t told;
};

/* False: nothing. Else it counts as told, and one of these must follow. */
bool score_hand(struct score *s, uint64_t now, struct handing *h);
void score_handed(struct score *s, struct handing *h);
void score_not_handed(struct score *s, struct handing *h);

#endif
