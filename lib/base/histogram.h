/*
 * histogram - how often something took how long
 *
 * Buckets as Prometheus has them, with bounds that a person reads at a glance;
 * adding is a few comparisons and no memory.
 */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_BOUNDS = 15 };

/* In microseconds, each the most that its bucket takes. */
extern const uint32_t histogram_bounds[HISTOGRAM_BOUNDS];

/* Zeroed is empty. */
struct histogram {
	uint64_t counts[HISTOGRAM_BOUNDS + 1]; /* the last: longer than all */
	uint64_t sum_us;
};

void histogram_add(struct histogram *h, uint64_t us);

/* How long `percent` of all took at most, so far as the buckets tell: a bound
 * of one; the last when it was longer than that. 0 when there are none. */
uint32_t histogram_most(const struct histogram *h, unsigned percent);

#endif
