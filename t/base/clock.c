/*
 * The clock: timers fire in order, each at its own time.
 */
#include "base/clock.h"

#include <stdlib.h>
#include <time.h>

#include "kit/suite.h"

enum { START = 1767225600 }; /* 2026-01-01 00:00:00 */

struct alarm {
	struct timer timer;
	struct clock *clock;
	uint64_t fired_ms;
	unsigned fired, number;
};

static unsigned rings;

static void
ring(struct timer *t)
{
	struct alarm *a = (struct alarm *)t;

	a->fired++;
	a->number = ++rings;
	a->fired_ms = clock_ms(a->clock);
}

static void
set(struct alarm *a, struct clock *c, uint64_t ms)
{
	*a = (struct alarm){ .timer.fire = ring, .clock = c };
	timer_start(&a->timer, c, ms);
}

static void
a_virtual_clock_stands_still(void **state)
{
	struct clock *c = clock_new_virtual(START);
	struct alarm a;
	(void)state;

	set(&a, c, 0);
	assert_int_equal(clock_unix(c), START);
	clock_stale(c);
	assert_int_equal(clock_ms(c), clock_us(c) / 1000);
	assert_int_equal(a.fired, 0);
	clock_turn(c, 0);
	assert_int_equal(a.fired, 1);
	assert_int_equal(clock_unix(c), START);
	clock_free(c);
}

static void
wall_clock_and_monotonic_clock_turn_together(void **state)
{
	struct clock *c = clock_new_virtual(START);
	const uint64_t begin = clock_ms(c);
	(void)state;

	for (int i = 0; i < 10; i++)
		clock_turn(c, 999);
	assert_int_equal(clock_ms(c) - begin, 9990);
	assert_int_equal(clock_unix(c), START + 9);
	clock_turn(c, 10);
	assert_int_equal(clock_unix(c), START + 10);
	clock_free(c);
}

static void
each_timer_sees_its_own_time(void **state)
{
	struct clock *c = clock_new_virtual(START);
	const uint64_t begin = clock_ms(c);
	struct alarm a, b;
	(void)state;

	set(&a, c, 3600 * 1000);
	set(&b, c, 60 * 1000);
	clock_turn(c, 24 * 3600 * 1000);
	assert_int_equal(a.fired_ms - begin, 3600 * 1000);
	assert_int_equal(b.fired_ms - begin, 60 * 1000);
	assert_int_equal(b.number + 1, a.number);
	clock_free(c);
}

static void
a_stopped_timer_does_not_fire(void **state)
{
	struct clock *c = clock_new_virtual(START);
	struct alarm a;
	(void)state;

	set(&a, c, 10);
	assert_true(timer_running(&a.timer));
	timer_stop(&a.timer);
	timer_stop(&a.timer);
	assert_false(timer_running(&a.timer));
	clock_turn(c, 100);
	assert_int_equal(a.fired, 0);
	assert_int_equal(clock_next(c), -1);
	clock_free(c);
}

static void
starting_a_running_timer_moves_it(void **state)
{
	struct clock *c = clock_new_virtual(START);
	const uint64_t begin = clock_ms(c);
	struct alarm a;
	(void)state;

	set(&a, c, 10);
	clock_turn(c, 5);
	timer_start(&a.timer, c, 10);
	clock_turn(c, 100);
	assert_int_equal(a.fired, 1);
	assert_int_equal(a.fired_ms - begin, 15);
	clock_free(c);
}

static void
ring_again(struct timer *t)
{
	struct alarm *a = (struct alarm *)t;

	ring(t);
	if (a->fired < 5)
		timer_start(t, a->clock, 10);
}

static void
a_timer_may_start_itself_again(void **state)
{
	struct clock *c = clock_new_virtual(START);
	const uint64_t begin = clock_ms(c);
	struct alarm a;
	(void)state;

	set(&a, c, 10);
	a.timer.fire = ring_again;
	clock_turn(c, 1000);
	assert_int_equal(a.fired, 5);
	assert_int_equal(a.fired_ms - begin, 50);
	clock_free(c);
}

static void
ring_and_free(struct timer *t)
{
	free(t);
}

static void
a_timer_may_free_itself(void **state)
{
	struct clock *c = clock_new_virtual(START);
	struct alarm *a = malloc(sizeof(*a));
	(void)state;

	set(a, c, 10);
	a->timer.fire = ring_and_free;
	clock_turn(c, 10);
	assert_int_equal(clock_next(c), -1);
	clock_free(c);
}

static void
next_tells_how_long_there_is_nothing_to_do(void **state)
{
	struct clock *c = clock_new_virtual(START);
	struct alarm a, b;
	(void)state;

	assert_int_equal(clock_next(c), -1);
	set(&a, c, 100);
	set(&b, c, 30);
	assert_int_equal(clock_next(c), 30);
	clock_turn(c, 20);
	assert_int_equal(clock_next(c), 10);
	clock_turn(c, 10);
	assert_int_equal(clock_next(c), 70);
	timer_stop(&a.timer);
	set(&b, c, 0);
	assert_int_equal(clock_next(c), 0);
	timer_stop(&b.timer);
	clock_free(c);
}

/* Some are stopped and moved; the rest must come in order all the same. */
static void
two_thousand_timers_fire_in_order(void **state)
{
	enum { MANY = 2000 };
	struct clock *c = clock_new_virtual(START);
	struct alarm *all = calloc(MANY, sizeof(*all));
	uint64_t *due = calloc(MANY, sizeof(*due));
	unsigned seed = 7, fired = 0;
	(void)state;

	rings = 0;
	for (int i = 0; i < MANY; i++)
		set(&all[i], c, due[i] = (uint64_t)rand_r(&seed) % 5000);
	for (int i = 0; i < MANY; i += 3)
		timer_stop(&all[i].timer);
	for (int i = 0; i < MANY; i += 6)
		timer_start(
		    &all[i].timer, c, due[i] = (uint64_t)rand_r(&seed) % 5000);
	clock_turn(c, 5000);
	for (int i = 0; i < MANY; i++) {
		const bool stopped = i % 3 == 0 && i % 6 != 0;

		assert_int_equal(all[i].fired, stopped ? 0 : 1);
		fired += all[i].fired;
		if (!stopped)
			assert_int_equal(all[i].fired_ms, due[i]);
	}
	assert_int_equal(rings, fired);
	assert_int_equal(clock_next(c), -1);
	free(due);
	free(all);
	clock_free(c);
}

static void
the_real_clock_goes(void **state)
{
	const struct timespec nap = { .tv_nsec = 3000000 };
	struct clock *c = clock_new();
	uint64_t ms = clock_ms(c), us = clock_us(c), turn = clock_turn_us(c);
	int64_t before;
	struct alarm a;
	(void)state;

	set(&a, c, 2);
	nanosleep(&nap, NULL);
	assert_int_equal(clock_ms(c), ms);
	assert_int_equal(clock_turn_us(c), turn);
	assert_true(clock_us(c) >= us + 3000);
	clock_stale(c);
	assert_true(clock_turn_us(c) >= turn + 3000);
	assert_int_equal(clock_turn_us(c) / 1000, clock_ms(c));
	before = time(NULL);
	clock_run(c);
	assert_true(clock_ms(c) >= ms + 3);
	assert_int_equal(a.fired, 1);
	assert_in_range(clock_unix(c), before - 1, time(NULL) + 1);
	clock_free(c);
}

static void
a_stale_clock_is_read_by_the_first_who_asks(void **state)
{
	const struct timespec nap = { .tv_nsec = 3000000 };
	struct clock *c = clock_new();
	const uint64_t ms = clock_ms(c);
	struct alarm a;
	(void)state;

	clock_stale(c);
	nanosleep(&nap, NULL);
	set(&a, c, 60000);
	assert_true(a.timer.due >= ms + 60003);
	assert_true(clock_ms(c) >= ms + 3);
	timer_stop(&a.timer);
	clock_free(c);
}

int
main(void)
{
	struct suite s = { 0 };

	SUITE_TEST(&s, a_virtual_clock_stands_still);
	SUITE_TEST(&s, wall_clock_and_monotonic_clock_turn_together);
	SUITE_TEST(&s, each_timer_sees_its_own_time);
	SUITE_TEST(&s, a_stopped_timer_does_not_fire);
	SUITE_TEST(&s, starting_a_running_timer_moves_it);
	SUITE_TEST(&s, a_timer_may_start_itself_again);
	SUITE_TEST(&s, a_timer_may_free_itself);
	SUITE_TEST(&s, next_tells_how_long_there_is_nothing_to_do);
	SUITE_TEST(&s, two_thousand_timers_fire_in_order);
	SUITE_TEST(&s, the_real_clock_goes);
	SUITE_TEST(&s, a_stale_clock_is_read_by_the_first_who_asks);
	return suite_run(&s, "base/clock");
}
