/*
 * A redis-server of our own: it lives and dies with its policyd.
 */
#include "ask/redis/child.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "kit/asker.h"
#include "kit/real_redis.h"
#include "kit/suite.h"

/* A directory that is not there yet, below one that is. */
struct scene {
	struct real_redis home; /* only its directory */
	char directory[80];
	struct asker asker;
};

/* On the heap: a test that fails does not come to its end(), and libuv's signal
 * handler goes on writing to its loop. Were that on the stack, the next test
 * would overwrite it, and libuv abort before anybody read what had failed. */
static struct scene *
begin(void)
{
	struct scene *s = xcalloc(1, sizeof(*s));

	if (!real_redis_init(&s->home)) {
		free(s);
		skip();
	}
	snprintf(
	    s->directory, sizeof(s->directory), "%s/state", s->home.directory);
	snprintf(s->home.socket, sizeof(s->home.socket), "%s/redis.sock",
	    s->directory);
	asker_init(&s->asker, NULL);
	s->asker.conf.state_directory = s->directory;
	return s;
}

static void
end(struct scene *s)
{
	asker_clear(&s->asker);
	real_redis_clear(&s->home);
	free(s);
}

static pid_t
child_pid(const struct scene *s)
{
	char path[128];
	long pid = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/redis.pid", s->directory);
	file = fopen(path, "r");
	if (file) {
		if (fscanf(file, "%ld", &pid) != 1)
			pid = 0;
		fclose(file);
	}
	return (pid_t)pid;
}

/* Within a generous time; a process of somebody else is only seen in /proc. */
static bool
ends(pid_t pid)
{
	for (int i = 0; i < 12000; i++) {
		char path[64], state = '?';
		FILE *file;

		snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
		if (!(file = fopen(path, "r")))
			return true;
		if (fscanf(file, "%*d %*s %c", &state) != 1)
			state = 'Z';
		fclose(file);
		if (state == 'Z')
			return true;
		usleep(5000);
	}
	return false;
}

static void
it_starts_in_a_directory_of_its_own(void **state)
{
	struct scene *s = begin();
	struct stat st;
	(void)state;

	asker_open(&s->asker, NULL, true);
	assert_true(asker_until(&s->asker, "ready"));
	assert_int_equal(stat(s->directory, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(s->home.socket, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_string_equal(
	    real_redis_do(&s->home, "CONFIG GET maxmemory-policy"),
	    "noeviction");
	end(s);
}

static void
the_first_questions_wait_for_it(void **state)
{
	struct scene *s = begin();
	(void)state;

	asker_open(&s->asker, NULL, true);
	for (int i = 0; i < 100; i++)
		asker_ask(&s->asker);
	assert_true(asker_settle(&s->asker));
	assert_int_equal(s->asker.known, 100);
	assert_int_equal(asker_logged(&s->asker, "cannot use"), 0);
	end(s);
}

static void
it_ends_with_the_door_and_what_it_knew_is_there_again(void **state)
{
	struct scene *s = begin();
	pid_t pid;
	(void)state;

	asker_open(&s->asker, NULL, true);
	assert_true(asker_until(&s->asker, "ready"));
	real_redis_do(&s->home, "SET kept yes");
	pid = child_pid(s);
	assert_true(pid > 0);
	asker_close(&s->asker);
	assert_int_equal(child_pid(s), 0);
	assert_int_equal(kill(pid, 0), -1);
	asker_open(&s->asker, NULL, true);
	assert_true(asker_until(&s->asker, "ready"));
	assert_string_equal(real_redis_do(&s->home, "GET kept"), "yes");
	end(s);
}

/* Nothing waits to be written to its file: what a kill would lose. It writes
 * before it answers, unless an fsync of the second before is still under way;
 * then it waits for that, two seconds at most. */
static bool
all_is_written(const struct scene *s, unsigned within_ms)
{
	const uint64_t start = uv_hrtime();

	while (!strstr(real_redis_do(&s->home, "INFO persistence"),
	    "aof_buffer_length:0\r")) {
		if ((uv_hrtime() - start) / 1000000 > within_ms)
			return false;
		usleep(5000);
	}
	return true;
}

static void
killed_it_is_started_again_and_has_lost_two_seconds_at_most(void **state)
{
	struct scene *s = begin();
	pid_t pid;
	(void)state;

	asker_open(&s->asker, NULL, true);
	assert_true(asker_until(&s->asker, "ready"));
	assert_string_equal(
	    real_redis_do(&s->home, "CONFIG GET appendfsync"), "everysec");
	for (int i = 0; i < 500; i++)
		asker_ask(&s->asker);
	assert_true(asker_settle(&s->asker));
	assert_int_equal(s->asker.known, 500);
	assert_true(all_is_written(s, 20 * 1000));
	pid = child_pid(s);
	kill(pid, SIGKILL);
	while (strcmp(asker_state(&s->asker), "ready") == 0)
		asker_run(&s->asker, 5);
	assert_true(asker_until(&s->asker, "ready"));
	assert_true(child_pid(s) != pid);
	assert_string_equal(real_redis_do(&s->home, "GET test:count"), "500");
	assert_int_equal(asker_logged(&s->asker, "ended by signal 9"), 1);
	end(s);
}

static void
a_reload_gives_it_more_memory(void **state)
{
	struct scene *s = begin();
	(void)state;

	asker_open(&s->asker, NULL, true);
	assert_true(asker_until(&s->asker, "ready"));
	s->asker.conf.redis.child_memory = 99 * 1024 * 1024;
	assert_true(redis_same(s->asker.redis, &s->asker.conf));
	redis_tune(s->asker.redis, &s->asker.conf);
	asker_ask(&s->asker); /* answered behind it */
	assert_true(asker_settle(&s->asker));
	assert_string_equal(
	    real_redis_do(&s->home, "CONFIG GET maxmemory"), "103809024");
	kill(child_pid(s), SIGKILL);
	while (strcmp(asker_state(&s->asker), "ready") == 0)
		asker_run(&s->asker, 5);
	assert_true(asker_until(&s->asker, "ready"));
	assert_string_equal(
	    real_redis_do(&s->home, "CONFIG GET maxmemory"), "103809024");
	end(s);
}

static void
a_reload_with_another_prefix_keeps_it(void **state)
{
	struct scene *s = begin();
	pid_t pid;
	(void)state;

	asker_open(&s->asker, NULL, true);
	assert_true(asker_until(&s->asker, "ready"));
	pid = child_pid(s);
	s->asker.conf.prefix = "other:";
	assert_true(redis_same(s->asker.redis, &s->asker.conf));
	redis_tune(s->asker.redis, &s->asker.conf);
	kill(pid, SIGKILL);
	while (strcmp(asker_state(&s->asker), "ready") == 0)
		asker_run(&s->asker, 5);
	assert_true(asker_until(&s->asker, "ready"));
	assert_string_equal(real_redis_do(&s->home, "EXISTS other:probe"), "1");
	end(s);
}

/* It has no users, and one database. */
static void
it_is_not_logged_in_to(void **state)
{
	struct scene *s = begin();
	(void)state;

	s->asker.conf.redis.user = "somebody";
	s->asker.conf.redis.password = "secret";
	s->asker.conf.redis.database = 5;
	asker_open(&s->asker, NULL, true);
	assert_true(asker_until(&s->asker, "ready"));
	s->asker.conf.redis.password = "other";
	assert_true(redis_same(s->asker.redis, &s->asker.conf));
	end(s);
}

static void
a_second_policyd_on_the_same_directory_is_refused(void **state)
{
	struct scene *s = begin();
	struct redis *first;
	(void)state;

	asker_open(&s->asker, NULL, true);
	assert_true(asker_until(&s->asker, "ready"));
	first = s->asker.redis;
	asker_open(&s->asker, NULL, true);
	assert_null(s->asker.redis);
	assert_int_equal(
	    asker_logged(&s->asker, "another policyd runs its Redis here"), 1);
	s->asker.redis = first;
	s->asker.closed = false;
	assert_true(asker_until(&s->asker, "ready"));
	end(s);
}

static void
policyctl_without_a_child_uses_the_one_there_is(void **state)
{
	struct scene *s = begin();
	struct redis *first;
	const struct question q = { .script = &asker_script,
		.keys = 1,
		.count = 2,
		.words = { { "k", 1 }, { "v", 1 } } };
	const char *text;
	(void)state;

	asker_open(&s->asker, NULL, true);
	assert_true(asker_until(&s->asker, "ready"));
	first = s->asker.redis;
	asker_open(&s->asker, NULL, false);
	assert_int_equal(asker_do(&s->asker, &q, &text), LOSS_NONE);
	assert_string_equal(text, "v");
	asker_close(&s->asker);
	s->asker.redis = first;
	s->asker.closed = false;
	end(s);
}

static void
a_name_too_long_for_a_socket_is_refused(void **state)
{
	struct scene *s = begin();
	char directory[200];
	(void)state;

	snprintf(
	    directory, sizeof(directory), "%s/%0100d", s->home.directory, 0);
	s->asker.conf.state_directory = directory;
	asker_open(&s->asker, NULL, true);
	assert_null(s->asker.redis);
	assert_int_equal(asker_logged(&s->asker, "longer than 107 bytes"), 1);
	end(s);
}

static void
a_lock_that_cannot_be_opened_is_named(void **state)
{
	struct scene *s = begin();
	char path[96];
	(void)state;

	snprintf(path, sizeof(path), "%s/lock", s->directory);
	assert_int_equal(mkdir(s->directory, 0700), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	asker_open(&s->asker, NULL, true);
	assert_null(s->asker.redis);
	assert_int_equal(asker_logged(&s->asker, "/state/lock'"), 1);
	end(s);
}

/* A process with a door and a child; what becomes of the child? Returns the
 * process, and does not return in it. */
static pid_t
fork_policyd(struct scene *s)
{
	const pid_t pid = fork();

	if (pid != 0)
		return pid;
	asker_init(&s->asker, NULL);
	s->asker.conf.state_directory = s->directory;
	asker_open(&s->asker, NULL, true);
	for (;;)
		uv_run(&s->asker.loop, UV_RUN_ONCE);
}

static pid_t
wait_for_child(const struct scene *s)
{
	struct stat st;

	for (int i = 0; i < 12000; i++) {
		if (child_pid(s) && stat(s->home.socket, &st) == 0)
			return child_pid(s);
		usleep(5000);
	}
	return 0;
}

static void
it_dies_with_a_policyd_that_is_killed(void **state)
{
	struct scene *s = begin();
	pid_t policyd, pid;
	(void)state;

	policyd = fork_policyd(s);
	pid = wait_for_child(s);
	assert_true(pid > 0);
	kill(policyd, SIGKILL);
	waitpid(policyd, NULL, 0);
	assert_true(ends(pid));
	end(s);
}

static void
take_signal(int number)
{
	(void)number;
}

/* Until it is redis-server, the new process has our handlers. */
static void
told_to_end_before_it_has_begun_it_ends(void **state)
{
	struct scene *s = begin();
	(void)state;

	signal(SIGTERM, take_signal);
	for (int i = 0; i < 10; i++) {
		asker_open(&s->asker, NULL, true);
		asker_close(&s->asker);
	}
	signal(SIGTERM, SIG_DFL);
	assert_int_equal(asker_logged(&s->asker, "does not end"), 0);
	end(s);
}

/* Policyd has 5 s to stop, 4 of them for requests in work. */
static void
one_that_hangs_is_killed(void **state)
{
	struct scene *s = begin();
	uint64_t start;
	pid_t pid;
	(void)state;

	asker_open(&s->asker, NULL, true);
	assert_true(asker_until(&s->asker, "ready"));
	pid = child_pid(s);
	kill(pid, SIGSTOP);
	start = uv_hrtime();
	asker_close(&s->asker);
	assert_in_range((uv_hrtime() - start) / 1000000, 0, 15 * 1000);
	assert_true(ends(pid));
	assert_int_equal(asker_logged(&s->asker, "does not end"), 1);
	end(s);
}

/* As if it had not been told that its policyd was killed. */
static void
one_left_over_is_ended_before_a_new_one_starts(void **state)
{
	const char *options[] = { "--unixsocket", NULL, NULL };
	struct scene *s = begin();
	char path[128];
	FILE *file;
	(void)state;

	assert_int_equal(mkdir(s->directory, 0700), 0);
	options[1] = s->home.socket;
	real_redis_start(&s->home, options);
	snprintf(path, sizeof(path), "%s/redis.pid", s->directory);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "%ld\n", (long)s->home.pid);
	fclose(file);
	asker_open(&s->asker, NULL, true);
	waitpid(s->home.pid, NULL, 0); /* it is this test's child: reap it */
	assert_true(asker_until(&s->asker, "ready"));
	assert_true(child_pid(s) != s->home.pid);
	assert_int_equal(asker_logged(&s->asker, "left over"), 1);
	s->home.pid = 0;
	end(s);
}

static void
a_noted_number_that_is_somebody_else_is_left_alone(void **state)
{
	struct scene *s = begin();
	char path[128];
	FILE *file;
	(void)state;

	assert_int_equal(mkdir(s->directory, 0700), 0);
	snprintf(path, sizeof(path), "%s/redis.pid", s->directory);
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "%ld\n", (long)getpid());
	fclose(file);
	asker_open(&s->asker, NULL, true);
	assert_true(asker_until(&s->asker, "ready"));
	assert_int_equal(asker_logged(&s->asker, "left over"), 0);
	end(s);
}

int
main(void)
{
	struct suite s = { .count = 0 };

	SUITE_TEST(&s, it_starts_in_a_directory_of_its_own);
	SUITE_TEST(&s, the_first_questions_wait_for_it);
	SUITE_TEST(&s, it_ends_with_the_door_and_what_it_knew_is_there_again);
	SUITE_TEST(
	    &s, killed_it_is_started_again_and_has_lost_two_seconds_at_most);
	SUITE_TEST(&s, a_reload_gives_it_more_memory);
	SUITE_TEST(&s, a_reload_with_another_prefix_keeps_it);
	SUITE_TEST(&s, it_is_not_logged_in_to);
	SUITE_TEST(&s, a_second_policyd_on_the_same_directory_is_refused);
	SUITE_TEST(&s, policyctl_without_a_child_uses_the_one_there_is);
	SUITE_TEST(&s, a_name_too_long_for_a_socket_is_refused);
	SUITE_TEST(&s, a_lock_that_cannot_be_opened_is_named);
	SUITE_TEST(&s, it_dies_with_a_policyd_that_is_killed);
	SUITE_TEST(&s, told_to_end_before_it_has_begun_it_ends);
	SUITE_TEST(&s, one_that_hangs_is_killed);
	SUITE_TEST(&s, one_left_over_is_ended_before_a_new_one_starts);
	SUITE_TEST(&s, a_noted_number_that_is_somebody_else_is_left_alone);
	return suite_run(&s, "child");
}
