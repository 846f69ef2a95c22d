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
		n = advance_wish(&all, &m, 900, nodes, 5000 + (uint64_t)i * ms);
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
	{ "of a small limit it is an eighth", ADVANCE_HOT + 1, 0, 24, 1, 3 },
	{ "all nodes share that", ADVANCE_HOT + 1, 0, 240, 10, 3 },
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

/* Asks for so much at `now`, and has it. */
static struct advance *
grant(struct advances *all, int64_t n, uint64_t now)
{
	const struct asked_meter m = meter(100000);
	struct advance *a;

	for (int i = 0; i <= ADVANCE_HOT; i++)
		advance_wish(all, &m, 900, 1, now);
	a = advance_find(all, alice);
	assert_non_null(a);
	a->asking = n;
	assert_true(advance_got(all, alice, 900, n, now));
	return a;
}

static void
who_used_it_up_within_a_second_has_more(void **state)
{
	const struct asked_meter m = meter(10000);
	struct advances all;
	int64_t n = 4, last;

	(void)state;
	advances_init(&all);
	advance_take(grant(&all, n, 1000), n);
	for (int i = 0; i < 3; i++) {
		last = n;
		n = advance_wish(&all, &m, 900, 1, 1500);
		assert_int_equal(n, 4 * (last + 1));
		assert_true(advance_got(&all, alice, 900, n, 1000));
		advance_take(advance_find(&all, alice), n);
	}
	assert_int_equal(
	    advance_wish(&all, &m, 900, 1, 1500), 10000 / ADVANCE_PART);
	advances_clear(&all);
}

static void
who_takes_longer_has_what_a_second_needs(void **state)
{
	const struct asked_meter m = meter(10000);
	struct advances all;

	(void)state;
	advances_init(&all);
	advance_take(grant(&all, 40, 1000), 40);
	assert_int_equal(advance_wish(&all, &m, 900, 1, 4900), 10);
	advances_clear(&all);
}

static void
so_has_who_gave_some_back(void **state)
{
	const struct asked_meter m = meter(10000);
	struct advances all;
	struct advance *a;

	(void)state;
	advances_init(&all);
	a = grant(&all, 40, 1000);
	advance_take(a, 7);
	advance_empty(a);
	assert_int_equal(advance_wish(&all, &m, 900, 1, 1500), 7);
	advances_clear(&all);
}

static void
nobody_asks_for_more_while_some_is_on_its_way(void **state)
{
	const struct asked_meter m = meter(10000);
	struct advances all;

	(void)state;
	advances_init(&all);
	for (int i = 0; i < ADVANCE_HOT; i++)
		advance_wish(&all, &m, 900, 1, 0);
	assert_int_equal(advance_wish(&all, &m, 900, 1, 0), 4);
	assert_int_equal(advance_wish(&all, &m, 900, 1, 0), 0);
	/* Of the next lease it is another one. */
	assert_int_equal(advance_wish(&all, &m, 960, 1, 0), 4);
	assert_false(advance_got(&all, alice, 900, 4, 0));
	assert_true(advance_got(&all, alice, 960, 4, 0));
	assert_false(advance_got(&all, alice, 960, 4, 0));
	advances_clear(&all);
}

static void
what_is_left_and_asked_for_is_no_more_than_its_part(void **state)
{
	const struct asked_meter m = meter(100000);
	struct advances all;
	struct advance *a;

	(void)state;
	advances_init(&all);
	a = grant(&all, 12000, 0);
	assert_int_equal(advance_wish(&all, &m, 900, 1, 0), 500);
	assert_true(advance_has_room(a, 500));
	assert_false(advance_has_room(a, 501));
	advances_clear(&all);
}

static void
one_that_was_denied_wishes_for_none_for_ten_seconds(void **state)
{
	const struct asked_meter m = meter(1000);
	struct advances all;

	(void)state;
	advances_init(&all);
	advance_denied(&all, alice, 900, 4, 5000);
	for (int i = 0; i < 10; i++)
		assert_int_equal(advance_wish(&all, &m, 900, 1, 14999), 0);
	for (int i = 0; i < ADVANCE_HOT; i++)
		assert_int_equal(advance_wish(&all, &m, 900, 1, 15000), 0);
	assert_int_equal(advance_wish(&all, &m, 900, 1, 15000), 4);
	advances_clear(&all);
}

static void
one_that_others_kept_from_it_wishes_again_at_once(void **state)
{
	const struct asked_meter m = meter(1000);
	struct advances all;

	(void)state;
	advances_init(&all);
	for (int i = 0; i < ADVANCE_HOT; i++)
		advance_wish(&all, &m, 900, 1, 5000);
	assert_int_equal(advance_wish(&all, &m, 900, 1, 5000), 4);
	assert_int_equal(advance_wish(&all, &m, 900, 1, 5000), 0);
	advance_missed(&all, alice, 900, 4);
	assert_int_equal(advance_wish(&all, &m, 900, 1, 5000), 4);
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
it_is_of_one_lease_and_one_limit(void **state)
{
	struct asked_meter m = meter(100000);
	struct asked_lease lease = { 900, 1 };
	struct advances all;
	struct advance *a;

	(void)state;
	advances_init(&all);
	a = grant(&all, 4, 0);
	assert_true(advance_covers(a, &m, 900));
	assert_false(advance_covers(a, &m, 960));
	m.limit = 10;
	assert_false(advance_covers(a, &m, 900));
	m = meter(100000);
	m.count = 1;
	m.leases = &lease;
	assert_true(advance_holds(a, &m, 899));
	assert_false(advance_holds(a, &m, 900));
	lease.end = 840;
	assert_false(advance_holds(a, &m, 800));
	advances_clear(&all);
}

static void
what_comes_back_is_no_more_than_its_part(void **state)
{
	struct asked_meter m = meter(100000);
	struct asked_lease lease = { 900, 501 };
	struct advances all;
	struct advance *a;

	(void)state;
	advances_init(&all);
	a = grant(&all, 12000, 0);
	m.count = 1;
	m.leases = &lease;
	assert_true(advance_holds(a, &m, 0));
	m.amount = 0;
	assert_false(advance_holds(a, &m, 0));
	advances_clear(&all);
}

/* Few push each other out of the places where that is counted. */
static void
thousands_may_be_in_a_hurry_at_once(void **state)
{
	struct advances all;
	char key[32];
	int wished = 0;

	(void)state;
	advances_init(&all);
	for (int n = 0; n <= ADVANCE_HOT; n++)
		for (int i = 0; i < 4000; i++) {
			struct asked_meter m = meter(1000);

			snprintf(key, sizeof(key), "user%d", i);
			m.key = (struct word){ key, strlen(key) };
			wished += advance_wish(&all, &m, 900, 1, 5000) > 0;
		}
	assert_true(wished > 3800);
	advances_clear(&all);
}

static void
there_are_no_more_than_its_bound(void **state)
{
	struct asked_meter m = meter(1000);
	struct advances all;
	struct advance *a;
	char key[32];

	(void)state;
	advances_init(&all);
	m.key.text = key;
	for (int i = 0; i <= ADVANCE_MOST; i++) {
		m.key.size = (size_t)snprintf(key, sizeof(key), "%d", i);
		for (int k = 0; k < ADVANCE_HOT; k++)
			advance_wish(&all, &m, 900, 1, 5000);
		assert_int_equal(advance_wish(&all, &m, 900, 1, 5000),
		    i < ADVANCE_MOST ? 4 : 0);
	}
	assert_int_equal(all.count, ADVANCE_MOST);
	/* Who was seen is the last. */
	a = all.first;
	advance_seen(&all, a, 5001);
	assert_ptr_equal(all.last, a);
	while (all.count > 1)
		advance_remove(&all, all.first);
	assert_ptr_equal(all.first, a);
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
	SUITE_TEST(&s, so_has_who_gave_some_back);
	SUITE_TEST(&s, nobody_asks_for_more_while_some_is_on_its_way);
	SUITE_TEST(&s, what_is_left_and_asked_for_is_no_more_than_its_part);
	SUITE_TEST(&s, one_that_was_denied_wishes_for_none_for_ten_seconds);
	SUITE_TEST(&s, one_that_others_kept_from_it_wishes_again_at_once);
	SUITE_TEST(&s, none_is_taken_above_half_of_a_limit_or_near_a_warning);
	SUITE_TEST(&s, it_is_of_one_lease_and_one_limit);
	SUITE_TEST(&s, what_comes_back_is_no_more_than_its_part);
	SUITE_TEST(&s, thousands_may_be_in_a_hurry_at_once);
	SUITE_TEST(&s, there_are_no_more_than_its_bound);
	return suite_run(&s, "rate/advance");
}
