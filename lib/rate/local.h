/*
 * local - limits hold without Redis
 *
 * A store in front of a store, as register/remember.h is one: it lets every
 * question through. When the answer to a rate_charge() that may be counted
 * alone is lost, it is charged here, in memory, against this policyd's share
 * of each limit (as many policyd as were alive last share it, and a share is 1
 * at least), and the answer says so; the same holds for a lost rate_settle().
 * When Redis answers again, what was sent meanwhile is handed over to its
 * meters, and nothing is kept here any longer.
 *
 * Bounded: LOCAL_MOST meters; when they are full, new ones stay lost, and the
 * check's on_failure has only accept left. What is counted twice or not at all
 * is what was on its way when Redis was lost: a charge that had run is open
 * until its lease ends, a settlement that may have run is not repeated.
 */
#ifndef RATE_LOCAL_H
#define RATE_LOCAL_H

#include "ask/ask.h"

struct clock;
struct local;

enum { LOCAL_MOST = 100000 };

struct local *local_new(struct clock *clock, struct store *inner);
struct store *local_store(struct local *l);
void local_configure(struct local *l, struct store *inner);
void local_nodes(struct local *l, unsigned count); /* alive, ours included */
void local_free(struct local *l); /* nothing may be in flight */

struct local_counts {
	unsigned meters; /* in memory now */
	uint64_t charged, refused, handed_over, full;
};
struct local_counts local_counts(const struct local *l);

#endif
