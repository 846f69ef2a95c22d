/*
 * last - the last decision of a transaction, for whoever asks again
 *
 * Postfix asks about a recipient once for each list that policyd stands in,
 * with the same attributes, one right behind the other. What was decided is
 * therefore kept for a moment, and given again to the same request: nothing is
 * judged or counted twice.
 */
#ifndef ENGINE_LAST_H
#define ENGINE_LAST_H

#include "engine/work.h"

enum { REPEAT_MS = 5000 };

struct told; /* a refusal as it was said */

/* Zeroed: nothing was decided. Thousands of idle clients have one each. */
struct last {
	uint64_t of; /* a hash of the request */
	uint64_t until_ms;
	struct told *told; /* NULL: it was not refused */
};

/* False, and `d` is as it was, unless this request was the last, a moment ago.
 * `seed` is a number that no stranger knows. */
bool last_recall(const struct last *l, uint64_t seed, const struct request *req,
    uint64_t now_ms, struct decision *d);

/* `*latest` is what any of them was told last, NULL at first: most clients are
 * told the same as the one before, and share it. */
void last_keep(struct last *l, struct told **latest, uint64_t seed,
    const struct request *req, uint64_t now_ms, const struct decision *d);

/* Of one that is over, and of the latest. */
void told_unref(struct told *told);

#endif
