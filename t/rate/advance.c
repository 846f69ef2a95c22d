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

/* Of one meter. */
struct book {
	struct advances all;
	struct heat heat;
};

static int64_t
wish(struct book *b, const struct asked_meter *m, int64_t end, unsigned nodes,
    uint64_t now)
{
	return advance_wish(&b->all, m, end, nodes, &b->heat, now);
}

/* After so many charges, `ms` apart, the last of them. */
static int64_t
wish_after(int charges, uint64_t ms, int64_t limit, unsigned nodes)
{
	const struct asked_meter m = meter(limit);
	struct book b = { 0 };
	int64_t n = 0;

	advances_init(&b.all);
	for (int i = 0; i < charges; i++)
		n = wish(&b, &m, 900, nodes, 5000 + (uint64_t)i * ms);
	advances_clear(&b.all);
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
	{ "nor have some within a second", HEAT_HOT, 0, 1000, 1, 0 },
	{ "one more has some", HEAT_HOT + 1, 0, 1000, 1, 4 },
	{ "even if they are not at once", HEAT_HOT + 1, 200, 1000, 1, 4 },
	{ "but who sends slowly has none", 100, 251, 1000, 1, 0 },
	{ "of a small limit it is an eighth", HEAT_HOT + 1, 0, 24, 1, 3 },
	{ "all nodes share that", HEAT_HOT + 1, 0, 240, 10, 3 },
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
grant(struct book *b, int64_t n, uint64_t now)
{
	const struct asked_meter m = meter(100000);
	struct advance *a;

	for (int i = 0; i <= HEAT_HOT; i++)
		wish(b, &m, 900, 1, now);
	a = advance_find(&b->all, alice);
	assert_non_null(a);
	a->asking = n;
	assert_true(advance_got(&b->all, alice, 900, n, now));
	return a;
}

static void
who_used_it_up_within_a_second_has_more(void **state)
{
	const struct asked_meter m = meter(10000);
	struct book b = { 0 };
	int64_t n = 4, last;

	(void)state;
	advances_init(&b.all);
	advance_take(grant(&b, n, 1000), n);
	for (int i = 0; i < 3; i++) {
		last = n;
		n = wish(&b, &m, 900, 1, 1500);
		assert_int_equal(n, 4 * (last + 1));
		assert_true(advance_got(&b.all, alice, 900, n, 1000));
		advance_take(advance_find(&b.all, alice), n);
	}
	assert_int_equal(wish(&b, &m, 900, 1, 1500), 10000 / ADVANCE_PART);
	advances_clear(&b.all);
}

static void
who_takes_longer_has_what_a_second_needs(void **state)
{
	const struct asked_meter m = meter(10000);
	struct book b = { 0 };

	(void)state;
	advances_init(&b.all);
	advance_take(grant(&b, 40, 1000), 40);
	assert_int_equal(wish(&b, &m, 900, 1, 4900), 10);
	advances_clear(&b.all);
}

static void
so_has_who_gave_some_back(void **state)
{
	const struct asked_meter m = meter(10000);
	struct book b = { 0 };
	struct advance *a;

	(void)state;
	advances_init(&b.all);
	a = grant(&b, 40, 1000);
	advance_take(a, 7);
	advance_empty(a);
	assert_int_equal(wish(&b, &m, 900, 1, 1500), 7);
	advances_clear(&b.all);
}

static void
nobody_asks_for_more_while_some_is_on_its_way(void **state)
{
	const struct asked_meter m = meter(10000);
	struct book b = { 0 };

	(void)state;
	advances_init(&b.all);
	for (int i = 0; i < HEAT_HOT; i++)
		wish(&b, &m, 900, 1, 0);
	assert_int_equal(wish(&b, &m, 900, 1, 0), 4);
	assert_int_equal(wish(&b, &m, 900, 1, 0), 0);
	/* Of the next lease it is another one. */
	assert_int_equal(wish(&b, &m, 960, 1, 0), 4);
	assert_false(advance_got(&b.all, alice, 900, 4, 0));
	assert_true(advance_got(&b.all, alice, 960, 4, 0));
	assert_false(advance_got(&b.all, alice, 960, 4, 0));
	advances_clear(&b.all);
}

static void
what_is_left_and_asked_for_is_no_more_than_its_part(void **state)
{
	const struct asked_meter m = meter(100000);
	struct book b = { 0 };
	struct advance *a;

	(void)state;
	advances_init(&b.all);
	a = grant(&b, 12000, 0);
	assert_int_equal(wish(&b, &m, 900, 1, 0), 500);
	assert_true(advance_has_room(a, 500));
	assert_false(advance_has_room(a, 501));
	advances_clear(&b.all);
}

static void
one_that_was_denied_wishes_for_none_for_ten_seconds(void **state)
{
	const struct asked_meter m = meter(1000);
	struct book b = { 0 };

	(void)state;
	advances_init(&b.all);
	heat_denied(&b.heat, 5000);
	for (int i = 0; i < 10; i++)
		assert_int_equal(wish(&b, &m, 900, 1, 14999), 0);
	for (int i = 0; i < HEAT_HOT; i++)
		assert_int_equal(wish(&b, &m, 900, 1, 15000), 0);
	assert_int_equal(wish(&b, &m, 900, 1, 15000), 4);
	advances_clear(&b.all);
}

static void
one_that_others_kept_from_it_wishes_again_at_once(void **state)
{
	const struct asked_meter m = meter(1000);
	struct book b = { 0 };

	(void)state;
	advances_init(&b.all);
	for (int i = 0; i < HEAT_HOT; i++)
		wish(&b, &m, 900, 1, 5000);
	assert_int_equal(wish(&b, &m, 900, 1, 5000), 4);
	assert_int_equal(wish(&b, &m, 900, 1, 5000), 0);
	advance_missed(&b.all, alice, 900, 4);
	assert_int_equal(wish(&b, &m, 900, 1, 5000), 4);
	advances_clear(&b.all);
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
	struct book b = { 0 };
	struct advance *a;

	(void)state;
	advances_init(&b.all);
	a = grant(&b, 4, 0);
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
	advances_clear(&b.all);
}

static void
what_comes_back_is_no_more_than_its_part(void **state)
{
	struct asked_meter m = meter(100000);
	struct asked_lease lease = { 900, 501 };
	struct book b = { 0 };
	struct advance *a;

	(void)state;
	advances_init(&b.all);
	a = grant(&b, 12000, 0);
	m.count = 1;
	m.leases = &lease;
	assert_true(advance_holds(a, &m, 0));
	m.amount = 0;
	assert_false(advance_holds(a, &m, 0));
	advances_clear(&b.all);
}

static void
there_are_no_more_than_its_bound(void **state)
{
	struct asked_meter m = meter(1000);
	struct book b = { 0 };
	struct advance *a;
	char key[32];

	(void)state;
	advances_init(&b.all);
	m.key.text = key;
	for (int i = 0; i <= ADVANCE_MOST; i++) {
		b.heat = (struct heat){ 0 };
		m.key.size = (size_t)snprintf(key, sizeof(key), "%d", i);
		for (int k = 0; k < HEAT_HOT; k++)
			wish(&b, &m, 900, 1, 5000);
		assert_int_equal(
		    wish(&b, &m, 900, 1, 5000), i < ADVANCE_MOST ? 4 : 0);
	}
	assert_int_equal(b.all.count, ADVANCE_MOST);
	/* Who was seen is the last. */
	a = b.all.first;
	advance_seen(&b.all, a, 5001);
	assert_ptr_equal(b.all.last, a);
	while (b.all.count > 1)
		advance_remove(&b.all, b.all.first);
	assert_ptr_equal(b.all.first, a);
	advances_clear(&b.all);
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
	SUITE_TEST(&s, there_are_no_more_than_its_bound);
	return suite_run(&s, "rate/advance");
}
