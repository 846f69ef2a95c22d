/*
 * asked - what a question about meters asks; within lib/rate only
 *
 * A charge and a settlement have it beside their keys: the stores in front of
 * Redis go by it, and mostly nobody needs more. The words for rate.lua, whose
 * order is told at its head, are written when that is asked.
 */
#ifndef RATE_ASKED_H
#define RATE_ASKED_H

#include "rate/rate.h"

enum { ASKED_UNLIMITED_BITS = 53 };

/* The limit of a meter without one; sums are exact up to that in Lua. */
#define ASKED_UNLIMITED ((INT64_C(1) << ASKED_UNLIMITED_BITS) - 1)

/* When a lease of so many seconds ends that begins now, in Unix seconds:
 * rounded up, so that few ends are open. */
int64_t asked_end(int64_t now, int64_t lease);

enum asked_what {
	ASKED_DRY, /* a charge that only looks */
	ASKED_CHARGE,
	ASKED_ALONE, /* the same, and may be counted alone */
	ASKED_SETTLE
};

struct asked_lease {
	int64_t end, n; /* Unix seconds; 0: by this policyd alone */
};

enum { ASKED_LEASES = 32 };

struct asked_meter {
	struct word key; /* the question's */
	int64_t amount; /* 0 only looks; of a settlement what was sent */
	int64_t seconds; /* its window */

	/* Of a charge. `warn` is what somebody is told at, more than `limit`
	 * when never. */
	int64_t warn, limit;

	/* Of a settlement. */
	size_t count;
	struct asked_lease *leases; /* ASKED_LEASES at most */
};

/* What a question asks of all meters but those of networks. */
struct asked {
	enum asked_what what;
	int64_t now; /* Unix seconds, Redis'; 0: was not known */
	int64_t end; /* of the lease, such too; 0: for Redis to find out */
	int64_t lease; /* seconds */
	unsigned count;
	struct asked_meter meters[];
};

/* NULL when it is no charge and no settlement. */
const struct asked *asked_of(const struct question *q);

static inline bool
asked_charges(const struct asked *w)
{
	return w->what == ASKED_CHARGE || w->what == ASKED_ALONE;
}

struct asked *asked_copy(struct arena *a, const struct asked *w);

/* With its keys, and room for so many words more; `w` must live as long. */
struct question *asked_question(
    struct arena *a, const struct asked *w, unsigned more_words);

/* The word of rate.lua behind the keys. */
struct word asked_line(struct arena *a, const struct asked *w);

/* The question that rate.lua can answer: it, or a copy in `a`. */
const struct question *asked_written(struct arena *a, const struct question *q);

/*
 * The answer to a charge as Redis would give it, with the reason why it was
 * counted alone. `key` has no size when no meter refuses or warns.
 */
struct asked_said {
	struct word key;
	bool charged, first;
	int64_t used, limit, next;
	enum loss alone;
};
struct answer asked_answer(const struct asked_said *said);

#endif
