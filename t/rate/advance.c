/*
 * How much is charged beforehand, and of whom.
 */
#include "rate/advance.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "kit/suite.h"

static const struct word alice = { "alice", 5 };

/* One message of who may send so many an hour. */
static struct asked_meter
meter(int64_t limit)
{
	return (struct asked_meter){ .key = alice,
		.amount = 1,
		.seconds = 3600,
		.warn = limit * 8 / 10,
		.limit = limit };
}

/* After so many charges, `ms` apart, the last of them. */
static int64_t
wish_after(int charges, uint64_t ms, int64_t limit, unsigned nodes)
{
	const struct asked_meter m = meter(limit);
	struct advances all;
	int64_t n = 0;

	advances_init(&all);
	for (int i = 0; i < charges; i++)
		n = advance_wish(&all, &m, nodes, 5000 + (uint64_t)i * ms);
	advances_clear(&all);
	return n;
}

struct row {
	const char *name;
	int charges;
	uint64_t ms;
	int64_t limit;
	unsigned nodes;
	int64_t wish;
};

static const struct row rows[] = {
	{ "the first has none", 1, 0, 1000, 1, 0 },
	{ "nor have some within a second", ADVANCE_HOT, 0, 1000, 1, 0 },
	{ "one more has some", ADVANCE_HOT + 1, 0, 1000, 1, 4 },
	{ "even if they are not at once", ADVANCE_HOT + 1, 200, 1000, 1, 4 },
	{ "but who sends slowly has none", 100, 251, 1000, 1, 0 },
	{ "of a small limit it is an eighth", 10, 0, 24, 1, 3 },
	{ "all nodes share that", 10, 0, 240, 10, 3 },
	{ "and of a smaller one there is none", 10, 0, 7, 1, 0 },
	{ "nor with too many nodes", 10, 0, 100, 40, 0 },
};

static void
row_holds(void **state)
{
	const struct row *r = *state;

	assert_int_equal(
	    wish_after(r->charges, r->ms, r->limit, r->nodes), r->wish);
}

static void
who_used_it_up_within_a_second_has_more(void **state)
{
	const struct asked_meter m = meter(10000);
	struct advances all;
	int64_t n = 4, last;

	(void)state;
	advances_init(&all);
	for (int i = 0; i < 3; i++) {
		assert_true(advance_got(&all, alice, 3600, 900, n, 1000));
		advance_take(advance_find(&all, alice), n);
		last = n;
		n = advance_wish(&all, &m, 1, 1500);
		assert_int_equal(n, 4 * (last + 1));
	}
	assert_true(advance_got(&all, alice, 3600, 900, n, 1000));
	assert_int_equal(advance_wish(&all, &m, 1, 1500), 10000 / ADVANCE_PART);
	advances_clear(&all);
}

static void
who_takes_longer_has_what_a_second_needs(void **state)
{
	const struct asked_meter m = meter(10000);
	struct advances all;

	(void)state;
	advances_init(&all);
	assert_true(advance_got(&all, alice, 3600, 900, 40, 1000));
	advance_take(advance_find(&all, alice), 40);
	assert_int_equal(advance_wish(&all, &m, 1, 4900), 10);
	advances_clear(&all);
}

static void
one_that_was_denied_wishes_for_none_for_ten_seconds(void **state)
{
	const struct asked_meter m = meter(1000);
	struct advances all;

	(void)state;
	advances_init(&all);
	advance_denied(&all, alice, 5000);
	for (int i = 0; i < 10; i++)
		assert_int_equal(advance_wish(&all, &m, 1, 14999), 0);
	for (int i = 0; i < ADVANCE_HOT; i++)
		assert_int_equal(advance_wish(&all, &m, 1, 15000), 0);
	assert_int_equal(advance_wish(&all, &m, 1, 15000), 4);
	advances_clear(&all);
}

static void
none_is_taken_above_half_of_a_limit_or_near_a_warning(void **state)
{
	struct asked_meter m = meter(1000);

	(void)state;
	assert_int_equal(advance_bound(&m), 500);
	m.warn = 100;
	assert_int_equal(advance_bound(&m), 100);
}

static void
it_is_of_one_lease(void **state)
{
	struct asked_meter m = meter(1000);
	struct advances all;
	struct advance *a;

	(void)state;
	advances_init(&all);
	assert_true(advance_got(&all, alice, 3600, 900, 4, 0));
	a = advance_find(&all, alice);
	assert_true(advance_covers(a, &m, 900));
	assert_false(advance_covers(a, &m, 960));
	assert_false(advance_got(&all, alice, 3600, 960, 4, 0));
	m.count = 1;
	m.leases[0] = (struct asked_lease){ 900, 1 };
	assert_true(advance_holds(a, &m, 899));
	assert_false(advance_holds(a, &m, 900));
	m.leases[0].end = 840;
	assert_false(advance_holds(a, &m, 800));
	advances_clear(&all);
}

static void
there_are_no_more_than_its_bound(void **state)
{
	struct advances all;
	char key[32];
	unsigned seen = 0;

	(void)state;
	advances_init(&all);
	for (int i = 0; i <= ADVANCE_MOST; i++) {
		snprintf(key, sizeof(key), "%d", i);
		assert_int_equal(
		    advance_got(&all, (struct word){ key, strlen(key) }, 3600,
			900, 4, 0),
		    i < ADVANCE_MOST);
	}
	assert_null(advance_find(&all, (struct word){ key, strlen(key) }));
	/* A walk sees each once, also when it takes some away. */
	for (int i = 0; i < ADVANCE_MOST; i++) {
		struct advance *a = advances_walk(&all);

		seen += a->seen == 0;
		a->seen = 1;
		if (i % 3 == 0)
			advance_remove(&all, a);
	}
	assert_int_equal(seen, ADVANCE_MOST);
	advances_clear(&all);
	arena_pool_clear();
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, row_holds);
	SUITE_TEST(&s, who_used_it_up_within_a_second_has_more);
	SUITE_TEST(&s, who_takes_longer_has_what_a_second_needs);
	SUITE_TEST(&s, one_that_was_denied_wishes_for_none_for_ten_seconds);
	SUITE_TEST(&s, none_is_taken_above_half_of_a_limit_or_near_a_warning);
	SUITE_TEST(&s, it_is_of_one_lease);
	SUITE_TEST(&s, there_are_no_more_than_its_bound);
	return suite_run(&s, "rate/advance");
}
