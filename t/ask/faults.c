/*
 * The door to Redis, with one behind it that misbehaves on purpose.
 */
#include "ask/redis/redis.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/asker.h"
#include "kit/fake_redis.h"
#include "kit/suite.h"

struct scene {
	struct fake_redis redis;
	struct asker asker;
};

// clang-format off
#define ALWAYS(command, reply)                                                 \
	((const struct fake_rule[]){ { command, reply, 0 }, { 0 } })
#define ONCE(command, reply)                                                   \
	((const struct fake_rule[]){ { command, reply, 1 }, { 0 } })
// clang-format on

static const struct question question = { .script = &asker_script,
	.keys = 1,
	.count = 2,
	.words = { { "test:count", 10 }, { "x", 1 } } };

static void
begin(struct scene *s, bool tcp, const struct fake_rule *rules)
{
	fake_redis_start(&s->redis, tcp, rules);
	asker_init(&s->asker, s->redis.server);
	s->asker.conf.redis.deadline_ms = 200;
	s->asker.conf.redis.connect_ms = 300;
}

static void
begin_ready(struct scene *s)
{
	begin(s, false, NULL);
	asker_open(&s->asker, NULL, false);
	assert_true(asker_until(&s->asker, "ready"));
}

static void
end(struct scene *s)
{
	asker_clear(&s->asker);
	fake_redis_stop(&s->redis);
}

struct greeting {
	const char *name;
	const char *command, *reply;
	const char *logged; /* NULL: it becomes ready */
};

// clang-format off
static const struct greeting greetings[] = {
	{ "a replica is not used", "ROLE",
	    "*2\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n",
	    "ROLE: not a master" },
	{ "nor something that has no role", "ROLE", "+OK\r\n",
	    "ROLE: not a master" },
	{ "a password is missing", "ROLE",
	    "-NOAUTH Authentication required.\r\n",
	    "ROLE: NOAUTH Authentication required." },
	{ "it is loading", "SCRIPT",
	    "-LOADING Redis is loading the dataset in memory\r\n",
	    "SCRIPT LOAD: LOADING Redis is loading" },
	{ "the right to load scripts is missing", "SCRIPT",
	    "-NOPERM this user has no permissions\r\n",
	    "SCRIPT LOAD: NOPERM this user" },
	{ "scripts are nothing it knows", "SCRIPT", "+OK\r\n",
	    "SCRIPT LOAD: not a digest" },
	{ "it takes connections and says nothing", "SCRIPT", FAKE_SILENT,
	    "not ready in time" },
	{ "it closes at once", "connect", FAKE_CLOSE, "cannot use" },
	{ "it closes in the middle", "ROLE", FAKE_CLOSE, "cannot use" },
	{ "it has too many clients", "connect",
	    "-ERR max number of clients reached\r\n",
	    "ERR max number of clients reached" },
	{ "it is no Redis at all", "ROLE", "220 mail.example.com ESMTP\r\n",
	    "Protocol error" },
	{ "it greets, and does not answer questions", "EVALSHA", FAKE_SILENT,
	    "does not answer" },
	{ "it has become a replica meanwhile", "EVALSHA",
	    "-READONLY You can't write against a read only replica.\r\n",
	    "READONLY" },
	{ "the right to run scripts is missing", "EVALSHA",
	    "-NOPERM this user has no permissions\r\n", "NOPERM" },
	{ "without the right to a name it is used", "CLIENT",
	    "-NOPERM this user has no permissions\r\n", NULL },
	{ "full, it can still be read", "EVALSHA",
	    "-OOM command not allowed when used memory > 'maxmemory'.\r\n",
	    NULL },
	{ "with a full disk, it can still be read", "EVALSHA",
	    "-MISCONF Errors writing to the AOF file\r\n", NULL },
};
// clang-format on

static void
greeted(void **state)
{
	const struct greeting *g = *state;
	struct scene s;

	begin(&s, false, ALWAYS(g->command, g->reply));
	asker_open(&s.asker, NULL, false);
	if (g->logged) {
		while (asker_logged(&s.asker, "cannot use") == 0)
			asker_run(&s.asker, 5);
		assert_int_equal(
		    asker_do(&s.asker, &question, NULL), LOSS_DOWN);
		assert_non_null(strstr(s.asker.log, g->logged));
	} else {
		assert_true(asker_until(&s.asker, "ready"));
	}
	end(&s);
}

static void
it_is_used_as_soon_as_it_is_good(void **state)
{
	struct scene s;
	(void)state;

	begin(&s, false, ALWAYS("SCRIPT", "-LOADING Redis is loading\r\n"));
	asker_open(&s.asker, NULL, false);
	while (fake_redis_seen(&s.redis, "connect") < 3)
		asker_run(&s.asker, 10);
	fake_redis_rules(&s.redis, NULL);
	assert_true(asker_until(&s.asker, "ready"));
	assert_int_equal(asker_do(&s.asker, &question, NULL), LOSS_NONE);
	assert_int_equal(asker_logged(&s.asker, "LOADING"), 1);
	assert_int_equal(asker_logged(&s.asker, "ready at"), 1);
	end(&s);
}

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
	struct scene s;
	unsigned before;

	begin_ready(&s);
	before = fake_redis_seen(&s.redis, "EVALSHA");
	fake_redis_rules(&s.redis, ALWAYS("EVALSHA", f->reply));
	assert_string_equal(
	    loss_name(asker_do(&s.asker, &question, NULL)), loss_name(f->loss));
	assert_int_equal(strcmp(asker_state(&s.asker), "ready") == 0, f->stays);
	/* What may have run is not asked again. */
	assert_int_equal(
	    fake_redis_seen(&s.redis, "EVALSHA") - before, again ? 2 : 1);
	end(&s);
}

static void
a_script_redis_forgot_is_loaded_again_once_for_all(void **state)
{
	struct scene s;
	unsigned loads;
	(void)state;

	begin_ready(&s);
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
	end(&s);
}

static void
errors_that_repeat_are_one_line(void **state)
{
	struct scene s;
	(void)state;

	begin_ready(&s);
	fake_redis_rules(&s.redis, ALWAYS("EVALSHA", "-OOM no\r\n"));
	for (int i = 0; i < 100; i++)
		asker_ask(&s.asker);
	assert_true(asker_settle(&s.asker));
	assert_int_equal(s.asker.lost[LOSS_FULL], 100);
	assert_int_equal(asker_logged(&s.asker, "OOM no"), 1);
	assert_string_equal(asker_state(&s.asker), "ready");
	end(&s);
}

static void
a_late_answer_is_nobodys(void **state)
{
	struct scene s;
	(void)state;

	begin_ready(&s);
	fake_redis_rules(&s.redis, ONCE("EVALSHA", FAKE_SILENT));
	asker_ask(&s.asker);
	assert_true(asker_settle(&s.asker));
	assert_int_equal(s.asker.lost[LOSS_TIMEOUT], 1);
	/* Answers come in order: this one's takes the empty place. */
	fake_redis_rules(&s.redis,
	    ONCE("EVALSHA",
		"*2\r\n:1\r\n$4\r\nlate\r\n*2\r\n:1\r\n$1\r\n1\r\n"));
	asker_ask(&s.asker);
	assert_true(asker_settle(&s.asker));
	assert_int_equal(s.asker.known, 1);
	assert_int_equal(s.asker.crossed, 0);
	end(&s);
}

static void
three_that_time_out_end_the_connection(void **state)
{
	struct scene s;
	(void)state;

	begin_ready(&s);
	fake_redis_rules(&s.redis, ALWAYS("EVALSHA", FAKE_SILENT));
	for (int i = 1; i <= 3; i++) {
		assert_string_equal(asker_state(&s.asker), "ready");
		asker_ask(&s.asker);
		assert_true(asker_settle(&s.asker));
		assert_int_equal(s.asker.lost[LOSS_TIMEOUT], i);
	}
	assert_string_not_equal(asker_state(&s.asker), "ready");
	assert_int_equal(asker_do(&s.asker, &question, NULL), LOSS_DOWN);
	assert_int_equal(asker_logged(&s.asker, "lost"), 1);
	fake_redis_rules(&s.redis, NULL);
	assert_true(asker_until(&s.asker, "ready"));
	end(&s);
}

/* Within one turn of the loop. */
static void
without_redis_the_answer_comes_at_once(void **state)
{
	struct scene s;
	(void)state;

	begin(&s, false, ALWAYS("connect", FAKE_CLOSE));
	asker_open(&s.asker, NULL, false);
	while (asker_logged(&s.asker, "cannot use") == 0)
		asker_run(&s.asker, 5);
	for (int i = 0; i < 1000; i++) {
		asker_ask(&s.asker);
		uv_run(&s.asker.loop, UV_RUN_ONCE);
		assert_int_equal(s.asker.pending, 0);
	}
	assert_int_equal(s.asker.lost[LOSS_DOWN], 1000);
	end(&s);
}

static void
a_script_nobody_told_of_is_an_error(void **state)
{
	const struct script stranger = { "stranger", "return 1" };
	const struct question q = { .script = &stranger };
	struct scene s;
	(void)state;

	begin_ready(&s);
	assert_int_equal(asker_do(&s.asker, &q, NULL), LOSS_SCRIPT);
	assert_string_equal(asker_state(&s.asker), "ready");
	end(&s);
}

static void
no_more_than_the_limit_are_on_their_way(void **state)
{
	struct scene s;
	(void)state;

	begin(&s, false, NULL);
	s.asker.conf.redis.max_in_flight = 100;
	asker_open(&s.asker, NULL, false);
	assert_true(asker_until(&s.asker, "ready"));
	fake_redis_rules(&s.redis, ALWAYS("EVALSHA", FAKE_SILENT));
	for (int i = 0; i < 150; i++)
		asker_ask(&s.asker);
	assert_true(asker_settle(&s.asker));
	assert_int_equal(s.asker.lost[LOSS_BUSY], 50);
	assert_int_equal(
	    s.asker.lost[LOSS_TIMEOUT] + s.asker.lost[LOSS_BROKEN], 100);
	end(&s);
}

static void
it_introduces_itself(void **state)
{
	struct scene s;
	(void)state;

	begin(&s, false, NULL);
	s.asker.conf.redis.user = "mail";
	s.asker.conf.redis.password = "se cret";
	s.asker.conf.redis.database = 3;
	asker_open(&s.asker, NULL, false);
	assert_true(asker_until(&s.asker, "ready"));
	assert_string_equal(fake_redis_log(&s.redis),
	    "AUTH mail se cret\nSELECT 3\nCLIENT SETNAME policyd\nROLE\n");
	end(&s);
}

static void
a_password_file_is_read_for_each_connection(void **state)
{
	struct scene s;
	char path[128];
	FILE *file;
	(void)state;

	begin(&s, false, NULL);
	snprintf(path, sizeof(path), "%s/password", s.redis.directory);
	s.asker.conf.redis.password_file = path;
	asker_open(&s.asker, NULL, false);
	while (asker_logged(&s.asker, "password: No such file") == 0)
		asker_run(&s.asker, 5);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("geheim\n", file);
	fclose(file);
	assert_true(asker_until(&s.asker, "ready"));
	assert_non_null(strstr(fake_redis_log(&s.redis), "AUTH geheim\n"));
	unlink(path);
	end(&s);
}

/* It was root's, and we are root no more. */
static void
without_the_file_the_password_it_once_had_is_used(void **state)
{
	struct scene s;
	char path[128];
	(void)state;

	begin(&s, false, NULL);
	snprintf(path, sizeof(path), "%s/password", s.redis.directory);
	s.asker.conf.redis.password_file = path;
	s.asker.conf.redis.password = "geheim";
	asker_open(&s.asker, NULL, false);
	assert_true(asker_until(&s.asker, "ready"));
	assert_non_null(strstr(fake_redis_log(&s.redis), "AUTH geheim\n"));
	end(&s);
}

static void
a_wrong_password_is_told_once_and_no_question_waits(void **state)
{
	struct scene s;
	(void)state;

	begin(&s, true,
	    ALWAYS("AUTH", "-WRONGPASS invalid username-password pair\r\n"));
	s.asker.conf.redis.password = "wrong";
	asker_open(&s.asker, NULL, false);
	while (fake_redis_seen(&s.redis, "connect") < 4)
		asker_run(&s.asker, 10);
	assert_int_equal(asker_do(&s.asker, &question, NULL), LOSS_DOWN);
	assert_int_equal(asker_logged(&s.asker, "AUTH: WRONGPASS"), 1);
	end(&s);
}

static void
a_name_is_looked_up(void **state)
{
	struct scene s;
	char server[64];
	(void)state;

	begin(&s, true, NULL);
	snprintf(server, sizeof(server), "localhost:%u", s.redis.port);
	s.asker.server = server;
	asker_open(&s.asker, NULL, false);
	assert_true(asker_until(&s.asker, "ready"));
	assert_int_equal(asker_logged(&s.asker, server), 1);
	end(&s);
}

static void
a_second_server_is_tried_when_the_first_is_no_master(void **state)
{
	struct fake_redis replica;
	const char *servers[2];
	struct scene s;
	(void)state;

	fake_redis_start(
	    &replica, true, ALWAYS("ROLE", "*1\r\n$5\r\nslave\r\n"));
	begin(&s, true, NULL);
	servers[0] = replica.server;
	servers[1] = s.redis.server;
	s.asker.conf.redis.servers = (struct list){ 2, servers };
	asker_open(&s.asker, NULL, false);
	assert_true(asker_until(&s.asker, "ready"));
	assert_true(fake_redis_seen(&replica, "ROLE") > 0);
	assert_int_equal(fake_redis_seen(&replica, "EVALSHA"), 0);
	end(&s);
	fake_redis_stop(&replica);
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
	struct scene s;
	char text[64] = "";
	(void)state;

	begin(&s, false, ALWAYS("GET", "$5\r\nvalue\r\n"));
	asker_open(&s.asker, NULL, false);
	redis_command(s.asker.redis, words, 2, on_reply, text);
	assert_string_equal(text, ""); /* it waits */
	while (!*text)
		asker_run(&s.asker, 1);
	assert_string_equal(text, "value");
	fake_redis_rules(&s.redis, ALWAYS("GET", FAKE_SILENT));
	redis_command(s.asker.redis, words, 2, on_reply, text);
	while (strcmp(text, "value") == 0)
		asker_run(&s.asker, 1);
	assert_string_equal(text, "timeout");
	end(&s);
}

static void
closing_answers_all_that_is_open(void **state)
{
	struct scene s;
	(void)state;

	begin_ready(&s);
	fake_redis_rules(&s.redis, ALWAYS("EVALSHA", FAKE_SILENT));
	for (int i = 0; i < 50; i++)
		asker_ask(&s.asker);
	asker_run(&s.asker, 5);
	asker_close(&s.asker);
	assert_int_equal(s.asker.lost[LOSS_BROKEN], 50);
	end(&s);
}

static void
closing_while_it_connects_is_fine(void **state)
{
	struct scene s;
	(void)state;

	begin(&s, false, ALWAYS("ROLE", FAKE_SILENT));
	for (int ms = 0; ms < 20; ms += 4) {
		asker_open(&s.asker, NULL, false);
		asker_ask(&s.asker);
		asker_run(&s.asker, (unsigned)ms);
		asker_close(&s.asker);
	}
	assert_int_equal(
	    s.asker.lost[LOSS_DOWN] + s.asker.lost[LOSS_BROKEN], 5);
	end(&s);
}

static void
a_reload_keeps_the_door_when_it_leads_to_the_same_server(void **state)
{
	const char *other = "192.0.2.1:6379";
	struct scene s;
	(void)state;

	begin(&s, false, NULL);
	s.asker.conf.redis.deadline_ms = 60 * 1000;
	asker_open(&s.asker, NULL, false);
	assert_true(asker_until(&s.asker, "ready"));
	assert_true(redis_same(s.asker.redis, &s.asker.conf));
	s.asker.conf.redis.deadline_ms = 30;
	assert_true(redis_same(s.asker.redis, &s.asker.conf));
	redis_tune(s.asker.redis, &s.asker.conf);
	fake_redis_rules(&s.redis, ALWAYS("EVALSHA", FAKE_SILENT));
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
	end(&s);
}

static void
what_is_no_server_is_refused(void **state)
{
	static const char *const wrong[] = { "", "host:", "host:0",
		"host:65536", "host:6379x", "unix:relative", "[::1", "[::1]x",
		":6379", "[]:6379" };
	(void)state;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct asker a;

		asker_init(&a, wrong[i]);
		asker_open(&a, NULL, false);
		if (a.redis)
			fail_msg("'%s'", wrong[i]);
		assert_int_equal(asker_logged(&a, "is no server"), 1);
		asker_clear(&a);
	}
}

int
main(void)
{
	struct suite s = { .count = 0 };

	SUITE_ROWS(&s, greetings, greeted);
	SUITE_TEST(&s, it_is_used_as_soon_as_it_is_good);
	SUITE_ROWS(&s, faults, asked);
	SUITE_TEST(&s, a_script_redis_forgot_is_loaded_again_once_for_all);
	SUITE_TEST(&s, errors_that_repeat_are_one_line);
	SUITE_TEST(&s, a_late_answer_is_nobodys);
	SUITE_TEST(&s, three_that_time_out_end_the_connection);
	SUITE_TEST(&s, without_redis_the_answer_comes_at_once);
	SUITE_TEST(&s, a_script_nobody_told_of_is_an_error);
	SUITE_TEST(&s, no_more_than_the_limit_are_on_their_way);
	SUITE_TEST(&s, it_introduces_itself);
	SUITE_TEST(&s, a_password_file_is_read_for_each_connection);
	SUITE_TEST(&s, without_the_file_the_password_it_once_had_is_used);
	SUITE_TEST(&s, a_wrong_password_is_told_once_and_no_question_waits);
	SUITE_TEST(&s, a_name_is_looked_up);
	SUITE_TEST(&s, a_second_server_is_tried_when_the_first_is_no_master);
	SUITE_TEST(&s, a_command_of_policyctl_is_answered_too);
	SUITE_TEST(&s, closing_answers_all_that_is_open);
	SUITE_TEST(&s, closing_while_it_connects_is_fine);
	SUITE_TEST(
	    &s, a_reload_keeps_the_door_when_it_leads_to_the_same_server);
	SUITE_TEST(&s, what_is_no_server_is_refused);
	return suite_run(&s, "faults");
}
