/*
 * What a store in front of another leaves to it.
 */
#include "ask/front.h"

#include "kit/suite.h"

static void
ask(struct store *s, const struct question *q, struct ticket *t)
{
	(void)s;
	(void)q;
	(void)t;
}

static void
health(const struct store *s, struct store_health *h)
{
	(void)s;
	*h = (struct store_health){ .state = "ready", .asked = 7 };
}

static int64_t
server_time(const struct store *s)
{
	(void)s;
	return 1700000000;
}

static unsigned
absences(const struct store *s)
{
	(void)s;
	return 3;
}

static bool
known(struct store *s, const struct question *q, struct answer *out)
{
	(void)s;
	(void)q;
	out->count = 5;
	return true;
}

static bool
not_known(struct store *s, const struct question *q, struct answer *out)
{
	(void)s;
	(void)q;
	(void)out;
	return false;
}

static struct store inner = { .ask = ask,
	.health = health,
	.time = server_time,
	.absences = absences,
	.known = known };

static void
what_it_does_not_do_the_inner_one_does(void **state)
{
	const struct question q = { 0 };
	struct store_health h;
	struct answer a;
	struct front f;

	(void)state;
	front_init(&f, &inner, ask, NULL);
	f.store.health(&f.store, &h);
	assert_string_equal(h.state, "ready");
	assert_int_equal(h.asked, 7);
	assert_int_equal(store_time(&f.store), 1700000000);
	assert_int_equal(store_absences(&f.store), 3);
	assert_true(store_known(&f.store, &q, &a));
	assert_int_equal(a.count, 5);
}

static void
what_it_knows_itself_is_its_own(void **state)
{
	const struct question q = { 0 };
	struct answer a;
	struct front f;

	(void)state;
	front_init(&f, &inner, ask, not_known);
	assert_false(store_known(&f.store, &q, &a));
}

static void
the_inner_one_may_be_replaced(void **state)
{
	struct store other = { .ask = ask, .health = health };
	const struct question q = { 0 };
	struct answer a;
	struct front f;

	(void)state;
	front_init(&f, &inner, ask, NULL);
	f.inner = &other;
	assert_int_equal(store_time(&f.store), 0);
	assert_int_equal(store_absences(&f.store), 0);
	assert_false(store_known(&f.store, &q, &a));
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, what_it_does_not_do_the_inner_one_does);
	SUITE_TEST(&s, what_it_knows_itself_is_its_own);
	SUITE_TEST(&s, the_inner_one_may_be_replaced);
	return suite_run(&s, "ask/front");
}
