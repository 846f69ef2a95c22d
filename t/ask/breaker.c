/*
 * When it is any use to ask Redis, on a clock turned by hand.
 */
#include "ask/redis/breaker.h"
#include "kit/suite.h"

enum { TRIES = 64 };

struct scene {
	struct breaker breaker;
	struct clock *clock;
	uint64_t tried_ms[TRIES];
	unsigned tries;
};

static void
try_again(struct breaker *b)
{
	struct scene *s = (struct scene *)b;

	assert_in_range(s->tries, 0, TRIES - 1);
	s->tried_ms[s->tries++] = clock_ms(s->clock);
}

static void
begin(struct scene *s, uint64_t seed)
{
	*s = (struct scene){ .clock = clock_new_virtual(0) };
	breaker_init(&s->breaker, s->clock, seed, try_again);
}

static void
begin_closed(struct scene *s)
{
	begin(s, 1);
	clock_turn(s->clock, 0);
	breaker_good(&s->breaker);
}

static void
end(struct scene *s)
{
	breaker_stop(&s->breaker);
	clock_free(s->clock);
}

static void
it_begins_open_and_tries_at_once(void **state)
{
	struct scene s;
	(void)state;

	begin(&s, 1);
	assert_true(s.breaker.open);
	assert_int_equal(s.tries, 0);
	clock_turn(s.clock, 0);
	assert_int_equal(s.tries, 1);
	breaker_good(&s.breaker);
	assert_false(s.breaker.open);
	clock_turn(s.clock, 3600 * 1000);
	assert_int_equal(s.tries, 1);
	end(&s);
}

static void
three_lost_in_a_row_open_it(void **state)
{
	struct scene s;
	(void)state;

	begin_closed(&s);
	assert_false(breaker_lost(&s.breaker));
	assert_false(breaker_lost(&s.breaker));
	assert_true(breaker_lost(&s.breaker));
	assert_true(s.breaker.open);
	assert_false(breaker_lost(&s.breaker)); /* it is open already */
	end(&s);
}

static void
lost_ones_with_an_answer_between_them_do_not(void **state)
{
	struct scene s;
	(void)state;

	begin_closed(&s);
	for (int i = 0; i < 100; i++) {
		assert_false(breaker_lost(&s.breaker));
		assert_false(breaker_lost(&s.breaker));
		breaker_answered(&s.breaker);
	}
	assert_false(s.breaker.open);
	end(&s);
}

static void
the_end_of_the_connection_opens_it_at_once(void **state)
{
	struct scene s;
	(void)state;

	begin_closed(&s);
	assert_true(breaker_trip(&s.breaker));
	assert_true(s.breaker.open);
	assert_false(breaker_trip(&s.breaker));
	end(&s);
}

/* The wait before each try, failing each at once. */
static void
waits(struct scene *s, uint64_t *wait, unsigned count)
{
	uint64_t last = clock_ms(s->clock);
	const unsigned before = s->tries;

	for (unsigned i = 0; i < count; i++) {
		while (s->tries == before + i)
			clock_turn(s->clock, 1);
		wait[i] = s->tried_ms[before + i] - last;
		last = s->tried_ms[before + i];
		breaker_failed(&s->breaker);
	}
}

static void
the_waits_double_from_100_ms_to_5_s_give_or_take_a_quarter(void **state)
{
	static const uint64_t expected[] = { 100, 200, 400, 800, 1600, 3200,
		5000, 5000, 5000 };
	uint64_t wait[9];
	(void)state;

	for (uint64_t seed = 1; seed < 200; seed++) {
		struct scene s;

		begin(&s, seed * 1000003);
		clock_turn(s.clock, 0);
		breaker_good(&s.breaker);
		breaker_trip(&s.breaker);
		waits(&s, wait, 9);
		for (unsigned i = 0; i < 9; i++)
			assert_in_range(wait[i], expected[i] * 3 / 4,
			    expected[i] * 5 / 4 + 1);
		end(&s);
	}
}

static void
forty_of_them_do_not_try_together(void **state)
{
	unsigned same = 0;
	uint64_t first = 0;
	(void)state;

	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct scene s;
		uint64_t wait[7];

		begin(&s, seed);
		clock_turn(s.clock, 0);
		breaker_good(&s.breaker);
		breaker_trip(&s.breaker);
		waits(&s, wait, 7);
		if (seed == 1)
			first = wait[6];
		same += wait[6] == first;
		end(&s);
	}
	assert_in_range(same, 1, 5);
}

static void
after_a_good_try_the_waits_begin_anew(void **state)
{
	struct scene s;
	uint64_t wait[6];
	(void)state;

	begin_closed(&s);
	breaker_trip(&s.breaker);
	waits(&s, wait, 6);
	breaker_good(&s.breaker);
	breaker_trip(&s.breaker);
	waits(&s, wait, 1);
	assert_in_range(wait[0], 75, 126);
	end(&s);
}

static void
a_try_that_takes_its_time_is_not_joined_by_another(void **state)
{
	struct scene s;
	(void)state;

	begin_closed(&s);
	breaker_trip(&s.breaker);
	clock_turn(s.clock, 60 * 1000);
	assert_int_equal(s.tries, 2); /* the first one, and this */
	end(&s);
}

int
main(void)
{
	struct suite s = { .count = 0 };

	SUITE_TEST(&s, it_begins_open_and_tries_at_once);
	SUITE_TEST(&s, three_lost_in_a_row_open_it);
	SUITE_TEST(&s, lost_ones_with_an_answer_between_them_do_not);
	SUITE_TEST(&s, the_end_of_the_connection_opens_it_at_once);
	SUITE_TEST(
	    &s, the_waits_double_from_100_ms_to_5_s_give_or_take_a_quarter);
	SUITE_TEST(&s, forty_of_them_do_not_try_together);
	SUITE_TEST(&s, after_a_good_try_the_waits_begin_anew);
	SUITE_TEST(&s, a_try_that_takes_its_time_is_not_joined_by_another);
	return suite_run(&s, "breaker");
}
