/*
 * From the bytes of Redis to an answer or a loss.
 */
#include "ask/redis/reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "ask/redis/scripts.h"
#include "kit/suite.h"

/* As hiredis reads them. */
static redisReply *
read_reply(const char *bytes, size_t size)
{
	redisReader *reader = redisReaderCreate();
	void *reply = NULL;

	redisReaderFeed(reader, bytes, size);
	assert_int_equal(redisReaderGetReply(reader, &reply), REDIS_OK);
	assert_non_null(reply);
	redisReaderFree(reader);
	return reply;
}

struct row {
	const char *name;
	const char *bytes;
	enum loss loss;
	bool leave;
};

// clang-format off
static const struct row rows[] = {
	{ "a replica refuses writes, and is left",
	    "-READONLY You can't write against a read only replica. script: "
	    "1b93, on @user_script:1.\r\n", LOSS_READ_ONLY, true },
	{ "a replica without its master is left",
	    "-MASTERDOWN Link with MASTER is down and "
	    "replica-serve-stale-data is set to 'no'.\r\n",
	    LOSS_READ_ONLY, true },
	{ "a master without enough replicas is still the master",
	    "-NOREPLICAS Not enough good replicas to write.\r\n",
	    LOSS_READ_ONLY, false },
	{ "one that is loading is left, and nothing ran",
	    "-LOADING Redis is loading the dataset in memory\r\n",
	    LOSS_DOWN, true },
	{ "full memory stops writes only",
	    "-OOM command not allowed when used memory > 'maxmemory'. "
	    "script: 1b93, on @user_script:1.\r\n", LOSS_FULL, false },
	{ "a full disk stops writes only",
	    "-MISCONF Errors writing to the AOF file: No space left on "
	    "device\r\n", LOSS_FULL, false },
	{ "a password asked for later is a new beginning",
	    "-NOAUTH Authentication required.\r\n", LOSS_REFUSED, true },
	{ "so is a wrong one",
	    "-WRONGPASS invalid username-password pair or user is "
	    "disabled.\r\n", LOSS_REFUSED, true },
	{ "a missing right is told, and stays",
	    "-NOPERM this user has no permissions to run the 'evalsha' "
	    "command\r\n", LOSS_REFUSED, false },
	{ "a stranger's value under our key",
	    "-WRONGTYPE Operation against a key holding the wrong kind of "
	    "value script: 1b93, on @user_script:1.\r\n",
	    LOSS_WRONG_TYPE, false },
	{ "an error without a known word is the script's",
	    "-ERR user_script:1: oh no\r\n", LOSS_SCRIPT, false },
	{ "a word must match whole",
	    "-OOMPH\r\n", LOSS_SCRIPT, false },
	{ "and in its case",
	    "-oom\r\n", LOSS_SCRIPT, false },
	{ "a word alone will do",
	    "-OOM\r\n", LOSS_FULL, false },
	{ "an empty error is one", "-\r\n", LOSS_SCRIPT, false },
	{ "somebody else's long script: it did not run",
	    "-BUSY Redis is busy running a script.\r\n", LOSS_BUSY, false },
	{ "a cluster is not what a single server is",
	    "-MOVED 449 127.0.0.1:7936\r\n", LOSS_DOWN, true },
	{ "an array in an array is of no shape we know",
	    "*2\r\n:1\r\n*1\r\n:2\r\n", LOSS_SHAPE, false },
	{ "an error in an array is neither",
	    "*2\r\n:1\r\n-ERR x\r\n", LOSS_SHAPE, false },
	{ "a number is an answer", ":1\r\n", LOSS_NONE, false },
	{ "nil is an answer", "$-1\r\n", LOSS_NONE, false },
	{ "an array of none is an answer", "*0\r\n", LOSS_NONE, false },
	{ "so is no array at all", "*-1\r\n", LOSS_NONE, false },
};
// clang-format on

static void
classified(void **state)
{
	const struct row *row = *state;
	redisReply *reply = read_reply(row->bytes, strlen(row->bytes));
	struct answer a;

	reply_answer(reply, &a);
	assert_string_equal(loss_name(a.loss), loss_name(row->loss));
	assert_int_equal(a.state, row->loss ? LOST : KNOWN);
	assert_int_equal(reply_leave(reply), row->leave);
	freeReplyObject(reply);
}

static void
values_are_texts_numbers_and_nil(void **state)
{
	static const char bytes[] = "*5\r\n:-7\r\n$4\r\na\0b\n\r\n$-1\r\n"
				    "+OK\r\n$0\r\n\r\n";
	redisReply *reply = read_reply(bytes, sizeof(bytes) - 1);
	struct answer a;
	(void)state;

	reply_answer(reply, &a);
	assert_int_equal(a.count, 5);
	assert_true(a.values[0].is_number);
	assert_int_equal(a.values[0].number, -7);
	assert_null(a.values[0].text);
	assert_int_equal(a.values[1].size, 4);
	assert_memory_equal(a.values[1].text, "a\0b\n", 4);
	assert_false(a.values[2].is_number);
	assert_null(a.values[2].text);
	assert_string_equal(a.values[3].text, "OK");
	assert_non_null(a.values[4].text);
	assert_int_equal(a.values[4].size, 0);
	freeReplyObject(reply);
}

static void
redis_remembers_nothing_it_was_asked(void **state)
{
	redisReply *reply = read_reply(":1\r\n", 4);
	struct answer a;
	(void)state;

	memset(&a, 1, sizeof(a));
	reply_answer(reply, &a);
	assert_false(a.remembered);
	freeReplyObject(reply);
}

static void
an_answer_has_at_most_32_values(void **state)
{
	(void)state;

	for (int count = ANSWER_VALUES; count <= ANSWER_VALUES + 1; count++) {
		char bytes[1024];
		int size = snprintf(bytes, sizeof(bytes), "*%d\r\n", count);
		redisReply *reply;
		struct answer a;

		for (int i = 0; i < count; i++)
			size += snprintf(bytes + size,
			    sizeof(bytes) - (size_t)size, ":%d\r\n", i);
		reply = read_reply(bytes, (size_t)size);
		reply_answer(reply, &a);
		assert_int_equal(
		    a.loss, count > ANSWER_VALUES ? LOSS_SHAPE : LOSS_NONE);
		assert_int_equal(a.count, count > ANSWER_VALUES ? 0 : count);
		freeReplyObject(reply);
	}
}

static void
a_question_is_a_command_with_lengths(void **state)
{
	const struct script script = { "s", "return 1" };
	struct loaded loaded = { .script = &script };
	struct question q = { .script = &script,
		.keys = 1,
		.count = 3,
		.words = { { "key", 3 }, { "a\r\n\0b", 5 }, { "", 0 } } };
	static const char expected[] =
	    "*6\r\n$7\r\nEVALSHA\r\n"
	    "$40\r\ne0e1f9fabfc9d4800c877a703b823ac0578ff8db\r\n"
	    "$1\r\n1\r\n$3\r\nkey\r\n$5\r\na\r\n\0b\r\n$0\r\n\r\n";
	struct buffer b = { 0 };
	(void)state;

	loaded_as(&loaded, "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
	format_question(&b, &loaded, &q);
	assert_int_equal(b.size, sizeof(expected) - 1);
	assert_memory_equal(b.bytes, expected, b.size);
	q.read_only = true;
	q.keys = 0;
	q.count = 0;
	format_question(&b, &loaded, &q);
	assert_memory_equal(b.bytes, "*3\r\n$10\r\nEVALSHA_RO\r\n", 21);
	assert_memory_equal(b.bytes + b.size - 7, "$1\r\n0\r\n", 7);
	free(b.bytes);
}

static void
plain_commands_are_written_one_behind_the_other(void **state)
{
	const struct question q = { .script = &plain_commands,
		.count = 6,
		.words = { { "SET", 3 }, { "k", 1 }, { "", 0 }, { NULL, 0 },
		    { "GET", 3 }, { "k", 1 } } };
	static const char expected[] =
	    "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n"
	    "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n";
	struct buffer b = { 0 };
	(void)state;

	assert_int_equal(question_commands(&q), 2);
	format_commands(&b, &q);
	assert_int_equal(b.size, sizeof(expected) - 1);
	assert_memory_equal(b.bytes, expected, b.size);
	free(b.bytes);
}

int
main(void)
{
	struct suite s = { .count = 0 };

	SUITE_ROWS(&s, rows, classified);
	SUITE_TEST(&s, values_are_texts_numbers_and_nil);
	SUITE_TEST(&s, redis_remembers_nothing_it_was_asked);
	SUITE_TEST(&s, an_answer_has_at_most_32_values);
	SUITE_TEST(&s, a_question_is_a_command_with_lengths);
	SUITE_TEST(&s, plain_commands_are_written_one_behind_the_other);
	return suite_run(&s, "reply");
}
