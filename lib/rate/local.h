/*
 * local - limits hold without Redis
 *
 * A store in front of a store, as register/remember.h is one: it lets every
 * question through. When the answer to a rate_charge() that may be counted
 * alone is lost, it is charged here, in memory, against this policyd's share
 * of each limit (as many policyd as were alive last share it, and a share is 1
 * at least), and the answer says so; the same holds for a lost rate_settle().
 * When an answer shows that Redis is back, what was sent meanwhile is handed
 * over to its meters: each before the next charge of it, and all of them soon.
 * What Redis was told is still held against the share, so that one that comes
 * and goes gives nobody a share each time; it is forgotten with its window.
 *
 * Which losses are met, and why:
 *
 *     down, busy, read_only, full, refused    it did not run: the first write
 *         of a script is one that such a Redis refuses
 *     timeout, broken                         it may have run
 *     wrong_type, script_error, unexpected_answer   are not: Redis is there,
 *         and somebody should hear what is wrong with a key or with us
 *
 * A charge is made here after any of the former. A settlement, and a hand-over,
 * is kept and repeated only when it did not run.
 *
 * How exact that is, for a limit L and N policyd that know of each other:
 * - While Redis is away each policyd lets no more than L/N (rounded up) pass
 *   within any window, so all of them no more than L + N - 1, beside what Redis
 *   had counted before. Nobody who is within his share is refused.
 * - Of what was sent then nothing is counted twice, and what was told to Redis
 *   counts there from then on, as if it were sent at that moment: for up to a
 *   window longer than it should, never shorter.
 * - Of the questions that were on their way when Redis was lost, and only of
 *   these, it cannot be known whether they ran (redis.max_in_flight at most). A
 *   charge that had counts besides the one made here until its lease ends; with
 *   `settle = rcpt` there is no lease, and it counts for its window, as it does
 *   where the connection broke between the two commands of a meter, or between
 *   a charge and its page (journal.h), or where a page has been settled in
 * part. So does what was to be charged beforehand with it (advance.h). Of a
 * settlement that had not run what was sent counts until its lease ends, and
 * not after; one question has those of 8 meters, each of half a second
 * (batch.h). A hand-over is not counted, of which 16 at most are under way
 * beside those of charges.
 * - Of one policyd that is without Redis for longer than a lease, while others
 *   are not, these give back what stands in its journal, and it is not counted
 *   until that one is back (JOURNAL_MOST charges at most). What it has sent
 *   counts from then on.
 * - What was open in Redis when it was lost is given back when its transaction
 *   ends, with the hand-over; of more than eight a meter, with their leases.
 *   Should it come back with less than it had, what was charged some seconds
 *   before it was lost counts there no more than what was sent before.
 *
 * Bounded: LOCAL_MOST meters, some 40 MB. When they are full, those go that
 * Redis knows of, the longest unused first. Where there is none, new ones stay
 * lost, and the check's on_failure has only accept left.
 */
#ifndef RATE_LOCAL_H
#define RATE_LOCAL_H

#include "ask/ask.h"
#include "rate/ahead.h"

struct clock;
struct local;

enum { LOCAL_MOST = 100000 };

struct local *local_new(struct clock *clock, struct store *inner);
struct store *local_store(struct local *l);
/* Another Redis, or the prefix of its keys: "policyd:" until then. */
void local_configure(struct local *l, struct store *inner, const char *prefix);
void local_nodes(struct local *l, unsigned count); /* alive, ours included */

/* The last time: hands over what it can. True when that is done, or cannot be;
 * false: call it again soon. */
bool local_finish(struct local *l);
void local_free(struct local *l); /* nothing may be in flight */

struct local_counts {
	unsigned meters; /* in memory now */
	unsigned nodes; /* that share limits; 1 when never known */
	uint64_t charged, refused; /* questions, alone */
	uint64_t handed_over; /* sums of meters that Redis was told */
	uint64_t full; /* questions that had no room */
	struct ahead_counts ahead;
};
struct local_counts local_counts(const struct local *l);

#endif
