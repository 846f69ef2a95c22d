/*
 * Memory that is kept for the next one.
 */
#include "base/pool.h"

#include "kit/suite.h"

static void
what_was_given_back_is_taken_again(void **state)
{
	struct pool p = { .size = 100 };
	void *a = pool_take(&p), *b = pool_take(&p);

	(void)state;
	assert_ptr_not_equal(a, b);
	pool_give(&p, a);
	pool_give(&p, b);
	assert_ptr_equal(pool_take(&p), b);
	assert_ptr_equal(pool_take(&p), a);
	pool_give(&p, a);
	pool_give(&p, b);
	assert_int_equal(p.count, 2);
	pool_clear(&p);
	assert_int_equal(p.count, 0);
}

static void
the_smallest_thing_can_be_given_back(void **state)
{
	struct pool p = { .size = 1 };

	(void)state;
	pool_give(&p, pool_take(&p));
	pool_clear(&p);
}

static void
what_a_burst_needed_is_not_kept(void **state)
{
	struct pool p = { .size = 64 };
	void *things[3 * POOL_MOST];

	(void)state;
	for (int i = 0; i < 3 * POOL_MOST; i++)
		things[i] = pool_take(&p);
	for (int i = 0; i < 3 * POOL_MOST; i++)
		pool_give(&p, things[i]);
	assert_int_equal(p.count, POOL_MOST);
	for (int i = 0; i < POOL_MOST; i++)
		things[i] = pool_take(&p);
	assert_int_equal(p.count, 0);
	for (int i = 0; i < POOL_MOST; i++)
		pool_give(&p, things[i]);
	pool_clear(&p);
	assert_int_equal(p.count, 0);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, what_was_given_back_is_taken_again);
	SUITE_TEST(&s, the_smallest_thing_can_be_given_back);
	SUITE_TEST(&s, what_a_burst_needed_is_not_kept);
	return suite_run(&s, "base/pool");
}
