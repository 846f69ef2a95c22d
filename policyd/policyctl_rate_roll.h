/*
 * policyctl_rate_roll - the first of many meters, in some order
 *
 * However many there are, memory is that of about twice as many as are wanted.
 */
#ifndef POLICYD_POLICYCTL_RATE_ROLL_H
#define POLICYD_POLICYCTL_RATE_ROLL_H

#include "policyctl_rate.h"

enum { ROLL_WINDOWS = 16 };

struct roll {
	size_t most; /* that are kept */
	bool heaviest; /* who sent most is first, and so many are kept of each
			  window; else in the order of gauge_compare() */
	struct arena *arena; /* of what is kept */
	size_t room;
	struct gauges kept;
	bool more; /* some were not */

	/* As of the last time that it was put in order: how many that left, and
	 * of each window the lightest one, where there were as many as wanted.
	 */
	size_t ordered;
	struct {
		int64_t seconds, sent;
	} least[ROLL_WINDOWS];
	size_t windows;
};

void roll_init(struct roll *r, size_t most, bool heaviest);
void roll_clear(struct roll *r);

/* False when it would not be kept, whatever is found within `at_most`. Asked
 * before it is looked at. */
bool roll_wants(struct roll *r, const struct gauge *g);

/* A copy; the same meter twice is one. */
void roll_add(struct roll *r, const struct gauge *g);
void roll_end(struct roll *r); /* now `kept` holds */

#endif
