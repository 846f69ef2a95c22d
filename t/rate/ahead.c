/*
 * Charges and settlements without rate.lua come to the same as those with it.
 */
#include "rate/ahead.h"

#include "rate/mailbox.h"
#include "rate/plain.h"

/* -- settlements -- */

static void
the_first_in_a_step_is_a_close_look(void **state)
{
	struct scene s = begin(true);

	(void)state;
	for (int step = 0; step < 3; step++) {
		assert_true(tally_open(s.t));
		assert_true(commit(&s) > 0);
		for (int i = 0; i < 2; i++) {
			assert_true(tally_open(s.t));
			assert_int_equal(commit(&s), 0);
			assert_true(s.t->answered);
		}
		is_now(&s, 3 * step + 3, 0, 3 * step + 3);
		tally_wait(s.t, 3 * MINUTE);
	}
	end(&s);
}

static void
and_so_is_one_after_five_minutes(void **state)
{
	struct scene s = begin(true);

	(void)state;
	s.t->meters.items = s.t->items + 1;
	s.t->meters.count = 1; /* of the day, whose step is longer */
	assert_true(tally_send(s.t));
	tally_wait(s.t, PLAIN_SECONDS - 1);
	assert_true(tally_open(s.t));
	assert_int_equal(commit(&s), 0);
	tally_wait(s.t, 1);
	assert_true(tally_open(s.t));
	assert_true(commit(&s) > 0);
	end(&s);
}

static void
so_is_none_of_less_than_was_charged(void **state)
{
	static const struct amounts charged = { { 1, 3, 0, 0, 0 } },
				    sent = { { 1, 2, 0, 0, 0 } };
	struct scene s = opened();
	unsigned calls;
	struct rate_open open;

	(void)state;
	tally_charge(s.t, 1, 3, 0);
	calls = false_redis_calls(s.t->redis);
	open = (struct rate_open){ s.t->did.lease, charged };
	tally_settle(s.t, &sent, &open, 1);
	let_tell(&s);
	assert_int_equal(false_redis_calls(s.t->redis) - calls, 0);
	assert_int_equal(tally_look(s.t)[1].used, 4);
	assert_int_equal(s.t->is[1].open, 1);
	assert_int_equal(s.t->is[1].current, 3);
	end(&s);
}

static void
what_was_not_sent_is_given_back(void **state)
{
	struct scene s = opened();

	(void)state;
	tally_release(s.t, s.t->did.lease);
	let_tell(&s);
	is_now(&s, 1, 0, 1);
	end(&s);
}

static void
many_are_told_at_once(void **state)
{
	struct scene s = begin(true);
	const int64_t lease = (tally_open(s.t), s.t->did.lease);
	unsigned asked;

	(void)state;
	tally_commit(s.t, lease);
	for (int i = 0; i < 3; i++)
		assert_true(tally_open(s.t));
	asked = false_redis_asked(s.t->redis);
	for (int i = 0; i < 3; i++)
		tally_commit(s.t, lease);
	let_tell(&s);
	assert_int_equal(false_redis_asked(s.t->redis) - asked, 1);
	is_now(&s, 4, 0, 4);
	end(&s);
}

/* -- charges -- */

/* How many commands Redis ran for one, in scripts. */
static unsigned
open_one(struct scene *s)
{
	const unsigned before = false_redis_calls(s->t->redis);

	tally_open(s->t);
	assert_true(s->t->answered);
	return false_redis_calls(s->t->redis) - before;
}

static void
a_charge_is_no_script(void **state)
{
	struct scene s = begin(true);

	(void)state;
	assert_true(tally_send(s.t));
	assert_int_equal(open_one(&s), 0);
	assert_true(s.t->did.charged);
	is_now(&s, 2, 1, 1);
	tally_wait(s.t, 3 * MINUTE);
	/* And when its key ends, and what others left behind. */
	assert_int_equal(open_one(&s), 8 + 2);
	end(&s);
}

static void
one_that_warns_is_charged_once(void **state)
{
	struct scene s = begin(true);

	(void)state;
	for (int i = 0; i < 8; i++)
		assert_true(tally_send(s.t));
	assert_ptr_equal(s.t->did.meter, s.t->items);
	assert_true(s.t->did.first);
	is_now(&s, 8, 0, 8);
	end(&s);
}

static void
one_that_the_last_meter_refuses_is_charged_nowhere(void **state)
{
	struct scene s = begin(true);

	(void)state;
	tally_meter(s.t, OWNER_DOMAIN, RATE_MESSAGES, 3, HOUR);
	for (int i = 0; i < 3; i++)
		assert_true(tally_send(s.t));
	assert_false(tally_send(s.t));
	assert_ptr_equal(s.t->did.meter, &s.t->items[2]);
	is_now(&s, 3, 0, 3);
	end(&s);
}

static void
a_key_that_was_deleted_is_charged_and_ends(void **state)
{
	struct scene s = opened();

	(void)state;
	TALLY_DO(s.t, "DEL", messages);
	assert_true(tally_open(s.t));
	tally_look(s.t);
	assert_int_equal(s.t->is[0].used, 1);
	assert_int_equal(s.t->is[1].used, 3);
	assert_true(tally_ttl(s.t, messages) > 0);
	end(&s);
}

static void
a_key_lives_as_long_as_a_lease(void **state)
{
	struct scene s = begin(true);
	const char *key = tally_meter(
	    s.t, OWNER_SERVER, RATE_MESSAGES, 100, MINUTE);

	(void)state;
	assert_true(tally_send(s.t));
	assert_true(tally_open(s.t));
	assert_true(tally_ttl(s.t, key) >= s.t->did.lease - tally_now(s.t));
	end(&s);
}

/* -- whatever happens -- */

static unsigned
dice(unsigned *chance, unsigned sides)
{
	*chance = *chance * 1103515245 + 12345;
	return (*chance >> 16) % sides;
}

static void
do_something(struct scene *s, unsigned chance)
{
	static const int64_t waits[] = { 1, 30, 61, 180, 900, 3600, 86400 };
	const unsigned kind = dice(&chance, 40), n = dice(&chance, 2);

	if (kind < 16 && s->open < OPEN) {
		if (tally_charge(s->t, 1, 1, 0))
			s->leases[s->open++] = s->t->did.lease;
	} else if (kind < 30 && s->open > 0) {
		tally_commit(s->t, s->leases[--s->open]);
	} else if (kind < 32 && s->open > 0) {
		tally_release(s->t, s->leases[--s->open]);
	} else if (kind < 33 && dice(&chance, 4) == 0) {
		tally_grant(s->t, n, 5, tally_now(s->t) + HOUR);
	} else if (kind < 34 && dice(&chance, 4) == 0) {
		tally_wait(s->t, 1);
		tally_reset(s->t, n);
	} else if (dice(&chance, 8) == 0) {
		tally_wait(s->t, 1);
		tally_wait(s->t, waits[dice(&chance, 7)]);
	}
}

/* Who is let through, and what is told of it, the same: at every step. Returns
 * how often Redis was not asked. */
static uint64_t
play(int64_t limit)
{
	struct scene a = begin_with(true, limit), b = begin_with(false, limit);
	unsigned chance = 1;
	uint64_t charged;

	for (int i = 0; i < 10000; i++) {
		chance = chance * 1103515245 + 12345;
		do_something(&a, chance);
		do_something(&b, chance);
		assert_int_equal(a.open, b.open);
		assert_int_equal(a.t->did.charged, b.t->did.charged);
		assert_int_equal(a.t->did.first, b.t->did.first);
		if (i % 50 > 0)
			continue;
		tally_wait(a.t, 1);
		tally_wait(b.t, 1);
		tally_look(a.t);
		tally_look(b.t);
		assert_memory_equal(a.t->is, b.t->is, 2 * sizeof(a.t->is[0]));
	}
	charged = local_counts(a.local).ahead.charged;
	end(&a);
	end(&b);
	return charged;
}

static void
both_come_to_the_same(void **state)
{
	(void)state;
	play(10);
	play(60);
	assert_true(play(2000) > 500);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, the_first_in_a_step_is_a_close_look);
	SUITE_TEST(&s, and_so_is_one_after_five_minutes);
	SUITE_TEST(&s, so_is_none_of_less_than_was_charged);
	SUITE_TEST(&s, what_was_not_sent_is_given_back);
	SUITE_TEST(&s, many_are_told_at_once);
	SUITE_TEST(&s, a_charge_is_no_script);
	SUITE_TEST(&s, one_that_warns_is_charged_once);
	SUITE_TEST(&s, one_that_the_last_meter_refuses_is_charged_nowhere);
	SUITE_TEST(&s, a_key_that_was_deleted_is_charged_and_ends);
	SUITE_TEST(&s, a_key_lives_as_long_as_a_lease);
	SUITE_TEST(&s, both_come_to_the_same);
	return suite_run(&s, "rate/ahead");
}
