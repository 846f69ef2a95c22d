/*
 * Each policyd knows how many are alive.
 */
#include "engine/node.h"

#include "base/clock.h"
#include "kit/book.h"
#include "kit/suite.h"

enum { NOBODY_SAYS = 99 };

static void
told(void *data, unsigned count)
{
	*(unsigned *)data = count;
}

/* What it is told when it says that it is there, or goes. */
static unsigned
says(struct book *b, const char *name, bool leaves)
{
	unsigned count = NOBODY_SAYS;

	node_count(false_redis_store(b->redis), "policyd:", name, leaves, told,
	    &count);
	assert_int_equal(count, NOBODY_SAYS);
	clock_turn(b->clock, 500);
	return count;
}

static void
each_is_counted_itself_among_them(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	assert_int_equal(says(b, "mx1/10", false), 1);
	assert_int_equal(says(b, "mx2/10", false), 2);
	assert_int_equal(says(b, "mx2/11", false), 3); /* on the same host */
	assert_int_equal(says(b, "mx1/10", false), 3); /* and only once */
	book_end(b);
}

static void
who_is_silent_is_not_counted_any_more(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	says(b, "mx1/10", false);
	says(b, "mx2/10", false);
	book_wait(b, NODE_TTL - 10);
	assert_int_equal(says(b, "mx1/10", false), 2);
	book_wait(b, 10);
	assert_int_equal(says(b, "mx1/10", false), 1);
	book_end(b);
}

static void
who_leaves_is_not_counted_at_once(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	says(b, "mx1/10", false);
	assert_int_equal(says(b, "mx2/10", false), 2);
	assert_int_equal(says(b, "mx2/10", true), 1);
	assert_int_equal(says(b, "mx1/10", false), 1);
	book_end(b);
}

static void
nobody_is_told_when_the_answer_is_lost(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	says(b, "mx1/10", false);
	false_redis_mood(b->redis, MOOD_SILENT);
	assert_int_equal(says(b, "mx1/10", false), NOBODY_SAYS);
	book_end(b);
}

static void
the_entries_can_be_read_and_end_by_themselves(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	says(b, "MX1.example.com/10", false);
	assert_string_equal(BOOK_DO(b, "ZRANGE", "policyd:nodes", "0", "-1"),
	    "MX1.example.com/10");
	assert_true(book_ttl(b, "policyd:nodes") > NODE_TTL - 2);
	book_wait(b, NODE_TTL + 1);
	assert_string_equal(BOOK_DO(b, "EXISTS", "policyd:nodes"), "0");
	book_end(b);
}

static void
what_stands_there_instead_is_replaced(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	BOOK_DO(b, "SET", "policyd:nodes", "7");
	assert_int_equal(says(b, "mx1/10", false), 1);
	book_end(b);
}

static void
a_record_has_its_fields_and_no_older_ones(void **state)
{
	const struct node_field before[] = { { "a", "1" }, { "b", "2" } };
	const struct node_field now[] = { { "a", "x=y z" }, { "empty", "" } };
	const char *key = "policyd:node:{mx1/10}";
	struct book *b = book_begin("");

	(void)state;
	node_publish(
	    false_redis_store(b->redis), "policyd:", "mx1/10", before, 2);
	clock_turn(b->clock, 500);
	assert_string_equal(BOOK_DO(b, "HGET", key, "b"), "2");
	node_publish(false_redis_store(b->redis), "policyd:", "mx1/10", now, 2);
	clock_turn(b->clock, 500);
	assert_string_equal(BOOK_DO(b, "HGET", key, "a"), "x=y z");
	assert_string_equal(BOOK_DO(b, "HLEN", key), "2");
	assert_true(book_ttl(b, key) > NODE_TTL - 2);
	book_end(b);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, each_is_counted_itself_among_them);
	SUITE_TEST(&s, who_is_silent_is_not_counted_any_more);
	SUITE_TEST(&s, who_leaves_is_not_counted_at_once);
	SUITE_TEST(&s, nobody_is_told_when_the_answer_is_lost);
	SUITE_TEST(&s, the_entries_can_be_read_and_end_by_themselves);
	SUITE_TEST(&s, a_record_has_its_fields_and_no_older_ones);
	SUITE_TEST(&s, what_stands_there_instead_is_replaced);
	return suite_run(&s, "engine/node");
}
