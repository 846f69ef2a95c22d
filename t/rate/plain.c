/*
 * Charges and settlements without rate.lua come to the same as those with it,
 * whatever happens to their meters meanwhile.
 */
#include "rate/plain.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "kit/suite.h"
#include "kit/tally.h"
#include "rate/local.h"

static const char messages[] = "policyd:rate:{example.com}:alice:messages/1h";
static const char day[] = "policyd:rate:{example.com}:alice:recipients/1d";

struct scene {
	struct tally *t;
	struct local *local; /* NULL: settles with the script */
	int64_t leases[16];
	unsigned open;
};

static struct scene
begin(bool plain)
{
	struct scene s = { .t = tally_begin() };

	if (plain) {
		s.local = local_new(s.t->clock, s.t->store);
		s.t->store = local_store(s.local);
	}
	tally_meter(s.t, OWNER_MAILBOX, RATE_MESSAGES, 10, HOUR);
	tally_meter(s.t, OWNER_MAILBOX, RATE_RECIPIENTS, 100, DAY);
	return s;
}

static void
end(struct scene *s)
{
	local_free(s->local);
	tally_end(s->t);
}

/* A charge is open, and its step has begun. */
static struct scene
opened(void)
{
	struct scene s = begin(true);

	assert_true(tally_send(s.t));
	assert_true(tally_open(s.t));
	return s;
}

/* How many questions it was. */
static unsigned
commit(struct scene *s)
{
	const unsigned before = false_redis_asked(s->t->redis);

	tally_commit(s->t, s->t->did.lease);
	return false_redis_asked(s->t->redis) - before;
}

static void
is_now(struct scene *s, int64_t used, int64_t open, int64_t current)
{
	tally_look(s->t);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(s->t->is[i].used, used);
		assert_int_equal(s->t->is[i].open, open);
		assert_int_equal(s->t->is[i].current, current);
	}
	assert_true(tally_ttl(s->t, messages) > 0);
	assert_true(tally_ttl(s->t, day) > 0);
}

/* -- when -- */

static void
the_first_in_a_step_is_a_script(void **state)
{
	struct scene s = begin(true);

	(void)state;
	for (int step = 0; step < 3; step++) {
		assert_true(tally_open(s.t));
		assert_int_equal(commit(&s), 1);
		for (int i = 0; i < 2; i++) {
			assert_true(tally_open(s.t));
			assert_int_equal(commit(&s), 4);
			assert_true(s.t->answered);
		}
		is_now(&s, 3 * step + 3, 0, 3 * step + 3);
		tally_wait(s.t, 3 * MINUTE);
	}
	end(&s);
}

static void
so_is_one_after_five_minutes(void **state)
{
	struct scene s = begin(true);

	(void)state;
	s.t->meters.items = s.t->items + 1;
	s.t->meters.count = 1; /* of the day, whose step is longer */
	assert_true(tally_send(s.t));
	tally_wait(s.t, PLAIN_SECONDS - 1);
	assert_true(tally_open(s.t));
	assert_int_equal(commit(&s), 2);
	tally_wait(s.t, 1);
	assert_true(tally_open(s.t));
	assert_int_equal(commit(&s), 1);
	end(&s);
}

static void
and_one_of_less_than_was_charged(void **state)
{
	static const struct amounts charged = { { 1, 3, 0, 0, 0 } },
				    sent = { { 1, 2, 0, 0, 0 } };
	struct scene s = opened();
	const unsigned asked = false_redis_asked(s.t->redis);
	struct rate_open open;

	(void)state;
	tally_charge(s.t, 1, 3, 0);
	open = (struct rate_open){ s.t->did.lease, charged };
	tally_settle(s.t, &sent, &open, 1);
	assert_int_equal(false_redis_asked(s.t->redis) - asked, 2);
	assert_int_equal(tally_look(s.t)[1].used, 4);
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
a_charge_is_two_commands_a_meter(void **state)
{
	struct scene s = begin(true);

	(void)state;
	assert_true(tally_send(s.t));
	assert_int_equal(open_one(&s), 4);
	assert_true(s.t->did.charged);
	is_now(&s, 2, 1, 1);
	tally_wait(s.t, 3 * MINUTE);
	assert_int_equal(open_one(&s), 6); /* and when its key ends */
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

/* -- when something has happened meanwhile -- */

static void
a_key_that_was_deleted_counts_what_was_sent(void **state)
{
	struct scene s = opened();

	(void)state;
	TALLY_DO(s.t, "DEL", messages, day);
	assert_int_equal(commit(&s), 5);
	assert_true(s.t->answered);
	is_now(&s, 1, 0, 1);
	end(&s);
}

static void
so_does_one_that_was_charged_anew(void **state)
{
	struct scene s = opened();
	const int64_t lease = s.t->did.lease;

	(void)state;
	TALLY_DO(s.t, "DEL", messages, day);
	assert_true(tally_open(s.t));
	tally_commit(s.t, lease);
	is_now(&s, 1, 0, 1);
	tally_commit(s.t, lease);
	is_now(&s, 2, 0, 2);
	end(&s);
}

static void
a_meter_that_was_reset_counts_what_is_sent_then(void **state)
{
	struct scene s = opened();

	(void)state;
	tally_reset(s.t, false);
	commit(&s);
	is_now(&s, 1, 0, 1);
	end(&s);
}

static void
what_is_no_meter_any_more_is_replaced(void **state)
{
	struct scene s = opened();

	(void)state;
	TALLY_DO(s.t, "SET", day, "hello");
	assert_int_equal(commit(&s), 5);
	assert_true(s.t->answered);
	assert_int_equal(tally_look(s.t)[0].current, 2);
	assert_int_equal(s.t->is[0].open, 0);
	assert_int_equal(s.t->is[1].current, 1);
	TALLY_DO(s.t, "SET", messages, "hello");
	TALLY_DO(s.t, "SET", day, "hello");
	assert_true(tally_send(s.t));
	is_now(&s, 1, 0, 1);
	end(&s);
}

static void
a_sum_that_is_none_is_counted_anew(void **state)
{
	struct scene s = opened();

	(void)state;
	TALLY_DO(s.t, "HSET", messages, "current", "x");
	commit(&s);
	assert_true(s.t->answered);
	assert_int_equal(tally_look(s.t)->current, 1);
	assert_int_equal(s.t->is->open, 0);
	end(&s);
}

static void
a_full_Redis_is_told_later(void **state)
{
	struct scene s = opened();

	(void)state;
	false_redis_mood(s.t->redis, MOOD_FULL);
	commit(&s);
	assert_true(s.t->answered);
	false_redis_mood(s.t->redis, MOOD_WELL);
	tally_wait(s.t, 3);
	is_now(&s, 2, 0, 2);
	end(&s);
}

static void
what_may_have_run_is_not_repeated(void **state)
{
	struct scene s = opened();

	(void)state;
	false_redis_delay(s.t->redis, 600);
	assert_int_equal(commit(&s), 4);
	assert_false(s.t->answered);
	false_redis_delay(s.t->redis, 0);
	tally_wait(s.t, 3);
	is_now(&s, 2, 0, 2);
	end(&s);
}

/* -- which Redis it is -- */

static void
one_that_was_lost_is_asked_anew(void **state)
{
	static const enum loss losses[] = { LOSS_DOWN, LOSS_BROKEN };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct scene s = opened();

		false_redis_lose(s.t->redis, losses[i]);
		assert_false(tally_open(s.t));
		s.t->did.lease = tally_now(s.t) + MINUTE;
		false_redis_lose(s.t->redis, LOSS_NONE);
		assert_int_equal(commit(&s), 1);
		end(&s);
	}
}

/* It saved itself an hour ago, when nothing was sent yet. */
static void
what_is_sent_after_that_counts_for_as_long(void **state)
{
	struct scene s = opened();
	const int64_t lease = s.t->did.lease;
	struct arena *a = s.t->arena;

	(void)state;
	false_redis_lose(s.t->redis, LOSS_BROKEN);
	tally_open(s.t);
	false_redis_lose(s.t->redis, LOSS_NONE);
	TALLY_DO(s.t, "HSET", messages, "used", "1", "current", "1", "steps",
	    arena_printf(a, "%lld 0", (long long)tally_now(s.t) - 50 * MINUTE));
	tally_commit(s.t, lease);
	tally_wait(s.t, 20 * MINUTE);
	assert_int_equal(tally_look(s.t)->used, 1);
	end(&s);
}

static void
so_is_another_one(void **state)
{
	struct scene s = opened();
	struct false_redis *other = false_redis_new(s.t->clock);

	(void)state;
	local_configure(s.local, false_redis_store(other));
	local_configure(s.local, false_redis_store(s.t->redis));
	assert_int_equal(commit(&s), 1);
	false_redis_free(other);
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

	if (kind < 16 && s->open < 16) {
		if (tally_charge(s->t, 1, 1, 0))
			s->leases[s->open++] = s->t->did.lease;
	} else if (kind < 30 && s->open > 0) {
		tally_commit(s->t, s->leases[--s->open]);
	} else if (kind < 32 && s->open > 0) {
		tally_release(s->t, s->leases[--s->open]);
	} else if (kind < 33) {
		tally_grant(s->t, n, 5, tally_now(s->t) + HOUR);
	} else if (kind < 34) {
		tally_reset(s->t, n);
	} else if (dice(&chance, 4) == 0) {
		tally_wait(s->t, waits[dice(&chance, 7)]);
	}
}

static void
both_come_to_the_same(void **state)
{
	struct scene a = begin(true), b = begin(false);
	unsigned chance = 1;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		chance = chance * 1103515245 + 12345;
		do_something(&a, chance);
		do_something(&b, chance);
		assert_int_equal(a.open, b.open);
		tally_look(a.t);
		tally_look(b.t);
		assert_memory_equal(a.t->is, b.t->is, 2 * sizeof(a.t->is[0]));
	}
	end(&a);
	end(&b);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, the_first_in_a_step_is_a_script);
	SUITE_TEST(&s, so_is_one_after_five_minutes);
	SUITE_TEST(&s, and_one_of_less_than_was_charged);
	SUITE_TEST(&s, a_charge_is_two_commands_a_meter);
	SUITE_TEST(&s, one_that_warns_is_charged_once);
	SUITE_TEST(&s, one_that_the_last_meter_refuses_is_charged_nowhere);
	SUITE_TEST(&s, a_key_that_was_deleted_is_charged_and_ends);
	SUITE_TEST(&s, a_key_lives_as_long_as_a_lease);
	SUITE_TEST(&s, a_key_that_was_deleted_counts_what_was_sent);
	SUITE_TEST(&s, so_does_one_that_was_charged_anew);
	SUITE_TEST(&s, a_meter_that_was_reset_counts_what_is_sent_then);
	SUITE_TEST(&s, what_is_no_meter_any_more_is_replaced);
	SUITE_TEST(&s, a_sum_that_is_none_is_counted_anew);
	SUITE_TEST(&s, a_full_Redis_is_told_later);
	SUITE_TEST(&s, what_may_have_run_is_not_repeated);
	SUITE_TEST(&s, one_that_was_lost_is_asked_anew);
	SUITE_TEST(&s, so_is_another_one);
	SUITE_TEST(&s, what_is_sent_after_that_counts_for_as_long);
	SUITE_TEST(&s, both_come_to_the_same);
	return suite_run(&s, "rate/plain");
}
