/*
 * Who is charged often within a second, and that it is remembered of thousands.
 */
#include "rate/heat.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "kit/suite.h"
#include "rate/plain.h"

enum { NOW = 1732190400, METERS_OF_MANY = 20000 };

static const uint64_t times[] = { 0, 5000, UINT32_MAX - 500, UINT32_MAX,
	INT32_MAX - 5000, INT64_C(1) << 40 };

enum { TIMES = sizeof(times) / sizeof(times[0]) };

/* Whenever that begins. */
static void
a_few_within_a_second_are_not_many(void **state)
{
	(void)state;
	for (int i = 0; i < TIMES; i++) {
		struct heat h = { 0 };

		for (int k = 0; k < HEAT_HOT; k++)
			assert_false(heat_rises(&h, times[i]));
		assert_true(heat_rises(&h, times[i] + HEAT_MS - 1));
		for (int k = 0; k < HEAT_HOT; k++)
			assert_false(heat_rises(&h, times[i] + HEAT_MS));
		assert_true(heat_rises(&h, times[i] + HEAT_MS));
	}
}

static void
it_does_not_count_on_for_ever(void **state)
{
	struct heat h = { 0 };

	(void)state;
	for (int i = 0; i < 200000; i++)
		heat_rises(&h, 5000);
	assert_true(heat_rises(&h, 5000));
}

static void
who_was_denied_is_not_one_of_them_for_ten_seconds(void **state)
{
	(void)state;
	for (int i = 0; i < TIMES; i++) {
		const uint64_t end = times[i] + HEAT_DENIED_MS;
		struct heat h = { 0 };

		heat_denied(&h, times[i]);
		for (int k = 0; k < 10; k++)
			assert_false(heat_rises(&h, end - 1));
		for (int k = 0; k < HEAT_HOT; k++)
			assert_false(heat_rises(&h, end));
		assert_true(heat_rises(&h, end));
	}
}

/* A settlement of it went by rate.lua: its step is known to have begun. */
static void
learn(struct plain *p, struct word key, int64_t now)
{
	struct asked *w = xcalloc(1, sizeof(*w) + sizeof(w->meters[0]));
	struct answer a = { .state = KNOWN, .count = 1 };

	*w = (struct asked){ .what = ASKED_SETTLE, .now = now, .count = 1 };
	w->meters[0] =
	    (struct asked_meter){ .key = key, .amount = 1, .seconds = 3600 };
	a.values[0].text = "0;";
	a.values[0].size = 2;
	plain_learn(p, w, &a);
	free(w);
}

static struct word
name(char to[32], int i)
{
	return (struct word){ to, (size_t)snprintf(to, 32, "user%d", i) };
}

static void
thousands_may_be_in_a_hurry_at_once(void **state)
{
	struct plain *p = plain_new();
	char key[32];
	int hot = 0;

	(void)state;
	for (int i = 0; i < METERS_OF_MANY; i++)
		learn(p, name(key, i), NOW);
	for (int n = 0; n <= HEAT_HOT; n++)
		for (int i = 0; i < METERS_OF_MANY; i++) {
			struct heat *h = plain_heat(p, name(key, i));

			hot += h && heat_rises(h, 5000);
		}
	assert_true(hot > METERS_OF_MANY * 99 / 100);
	plain_free(p);
}

static void
they_are_also_when_another_step_has_begun(void **state)
{
	const struct word key = { "alice", 5 };
	struct plain *p = plain_new();

	(void)state;
	assert_null(plain_heat(p, key));
	learn(p, key, NOW);
	for (int i = 0; i < HEAT_HOT; i++)
		assert_false(heat_rises(plain_heat(p, key), 5000));
	learn(p, key, NOW + 180);
	assert_true(heat_rises(plain_heat(p, key), 5000));
	plain_forget(p);
	assert_null(plain_heat(p, key));
	plain_free(p);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, a_few_within_a_second_are_not_many);
	SUITE_TEST(&s, it_does_not_count_on_for_ever);
	SUITE_TEST(&s, who_was_denied_is_not_one_of_them_for_ten_seconds);
	SUITE_TEST(&s, thousands_may_be_in_a_hurry_at_once);
	SUITE_TEST(&s, they_are_also_when_another_step_has_begun);
	return suite_run(&s, "rate/heat");
}
