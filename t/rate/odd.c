/*
 * Meters when something is not as it should be: other people's values, a clock
 * set back, a Redis that is full, a replica.
 */
#include <string.h>

#include "base/arena.h"
#include "kit/suite.h"
#include "kit/tally.h"

static const char messages[] = "policyd:rate:{example.com}:alice:messages/1h";
static const char day[] = "policyd:rate:{example.com}:alice:recipients/1d";

static struct tally *
mailbox(int64_t limit)
{
	struct tally *t = tally_begin();

	tally_meter(t, OWNER_MAILBOX, RATE_MESSAGES, limit, HOUR);
	tally_meter(t, OWNER_MAILBOX, RATE_RECIPIENTS, 10 * limit, DAY);
	return t;
}

static int
send_many(struct tally *t)
{
	int n = 0;

	while (tally_send(t)) {
		assert_true(t->answered);
		n++;
	}
	assert_true(t->answered);
	return n;
}

/* -- values of others -- */

struct garbage {
	const char *name;
	const char *field, *value;
};

static const struct garbage garbage[] = {
	{ "a count that is a word does not count", "current", "many" },
	{ "nor one beyond all numbers", "current", "99999999999999999999" },
	{ "nor the largest there is", "current", "9223372036854775807" },
	{ "nor a count of nothing", "current", "" },
	{ "nor an earlier one that is a word", "earlier", "many" },
	{ "nor one beyond all numbers", "earlier", "99999999999999999999" },
	{ "nor one of nothing", "earlier", "" },
	{ "nor do steps that are words", "steps", "often" },
	{ "nor steps without a time", "steps", "" },
	{ "nor steps in a thousand years", "steps", "33290190400 1000" },
	{ "nor steps that are no numbers", "steps", "1732190400 x y" },
	{ "nor steps of endless numbers", "steps",
	    "1732190400 99999999999999999999999" },
	{ "nor steps of long ago", "steps", "5 1000" },
	{ "nor a former one", "previous", "x" },
	{ "nor a window that is a word", "window", "x" },
	{ "nor what was open for ever", "open:99999999999", "1000" },
	{ "nor what is open until never", "open:x", "1000" },
	{ "nor what was open long ago", "open:5", "1000" },
	{ "nor words that are open", "open:1732191300", "x" },
	{ "nor a grant that is a word", "grant", "x" },
	{ "nor one without an end", "grant", "1000" },
	{ "nor one that is over", "grant", "1000 5" },
	{ "nor a grant of nothing", "grant", "" },
	{ "nor fields of others", "hello", "world" },
	{ "nor who was told at no time", "warned", "x" },
	{ "nor who was told in a thousand years", "refused", "33290190400" },
};

static void
does_no_harm(void **state)
{
	const struct garbage *row = *state;

	for (int before = 0; before < 2; before++) {
		struct tally *t = mailbox(5);

		for (int i = 0; i < 2 * before; i++)
			assert_true(tally_send(t));
		TALLY_DO(t, "HSET", messages, row->field, row->value);
		tally_look(t);
		if (before && strcmp(row->field, "steps") == 0)
			TALLY_DO(t, "DEL", messages);
		assert_in_range(send_many(t), 3, 5);
		assert_true(t->did.first);
		assert_true(tally_ttl(t, messages) > 0);
		tally_wait(t, HOUR + 180);
		assert_int_equal(send_many(t), 5);
		tally_wait(t, 3 * DAY);
		assert_int_equal(tally_ttl(t, messages), -2);
		tally_end(t);
	}
}

struct foreign {
	const char *name;
	const char *words[4]; /* KEY stands for the key */
};

#define KEY "KEY"

static const struct foreign foreign[] = {
	{ "a string in a meter's place is replaced", { "SET", KEY, "hello" } },
	{ "so is a number", { "SET", KEY, "5" } },
	{ "so is a sorted set", { "ZADD", KEY, "1", "a" } },
	{ "so is a HyperLogLog", { "PFADD", KEY, "a" } },
};

static void
put_foreign(struct tally *t, const struct foreign *row, const char *key)
{
	const char *words[5] = { NULL };

	for (int i = 0; i < 4 && row->words[i]; i++)
		words[i] = strcmp(row->words[i], KEY) ? row->words[i] : key;
	tally_do(t, words);
}

static void
is_replaced_and_logged(void **state)
{
	const struct foreign *row = *state;

	for (int second = 0; second < 2; second++) {
		const char *key = second ? day : messages;
		struct tally *t = mailbox(5);

		put_foreign(t, row, key);
		assert_int_equal(tally_look(t)->used, 0);
		assert_true(tally_open(t));
		assert_string_equal(false_redis_log(t->redis),
		    arena_printf(t->arena,
			"policyd replaces what is no meter: %s", key));
		assert_int_equal(tally_look(t)[second].used, 1);
		assert_int_equal(t->is[!second].used, 1);
		assert_true(tally_ttl(t, key) > 0);
		put_foreign(t, row, key);
		tally_commit(t, t->did.lease);
		assert_true(t->answered);
		assert_int_equal(tally_look(t)[second].used, 1);
		put_foreign(t, row, key);
		tally_grant(t, (unsigned)second, 1, NOON + HOUR);
		assert_int_equal(tally_look(t)[second].granted, 1);
		put_foreign(t, row, key);
		assert_int_equal(tally_reset(t, true), 2);
		tally_end(t);
	}
}

static void
what_is_no_set_of_networks_is_replaced(void **state)
{
	static const struct amounts one = { { 1, 1, 0, 0, 0 } };
	struct tally *t = mailbox(5);
	const char *key = tally_meter(t, OWNER_MAILBOX, RATE_NETWORKS, 1, HOUR);

	(void)state;
	key = arena_printf(t->arena, "%s:1732190400", key);
	TALLY_DO(t, "SET", key, "hello");
	assert_int_equal(tally_look(t)[2].used, 0);
	assert_true(tally_try(t, &one, "192.0.2.0/24"));
	assert_int_equal(tally_look(t)[2].used, 1);
	assert_non_null(strstr(false_redis_log(t->redis), key));
	assert_true(tally_ttl(t, key) > 0);
	tally_end(t);
}

/* -- clocks -- */

static void
a_clock_set_back_forgives_nothing(void **state)
{
	struct tally *t = mailbox(5);

	(void)state;
	assert_int_equal(send_many(t), 5);
	false_redis_step(t->redis, -50 * MINUTE);
	assert_false(tally_send(t));
	tally_wait(t, HOUR);
	assert_false(tally_send(t));
	tally_wait(t, 53 * MINUTE);
	assert_int_equal(send_many(t), 5);
	tally_end(t);
}

static void
nor_does_what_is_sent_meanwhile(void **state)
{
	struct tally *t = mailbox(5);

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(tally_send(t));
	false_redis_step(t->redis, -50 * MINUTE);
	assert_int_equal(send_many(t), 2);
	assert_int_equal(tally_look(t)->current, 5);
	tally_end(t);
}

static void
a_clock_that_was_an_hour_ahead_is_not_believed(void **state)
{
	struct tally *t = mailbox(5);

	(void)state;
	false_redis_step(t->redis, 30 * DAY);
	assert_int_equal(send_many(t), 5);
	assert_true(tally_ttl(t, messages) > 0);
	false_redis_step(t->redis, -30 * DAY);
	assert_int_equal(send_many(t), 5);
	assert_true(t->did.first);
	tally_end(t);
}

static void
a_lease_of_a_wrong_clock_ends(void **state)
{
	struct tally *t = mailbox(1);

	(void)state;
	false_redis_step(t->redis, 30 * DAY);
	assert_true(tally_open(t));
	false_redis_step(t->redis, -30 * DAY);
	assert_int_equal(tally_look(t)->open, 0);
	assert_true(tally_open(t));
	tally_end(t);
}

static void
who_does_not_know_the_time_asks(void **state)
{
	struct tally *t = mailbox(5);

	(void)state;
	t->blind = true;
	assert_int_equal(send_many(t), 5);
	assert_int_equal(t->did.next, HOUR + 180);
	assert_int_equal(tally_look(t)->window, NOON);
	tally_end(t);
}

/* -- Redis unwell -- */

struct trouble {
	const char *name;
	enum mood mood;
	enum loss loss;
};

static const struct trouble troubles[] = {
	{ "in a full Redis nothing is charged", MOOD_FULL, LOSS_FULL },
	{ "nor in a replica", MOOD_REPLICA, LOSS_READ_ONLY },
};

static void
nothing_is_charged(void **state)
{
	const struct trouble *row = *state;
	struct tally *t = mailbox(5);
	int64_t lease;

	for (int old = 0; old < 2; old++) {
		false_redis_mood(t->redis, row->mood);
		assert_false(tally_open(t));
		assert_int_equal(t->loss, row->loss);
		t->lease = 0;
		assert_false(tally_send(t));
		assert_int_equal(t->loss, row->loss);
		t->lease = 15 * MINUTE;
		false_redis_mood(t->redis, MOOD_WELL);
		for (unsigned i = 0; i < 2; i++)
			assert_int_equal(tally_look(t)[i].used, old);
		if (!old)
			assert_true(tally_open(t));
	}
	lease = t->did.lease;
	assert_true(tally_open(t));
	lease = t->did.lease;
	false_redis_mood(t->redis, row->mood);
	tally_commit(t, lease);
	assert_int_equal(t->loss, row->loss);
	false_redis_mood(t->redis, MOOD_WELL);
	assert_int_equal(tally_look(t)->open, 2);
	tally_end(t);
}

static void
who_is_over_is_refused_by_a_full_redis_too(void **state)
{
	struct tally *t = mailbox(1);

	(void)state;
	assert_true(tally_send(t));
	false_redis_mood(t->redis, MOOD_FULL);
	assert_false(tally_send(t));
	assert_true(t->answered);
	assert_false(t->did.first); /* which cannot be written down */
	tally_end(t);
}

/* -- ends -- */

static void
has_an_end(void *data, const char *key)
{
	struct tally *t = data;

	if (tally_ttl(t, key) <= 0)
		fail_msg("%s has no end", key);
}

/* After each of many questions. */
static void
every_key_has_an_end(void **state)
{
	static const struct amounts one = { { 1, 1, 0, 0, 0 } };
	struct tally *t = mailbox(1);
	unsigned chance = 7;
	int64_t lease = 0;

	(void)state;
	tally_meter(t, OWNER_DOMAIN, RATE_MESSAGES, 2, MINUTE);
	tally_meter(t, OWNER_SERVER, RATE_MESSAGES, 1, 1);
	tally_meter(t, OWNER_MAILBOX, RATE_NETWORKS, 1, HOUR);
	tally_meter(t, OWNER_MAILBOX, RATE_REFUSED, 1, HOUR);
	for (int i = 0; i < 1000; i++) {
		chance = chance * 1103515245 + 12345;
		t->lease = chance >> 28 ? 15 * MINUTE : 0;
		switch (chance >> 16 & 7) {
		case 0:
			tally_release(t, lease);
			break;
		case 1:
			tally_commit(t, lease);
			break;
		case 2:
			tally_grant(t, chance >> 20 & 3, 1,
			    tally_now(t) + (chance >> 24 & 1 ? DAY : MINUTE));
			break;
		case 3:
			tally_reset(t, chance >> 20 & 1);
			break;
		case 4:
			tally_try(t, &one, "192.0.2.0/24");
			break;
		default:
			tally_open(t);
			lease = t->did.lease;
		}
		assert_true(t->answered);
		false_redis_keys(t->redis, has_an_end, t);
		if ((chance >> 12 & 3) == 0)
			tally_wait(t, (chance >> 8 & 15) * 60);
	}
	tally_wait(t, 4 * DAY);
	assert_string_equal(TALLY_DO(t, "EXISTS", messages, day), "0");
	tally_end(t);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, garbage, does_no_harm);
	SUITE_ROWS(&s, foreign, is_replaced_and_logged);
	SUITE_TEST(&s, what_is_no_set_of_networks_is_replaced);
	SUITE_TEST(&s, a_clock_set_back_forgives_nothing);
	SUITE_TEST(&s, nor_does_what_is_sent_meanwhile);
	SUITE_TEST(&s, a_clock_that_was_an_hour_ahead_is_not_believed);
	SUITE_TEST(&s, a_lease_of_a_wrong_clock_ends);
	SUITE_TEST(&s, who_does_not_know_the_time_asks);
	SUITE_ROWS(&s, troubles, nothing_is_charged);
	SUITE_TEST(&s, who_is_over_is_refused_by_a_full_redis_too);
	SUITE_TEST(&s, every_key_has_an_end);
	return suite_run(&s, "rate/odd");
}
