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

struct most_row {
	const char *name;
	uint64_t times[5]; /* each 20 times */
	unsigned percent;
	uint32_t us;
};

static const struct most_row most_rows[] = {
	{ "half of all took as long as the middle at most",
	    { 50, 900, 4000, 20000, 90000 }, 50, 5000 },
	{ "all as long as the longest", { 50, 900, 4000, 20000, 90000 }, 100,
	    100000 },
	{ "hardly any, as long as the shortest",
	    { 50, 900, 4000, 20000, 90000 }, 1, 100 },
	{ "twenty of a hundred are twenty percent",
	    { 50, 900, 4000, 20000, 90000 }, 20, 100 },
	{ "of equal ones each is all", { 700, 700, 700, 700, 700 }, 1, 1000 },
	{ "what is behind all bounds is told by the last",
	    { 9000000, 9000000, 9000000, 9000000, 9000000 }, 50, 5000000 },
};

static void
most(void **state)
{
	const struct most_row *row = *state;
	struct histogram h = { 0 };

	for (int i = 0; i < 100; i++)
		histogram_add(&h, row->times[i / 20]);
	assert_int_equal(histogram_most(&h, row->percent), row->us);
}

static void
of_none_there_is_none(void **state)
{
	const struct histogram h = { 0 };

	(void)state;
	assert_int_equal(histogram_most(&h, 99), 0);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, a_row);
	SUITE_TEST(&s, bounds_rise);
	SUITE_ROWS(&s, most_rows, most);
	SUITE_TEST(&s, of_none_there_is_none);
	return suite_run(&s, "histogram");
}
