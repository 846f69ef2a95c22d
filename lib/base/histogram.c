/*
 * histogram - 1, 2.5, 5 and their tenfolds
 */
#include "base/histogram.h"

const uint32_t histogram_bounds[HISTOGRAM_BOUNDS] = { 100, 250, 500, 1000, 2500,
	5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000,
	5000000 };

/* Most are among the first. */
void
histogram_add(struct histogram *h, uint64_t us)
{
	unsigned i = 0;

	while (i < HISTOGRAM_BOUNDS && us > histogram_bounds[i])
		i++;
	h->counts[i]++;
	h->sum_us += us;
}

uint32_t
histogram_most(const struct histogram *h, unsigned percent)
{
	uint64_t all = 0, so_far = 0;
	unsigned i;

	for (i = 0; i <= HISTOGRAM_BOUNDS; i++)
		all += h->counts[i];
	for (i = 0; i < HISTOGRAM_BOUNDS - 1; i++) {
		so_far += h->counts[i];
		if (so_far * 100 >= all * percent)
			break;
	}
	return all > 0 ? histogram_bounds[i] : 0;
}
