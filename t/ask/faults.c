/*
 * Questions to a Redis that misbehaves on purpose; and how the door is closed.
 */
#include "ask/redis/redis.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>

#include "kit/rig.h"
#include "kit/suite.h"

struct fault {
	const char *name;
	const char *reply;
	enum loss loss;
	bool stays; /* the connection does */
};

// clang-format off
static const struct fault faults[] = {
	{ "it is full", "-OOM command not allowed\r\n", LOSS_FULL, true },
	{ "its disk is full", "-MISCONF Errors writing\r\n", LOSS_FULL, true },
	{ "somebody else's value", "-WRONGTYPE Operation\r\n",
	    LOSS_WRONG_TYPE, true },
	{ "the script ended with an error", "-ERR user_script:1: x\r\n",
	    LOSS_SCRIPT, true },
	{ "a right is missing", "-NOPERM no permissions\r\n",
	    LOSS_REFUSED, true },
	{ "it lacks replicas", "-NOREPLICAS Not enough\r\n",
	    LOSS_READ_ONLY, true },
	{ "it has become a replica", "-READONLY You can't write\r\n",
	    LOSS_READ_ONLY, false },
	{ "its master is gone", "-MASTERDOWN Link with MASTER\r\n",
	    LOSS_READ_ONLY, false },
	{ "it has been restarted behind a proxy", "-LOADING Redis is\r\n",
	    LOSS_DOWN, false },
	{ "it wants a password now", "-NOAUTH Authentication\r\n",
	    LOSS_REFUSED, false },
	{ "it never knows the script", "-NOSCRIPT No matching script.\r\n",
	    LOSS_SCRIPT, true },
	{ "an array in an array", "*1\r\n*1\r\n:1\r\n", LOSS_SHAPE, true },
	{ "an array of 33",
	    "*33\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n"
	    ":1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n"
	    ":1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n"
	    ":1\r\n:1\r\n:1\r\n:1\r\n", LOSS_SHAPE, true },
	{ "it says nothing, once", FAKE_SILENT, LOSS_TIMEOUT, true },
	{ "half an answer", "$100\r\nabc", LOSS_TIMEOUT, true },
	{ "it closes", FAKE_CLOSE, LOSS_BROKEN, false },
	{ "it says more than it was asked", "+OK\r\n+more\r\n", LOSS_NONE,
	    false },
	{ "garbage", "garbage\r\n", LOSS_BROKEN, false },
	{ "a number that is none", ":12x\r\n", LOSS_BROKEN, false },
	{ "a length that is none", "$-7\r\n", LOSS_BROKEN, false },
};
// clang-format on

static void
asked(void **state)
{
	const struct fault *f = *state;
	const bool again = strncmp(f->reply, "-NOSCRIPT", 9) == 0;
	struct rig s;
	unsigned before;

	rig_ready(&s);
	before = fake_redis_seen(&s.redis, "EVALSHA");
	fake_redis_rules(&s.redis, RIG_ALWAYS("EVALSHA", f->reply));
	assert_string_equal(loss_name(asker_do(&s.asker, &rig_question, NULL)),
	    loss_name(f->loss));
	assert_int_equal(strcmp(asker_state(&s.asker), "ready") == 0, f->stays);
	/* What may have run is not asked again. */
	assert_int_equal(
	    fake_redis_seen(&s.redis, "EVALSHA") - before, again ? 2 : 1);
	rig_end(&s);
}

static void
a_script_redis_forgot_is_loaded_again_once_for_all(void **state)
{
	struct rig s;
	unsigned loads;
	(void)state;

	rig_ready(&s);
	loads = fake_redis_seen(&s.redis, "SCRIPT");
	fake_redis_rules(&s.redis,
	    (const struct fake_rule[]){
		{ "EVALSHA", "-NOSCRIPT No matching script.\r\n", 100 },
		{ 0 } });
	for (int i = 0; i < 100; i++)
		asker_ask(&s.asker);
	assert_true(asker_settle(&s.asker));
	assert_int_equal(s.asker.known, 100);
	assert_in_range(fake_redis_seen(&s.redis, "SCRIPT") - loads, 1, 3);
	rig_end(&s);
}

static void
errors_that_repeat_are_one_line(void **state)
{
	struct rig s;
	(void)state;

	rig_ready(&s);
	fake_redis_rules(&s.redis, RIG_ALWAYS("EVALSHA", "-OOM no\r\n"));
	for (int i = 0; i < 100; i++)
		asker_ask(&s.asker);
	assert_true(asker_settle(&s.asker));
	assert_int_equal(s.asker.lost[LOSS_FULL], 100);
	assert_int_equal(asker_logged(&s.asker, "OOM no"), 1);
	assert_string_equal(asker_state(&s.asker), "ready");
	rig_end(&s);
}

static void
a_late_answer_is_nobodys(void **state)
{
	struct rig s;
	(void)state;

	rig_ready(&s);
	fake_redis_rules(&s.redis, RIG_ONCE("EVALSHA", FAKE_SILENT));
	asker_ask(&s.asker);
	assert_true(asker_settle(&s.asker));
	assert_int_equal(s.asker.lost[LOSS_TIMEOUT], 1);
	/* Answers come in order: this one's takes the empty place. */
	fake_redis_rules(&s.redis,
	    RIG_ONCE("EVALSHA",
		"*2\r\n:1\r\n$4\r\nlate\r\n*2\r\n:1\r\n$1\r\n1\r\n"));
	asker_ask(&s.asker);
	assert_true(asker_settle(&s.asker));
	assert_int_equal(s.asker.known, 1);
	assert_int_equal(s.asker.crossed, 0);
	rig_end(&s);
}

static void
three_that_time_out_end_the_connection(void **state)
{
	struct rig s;
	(void)state;

	rig_ready(&s);
	fake_redis_rules(&s.redis, RIG_ALWAYS("EVALSHA", FAKE_SILENT));
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(store_absences(redis_store(s.asker.redis)), 0);
		assert_string_equal(asker_state(&s.asker), "ready");
		asker_ask(&s.asker);
		assert_true(asker_settle(&s.asker));
		assert_int_equal(s.asker.lost[LOSS_TIMEOUT], i);
	}
	assert_string_not_equal(asker_state(&s.asker), "ready");
	assert_int_equal(asker_do(&s.asker, &rig_question, NULL), LOSS_DOWN);
	assert_int_equal(asker_logged(&s.asker, "lost"), 1);
	fake_redis_rules(&s.redis, NULL);
	assert_true(asker_until(&s.asker, "ready"));
	assert_int_equal(store_absences(redis_store(s.asker.redis)), 1);
	rig_end(&s);
}

/* Within one turn of the loop. */
static void
without_redis_the_answer_comes_at_once(void **state)
{
	struct rig s;
	(void)state;

	rig_begin(&s, false, RIG_ALWAYS("connect", FAKE_CLOSE));
	asker_open(&s.asker, NULL, false);
	while (asker_logged(&s.asker, "cannot use") == 0)
		asker_run(&s.asker, 5);
	for (int i = 0; i < 1000; i++) {
		asker_ask(&s.asker);
		uv_run(&s.asker.loop, UV_RUN_ONCE);
		assert_int_equal(s.asker.pending, 0);
	}
	assert_int_equal(s.asker.lost[LOSS_DOWN], 1000);
	rig_end(&s);
}

static void
a_script_nobody_told_of_is_an_error(void **state)
{
	const struct script stranger = { "stranger", "return 1" };
	const struct question q = { .script = &stranger };
	struct rig s;
	(void)state;

	rig_ready(&s);
	assert_int_equal(asker_do(&s.asker, &q, NULL), LOSS_SCRIPT);
	assert_string_equal(asker_state(&s.asker), "ready");
	rig_end(&s);
}

static void
no_more_than_the_limit_are_on_their_way(void **state)
{
	struct rig s;
	(void)state;

	rig_begin(&s, false, NULL);
	s.asker.conf.redis.max_in_flight = 100;
	asker_open(&s.asker, NULL, false);
	assert_true(asker_until(&s.asker, "ready"));
	fake_redis_rules(&s.redis, RIG_ALWAYS("EVALSHA", FAKE_SILENT));
	for (int i = 0; i < 150; i++)
		asker_ask(&s.asker);
	assert_true(asker_settle(&s.asker));
	assert_int_equal(s.asker.lost[LOSS_BUSY], 50);
	assert_int_equal(
	    s.asker.lost[LOSS_TIMEOUT] + s.asker.lost[LOSS_BROKEN], 100);
	rig_end(&s);
}

static void
on_reply(void *data, const struct redisReply *reply, enum loss loss)
{
	char *text = data;

	snprintf(text, 64, "%s", reply ? reply->str : loss_name(loss));
}

static void
a_command_of_policyctl_is_answered_too(void **state)
{
	const struct word words[] = { { "GET", 3 }, { "key", 3 } };
	struct rig s;
	char text[64] = "";
	(void)state;

	rig_begin(&s, false, RIG_ALWAYS("GET", "$5\r\nvalue\r\n"));
	asker_open(&s.asker, NULL, false);
	redis_command(s.asker.redis, words, 2, on_reply, text);
	assert_string_equal(text, ""); /* it waits */
	while (!*text)
		asker_run(&s.asker, 1);
	assert_string_equal(text, "value");
	fake_redis_rules(&s.redis, RIG_ALWAYS("GET", FAKE_SILENT));
	redis_command(s.asker.redis, words, 2, on_reply, text);
	while (strcmp(text, "value") == 0)
		asker_run(&s.asker, 1);
	assert_string_equal(text, "timeout");
	rig_end(&s);
}

static void
closing_answers_all_that_is_open(void **state)
{
	struct rig s;
	(void)state;

	rig_ready(&s);
	fake_redis_rules(&s.redis, RIG_ALWAYS("EVALSHA", FAKE_SILENT));
	for (int i = 0; i < 50; i++)
		asker_ask(&s.asker);
	asker_run(&s.asker, 5);
	asker_close(&s.asker);
	assert_int_equal(s.asker.lost[LOSS_BROKEN], 50);
	rig_end(&s);
}

static void
closing_while_it_connects_is_fine(void **state)
{
	struct rig s;
	(void)state;

	rig_begin(&s, false, RIG_ALWAYS("ROLE", FAKE_SILENT));
	for (int ms = 0; ms < 20; ms += 4) {
		asker_open(&s.asker, NULL, false);
		asker_ask(&s.asker);
		asker_run(&s.asker, (unsigned)ms);
		asker_close(&s.asker);
	}
	assert_int_equal(
	    s.asker.lost[LOSS_DOWN] + s.asker.lost[LOSS_BROKEN], 5);
	rig_end(&s);
}

static void
a_reload_keeps_the_door_when_it_leads_to_the_same_server(void **state)
{
	const char *other = "192.0.2.1:6379";
	struct rig s;
	(void)state;

	rig_begin(&s, false, NULL);
	s.asker.conf.redis.deadline_ms = 60 * 1000;
	asker_open(&s.asker, NULL, false);
	assert_true(asker_until(&s.asker, "ready"));
	assert_true(redis_same(s.asker.redis, &s.asker.conf));
	s.asker.conf.redis.deadline_ms = 30;
	assert_true(redis_same(s.asker.redis, &s.asker.conf));
	redis_tune(s.asker.redis, &s.asker.conf);
	fake_redis_rules(&s.redis, RIG_ALWAYS("EVALSHA", FAKE_SILENT));
	s.asker.slowest_ms = 0;
	asker_ask(&s.asker);
	assert_true(asker_settle(&s.asker));
	assert_int_equal(s.asker.lost[LOSS_TIMEOUT], 1);
	assert_in_range(s.asker.slowest_ms, 29, 20 * 1000);
	s.asker.conf.redis.password = "new";
	assert_false(redis_same(s.asker.redis, &s.asker.conf));
	s.asker.conf.redis.password = NULL;
	s.asker.conf.redis.servers.items = &other;
	assert_false(redis_same(s.asker.redis, &s.asker.conf));
	rig_end(&s);
}

int
main(void)
{
	struct suite s = { .count = 0 };

	SUITE_ROWS(&s, faults, asked);
	SUITE_TEST(&s, a_script_redis_forgot_is_loaded_again_once_for_all);
	SUITE_TEST(&s, errors_that_repeat_are_one_line);
	SUITE_TEST(&s, a_late_answer_is_nobodys);
	SUITE_TEST(&s, three_that_time_out_end_the_connection);
	SUITE_TEST(&s, without_redis_the_answer_comes_at_once);
	SUITE_TEST(&s, a_script_nobody_told_of_is_an_error);
	SUITE_TEST(&s, no_more_than_the_limit_are_on_their_way);
	SUITE_TEST(&s, a_command_of_policyctl_is_answered_too);
	SUITE_TEST(&s, closing_answers_all_that_is_open);
	SUITE_TEST(&s, closing_while_it_connects_is_fine);
	SUITE_TEST(
	    &s, a_reload_keeps_the_door_when_it_leads_to_the_same_server);
	return suite_run(&s, "faults");
}
