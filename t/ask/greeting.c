/*
 * The way to a Redis that can be used: found, greeted, logged in to; or not.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kit/rig.h"
#include "kit/suite.h"

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
	{ "without the right to a name it is used", "CLIENT SETNAME",
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
	struct rig s;

	rig_begin(&s, false, RIG_ALWAYS(g->command, g->reply));
	asker_open(&s.asker, NULL, false);
	if (g->logged) {
		while (asker_logged(&s.asker, "cannot use") == 0)
			asker_run(&s.asker, 5);
		assert_int_equal(
		    asker_do(&s.asker, &rig_question, NULL), LOSS_DOWN);
		assert_non_null(strstr(s.asker.log, g->logged));
	} else {
		assert_true(asker_until(&s.asker, "ready"));
	}
	rig_end(&s);
}

static void
it_is_used_as_soon_as_it_is_good(void **state)
{
	struct rig s;
	(void)state;

	rig_begin(
	    &s, false, RIG_ALWAYS("SCRIPT", "-LOADING Redis is loading\r\n"));
	asker_open(&s.asker, NULL, false);
	while (fake_redis_seen(&s.redis, "connect") < 3)
		asker_run(&s.asker, 10);
	fake_redis_rules(&s.redis, NULL);
	assert_true(asker_until(&s.asker, "ready"));
	assert_int_equal(asker_do(&s.asker, &rig_question, NULL), LOSS_NONE);
	assert_int_equal(asker_logged(&s.asker, "LOADING"), 1);
	assert_int_equal(asker_logged(&s.asker, "ready at"), 1);
	rig_end(&s);
}

static void
it_introduces_itself(void **state)
{
	struct rig s;
	(void)state;

	rig_begin(&s, false, NULL);
	s.asker.conf.redis.user = "mail";
	s.asker.conf.redis.password = "se cret";
	s.asker.conf.redis.database = 3;
	asker_open(&s.asker, NULL, false);
	assert_true(asker_until(&s.asker, "ready"));
	assert_string_equal(fake_redis_log(&s.redis),
	    "AUTH mail se cret\nSELECT 3\nCLIENT SETNAME policyd\nROLE\n");
	rig_end(&s);
}

static void
a_password_file_is_read_for_each_connection(void **state)
{
	struct rig s;
	char path[128];
	FILE *file;
	(void)state;

	rig_begin(&s, false, NULL);
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
	rig_end(&s);
}

/* It was root's, and we are root no more. */
static void
without_the_file_the_password_it_once_had_is_used(void **state)
{
	struct rig s;
	char path[128];
	(void)state;

	rig_begin(&s, false, NULL);
	snprintf(path, sizeof(path), "%s/password", s.redis.directory);
	s.asker.conf.redis.password_file = path;
	s.asker.conf.redis.password = "geheim";
	asker_open(&s.asker, NULL, false);
	assert_true(asker_until(&s.asker, "ready"));
	assert_non_null(strstr(fake_redis_log(&s.redis), "AUTH geheim\n"));
	rig_end(&s);
}

static void
a_wrong_password_is_told_once_and_no_question_waits(void **state)
{
	struct rig s;
	(void)state;

	rig_begin(&s, true,
	    RIG_ALWAYS(
		"AUTH", "-WRONGPASS invalid username-password pair\r\n"));
	s.asker.conf.redis.password = "wrong";
	asker_open(&s.asker, NULL, false);
	while (fake_redis_seen(&s.redis, "connect") < 4)
		asker_run(&s.asker, 10);
	assert_int_equal(asker_do(&s.asker, &rig_question, NULL), LOSS_DOWN);
	assert_int_equal(asker_logged(&s.asker, "AUTH: WRONGPASS"), 1);
	rig_end(&s);
}

static void
a_name_is_looked_up(void **state)
{
	struct rig s;
	char server[64];
	(void)state;

	rig_begin(&s, true, NULL);
	snprintf(server, sizeof(server), "localhost:%u", s.redis.port);
	s.asker.server = server;
	asker_open(&s.asker, NULL, false);
	assert_true(asker_until(&s.asker, "ready"));
	assert_int_equal(asker_logged(&s.asker, server), 1);
	rig_end(&s);
}

static void
a_second_server_is_tried_when_the_first_is_no_master(void **state)
{
	struct fake_redis replica;
	const char *servers[2];
	struct rig s;
	(void)state;

	fake_redis_start(
	    &replica, true, RIG_ALWAYS("ROLE", "*1\r\n$5\r\nslave\r\n"));
	rig_begin(&s, true, NULL);
	servers[0] = replica.server;
	servers[1] = s.redis.server;
	s.asker.conf.redis.servers = (struct list){ 2, servers };
	asker_open(&s.asker, NULL, false);
	assert_true(asker_until(&s.asker, "ready"));
	assert_true(fake_redis_seen(&replica, "ROLE") > 0);
	assert_int_equal(fake_redis_seen(&replica, "EVALSHA"), 0);
	rig_end(&s);
	fake_redis_stop(&replica);
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
	SUITE_TEST(&s, it_introduces_itself);
	SUITE_TEST(&s, a_password_file_is_read_for_each_connection);
	SUITE_TEST(&s, without_the_file_the_password_it_once_had_is_used);
	SUITE_TEST(&s, a_wrong_password_is_told_once_and_no_question_waits);
	SUITE_TEST(&s, a_name_is_looked_up);
	SUITE_TEST(&s, a_second_server_is_tried_when_the_first_is_no_master);
	SUITE_TEST(&s, what_is_no_server_is_refused);
	return suite_run(&s, "greeting");
}
