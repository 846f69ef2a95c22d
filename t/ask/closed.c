/*
 * The store that stands in when the real one is gone.
 */
#include "ask/closed.h"

#include "base/clock.h"
#include "kit/suite.h"

static struct store *store;
static unsigned told;
static bool again;
static const struct question question;

static void
answered(struct ticket *t, const struct answer *a)
{
	assert_int_equal(a->state, LOST);
	assert_int_equal(a->loss, LOSS_DOWN);
	told++;
	if (again) {
		again = false;
		store_ask(store, &question, t);
	}
}

static void
everybody_who_asks_is_told_once_later_that_it_is_down(void **state)
{
	struct clock *clock = clock_new_virtual(0);
	struct closed *c = closed_new(clock);
	struct ticket tickets[3];

	(void)state;
	store = closed_store(c);
	again = true;
	for (int i = 0; i < 3; i++) {
		tickets[i].answered = answered;
		store_ask(store, &question, &tickets[i]);
	}
	assert_int_equal(told, 0); /* never from inside */
	clock_turn(clock, 1);
	assert_int_equal(told, 4);
	assert_int_equal(clock_next(clock), -1);
	closed_free(c);
	clock_free(clock);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, everybody_who_asks_is_told_once_later_that_it_is_down);
	return suite_run(&s, "ask/closed");
}
