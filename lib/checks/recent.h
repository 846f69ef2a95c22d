/*
 * recent - who has just passed the greylist passes again without Redis
 *
 * A store in front of a store, as register/remember.h is one: it lets every
 * question through and looks at what greylist.lua answers. Where that was no
 * more than "passed", it is the answer to the same question from then on, for
 * greylist.local_memory; and where it was "known", to any of that identity.
 * Most mail is such: in the same turn of the loop it has its answer, and Redis
 * has nothing to do.
 *
 * - What is deleted or changed in Redis is heard of after that time at most,
 *   and a record is refreshed by that much later at most.
 * - Under other settings it must be asked, so a configuration that is read
 *   again needs nothing done here.
 * - So must what writes nothing, such as a dry run, and where records are
 *   refreshed with each mail (the question is `fresh`); of these answers
 *   nothing is remembered.
 * - While Redis is lost who has passed passes, as with any other Redis.
 *
 * Bounded: 136 KiB, of which only what was used is there. The newest goes in
 * for the oldest of a few.
 */
#ifndef CHECKS_RECENT_H
#define CHECKS_RECENT_H

#include "ask/ask.h"

struct clock;
struct recent;

struct recent *recent_new(struct clock *clock, struct store *inner);
struct store *recent_store(struct recent *r);
void recent_free(struct recent *r); /* nothing may be in flight */

/* From now on it is so many seconds, also for what is remembered. 0, as in the
 * beginning: nothing is. */
void recent_configure(struct recent *r, int64_t seconds);

struct recent_counts {
	uint64_t asked; /* questions about records, of Redis */
	uint64_t remembered; /* answers that were known here */
};
struct recent_counts recent_counts(const struct recent *r);

#endif
