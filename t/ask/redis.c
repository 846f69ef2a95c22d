/*
 * The door to Redis, with a real one behind it.
 */
#include "ask/redis/redis.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "kit/asker.h"
#include "kit/real_redis.h"

enum { SLACK_MS = 1500 }; /* a busy machine, sanitizers, valgrind */

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    questions_asked_before_it_is_connected_wait_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
