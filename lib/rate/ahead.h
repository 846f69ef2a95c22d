/*
 * ahead - charges and settlements that Redis need not be asked for each time
 *
 * A store in front of Redis: it lets every question through but those of
 * lib/rate. Of these it knows shorter ways. A charge that an advance covers
 * (advance.h) is answered at once, and most others are no script
 * (plain.h). A settlement is answered at once as well; mostly nothing of it
 * need be told (journal.h), or that of many together (batch.h). Whatever is
 * near a limit, or not as it mostly is, is for rate.lua, and before that is
 * asked of a meter Redis is told what it was not told of it.
 *
 * What follows for a meter in Redis:
 * - What counts is never too little. Of what is open some was sent within the
 *   last half second; when all is still for a second everything is exact.
 * - A policyd that is killed leaves open what it let pass in that time, and its
 *   advances: that counts until the lease ends, and not after. What it had in
 *   the journal counts until somebody asks some seconds after that.
 * - With several policyd one may be refused, or warned of, while another holds
 *   an advance, for a second at most. It was had below half of the limit, and
 *   all together are an eighth of it: within that second three eighths of the
 *   limit must be sent. Who is refused has spent nothing, and may try again.
 */
#ifndef RATE_AHEAD_H
#define RATE_AHEAD_H

#include "ask/ask.h"

struct ahead;
struct clock;

/* `inner` is Redis. What it was not told is asked of `outer`, which leads here
 * and knows what to do when that is lost. */
struct ahead *ahead_new(
    struct clock *clock, struct store *inner, struct store *outer);
struct store *ahead_store(struct ahead *h);
void ahead_configure(struct ahead *h, struct store *inner, const char *prefix);
void ahead_nodes(struct ahead *h, unsigned count);

/* The last time: tells all. True when that is done; false: call it again. */
bool ahead_finish(struct ahead *h);
void ahead_free(struct ahead *h); /* nothing may be in flight */

struct ahead_counts {
	unsigned advances; /* that there are now */
	uint64_t charged; /* questions that were covered by them */
	unsigned noted; /* what the journal has now, entries */
	uint64_t given_back; /* such that others have left in it */
};
struct ahead_counts ahead_counts(const struct ahead *h);

#endif
