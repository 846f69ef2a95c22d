/*
 * Who sends quickly is charged beforehand: what is let through, and what Redis
 * is told of it, is the same as without.
 */
#include "rate/ahead.h"

#include "rate/advance.h"
#include "rate/mailbox.h"

/* A hundred messages an hour; some have been sent quickly. */
static struct scene
hot(void)
{
	struct scene s = begin_with(true, 100);

	for (int i = 0; i < HEAT_HOT + 2; i++)
		assert_true(tally_send(s.t));
	assert_int_equal(local_counts(s.local).ahead.advances, 2);
	return s;
}

/* -- advances -- */

static int64_t
sent_of(struct scene *s)
{
	return tally_look(s->t)->current;
}

static void
who_sends_quickly_is_charged_beforehand(void **state)
{
	struct scene s = hot();
	const unsigned asked = false_redis_asked(s.t->redis);

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(tally_send(s.t));
	assert_int_equal(false_redis_asked(s.t->redis), asked);
	assert_true(local_counts(s.local).ahead.charged >= 3);
	assert_true(tally_look(s.t)->used >= HEAT_HOT + 5);
	end(&s);
}

static void
who_does_not_is_not(void **state)
{
	struct scene s = begin_with(true, 100);

	(void)state;
	for (int i = 0; i < 40; i++) {
		assert_true(tally_send(s.t));
		clock_turn(s.t->clock, 250);
	}
	assert_int_equal(local_counts(s.local).ahead.charged, 0);
	end(&s);
}

static void
Redis_is_told_of_it_and_has_the_rest_back(void **state)
{
	struct scene s = hot();

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(tally_send(s.t));
	tally_wait(s.t, 1);
	is_now(&s, HEAT_HOT + 5, 0, HEAT_HOT + 5);
	assert_int_equal(local_counts(s.local).ahead.advances, 0);
	assert_int_equal(clock_next(s.t->clock), -1);
	end(&s);
}

static void
while_it_is_used_Redis_is_told_as_well(void **state)
{
	struct scene s = hot();

	(void)state;
	for (int i = 0; i < 6; i++) {
		clock_turn(s.t->clock, 200);
		assert_true(tally_send(s.t));
	}
	assert_true(sent_of(&s) >= HEAT_HOT + 4);
	assert_int_equal(local_counts(s.local).ahead.advances, 2);
	end(&s);
}

static void
one_that_was_begun_is_open_until_its_lease_ends(void **state)
{
	struct scene s = hot();

	(void)state;
	assert_true(tally_open(s.t));
	tally_wait(s.t, 5);
	is_now(&s, HEAT_HOT + 3, 1, HEAT_HOT + 2);
	tally_wait(s.t, 17 * MINUTE);
	is_now(&s, HEAT_HOT + 2, 0, HEAT_HOT + 2);
	end(&s);
}

static void
one_that_ends_late_counts(void **state)
{
	struct scene s = hot();
	int64_t lease;

	(void)state;
	assert_true(tally_open(s.t));
	lease = s.t->did.lease;
	tally_wait(s.t, 5);
	tally_commit(s.t, lease);
	tally_wait(s.t, 1);
	is_now(&s, HEAT_HOT + 3, 0, HEAT_HOT + 3);
	end(&s);
}

static void
what_was_not_sent_may_be_sent_by_others(void **state)
{
	struct scene s = hot();
	const unsigned asked = false_redis_asked(s.t->redis);

	(void)state;
	for (int i = 0; i < 100; i++) {
		assert_true(tally_open(s.t));
		tally_release(s.t, s.t->did.lease);
	}
	assert_int_equal(false_redis_asked(s.t->redis), asked);
	tally_wait(s.t, 1);
	is_now(&s, HEAT_HOT + 2, 0, HEAT_HOT + 2);
	end(&s);
}

static void
no_more_than_the_limit_passes(void **state)
{
	static const int64_t limits[] = { 1, 5, 16, 17, 100, 101, 1000 };

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct scene s = begin_with(true, limits[i]);

		for (int64_t n = 0; n < limits[i]; n++)
			assert_true(tally_send(s.t));
		assert_false(tally_send(s.t));
		assert_int_equal(s.t->did.used, limits[i]);
		is_now(&s, limits[i], 0, limits[i]);
		end(&s);
	}
}

/* Each opens and none ends: as many parallel sessions do. */
static void
nor_is_more_open(void **state)
{
	struct scene s = begin_with(true, 100);
	int open = 0;

	(void)state;
	for (int i = 0; i < 200; i++)
		open += tally_open(s.t);
	assert_int_equal(open, 100);
	is_now(&s, 100, 100, 0);
	end(&s);
}

static void
the_warning_comes_when_it_should(void **state)
{
	struct scene s = begin_with(true, 100);

	(void)state;
	for (int i = 1; i < 80; i++) {
		assert_true(tally_send(s.t));
		assert_null(s.t->did.meter);
	}
	assert_true(tally_send(s.t));
	assert_true(s.t->did.first);
	assert_int_equal(s.t->did.used, 80);
	end(&s);
}

/* A domain's is always in use, its mailboxes are not. */
static void
others_are_asked_without_those_it_covers(void **state)
{
	struct scene s = begin_with(true, 1000);
	struct meter *mailbox = &s.t->items[2];
	unsigned calls;

	(void)state;
	for (int i = 0; i < HEAT_HOT + 2; i++)
		assert_true(tally_send(s.t));
	tally_meter(s.t, OWNER_DOMAIN, RATE_MESSAGES, 1000, HOUR);
	assert_true(tally_send(s.t)); /* the step of the third begins */
	let_tell(&s);
	assert_true(tally_send(s.t));
	calls = false_redis_calls(s.t->redis);
	assert_true(tally_open(s.t));
	assert_int_equal(false_redis_calls(s.t->redis) - calls, 0);
	tally_commit(s.t, s.t->did.lease);
	tally_wait(s.t, 1);
	is_now(&s, HEAT_HOT + 5, 0, HEAT_HOT + 5);
	assert_int_equal(s.t->is[2].used, 3);
	assert_int_equal(mailbox->kind, RATE_MESSAGES);
	end(&s);
}

static void
one_that_another_meter_refuses_takes_nothing_of_it(void **state)
{
	struct scene s = begin_with(true, 1000);

	(void)state;
	for (int i = 0; i < HEAT_HOT + 2; i++)
		assert_true(tally_send(s.t));
	tally_meter(s.t, OWNER_DOMAIN, RATE_MESSAGES, 3, HOUR);
	for (int i = 0; i < 3; i++)
		assert_true(tally_send(s.t));
	for (int i = 0; i < 3; i++) {
		assert_false(tally_send(s.t));
		assert_ptr_equal(s.t->did.meter, &s.t->items[2]);
	}
	tally_wait(s.t, 1);
	is_now(&s, HEAT_HOT + 5, 0, HEAT_HOT + 5);
	end(&s);
}

static void
all_policyd_together_have_an_eighth(void **state)
{
	struct scene s = begin_with(true, 1000);
	int64_t most = 0, more;

	(void)state;
	local_nodes(s.local, 5);
	for (int sent = 1; sent <= 400; sent++) {
		assert_true(tally_send(s.t));
		more = tally_look(s.t)->used - sent;
		most = more > most ? more : most;
	}
	assert_true(most > 4);
	assert_true(most <= 1000 / ADVANCE_PART / 5);
	end(&s);
}

/* -- advances, when Redis is lost -- */

static void
without_Redis_it_is_not_used_up(void **state)
{
	struct scene s = hot();
	int sent = 0;

	(void)state;
	s.t->alone = true;
	false_redis_lose(s.t->redis, LOSS_DOWN);
	tally_wait(s.t, 1); /* what was to be told was lost */
	for (int i = 0; i < 200; i++)
		sent += tally_send(s.t);
	assert_true(sent >= 100 - (HEAT_HOT + 2) && sent <= 100);
	false_redis_lose(s.t->redis, LOSS_NONE);
	tally_wait(s.t, 5);
	is_now(&s, HEAT_HOT + 2 + sent, 0, HEAT_HOT + 2 + sent);
	end(&s);
}

static void
what_was_sent_of_it_is_told_later(void **state)
{
	static const enum loss losses[] = { LOSS_DOWN, LOSS_FULL, LOSS_BUSY };

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct scene s = hot();

		assert_true(tally_send(s.t));
		false_redis_lose(s.t->redis, losses[i]);
		tally_wait(s.t, 2);
		false_redis_lose(s.t->redis, LOSS_NONE);
		tally_wait(s.t, 5);
		is_now(&s, HEAT_HOT + 3, 0, HEAT_HOT + 3);
		end(&s);
	}
}

static void
what_was_deleted_is_counted_from_then_on(void **state)
{
	struct scene s = hot();

	(void)state;
	TALLY_DO(s.t, "DEL", messages, day);
	for (int i = 0; i < 3; i++)
		assert_true(tally_send(s.t));
	tally_wait(s.t, 2);
	assert_true(tally_look(s.t)->used >= 3);
	assert_int_equal(s.t->is->open, 0);
	assert_int_equal(s.t->is->used, s.t->is->current);
	assert_true(tally_ttl(s.t, messages) > 0);
	end(&s);
}

static void
at_the_end_all_of_it_is_told(void **state)
{
	struct scene s = hot();

	(void)state;
	assert_true(tally_send(s.t));
	while (!local_finish(s.local))
		clock_turn(s.t->clock, 1);
	is_now(&s, HEAT_HOT + 3, 0, HEAT_HOT + 3);
	end(&s);
}

static void
one_of_a_Redis_that_was_away_is_used_no_longer(void **state)
{
	struct scene s = hot();
	const uint64_t charged = local_counts(s.local).ahead.charged;

	(void)state;
	false_redis_was_away(s.t->redis);
	assert_true(tally_send(s.t));
	assert_int_equal(local_counts(s.local).ahead.charged, charged);
	tally_wait(s.t, 1);
	is_now(&s, HEAT_HOT + 3, 0, HEAT_HOT + 3);
	end(&s);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, who_sends_quickly_is_charged_beforehand);
	SUITE_TEST(&s, who_does_not_is_not);
	SUITE_TEST(&s, Redis_is_told_of_it_and_has_the_rest_back);
	SUITE_TEST(&s, while_it_is_used_Redis_is_told_as_well);
	SUITE_TEST(&s, one_that_was_begun_is_open_until_its_lease_ends);
	SUITE_TEST(&s, one_that_ends_late_counts);
	SUITE_TEST(&s, what_was_not_sent_may_be_sent_by_others);
	SUITE_TEST(&s, no_more_than_the_limit_passes);
	SUITE_TEST(&s, nor_is_more_open);
	SUITE_TEST(&s, the_warning_comes_when_it_should);
	SUITE_TEST(&s, others_are_asked_without_those_it_covers);
	SUITE_TEST(&s, one_that_another_meter_refuses_takes_nothing_of_it);
	SUITE_TEST(&s, all_policyd_together_have_an_eighth);
	SUITE_TEST(&s, without_Redis_it_is_not_used_up);
	SUITE_TEST(&s, what_was_sent_of_it_is_told_later);
	SUITE_TEST(&s, what_was_deleted_is_counted_from_then_on);
	SUITE_TEST(&s, at_the_end_all_of_it_is_told);
	SUITE_TEST(&s, one_of_a_Redis_that_was_away_is_used_no_longer);
	return suite_run(&s, "rate/ahead_advance");
}
