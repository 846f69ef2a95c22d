/*
 * Questions about meters: what they ask, and the words for it.
 */
#include "rate/asked.h"

#include <string.h>

#include "base/arena.h"
#include "kit/suite.h"
#include "rate/manage.h"

static const struct meter items[] = {
	{ RATE_MESSAGES, OWNER_MAILBOX, { 200, 3600 }, 80, { "a", 1 } },
	{ RATE_NETWORKS, OWNER_MAILBOX, { 3, 86400 }, 0, { "n", 1 } },
	{ RATE_RECIPIENTS, OWNER_MAILBOX, { 3, 60 }, 80, { "b", 1 } },
	{ RATE_BYTES, OWNER_DOMAIN, { INT64_C(1) << 50, 60 }, 100, { "c", 1 } },
	{ RATE_MESSAGES, OWNER_SERVER, { 0, 60 }, 80, { "d", 1 } },
	{ RATE_REFUSED, OWNER_MAILBOX, { 5, 60 }, 0, { "e", 1 } },
};
static const struct meters all = { 6, items }, most = { 5, items };

static const struct amounts some = { { 1, 2, 0, 0, 0 } };

/* Its words, keys first, with bars between. */
static const char *
words(struct arena *a, const struct question *lazy)
{
	const struct question *q = asked_written(a, lazy);
	const char *text = "";

	for (unsigned i = 0; i < q->count; i++)
		text = arena_printf(a, "%s%s%.*s", text, i ? "|" : "",
		    (int)q->words[i].size, q->words[i].text);
	return text;
}

static void
a_charge_tells_all_in_a_line(void **state)
{
	struct arena *a = arena_new();
	const struct question *q = rate_charge(
	    a, &most, &some, 900, NULL, 1000, false, false);

	(void)state;
	assert_int_equal(q->keys, 3);
	assert_string_equal(words(a, q),
	    "a|b|d|charge 1920 1000 900 1 160 200 3600 2 3 3 60 "
	    "1 9007199254740991 9007199254740991 60");
	arena_release(a);
}

static void
who_only_looks_writes_nothing(void **state)
{
	struct arena *a = arena_new();
	const struct question *q = rate_charge(
	    a, &most, &some, 900, NULL, 0, true, true);

	(void)state;
	assert_true(q->read_only);
	assert_string_equal(words(a, q),
	    "a|b|d|charge-dry 0 0 900 1 160 200 3600 2 3 3 60 "
	    "1 9007199254740991 9007199254740991 60");
	arena_release(a);
}

static void
who_must_be_looked_at_closer_has_no_end(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	assert_string_equal(words(a,
				rate_charge(a, &all, &some, 900, "192.0.2.0/24",
				    1000, false, true)),
	    "a|b|d|e|n|charge-alone 0 1000 900 1 160 200 3600 2 3 3 60 "
	    "1 9007199254740991 9007199254740991 60 0 6 5 60|192.0.2.0/24|"
	    "4 3 86400");
	arena_release(a);
}

static void
a_settlement_names_leases(void **state)
{
	static const struct rate_open open[] = { { 1920, { { 1, 1 } } },
		{ 1980, { { 0, 2 } } }, { 1920, { { 0, 1 } } } };
	static const struct amounts sent = { { -1, 2, 0, 0, 7 } };
	struct arena *a = arena_new();

	(void)state;
	assert_string_equal(
	    words(a, rate_settle(a, &all, &sent, open, 3, 1000)),
	    "a|b|d|e|settle 1000 -1 3600 1920=1 2 60 1920=2,1980=2 "
	    "-1 60 1920=1 7 60 -");
	arena_release(a);
}

static void
words_are_written_when_redis_is_asked(void **state)
{
	struct arena *a = arena_new();
	const struct question *q = rate_charge(
	    a, &most, &some, 900, NULL, 1000, false, true);
	const struct question *full = asked_written(a, q);

	(void)state;
	assert_int_equal(q->count, q->keys);
	assert_ptr_not_equal(full, q);
	assert_int_equal(full->count, full->keys + 1);
	assert_ptr_equal(asked_of(full), asked_of(q));
	assert_ptr_equal(asked_written(a, full), full);
	arena_release(a);
}

static void
a_charge_says_what_is_asked_of_each_meter(void **state)
{
	struct arena *a = arena_new();
	const struct asked *w = asked_of(rate_charge(
	    a, &all, &some, 900, "192.0.2.0/24", 1000, false, true));

	(void)state;
	assert_int_equal(w->what, ASKED_ALONE);
	assert_int_equal(w->now, 1000);
	assert_int_equal(w->end, 0);
	assert_int_equal(w->lease, 900);
	assert_int_equal(w->count, 4);
	assert_memory_equal(w->meters[1].key.text, "b", 1);
	assert_int_equal(w->meters[1].amount, 2);
	assert_int_equal(w->meters[1].warn, 3);
	assert_int_equal(w->meters[1].limit, 3);
	assert_int_equal(w->meters[1].seconds, 60);
	assert_int_equal(w->meters[2].limit, ASKED_UNLIMITED);
	assert_int_equal(w->meters[3].amount, 0);
	w = asked_of(
	    rate_charge(a, &most, &some, 900, NULL, 1000, false, false));
	assert_int_equal(w->what, ASKED_CHARGE);
	assert_int_equal(w->end, 1920);
	arena_release(a);
}

static void
so_does_a_settlement(void **state)
{
	static const struct rate_open open[] = { { 0, { { 1, 1 } } },
		{ 1980, { { 0, 2 } } } };
	static const struct amounts sent = { { -1, 2, 0, 0, 0 } };
	struct arena *a = arena_new();
	const struct asked *w = asked_of(
	    rate_settle(a, &all, &sent, open, 2, 0));

	(void)state;
	assert_int_equal(w->what, ASKED_SETTLE);
	assert_int_equal(w->count, 3);
	assert_int_equal(w->meters[0].amount, -1);
	assert_int_equal(w->meters[0].seconds, 3600);
	assert_int_equal(w->meters[0].count, 1);
	assert_int_equal(w->meters[0].leases[0].end, 0);
	assert_int_equal(w->meters[1].count, 2);
	assert_int_equal(w->meters[1].leases[1].end, 1980);
	assert_int_equal(w->meters[1].leases[1].n, 2);
	arena_release(a);
}

static void
others_are_left_alone(void **state)
{
	static const struct script other = { "other", "" };
	struct arena *a = arena_new();
	struct question q = rate_look(a, &all, 1000, (struct word){ NULL, 0 });

	(void)state;
	assert_null(asked_of(&q));
	assert_ptr_equal(asked_written(a, &q), &q);
	q.about = a;
	assert_non_null(asked_of(&q));
	q.script = &other;
	assert_null(asked_of(&q));
	arena_release(a);
}

static void
so_many_leases_fit_a_question(void **state)
{
	struct arena *a = arena_new();
	struct rate_open open[50];

	(void)state;
	for (int i = 0; i < 50; i++)
		open[i] = (struct rate_open){ 1000 + i, { { INT64_MAX } } };
	assert_int_equal(
	    asked_of(rate_settle(a, &all, &some, open, 50, INT64_MAX))
		->meters[0]
		.count,
	    ASKED_LEASES);
	arena_release(a);
}

static void
what_is_counted_alone_is_told_as_redis_tells_it(void **state)
{
	struct asked_said said = { { "b", 1 }, false, true, 3, 4, 60,
		LOSS_TIMEOUT };
	struct answer answer = asked_answer(&said);
	struct rate_result r;

	(void)state;
	assert_true(rate_result(&answer, &all, &r));
	assert_false(r.charged);
	assert_ptr_equal(r.meter, &items[2]);
	assert_int_equal(r.used, 3);
	assert_int_equal(r.limit, 4);
	assert_int_equal(r.next, 60);
	assert_true(r.first);
	assert_int_equal(r.alone, LOSS_TIMEOUT);
	said = (struct asked_said){ .charged = true, .alone = LOSS_DOWN };
	answer = asked_answer(&said);
	assert_true(rate_result(&answer, &all, &r));
	assert_true(r.charged);
	assert_null(r.meter);
	assert_int_equal(r.alone, LOSS_DOWN);
	arena_pool_clear();
}

static void
an_answer_of_another_shape_is_none(void **state)
{
	static const struct value one = { .number = 1, .is_number = true };
	struct answer a = { .state = LOST };
	struct rate_state states[6];
	struct rate_result r;

	(void)state;
	assert_false(rate_result(&a, &all, &r));
	a.state = KNOWN;
	assert_false(rate_result(&a, &all, &r));
	a.count = 7;
	for (int i = 0; i < 7; i++)
		a.values[i] = one;
	assert_false(rate_result(&a, &all, &r));
	a.values[0] = (struct value){ .text = "z", .size = 1 };
	assert_false(rate_result(&a, &all, &r)); /* nobody's meter */
	a.values[0].text = "a";
	assert_true(rate_result(&a, &all, &r));
	a.count = 1;
	assert_false(rate_state(&a, &all, states));
	a.values[0].text = "1 2 3;";
	assert_false(rate_state(&a, &all, states));
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, a_charge_tells_all_in_a_line);
	SUITE_TEST(&s, who_only_looks_writes_nothing);
	SUITE_TEST(&s, who_must_be_looked_at_closer_has_no_end);
	SUITE_TEST(&s, a_settlement_names_leases);
	SUITE_TEST(&s, words_are_written_when_redis_is_asked);
	SUITE_TEST(&s, a_charge_says_what_is_asked_of_each_meter);
	SUITE_TEST(&s, so_does_a_settlement);
	SUITE_TEST(&s, others_are_left_alone);
	SUITE_TEST(&s, so_many_leases_fit_a_question);
	SUITE_TEST(&s, what_is_counted_alone_is_told_as_redis_tells_it);
	SUITE_TEST(&s, an_answer_of_another_shape_is_none);
	return suite_run(&s, "rate/asked");
}
