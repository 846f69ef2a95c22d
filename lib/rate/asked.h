/*
 * asked - what stands in a question about meters; within lib/rate only
 *
 * The order is told at the head of rate.lua. Who counts without Redis reads it
 * back from a question that was lost.
 */
#ifndef RATE_ASKED_H
#define RATE_ASKED_H

#include "rate/rate.h"

enum { ASKED_UNLIMITED_BITS = 53 };

/* The limit of a meter without one; sums are exact up to that in Lua. */
#define ASKED_UNLIMITED ((INT64_C(1) << ASKED_UNLIMITED_BITS) - 1)

/* When a lease that begins now ends: rounded up, so that few ends are open. */
int64_t asked_end(int64_t now, int64_t lease);

enum asked_what {
	ASKED_OTHER, /* nothing to be done without Redis */
	ASKED_CHARGE,
	ASKED_ALONE, /* the same, and may be counted alone */
	ASKED_SETTLE
};

struct asked_lease {
	int64_t end, n;
};

enum { ASKED_LEASES = 32 };

struct asked_meter {
	struct word key; /* the question's */
	int64_t amount; /* 0 only looks; of a settlement what was sent */
	int64_t seconds;

	/* Of a charge. `warn` is what somebody is told at, more than `limit`
	 * when never. */
	int64_t warn, limit;

	/* Of a settlement. */
	size_t count;
	struct asked_lease leases[ASKED_LEASES];
};

/* What a question asks of all meters but those of networks. */
struct asked {
	enum asked_what what;
	int64_t now; /* 0: was not known */
	int64_t end; /* of the lease; 0: for Redis to find out */
	int64_t lease; /* seconds */
	unsigned count;
	struct asked_meter meters[METERS];
};

/* False when it is no question of lib/rate. */
bool asked_read(const struct question *q, struct asked *out);

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
