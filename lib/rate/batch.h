/*
 * batch - settlements of many meters are one question
 *
 * Whoever settles does not wait for it, so it can wait for others: until there
 * are as many as fit, or until somebody says that it is time.
 *
 * Each is a plain command: so much of the lease is open no longer. As it was
 * charged with it, it counts as sent from then on (rate.lua); what was not sent
 * is taken off in a second one, or in the only one where no lease was open
 * (journal.h).
 */
#ifndef RATE_BATCH_H
#define RATE_BATCH_H

#include "ask/ask.h"

/* Of one meter: what was sent, and how much of the lease that ends then (Unix
 * seconds) is settled with it; below 0: so much is to be open (again). */
struct settlement {
	struct word key;
	int64_t seconds; /* its window */
	int64_t sent, end, open;
};

struct flight;

/* Embed it; the first block is the owner's to fill in. */
struct batch {
	struct store *store;
	/* This is left to be done, by rate.lua, if it is only to look; never
	 * from inside of what is below. */
	void (*undone)(struct batch *, const struct settlement *, enum loss);
	/* What becomes of a lease that is opened (`open` below 0): LOSS_NONE
	 * when it is; did it not run, nothing is left to be done here. */
	void (*opened)(struct batch *, const struct settlement *, enum loss);
	/* Of so many it is not known. */
	void (*lost)(struct batch *, unsigned count, enum loss);

	struct flight *next;
	unsigned in_flight; /* questions */
};

/* Those whose step has begun, see plain.h, where anything changes. The key is
 * copied. */
void batch_add(struct batch *b, const struct settlement *s);

/* Asks now. */
void batch_send(struct batch *b);

/* What was not asked is forgotten; nothing may be in flight. */
void batch_clear(struct batch *b);

#endif
