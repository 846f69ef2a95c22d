/*
 * The door to Redis, with a real one behind it.
 */
#include "ask/redis/redis.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kit/asker.h"
#include "kit/real_redis.h"
#include "kit/suite.h"

/* Of an answer that is late; and what it may be besides, on a busy machine. */
enum { DEADLINE_MS = 100, SLACK_MS = 15 * 1000 };

struct scene {
	struct asker asker;
	struct real_redis redis;
};

static void
begin(struct scene *s, const char *const *options)
{
	if (!real_redis_init(&s->redis))
		skip();
	real_redis_start(&s->redis, options);
	asker_init(&s->asker, s->redis.server);
	s->asker.conf.state_directory = s->redis.directory;
}

static void
end(struct scene *s)
{
	asker_clear(&s->asker);
	real_redis_clear(&s->redis);
}

static void
questions_asked_before_it_is_connected_wait_for_it(void **state)
{
	struct scene s;
	(void)state;

	begin(&s, NULL);
	asker_open(&s.asker, NULL, false);
	for (int i = 0; i < 1000; i++)
		asker_ask(&s.asker);
	assert_true(asker_settle(&s.asker));
	assert_int_equal(s.asker.known, 1000);
	assert_string_equal(real_redis_do(&s.redis, "GET test:count"), "1000");
	assert_string_equal(asker_state(&s.asker), "ready");
	end(&s);
}

static void
begin_ready(struct scene *s)
{
	begin(s, NULL);
	asker_open(&s->asker, NULL, false);
	assert_true(asker_until(&s->asker, "ready"));
}

static void
all_are_answered_in_order_under_load(void **state)
{
	struct scene s;
	(void)state;

	begin(&s, NULL);
	s.asker.conf.redis.max_in_flight = 10000 + 100; /* ours, and its own */
	asker_open(&s.asker, NULL, false);
	for (int turn = 0; turn < 200; turn++) {
		for (int i = 0; i < 50; i++)
			asker_ask(&s.asker);
		uv_run(&s.asker.loop, UV_RUN_NOWAIT);
	}
	assert_true(asker_settle(&s.asker));
	assert_int_equal(s.asker.lost[LOSS_BUSY], 0);
	assert_int_equal(s.asker.lost[LOSS_TIMEOUT], 0);
	assert_int_equal(s.asker.known, 10000);
	assert_int_equal(s.asker.crossed, 0);
	assert_string_equal(real_redis_do(&s.redis, "GET test:count"), "10000");
	end(&s);
}

/* What ran is counted there; nothing was asked twice. */
static void
killed_with_1000_on_their_way_each_is_told(void **state)
{
	struct scene s;
	(void)state;

	begin_ready(&s);
	real_redis_signal(&s.redis, SIGSTOP); /* so that none is answered */
	for (int i = 0; i < 1000; i++)
		asker_ask(&s.asker);
	asker_run(&s.asker, 20);
	assert_int_equal(s.asker.pending, 1000);
	real_redis_kill(&s.redis);
	assert_true(asker_settle(&s.asker));
	assert_int_equal(s.asker.lost[LOSS_BROKEN], 1000);
	asker_ask(&s.asker);
	assert_true(asker_settle(&s.asker));
	assert_int_equal(s.asker.lost[LOSS_DOWN], 1);
	assert_in_range(s.asker.slowest_ms, 0, SLACK_MS); /* not 20 s */

	real_redis_start(&s.redis, NULL);
	assert_true(asker_until(&s.asker, "ready"));
	asker_ask(&s.asker);
	assert_true(asker_settle(&s.asker));
	assert_int_equal(s.asker.known, 1);
	assert_string_equal(real_redis_do(&s.redis, "GET test:count"), "1");
	assert_int_equal(asker_logged(&s.asker, "redis: lost"), 1);
	assert_int_equal(asker_logged(&s.asker, "redis: ready"), 2);
	end(&s);
}

static void
killed_under_load_nothing_counts_twice(void **state)
{
	struct scene s;
	long count;
	(void)state;

	begin_ready(&s);
	for (int turn = 0; turn < 100; turn++) {
		for (int i = 0; i < 20; i++)
			asker_ask(&s.asker);
		if (turn == 50)
			real_redis_signal(&s.redis, SIGKILL);
		uv_run(&s.asker.loop, UV_RUN_NOWAIT);
	}
	real_redis_kill(&s.redis);
	assert_true(asker_settle(&s.asker));
	real_redis_start(&s.redis, NULL);
	assert_true(asker_until(&s.asker, "ready"));
	count = strtol(real_redis_do(&s.redis, "GET test:count"), NULL, 10);
	/* Written before they were answered; some were not answered. */
	assert_in_range(
	    count, s.asker.known, s.asker.known + s.asker.lost[LOSS_BROKEN]);
	end(&s);
}

static size_t
resident_kb(void)
{
	size_t pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%*u %zu", &pages), 1);
	fclose(file);
	return pages * (size_t)sysconf(_SC_PAGESIZE) / 1024;
}

static void
stopped_under_load_each_is_told_in_time_and_it_recovers(void **state)
{
	struct scene s;
	size_t before;
	unsigned late, known;
	(void)state;

	begin_ready(&s);
	s.asker.conf.redis.deadline_ms = DEADLINE_MS;
	redis_tune(s.asker.redis, &s.asker.conf);
	before = resident_kb();
	real_redis_signal(&s.redis, SIGSTOP);
	asker_run(&s.asker, 1); /* what led here is not of the first's time */
	for (int turn = 0; turn < 200; turn++) {
		for (int i = 0; i < 25; i++)
			asker_ask(&s.asker);
		asker_run(&s.asker, 5);
	}
	assert_true(asker_settle(&s.asker));
	assert_int_equal(s.asker.known, 0);
	assert_in_range(s.asker.slowest_ms, DEADLINE_MS - 1, SLACK_MS);
	late = s.asker.lost[LOSS_TIMEOUT] + s.asker.lost[LOSS_BROKEN];
	assert_in_range(late, 3, 2500);
	assert_int_equal(s.asker.lost[LOSS_DOWN] + late, 5000);
	/* The questions themselves are 2 MB, kept by the test. */
	assert_in_range(resident_kb() - before, 0, 16 * 1024);

	s.asker.conf.redis.deadline_ms = SLACK_MS; /* none is late again */
	redis_tune(s.asker.redis, &s.asker.conf);
	real_redis_signal(&s.redis, SIGCONT);
	assert_true(asker_until(&s.asker, "ready"));
	known = s.asker.known;
	for (int i = 0; i < 100; i++)
		asker_ask(&s.asker);
	assert_true(asker_settle(&s.asker));
	assert_int_equal(s.asker.known, known + 100);
	assert_int_equal(asker_logged(&s.asker, "redis: lost"), 1);
	end(&s);
}

static void
bytes_that_cannot_leave_are_limited(void **state)
{
	static char big[64 * 1024];
	struct question q = { .script = &asker_script,
		.keys = 1,
		.count = 2,
		.words = { { "k", 1 }, { big, sizeof(big) } } };
	struct scene s;
	struct store_health h;
	(void)state;

	begin(&s, NULL);
	s.asker.conf.redis.max_bytes = 1024 * 1024;
	s.asker.conf.redis.deadline_ms = 1000;
	asker_open(&s.asker, NULL, false);
	assert_true(asker_until(&s.asker, "ready"));
	memset(big, 'x', sizeof(big));
	real_redis_signal(&s.redis, SIGSTOP);
	for (int i = 0; i < 100; i++)
		asker_ask_this(&s.asker, &q);
	assert_true(asker_settle(&s.asker));
	redis_store(s.asker.redis)->health(redis_store(s.asker.redis), &h);
	assert_in_range(s.asker.lost[LOSS_BUSY], 70, 90);
	assert_int_equal(h.lost[LOSS_BUSY], s.asker.lost[LOSS_BUSY]);
	end(&s);
}

static void
forgotten_scripts_are_not_noticed(void **state)
{
	struct scene s;
	(void)state;

	begin_ready(&s);
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 100; i++) {
			if (i == 50)
				real_redis_do(&s.redis, "SCRIPT FLUSH");
			asker_ask(&s.asker);
			uv_run(&s.asker.loop, UV_RUN_NOWAIT);
		}
		assert_true(asker_settle(&s.asker));
	}
	assert_int_equal(s.asker.known, 1000);
	assert_string_equal(real_redis_do(&s.redis, "GET test:count"), "1000");
	end(&s);
}

static void
a_flushed_database_is_an_empty_one(void **state)
{
	struct scene s;
	(void)state;

	begin_ready(&s);
	asker_ask(&s.asker);
	assert_true(asker_settle(&s.asker));
	real_redis_do(&s.redis, "FLUSHALL");
	asker_ask(&s.asker);
	assert_true(asker_settle(&s.asker));
	assert_int_equal(s.asker.known, 2);
	assert_string_equal(real_redis_do(&s.redis, "GET test:count"), "1");
	end(&s);
}

static void
it_may_come_later(void **state)
{
	struct scene s;
	(void)state;

	if (!real_redis_init(&s.redis))
		skip();
	asker_init(&s.asker, s.redis.server);
	asker_open(&s.asker, NULL, false);
	asker_ask(&s.asker);
	assert_true(asker_settle(&s.asker));
	assert_int_equal(s.asker.lost[LOSS_DOWN], 1);
	asker_run(&s.asker, 300);
	assert_int_equal(asker_logged(&s.asker, "No such file"), 1);
	real_redis_start(&s.redis, NULL);
	assert_true(asker_until(&s.asker, "ready"));
	end(&s);
}

/* A port that is taken, and nobody listens. */
static void
refused(int family, const char *format)
{
	struct sockaddr_in6 a = { .sin6_family = (sa_family_t)family };
	struct sockaddr_in *in = (void *)&a;
	socklen_t size = family == AF_INET ? sizeof(*in) : sizeof(a);
	const int fd = socket(family, SOCK_STREAM, 0);
	struct asker asker;
	char server[64];

	if (family == AF_INET)
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		a.sin6_addr = in6addr_loopback;
	if (bind(fd, (struct sockaddr *)&a, size) < 0) {
		close(fd);
		skip(); /* no IPv6 here */
	}
	getsockname(fd, (struct sockaddr *)&a, &size);
	snprintf(server, sizeof(server), format, ntohs(a.sin6_port));
	asker_init(&asker, server);
	asker_open(&asker, NULL, false);
	asker_ask(&asker);
	assert_true(asker_settle(&asker));
	assert_int_equal(asker.lost[LOSS_DOWN], 1);
	assert_int_equal(asker_logged(&asker, "Connection refused"), 1);
	asker_clear(&asker);
	close(fd);
}

static void
a_refused_connection_is_a_reason(void **state)
{
	(void)state;

	refused(AF_INET, "127.0.0.1:%u");
}

static void
a_refused_connection_of_ipv6_is_one_too(void **state)
{
	(void)state;

	refused(AF_INET6, "[::1]:%u");
}

static void
a_wrong_password_is_a_reason(void **state)
{
	static const char *const options[] = { "--requirepass", "right", NULL };
	struct scene s;
	(void)state;

	begin(&s, options);
	s.asker.conf.redis.password = "wrong";
	asker_open(&s.asker, NULL, false);
	asker_ask(&s.asker);
	assert_true(asker_settle(&s.asker));
	assert_int_equal(s.asker.lost[LOSS_DOWN], 1);
	assert_int_equal(asker_logged(&s.asker, "WRONGPASS"), 1);
	asker_close(&s.asker);
	s.asker.conf.redis.password = "right";
	asker_open(&s.asker, NULL, false);
	assert_true(asker_until(&s.asker, "ready"));
	end(&s);
}

static void
what_only_reads_cannot_write(void **state)
{
	const char *text;
	struct question q = { .script = &asker_script,
		.read_only = true,
		.keys = 1,
		.count = 2,
		.words = { { "k", 1 }, { "v", 1 } } };
	struct scene s;
	(void)state;

	begin_ready(&s);
	assert_int_equal(asker_do(&s.asker, &q, &text), LOSS_SCRIPT);
	assert_string_equal(real_redis_do(&s.redis, "EXISTS k"), "0");
	end(&s);
}

static void
who_only_looks_writes_nothing(void **state)
{
	struct scene s;
	(void)state;

	begin(&s, NULL);
	asker_open(&s.asker, NULL, false);
	redis_only_look(s.asker.redis);
	assert_true(asker_until(&s.asker, "ready"));
	assert_string_equal(real_redis_do(&s.redis, "DBSIZE"), "0");
	asker_close(&s.asker);
	asker_open(&s.asker, NULL, false);
	assert_true(asker_until(&s.asker, "ready"));
	assert_string_equal(real_redis_do(&s.redis, "DBSIZE"), "1");
	assert_true(atoi(real_redis_do(&s.redis, "TTL test:probe")) > 0);
	end(&s);
}

/* As Redis reads it: time() may be behind by some milliseconds. */
static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec;
}

static void
the_time_of_the_server_is_known_when_it_is_ready(void **state)
{
	const struct store *store;
	struct scene s;
	int64_t before;
	(void)state;

	begin(&s, NULL);
	before = now(); /* the same machine */
	asker_open(&s.asker, NULL, false);
	store = redis_store(s.asker.redis);
	assert_int_equal(store_time(store), 0);
	assert_true(asker_until(&s.asker, "ready"));
	assert_in_range(store_time(store), before, now());
	real_redis_kill(&s.redis);
	assert_true(asker_until(&s.asker, "open"));
	assert_int_equal(store_time(store), 0);
	end(&s);
}

static void
a_strangers_value_is_told_as_such(void **state)
{
	const struct question q = { .script = &asker_script,
		.keys = 1,
		.count = 2,
		.words = { { "list", 4 }, { "v", 1 } } };
	struct scene s;
	(void)state;

	begin_ready(&s);
	real_redis_do(&s.redis, "RPUSH list a b");
	real_redis_do(&s.redis, "RPUSH test:probe a b");
	assert_int_equal(asker_do(&s.asker, &q, NULL), LOSS_WRONG_TYPE);
	assert_string_equal(asker_state(&s.asker), "ready");
	end(&s);
}

static void
full_memory_is_told_as_such_and_is_no_outage(void **state)
{
	const struct question q = { .script = &asker_script,
		.keys = 1,
		.count = 2,
		.words = { { "new", 3 }, { "v", 1 } } };
	struct scene s;
	(void)state;

	begin_ready(&s);
	real_redis_do(&s.redis, "CONFIG SET maxmemory 1");
	for (int i = 0; i < 10; i++)
		assert_int_equal(asker_do(&s.asker, &q, NULL), LOSS_FULL);
	assert_string_equal(asker_state(&s.asker), "ready");
	asker_close(&s.asker);
	asker_open(&s.asker, NULL, false);
	assert_true(asker_until(&s.asker, "ready"));
	end(&s);
}

static void
a_master_that_becomes_a_replica_is_left_and_taken_back(void **state)
{
	struct scene s;
	(void)state;

	begin_ready(&s);
	real_redis_do(&s.redis, "REPLICAOF 127.0.0.1 1");
	asker_ask(&s.asker);
	assert_true(asker_settle(&s.asker));
	assert_int_equal(s.asker.lost[LOSS_READ_ONLY], 1);
	assert_string_not_equal(asker_state(&s.asker), "ready");
	real_redis_do(&s.redis, "REPLICAOF NO ONE");
	assert_true(asker_until(&s.asker, "ready"));
	end(&s);
}

int
main(void)
{
	struct suite s = { .count = 0 };

	SUITE_TEST(&s, questions_asked_before_it_is_connected_wait_for_it);
	SUITE_TEST(&s, all_are_answered_in_order_under_load);
	SUITE_TEST(&s, killed_with_1000_on_their_way_each_is_told);
	SUITE_TEST(&s, killed_under_load_nothing_counts_twice);
	SUITE_TEST(&s, stopped_under_load_each_is_told_in_time_and_it_recovers);
	SUITE_TEST(&s, bytes_that_cannot_leave_are_limited);
	SUITE_TEST(&s, forgotten_scripts_are_not_noticed);
	SUITE_TEST(&s, a_flushed_database_is_an_empty_one);
	SUITE_TEST(&s, it_may_come_later);
	SUITE_TEST(&s, a_refused_connection_is_a_reason);
	SUITE_TEST(&s, a_refused_connection_of_ipv6_is_one_too);
	SUITE_TEST(&s, a_wrong_password_is_a_reason);
	SUITE_TEST(&s, what_only_reads_cannot_write);
	SUITE_TEST(&s, who_only_looks_writes_nothing);
	SUITE_TEST(&s, the_time_of_the_server_is_known_when_it_is_ready);
	SUITE_TEST(&s, a_strangers_value_is_told_as_such);
	SUITE_TEST(&s, full_memory_is_told_as_such_and_is_no_outage);
	SUITE_TEST(&s, a_master_that_becomes_a_replica_is_left_and_taken_back);
	return suite_run(&s, "redis");
}
