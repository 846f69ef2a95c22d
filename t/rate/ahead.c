/*
 * Charges and settlements without rate.lua, or without Redis, come to the same
 * as those with it, whatever happens to their meters meanwhile.
 */
#include "rate/ahead.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "kit/suite.h"
#include "kit/tally.h"
#include "rate/advance.h"
#include "rate/local.h"
#include "rate/plain.h"

static const char messages[] = "policyd:rate:{example.com}:alice:messages/1h";
static const char day[] = "policyd:rate:{example.com}:alice:recipients/1d";

enum { OPEN = 64 };

struct scene {
	struct tally *t;
	struct local *local; /* NULL: always asks the script */
	int64_t leases[OPEN];
	unsigned open;
};

static struct scene
begin_with(bool ahead, int64_t limit)
{
	struct scene s = { .t = tally_begin() };

	if (ahead) {
		s.local = local_new(s.t->clock, s.t->store);
		s.t->store = local_store(s.local);
	}
	tally_meter(s.t, OWNER_MAILBOX, RATE_MESSAGES, limit, HOUR);
	tally_meter(s.t, OWNER_MAILBOX, RATE_RECIPIENTS, 10 * limit, DAY);
	return s;
}

static struct scene
begin(bool ahead)
{
	return begin_with(ahead, 10);
}

/* Until Redis has been told. */
static void
let_tell(struct scene *s)
{
	clock_turn(s->t->clock, 100);
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

/* How many commands Redis ran for it, in scripts. */
static unsigned
commit(struct scene *s)
{
	const unsigned before = false_redis_calls(s->t->redis);

	tally_commit(s->t, s->t->did.lease);
	let_tell(s);
	return false_redis_calls(s->t->redis) - before;
}

static void
is_now(struct scene *s, int64_t used, int64_t open, int64_t current)
{
	let_tell(s);
	tally_look(s->t);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(s->t->is[i].used, used);
		assert_int_equal(s->t->is[i].open, open);
		assert_int_equal(s->t->is[i].current, current);
	}
	assert_true(tally_ttl(s->t, messages) > 0);
	assert_true(tally_ttl(s->t, day) > 0);
}

/* A hundred messages an hour; some have been sent quickly. */
static struct scene
hot(void)
{
	struct scene s = begin_with(true, 100);

	for (int i = 0; i < ADVANCE_HOT + 2; i++)
		assert_true(tally_send(s.t));
	assert_int_equal(local_counts(s.local).ahead.advances, 2);
	return s;
}

/* -- settlements -- */

enum { PLAIN = 4 }; /* two commands a meter; rate.lua takes more */

static void
the_first_in_a_step_is_a_close_look(void **state)
{
	struct scene s = begin(true);

	(void)state;
	for (int step = 0; step < 3; step++) {
		assert_true(tally_open(s.t));
		assert_true(commit(&s) > PLAIN);
		for (int i = 0; i < 2; i++) {
			assert_true(tally_open(s.t));
			assert_int_equal(commit(&s), PLAIN);
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
	assert_int_equal(commit(&s), PLAIN / 2);
	tally_wait(s.t, 1);
	assert_true(tally_open(s.t));
	assert_true(commit(&s) > PLAIN / 2);
	end(&s);
}

static void
one_of_less_than_was_charged_is_a_command_more(void **state)
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
	assert_int_equal(false_redis_calls(s.t->redis) - calls, PLAIN + 1);
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
	commit(&s);
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
	let_tell(&s);
	is_now(&s, 1, 0, 1);
	tally_commit(s.t, lease);
	let_tell(&s);
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
	commit(&s);
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
	commit(&s);
	tally_wait(s.t, 1);
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
		assert_true(commit(&s) > PLAIN);
		end(&s);
	}
}

static void
so_is_one_that_was_away_when_nobody_asked(void **state)
{
	struct scene s = opened();

	(void)state;
	false_redis_was_away(s.t->redis);
	assert_true(commit(&s) > PLAIN);
	assert_true(tally_open(s.t));
	assert_int_equal(commit(&s), PLAIN);
	end(&s);
}

static void
an_advance_of_it_is_used_no_longer(void **state)
{
	struct scene s = hot();
	const uint64_t charged = local_counts(s.local).ahead.charged;

	(void)state;
	false_redis_was_away(s.t->redis);
	assert_true(tally_send(s.t));
	assert_int_equal(local_counts(s.local).ahead.charged, charged);
	tally_wait(s.t, 1);
	is_now(&s, ADVANCE_HOT + 3, 0, ADVANCE_HOT + 3);
	end(&s);
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
	assert_true(commit(&s) > PLAIN);
	false_redis_free(other);
	end(&s);
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
	assert_true(tally_look(s.t)->used >= ADVANCE_HOT + 5);
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
	is_now(&s, ADVANCE_HOT + 5, 0, ADVANCE_HOT + 5);
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
	assert_true(sent_of(&s) >= ADVANCE_HOT + 4);
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
	is_now(&s, ADVANCE_HOT + 3, 1, ADVANCE_HOT + 2);
	tally_wait(s.t, 17 * MINUTE);
	is_now(&s, ADVANCE_HOT + 2, 0, ADVANCE_HOT + 2);
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
	is_now(&s, ADVANCE_HOT + 3, 0, ADVANCE_HOT + 3);
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
	is_now(&s, ADVANCE_HOT + 2, 0, ADVANCE_HOT + 2);
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
	for (int i = 0; i < ADVANCE_HOT + 2; i++)
		assert_true(tally_send(s.t));
	tally_meter(s.t, OWNER_DOMAIN, RATE_MESSAGES, 1000, HOUR);
	assert_true(tally_send(s.t)); /* the step of the third begins */
	let_tell(&s);
	assert_true(tally_send(s.t));
	calls = false_redis_calls(s.t->redis);
	assert_true(tally_open(s.t));
	assert_int_equal(false_redis_calls(s.t->redis) - calls, 2);
	tally_commit(s.t, s.t->did.lease);
	tally_wait(s.t, 1);
	is_now(&s, ADVANCE_HOT + 5, 0, ADVANCE_HOT + 5);
	assert_int_equal(s.t->is[2].used, 3);
	assert_int_equal(mailbox->kind, RATE_MESSAGES);
	end(&s);
}

static void
one_that_another_meter_refuses_takes_nothing_of_it(void **state)
{
	struct scene s = begin_with(true, 1000);

	(void)state;
	for (int i = 0; i < ADVANCE_HOT + 2; i++)
		assert_true(tally_send(s.t));
	tally_meter(s.t, OWNER_DOMAIN, RATE_MESSAGES, 3, HOUR);
	for (int i = 0; i < 3; i++)
		assert_true(tally_send(s.t));
	for (int i = 0; i < 3; i++) {
		assert_false(tally_send(s.t));
		assert_ptr_equal(s.t->did.meter, &s.t->items[2]);
	}
	tally_wait(s.t, 1);
	is_now(&s, ADVANCE_HOT + 5, 0, ADVANCE_HOT + 5);
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
	assert_true(sent >= 100 - (ADVANCE_HOT + 2) && sent <= 100);
	false_redis_lose(s.t->redis, LOSS_NONE);
	tally_wait(s.t, 5);
	is_now(&s, ADVANCE_HOT + 2 + sent, 0, ADVANCE_HOT + 2 + sent);
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
		is_now(&s, ADVANCE_HOT + 3, 0, ADVANCE_HOT + 3);
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
	is_now(&s, ADVANCE_HOT + 3, 0, ADVANCE_HOT + 3);
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
	SUITE_TEST(&s, so_is_one_after_five_minutes);
	SUITE_TEST(&s, one_of_less_than_was_charged_is_a_command_more);
	SUITE_TEST(&s, what_was_not_sent_is_given_back);
	SUITE_TEST(&s, many_are_told_at_once);
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
	SUITE_TEST(&s, what_is_sent_after_that_counts_for_as_long);
	SUITE_TEST(&s, so_is_one_that_was_away_when_nobody_asked);
	SUITE_TEST(&s, an_advance_of_it_is_used_no_longer);
	SUITE_TEST(&s, so_is_another_one);
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
	SUITE_TEST(&s, both_come_to_the_same);
	return suite_run(&s, "rate/ahead");
}
