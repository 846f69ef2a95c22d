/*
 * The clock under libuv's loop.
 */
#include "ask/ticker.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "kit/suite.h"

struct scene {
	uv_loop_t loop;
	struct clock *clock;
	struct ticker *ticker;
	int ends[2];
	struct timer first, second;
	uint64_t fired_us[2];
	unsigned fired;
};

static void
fire_first(struct timer *t)
{
	struct scene *s = (void *)((char *)t - offsetof(struct scene, first));

	s->fired_us[0] = clock_us(s->clock);
	s->fired++;
}

static void
fire_second(struct timer *t)
{
	struct scene *s = (void *)((char *)t - offsetof(struct scene, second));

	s->fired_us[1] = clock_us(s->clock);
	s->fired++;
}

static void
begin(struct scene *s)
{
	*s = (struct scene){ .first.fire = fire_first,
		.second.fire = fire_second };
	uv_loop_init(&s->loop);
	s->clock = clock_new();
	s->ticker = ticker_new(&s->loop, s->clock);
}

static void
end(struct scene *s)
{
	ticker_free(s->ticker);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&s->loop), 0);
	clock_free(s->clock);
}

static void
run_until_fired(struct scene *s, unsigned count)
{
	while (s->fired < count)
		uv_run(&s->loop, UV_RUN_ONCE);
}

static void
a_timer_fires_when_it_is_due(void **state)
{
	struct scene s;
	uint64_t start;
	(void)state;

	begin(&s);
	start = clock_us(s.clock);
	timer_start(&s.first, s.clock, 20);
	timer_start(&s.second, s.clock, 0);
	run_until_fired(&s, 2);
	assert_true(s.fired_us[1] <= s.fired_us[0]);
	assert_true(s.fired_us[0] - start >= 19 * 1000);
	end(&s);
}

static void
on_bytes(uv_poll_t *poll, int status, int events)
{
	struct scene *s = poll->data;
	(void)status;
	(void)events;

	timer_start(&s->second, s->clock, 30);
	uv_poll_stop(poll);
}

static void
write_a_byte(void *ends)
{
	usleep(60 * 1000);
	assert_int_equal(write(((int *)ends)[1], "x", 1), 1);
}

/* The loop slept for 60 ms; 30 ms more than the timer's own time. */
static void
a_timer_started_after_a_long_sleep_waits_its_whole_time(void **state)
{
	struct scene s;
	uv_poll_t poll;
	uv_thread_t writer;
	uint64_t start;
	(void)state;

	begin(&s);
	assert_int_equal(pipe(s.ends), 0);
	uv_poll_init(&s.loop, &poll, s.ends[0]);
	poll.data = &s;
	uv_poll_start(&poll, UV_READABLE, on_bytes);
	start = clock_us(s.clock);
	uv_thread_create(&writer, write_a_byte, s.ends);
	run_until_fired(&s, 1);
	assert_true(s.fired_us[1] - start >= 89 * 1000);
	uv_thread_join(&writer);
	uv_close((uv_handle_t *)&poll, NULL);
	end(&s);
	close(s.ends[0]);
	close(s.ends[1]);
}

/* Nothing else would wake the loop. */
static void
lines_the_log_has_not_taken_are_offered_again(void **state)
{
	const int before = dup(STDERR_FILENO);
	struct scene s;
	(void)state;

	begin(&s);
	assert_int_equal(pipe(s.ends), 0);
	dup2(s.ends[1], STDERR_FILENO);
	log_open("test", LOG_TO_STDERR, LEVEL_INFO);
	while (!log_waits())
		log_error("a line");
	timer_start(&s.first, s.clock, 10 * 1000);
	uv_run(&s.loop, UV_RUN_ONCE); /* sleeps once */
	assert_false(s.fired);
	timer_stop(&s.first);
	end(&s);
	log_close();
	dup2(before, STDERR_FILENO);
	close(before);
	close(s.ends[0]);
	close(s.ends[1]);
}

int
main(void)
{
	struct suite s = { .count = 0 };

	SUITE_TEST(&s, a_timer_fires_when_it_is_due);
	SUITE_TEST(&s, a_timer_started_after_a_long_sleep_waits_its_whole_time);
	SUITE_TEST(&s, lines_the_log_has_not_taken_are_offered_again);
	return suite_run(&s, "ticker");
}
