/*
 * The time of the server, on a clock of ours that is turned by hand.
 */
#include <string.h>
#include <unistd.h>

#include "ask/ticker.h"
#include "base/clock.h"
#include "kit/rig.h"
#include "kit/suite.h"

enum { NOON = 1732190400, MORNING = NOON - 4 * 3600, TURNS = 10000 };

#define NOON_TOLD "*2\r\n$10\r\n1732190400\r\n$6\r\n250000\r\n"
#define MORNING_TOLD "*2\r\n$10\r\n1732176000\r\n$1\r\n0\r\n"

static void
begin(struct rig *r, const char *reply)
{
	rig_begin(r, false, RIG_ALWAYS("EVALSHA", reply));
	ticker_free(r->asker.ticker);
	uv_run(&r->asker.loop, UV_RUN_NOWAIT);
	clock_free(r->asker.clock);
	r->asker.clock = clock_new_virtual(0);
	r->asker.ticker = ticker_new(&r->asker.loop, r->asker.clock);
	asker_open(&r->asker, NULL, false);
}

static int64_t
time_of(struct rig *r)
{
	return store_time(redis_store(r->asker.redis));
}

/* The loop is turned until then, our clock is not. */
static bool
becomes(struct rig *r, int64_t time)
{
	for (int i = 0; i < TURNS && time_of(r) != time; i++) {
		uv_run(&r->asker.loop, UV_RUN_NOWAIT);
		usleep(500);
	}
	return time_of(r) == time;
}

static void
it_goes_on_with_our_clock(void **state)
{
	struct rig r;
	(void)state;

	begin(&r, NOON_TOLD);
	assert_int_equal(time_of(&r), 0);
	assert_true(becomes(&r, NOON));
	clock_turn(r.asker.clock, 749);
	assert_int_equal(time_of(&r), NOON);
	clock_turn(r.asker.clock, 1);
	assert_int_equal(time_of(&r), NOON + 1);
	rig_end(&r);
}

static void
a_server_whose_clock_is_set_back_is_followed_in_half_a_minute(void **state)
{
	struct rig r;
	(void)state;

	begin(&r, NOON_TOLD);
	assert_true(becomes(&r, NOON));
	fake_redis_rules(&r.redis, RIG_ALWAYS("EVALSHA", MORNING_TOLD));
	clock_turn(r.asker.clock, 30 * 1000);
	assert_int_equal(time_of(&r), NOON + 30);
	assert_true(becomes(&r, MORNING));
	fake_redis_rules(&r.redis, RIG_ALWAYS("EVALSHA", NOON_TOLD));
	clock_turn(r.asker.clock, 30 * 1000);
	assert_true(becomes(&r, NOON));
	rig_end(&r);
}

static void
one_that_does_not_tell_it_is_used_all_the_same(void **state)
{
	struct rig r;
	(void)state;

	begin(&r, "$7\r\npolicyd\r\n");
	while (strcmp(asker_state(&r.asker), "ready") != 0)
		uv_run(&r.asker.loop, UV_RUN_NOWAIT);
	assert_int_equal(time_of(&r), 0);
	rig_end(&r);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, it_goes_on_with_our_clock);
	SUITE_TEST(
	    &s, a_server_whose_clock_is_set_back_is_followed_in_half_a_minute);
	SUITE_TEST(&s, one_that_does_not_tell_it_is_used_all_the_same);
	return suite_run(&s, "the server's time");
}
