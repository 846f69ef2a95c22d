/*
 * When somebody is told that transactions do not come to their end.
 */
#include "checks/unsettled.h"

#include "conf/conf.h"
#include "kit/suite.h"

enum { NOW = 1732190400, MANY = UNSETTLED_MANY };

struct row {
	const char *name;
	enum rate_settle settle;
	struct check_counts before, now; /* before: when we began to look */
	bool told;
};

#define ENDS(c, r)                                                             \
	{                                                                      \
		.committed = (c), .released = (r)                              \
	}

// clang-format off
static const struct row rows[] = {
	{ "many that were released, and none that was committed, are told of",
	    SETTLE_END_OF_MESSAGE, ENDS(0, 0), ENDS(0, MANY), true },
	{ "fewer are not", SETTLE_END_OF_MESSAGE, ENDS(0, 0),
	    ENDS(0, MANY - 1), false },
	{ "nor are they when as many were committed", SETTLE_END_OF_MESSAGE,
	    ENDS(0, 0), ENDS(10 * MANY, 10 * MANY), false },
	{ "a few that were do not hide a service that never tells",
	    SETTLE_END_OF_MESSAGE, ENDS(0, 0), ENDS(MANY, 10 * MANY), true },
	{ "nor where all counts at once", SETTLE_RCPT, ENDS(0, 0),
	    ENDS(0, 10 * MANY), false },
	{ "what was before a reload is over", SETTLE_END_OF_MESSAGE,
	    ENDS(5, 10 * MANY), ENDS(5, 11 * MANY - 1), false },
	{ "and proves nothing for what is since then", SETTLE_END_OF_MESSAGE,
	    ENDS(5, 10 * MANY), ENDS(5, 11 * MANY), true },
};
// clang-format on

static void
looked_at(void **state)
{
	const struct row *row = *state;
	struct conf conf = { .settings.rate.settle = row->settle };
	struct unsettled u;

	unsettled_begin(&u, &row->before);
	assert_int_equal(unsettled_look(&u, &row->now, &conf, NOW), row->told);
}

static void
it_is_told_again_once_an_hour(void **state)
{
	const struct check_counts none = ENDS(0, 0), many = ENDS(0, MANY),
				  one = ENDS(1, 2 * MANY);
	const struct conf conf = {
		.settings.rate.settle = SETTLE_END_OF_MESSAGE
	};
	struct unsettled u;

	(void)state;
	unsettled_begin(&u, &none);
	assert_true(unsettled_look(&u, &many, &conf, NOW));
	assert_false(unsettled_look(&u, &many, &conf, NOW + 3599));
	assert_true(unsettled_look(&u, &many, &conf, NOW + 3600));
	assert_false(unsettled_look(&u, &many, &conf, NOW + 3601));
	assert_true(unsettled_look(&u, &one, &conf, NOW + 7200));
}

static void
each_hour_is_looked_at_by_itself(void **state)
{
	const struct check_counts none = ENDS(0, 0), good = ENDS(1000, 1),
				  bad = ENDS(1001, 1 + MANY);
	const struct conf conf = {
		.settings.rate.settle = SETTLE_END_OF_MESSAGE
	};
	struct unsettled u;

	(void)state;
	unsettled_begin(&u, &none);
	assert_false(unsettled_look(&u, &none, &conf, NOW));
	assert_false(unsettled_look(&u, &good, &conf, NOW + 3599));
	assert_false(unsettled_look(&u, &good, &conf, NOW + 3600));
	assert_true(unsettled_look(&u, &bad, &conf, NOW + 3700));
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, looked_at);
	SUITE_TEST(&s, it_is_told_again_once_an_hour);
	SUITE_TEST(&s, each_hour_is_looked_at_by_itself);
	return suite_run(&s, "unsettled");
}
