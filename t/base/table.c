/*
 * Things found by a number.
 */
#include "base/table.h"

#include "kit/suite.h"

enum { MANY = 1000 };

static struct table table;
static struct link links[MANY];

/* Neighbours in one chain, now and then. */
static uint64_t
number_of(size_t i)
{
	return i % 2 ? (uint64_t)i << 32 : i;
}

static int
fill(void **state)
{
	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		links[i].number = number_of(i);
		table_add(&table, &links[i]);
	}
	return 0;
}

static int
empty(void **state)
{
	(void)state;
	table_clear(&table);
	return 0;
}

static void
nothing_is_found_in_an_empty_one(void **state)
{
	(void)state;
	assert_null(table_find(&table, 0));
	assert_null(table_find(&table, 7));
}

static void
each_is_found_by_its_number(void **state)
{
	(void)state;
	for (size_t i = 0; i < MANY; i++)
		assert_ptr_equal(table_find(&table, number_of(i)), &links[i]);
	assert_null(table_find(&table, MANY));
	assert_null(table_find(&table, (uint64_t)2 << 32));
}

/* A hint may be about what is not there. */
static void
what_is_to_be_fetched_need_not_be_there(void **state)
{
	static const struct table none;
	(void)state;

	for (size_t i = 0; i < 2 * MANY; i++) {
		table_fetch_chain(&none, i);
		table_fetch_thing(&none, i, 2 * CACHE_LINE);
		table_fetch_chain(&table, number_of(i));
		table_fetch_thing(&table, number_of(i), 2 * CACHE_LINE);
	}
	each_is_found_by_its_number(NULL);
}

static void
what_is_taken_out_is_not_found_and_all_others_are(void **state)
{
	(void)state;
	for (size_t i = 0; i < MANY; i += 3)
		table_remove(&table, &links[i]);
	for (size_t i = 0; i < MANY; i++)
		assert_ptr_equal(
		    table_find(&table, number_of(i)), i % 3 ? &links[i] : NULL);
}

static void
it_may_be_put_in_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < MANY; i++)
		table_remove(&table, &links[i]);
	assert_null(table_find(&table, number_of(5)));
	table_add(&table, &links[5]);
	assert_ptr_equal(table_find(&table, number_of(5)), &links[5]);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, nothing_is_found_in_an_empty_one);
#define FULL(test) suite_add_scene(&s, #test, test, fill, empty)
	FULL(each_is_found_by_its_number);
	FULL(what_is_to_be_fetched_need_not_be_there);
	FULL(what_is_taken_out_is_not_found_and_all_others_are);
	FULL(it_may_be_put_in_again);
	return suite_run(&s, "base/table");
}
