/*
 * A histogram: which bucket takes what.
 */
#include "base/histogram.h"

#include "kit/suite.h"

struct row {
	const char *name;
	uint64_t us;
	unsigned bucket;
};

static const struct row rows[] = {
	{ "nothing is in the first", 0, 0 },
	{ "a bound belongs to its bucket", 100, 0 },
	{ "one more to the next", 101, 1 },
	{ "a millisecond has its own bound", 1000, 3 },
	{ "five seconds are the last bound", 5000000, HISTOGRAM_BOUNDS - 1 },
	{ "more is behind all bounds", 5000001, HISTOGRAM_BOUNDS },
	{ "and so is very much more", UINT64_MAX / 2, HISTOGRAM_BOUNDS },
};

static void
a_row(void **state)
{
	const struct row *r = *state;
	struct histogram h = { 0 };

	histogram_add(&h, r->us);
	histogram_add(&h, r->us);
	assert_int_equal(h.counts[r->bucket], 2);
	assert_true(h.sum_us == 2 * r->us);
}

static void
bounds_rise(void **state)
{
	(void)state;
	for (unsigned i = 1; i < HISTOGRAM_BOUNDS; i++)
		assert_true(histogram_bounds[i] > histogram_bounds[i - 1]);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, a_row);
	SUITE_TEST(&s, bounds_rise);
	return suite_run(&s, "histogram");
}
