/*
 * Lockouts of a mailbox, by the script that Redis runs, on virtual time.
 */
#include "register/account.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/clock.h"
#include "conf/conf.h"
#include "kit/false_redis.h"
#include "kit/suite.h"

enum { HOUR = 3600, DAY = 86400, NOON = 1732190400 };

static const char key[] = "policyd:account:{alice@example.com}";

struct stage {
	struct ticket ticket; /* first */
	struct arena *arena;
	struct clock *clock;
	struct false_redis *redis;
	struct conf conf;
	struct account_state is; /* the last answer */
	const char *reason, *by;
	bool answered;
};

static int
setup(void **state)
{
	struct stage *s = xcalloc(1, sizeof(*s));

	s->arena = arena_new();
	s->clock = clock_new_virtual(NOON);
	s->redis = false_redis_new(s->clock);
	s->conf.prefix = "policyd:";
	s->conf.realm = "";
	s->conf.account.lockout = 5;
	s->conf.account.window = HOUR;
	s->conf.account.locked = HOUR;
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct stage *s = *state;

	false_redis_free(s->redis);
	clock_free(s->clock);
	arena_release(s->arena);
	arena_pool_clear();
	free(s);
	return 0;
}

static void
answered(struct ticket *t, const struct answer *a)
{
	struct stage *s = (struct stage *)t;

	s->answered = account_state(a, &s->is);
	if (s->answered) {
		s->reason = arena_strdup(s->arena, account_reason(a));
		s->by = arena_strdup(s->arena, account_by(a));
	}
}

static void
ask(struct stage *s, struct question q)
{
	s->answered = false;
	s->ticket.answered = answered;
	store_ask(false_redis_store(s->redis), &q, &s->ticket);
	clock_turn(s->clock, 0);
	assert_true(s->answered);
}

static struct address
address_of(const char *text)
{
	struct address a;

	assert_true(address_parse(&a, text));
	return a;
}

static void
fails(struct stage *s, const char *from, const char *hash)
{
	const struct address a = address_of(from);

	ask(s,
	    account_failed(s->arena, &s->conf, "alice@example.com", &a, hash));
}

static void
logs_in(struct stage *s, const char *from)
{
	const struct address a = address_of(from);

	ask(s, account_good(s->arena, &s->conf, "alice@example.com", &a));
}

static void
look(struct stage *s, const char *from)
{
	const struct address a = address_of(from);

	ask(s, account_read(s->arena, &s->conf, "alice@example.com", &a));
}

static void
wait_seconds(struct stage *s, int64_t seconds)
{
	clock_turn(s->clock, (uint64_t)seconds * 1000);
}

static struct resp
command(struct stage *s, const char *const *words)
{
	return false_redis_command(s->redis, s->arena, words);
}
#define COMMAND(s, ...) command(s, (const char *const[]){ __VA_ARGS__, NULL })

static void
fail_times(struct stage *s, int times)
{
	char from[32], hash[16];

	for (int i = 0; i < times; i++) {
		snprintf(from, sizeof(from), "192.0.2.%d", i + 1);
		snprintf(hash, sizeof(hash), "%04x", i);
		fails(s, from, hash);
	}
}

static void
nobody_knows_it_and_it_is_free(void **state)
{
	struct stage *s = *state;

	look(s, "192.0.2.1");
	assert_int_equal(s->is.locked_until, 0);
	assert_int_equal(s->is.failures, 0);
	assert_false(s->is.disabled);
	assert_int_equal(COMMAND(s, "EXISTS", key).number, 0);
}

static void
five_failures_from_anywhere_lock_it_for_an_hour(void **state)
{
	struct stage *s = *state;

	fail_times(s, 4);
	assert_false(s->is.changed);
	look(s, "192.0.2.1");
	assert_int_equal(s->is.locked_until, 0);
	assert_int_equal(s->is.failures, 4);
	fails(s, "198.51.100.1", "ffff");
	assert_true(s->is.changed);
	assert_int_equal(s->is.locked_until, NOON + HOUR);
	look(s, "203.0.113.1");
	assert_int_equal(s->is.locked_until, NOON + HOUR);
	wait_seconds(s, HOUR);
	look(s, "203.0.113.1");
	assert_int_equal(s->is.locked_until, 0);
	assert_int_equal(s->is.failures, 0);
}

static void
failures_while_locked_make_it_no_longer(void **state)
{
	struct stage *s = *state;

	fail_times(s, 5);
	wait_seconds(s, HOUR / 2);
	fail_times(s, 20);
	assert_false(s->is.changed);
	look(s, "192.0.2.1");
	assert_int_equal(s->is.locked_until, NOON + HOUR);
}

static void
the_same_wrong_password_counts_once(void **state)
{
	struct stage *s = *state;

	for (int i = 0; i < 50; i++)
		fails(s, "192.0.2.1", "075c");
	assert_int_equal(s->is.failures, 1);
	fails(s, "192.0.2.1", "");
	fails(s, "192.0.2.1", "");
	assert_int_equal(s->is.failures, 3);
}

static void
old_failures_fade(void **state)
{
	struct stage *s = *state;

	fail_times(s, 4);
	wait_seconds(s, HOUR + HOUR / 2);
	look(s, "192.0.2.1");
	assert_int_equal(s->is.failures, 2);
	wait_seconds(s, HOUR / 2);
	look(s, "192.0.2.1");
	assert_int_equal(s->is.failures, 0);
	wait_seconds(s, HOUR);
	assert_int_equal(COMMAND(s, "EXISTS", key).number, 0);
}

static void
its_owner_is_not_locked_out_where_he_was(void **state)
{
	struct stage *s = *state;

	logs_in(s, "192.0.2.77");
	logs_in(s, "2001:db8::77");
	for (int i = 0; i < 50; i++)
		fails(s, "192.0.2.1", "");
	assert_int_equal(s->is.failures, 0);
	for (int i = 0; i < 5; i++)
		fails(s, "198.51.100.1", "");
	assert_true(s->is.changed);
	look(s, "192.0.2.200");
	assert_int_equal(s->is.locked_until, 0);
	assert_true(s->is.known);
	look(s, "2001:db8::1:2:3:4");
	assert_int_equal(s->is.locked_until, 0);
	look(s, "2001:db8:0:1::77");
	assert_int_equal(s->is.locked_until, NOON + HOUR);
	look(s, "198.51.100.2");
	assert_int_equal(s->is.locked_until, NOON + HOUR);
}

static void
where_he_was_is_forgotten_after_30_days(void **state)
{
	struct stage *s = *state;

	logs_in(s, "192.0.2.77");
	wait_seconds(s, 29 * DAY);
	logs_in(s, "192.0.2.77");
	wait_seconds(s, 29 * DAY);
	look(s, "192.0.2.77");
	assert_true(s->is.known);
	wait_seconds(s, DAY);
	look(s, "192.0.2.77");
	assert_false(s->is.known);
	assert_int_equal(COMMAND(s, "EXISTS", key).number, 0);
}

static void
the_last_eight_networks_are_kept(void **state)
{
	struct stage *s = *state;
	char from[32];

	for (int i = 1; i <= 9; i++) {
		snprintf(from, sizeof(from), "10.0.%d.1", i);
		logs_in(s, from);
	}
	look(s, "10.0.1.1");
	assert_false(s->is.known);
	look(s, "10.0.2.1");
	assert_true(s->is.known);
	look(s, "10.0.9.1");
	assert_true(s->is.known);
}

static void
a_login_writes_once_a_day(void **state)
{
	struct stage *s = *state;
	unsigned calls;

	logs_in(s, "192.0.2.1");
	wait_seconds(s, HOUR);
	calls = false_redis_calls(s->redis);
	logs_in(s, "192.0.2.1");
	assert_int_equal(false_redis_calls(s->redis) - calls, 2);
}

static void
who_is_disabled_is_so_everywhere_and_for_good(void **state)
{
	struct stage *s = *state;

	logs_in(s, "192.0.2.1");
	COMMAND(s, "HSET", key, "disabled", "left");
	COMMAND(s, "PERSIST", key);
	look(s, "192.0.2.1");
	assert_true(s->is.disabled);
	fails(s, "198.51.100.1", "");
	wait_seconds(s, 400 * (int64_t)DAY);
	look(s, "198.51.100.1");
	assert_true(s->is.disabled);
}

static void
change(struct stage *s, enum account_change what, const char *reason)
{
	ask(s,
	    account_change(s->arena, &s->conf, what, "alice@example.com",
		reason, "root@mx1"));
}

static int64_t
ends_in(struct stage *s)
{
	return COMMAND(s, "TTL", key).number;
}

static void
an_administrator_disables_it_for_good_and_enables_it_again(void **state)
{
	struct stage *s = *state;

	fail_times(s, 2);
	change(s, ACCOUNT_DISABLE, "left");
	assert_true(s->is.changed);
	assert_true(s->is.disabled);
	assert_int_equal(ends_in(s), -1);
	look(s, "192.0.2.1");
	assert_string_equal(s->reason, "left");
	assert_string_equal(s->by, "root@mx1");
	change(s, ACCOUNT_DISABLE, "left");
	assert_false(s->is.changed);
	change(s, ACCOUNT_ENABLE, "");
	assert_true(s->is.changed);
	assert_false(s->is.disabled);
	assert_string_equal(s->reason, "");
	assert_string_equal(s->by, "");
	assert_int_equal(s->is.failures, 2);
	assert_int_equal(ends_in(s), 2 * HOUR);
	change(s, ACCOUNT_ENABLE, "");
	assert_false(s->is.changed);
}

static void
what_was_disabled_by_hand_loses_its_end(void **state)
{
	struct stage *s = *state;

	fail_times(s, 1);
	COMMAND(s, "HSET", key, "disabled", "left");
	change(s, ACCOUNT_DISABLE, "left");
	assert_false(s->is.changed);
	assert_int_equal(ends_in(s), -1);
}

static void
an_administrator_unlocks_it_and_it_starts_anew(void **state)
{
	struct stage *s = *state;

	logs_in(s, "192.0.2.77");
	for (int i = 0; i < 5; i++)
		fails(s, "198.51.100.1", "");
	change(s, ACCOUNT_UNLOCK, "");
	assert_true(s->is.changed);
	look(s, "198.51.100.1");
	assert_int_equal(s->is.locked_until, 0);
	assert_int_equal(s->is.failures, 0);
	look(s, "192.0.2.77");
	assert_true(s->is.known);
	change(s, ACCOUNT_UNLOCK, "");
	assert_false(s->is.changed);
}

static void
forgetting_its_networks_leaves_its_failures(void **state)
{
	struct stage *s = *state;

	fail_times(s, 2);
	logs_in(s, "192.0.2.77");
	change(s, ACCOUNT_FORGET, "");
	assert_true(s->is.changed);
	look(s, "192.0.2.77");
	assert_false(s->is.known);
	assert_int_equal(s->is.failures, 2);
	assert_int_equal(ends_in(s), 2 * HOUR);
}

static void
with_the_last_fact_the_key_goes(void **state)
{
	struct stage *s = *state;

	change(s, ACCOUNT_DISABLE, "");
	assert_true(s->is.disabled);
	change(s, ACCOUNT_ENABLE, "");
	assert_int_equal(COMMAND(s, "EXISTS", key).number, 0);
}

static void
an_administrator_replaces_anothers_value(void **state)
{
	struct stage *s = *state;

	COMMAND(s, "SET", key, "nonsense");
	change(s, ACCOUNT_UNLOCK, "");
	assert_true(s->is.changed);
	assert_int_equal(COMMAND(s, "EXISTS", key).number, 0);
	COMMAND(s, "SET", key, "nonsense");
	change(s, ACCOUNT_DISABLE, "left");
	assert_true(s->is.disabled);
}

static void
without_a_lockout_failures_are_not_kept(void **state)
{
	struct stage *s = *state;

	s->conf.account.lockout = 0;
	fail_times(s, 50);
	assert_int_equal(s->is.locked_until, 0);
	assert_int_equal(COMMAND(s, "EXISTS", key).number, 0);
}

static void
looking_writes_nothing(void **state)
{
	struct stage *s = *state;

	fail_times(s, 2);
	false_redis_mood(s->redis, MOOD_REPLICA);
	look(s, "192.0.2.1");
	assert_int_equal(s->is.failures, 2);
}

static void
anothers_value_is_replaced(void **state)
{
	struct stage *s = *state;

	COMMAND(s, "SET", key, "nonsense");
	look(s, "192.0.2.1");
	assert_int_equal(s->is.locked_until, 0);
	fails(s, "192.0.2.1", "");
	assert_int_equal(s->is.failures, 1);
}

static void
nonsense_in_its_fields_is_none(void **state)
{
	struct stage *s = *state;

	COMMAND(s, "HSET", key, "until", "99999999999", "failures", "many",
	    "since", "-3", "tries", "= == a=b x=99999999999999999999",
	    "networks", "192.0.2.0/24");
	look(s, "192.0.2.1");
	assert_int_equal(s->is.locked_until, 0);
	assert_false(s->is.known);
	fails(s, "192.0.2.1", "a");
	assert_int_equal(s->is.failures, 1);
}

static void
a_clock_set_back_locks_nobody_for_longer(void **state)
{
	struct stage *s = *state;

	fail_times(s, 5);
	false_redis_step(s->redis, -3 * HOUR);
	look(s, "192.0.2.1");
	assert_int_equal(s->is.locked_until, 0);
}

static void
a_login_without_a_domain_is_of_the_realm(void **state)
{
	struct stage *s = *state;
	const struct address a = address_of("192.0.2.1");

	s->conf.realm = "example.com";
	ask(s, account_failed(s->arena, &s->conf, "Alice", &a, ""));
	look(s, "192.0.2.1");
	assert_int_equal(s->is.failures, 1);
}

#define SCENE(s, test) suite_add_scene(s, #test, test, setup, teardown)

int
main(void)
{
	static struct suite s;

	SCENE(&s, nobody_knows_it_and_it_is_free);
	SCENE(&s, a_login_without_a_domain_is_of_the_realm);
	SCENE(&s, five_failures_from_anywhere_lock_it_for_an_hour);
	SCENE(&s, failures_while_locked_make_it_no_longer);
	SCENE(&s, the_same_wrong_password_counts_once);
	SCENE(&s, old_failures_fade);
	SCENE(&s, its_owner_is_not_locked_out_where_he_was);
	SCENE(&s, where_he_was_is_forgotten_after_30_days);
	SCENE(&s, the_last_eight_networks_are_kept);
	SCENE(&s, a_login_writes_once_a_day);
	SCENE(&s, who_is_disabled_is_so_everywhere_and_for_good);
	SCENE(&s, an_administrator_disables_it_for_good_and_enables_it_again);
	SCENE(&s, what_was_disabled_by_hand_loses_its_end);
	SCENE(&s, an_administrator_unlocks_it_and_it_starts_anew);
	SCENE(&s, forgetting_its_networks_leaves_its_failures);
	SCENE(&s, with_the_last_fact_the_key_goes);
	SCENE(&s, an_administrator_replaces_anothers_value);
	SCENE(&s, without_a_lockout_failures_are_not_kept);
	SCENE(&s, looking_writes_nothing);
	SCENE(&s, anothers_value_is_replaced);
	SCENE(&s, nonsense_in_its_fields_is_none);
	SCENE(&s, a_clock_set_back_locks_nobody_for_longer);
	return suite_run(&s, "account");
}
