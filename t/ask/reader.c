/*
 * From bytes, in whatever pieces they come, to replies.
 */
#include "ask/redis/reader.h"

#include <hiredis/hiredis.h>
#include <string.h>

#include "base/arena.h"
#include "kit/suite.h"

static const char several[] = "+OK\r\n:-12\r\n$-1\r\n$4\r\na\r\nb\r\n"
			      "-ERR no\r\n*0\r\n*2\r\n*1\r\n:7\r\n$1\r\nx\r\n";

static void
expect_several(struct reader *r, const redisReply *(*next)(struct reader *))
{
	const redisReply *reply = next(r);

	assert_int_equal(reply->type, REDIS_REPLY_STATUS);
	assert_string_equal(reply->str, "OK");
	assert_int_equal(next(r)->integer, -12);
	assert_int_equal(next(r)->type, REDIS_REPLY_NIL);
	reply = next(r);
	assert_int_equal(reply->type, REDIS_REPLY_STRING);
	assert_int_equal(reply->len, 4);
	assert_memory_equal(reply->str, "a\r\nb", 5);
	reply = next(r);
	assert_int_equal(reply->type, REDIS_REPLY_ERROR);
	assert_string_equal(reply->str, "ERR no");
	assert_int_equal(next(r)->elements, 0);
	reply = next(r);
	assert_int_equal(reply->type, REDIS_REPLY_ARRAY);
	assert_int_equal(reply->elements, 2);
	assert_int_equal(reply->element[0]->element[0]->integer, 7);
	assert_string_equal(reply->element[1]->str, "x");
	assert_null(reader_next(r));
	assert_null(reader_error(r));
}

static void
replies_are_read_one_after_the_other(void **state)
{
	struct reader r;
	(void)state;

	reader_init(&r);
	reader_feed(&r, several, sizeof(several) - 1);
	expect_several(&r, reader_next);
	reader_clear(&r);
	arena_pool_clear();
}

static size_t fed;

static const redisReply *
next_of_bytes(struct reader *r)
{
	const redisReply *reply;

	while (!(reply = reader_next(r))) {
		assert_true(fed < sizeof(several) - 1);
		reader_feed(r, several + fed++, 1);
	}
	return reply;
}

static void
they_may_come_byte_by_byte(void **state)
{
	struct reader r;
	(void)state;

	reader_init(&r);
	expect_several(&r, next_of_bytes);
	reader_clear(&r);
	arena_pool_clear();
}

static void
what_is_no_reply_is_an_error_from_then_on(void **state)
{
	struct reader r;
	(void)state;

	reader_init(&r);
	reader_feed(&r, "+OK\r\ngarbage\r\n", 14);
	assert_string_equal(reader_next(&r)->str, "OK");
	assert_null(reader_next(&r));
	assert_non_null(strstr(reader_error(&r), "Protocol error"));
	reader_feed(&r, "+OK\r\n", 5);
	assert_null(reader_next(&r));
	assert_non_null(reader_error(&r));
	reader_clear(&r);
	arena_pool_clear();
}

/* RESP3 is spoken to who asks for it, and we do not. hiredis 0.14 does not know
 * it, 1.x does, and makes some of its types without asking how. */
static void
what_only_RESP3_has_is_no_reply(void **state)
{
	static const char *const texts[] = { ",1.5\r\n", "#t\r\n", "(12\r\n",
		"=5\r\ntxt:a\r\n", "%1\r\n+a\r\n+b\r\n", "~1\r\n+a\r\n",
		">1\r\n+a\r\n", "|1\r\n+a\r\n+b\r\n", "*2\r\n:1\r\n,1.5\r\n",
		"*1\r\n#f\r\n", "*1\r\n%0\r\n", "%-1\r\n", "=-1\r\n" };
	(void)state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct reader r;

		reader_init(&r);
		reader_feed(&r, texts[i], strlen(texts[i]));
		assert_null(reader_next(&r));
		assert_non_null(strstr(reader_error(&r), "Protocol error"));
		reader_clear(&r);
	}
	arena_pool_clear();
}

/* Memory for 16 GB of pointers would be the end of us. */
static void
an_array_is_of_a_million_at_most(void **state)
{
	static const char *const texts[] = { "*1048577\r\n", "*2147483647\r\n",
		"*2\r\n*1\r\n:1\r\n*999999999\r\n" };
	struct reader r;
	(void)state;

	for (size_t i = 0; i < 3; i++) {
		reader_init(&r);
		reader_feed(&r, texts[i], strlen(texts[i]));
		assert_null(reader_next(&r));
		assert_string_equal(
		    reader_error(&r), "Protocol error, an array without end");
		reader_clear(&r);
	}
	reader_init(&r);
	reader_feed(&r, "*1048576\r\n", 10);
	assert_null(reader_next(&r));
	assert_null(reader_error(&r));
	reader_clear(&r);
	arena_pool_clear();
}

/* An array whose rest never comes is no leak. */
static void
half_a_reply_goes_with_the_reader(void **state)
{
	struct reader r;
	(void)state;

	reader_init(&r);
	reader_feed(&r, "*3\r\n$1\r\na\r\n$9\r\nbcd", 18);
	assert_null(reader_next(&r));
	reader_clear(&r);
	arena_pool_clear();
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, replies_are_read_one_after_the_other);
	SUITE_TEST(&s, they_may_come_byte_by_byte);
	SUITE_TEST(&s, what_is_no_reply_is_an_error_from_then_on);
	SUITE_TEST(&s, what_only_RESP3_has_is_no_reply);
	SUITE_TEST(&s, an_array_is_of_a_million_at_most);
	SUITE_TEST(&s, half_a_reply_goes_with_the_reader);
	return suite_run(&s, "ask/reader");
}
