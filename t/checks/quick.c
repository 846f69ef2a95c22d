/*
 * Asked in two plain commands first, greylist.lua says what it would have said,
 * and leaves behind what it would have left.
 */
#include "checks/quick.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "checks/grey.h"
#include "kit/chance.h"
#include "kit/false_redis.h"
#include "kit/suite.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, NOON = 1732190400, LINE = 160 };

/* One Redis that is asked for the script alone, and one with a quick way. */
enum { ALONE, QUICKLY, BOTH };

struct side {
	struct ticket ticket; /* first */
	struct false_redis *redis;
	struct store *store;
	unsigned told;
	char said[LINE];
};

struct scene {
	struct arena *arena;
	struct clock *clock;
	struct quick *quick;
	struct side sides[BOTH];

	/* The settings. */
	int64_t known_after, delay, limit, memory, known_memory, window;
	char how; /* '0': plain */
	bool timeless;
	const char *net; /* the identity */
};

static void
answered(struct ticket *t, const struct answer *a)
{
	struct side *s = (struct side *)t;

	s->told++;
	if (a->state == KNOWN)
		snprintf(s->said, LINE, "%s", a->values[0].text);
	else
		snprintf(s->said, LINE, "lost: %s", loss_name(a->loss));
}

static struct scene *
begin(void)
{
	struct arena *arena = arena_new();
	struct scene *s = arena_alloc(arena, sizeof(*s));

	s->arena = arena;
	s->clock = clock_new_virtual(NOON);
	for (int i = 0; i < BOTH; i++) {
		s->sides[i].ticket.answered = answered;
		s->sides[i].redis = false_redis_new(s->clock);
		s->sides[i].store = false_redis_store(s->sides[i].redis);
	}
	s->quick = quick_new(s->sides[QUICKLY].store);
	s->sides[QUICKLY].store = quick_store(s->quick);
	s->known_after = 3;
	s->delay = 5 * MINUTE;
	s->limit = 5;
	s->memory = s->known_memory = 36 * DAY;
	s->window = DAY;
	s->how = '0';
	s->net = "net";
	return s;
}

static void
end(struct scene *s)
{
	clock_turn(s->clock, 1000);
	quick_free(s->quick);
	for (int i = 0; i < BOTH; i++)
		false_redis_free(s->sides[i].redis);
	clock_free(s->clock);
	arena_release(s->arena);
}

static void
wait(struct scene *s, int64_t seconds)
{
	clock_turn(s->clock, (uint64_t)(1000 * seconds));
}

static void
command(struct scene *s, const char *const *words)
{
	for (int i = 0; i < BOTH; i++)
		false_redis_command(s->sides[i].redis, s->arena, words);
}

#define COMMAND(s, ...) command(s, (const char *const[]){ __VA_ARGS__, NULL })

/* -- asking -- */

static const struct question *
question(struct scene *s, const char *who)
{
	const int64_t now = clock_unix(s->clock);
	struct question *q = arena_alloc(s->arena, sizeof(*q));

	q->script = &script_greylist;
	q->keys = 1;
	q->count = 2;
	q->read_only = s->how == '2';
	q->words[0].text = arena_printf(
	    s->arena, "p:grey:{%s}:%s", s->net, who);
	q->words[1].text = arena_printf(s->arena,
	    "last=%010" PRId64 " %010" PRId64 " %c %04" PRId64 " %05" PRId64
	    " %07" PRId64 " %02d %08" PRId64 " %08" PRId64 " %" PRId64,
	    now - HOUR + 1, s->timeless ? 0 : now, s->how, s->known_after,
	    s->delay, s->limit, s->how == '1', s->memory, s->known_memory,
	    s->window);
	for (int i = 0; i < 2; i++)
		q->words[i].size = strlen(q->words[i].text);
	return q;
}

/* What both sides say. */
static const char *
try(struct scene *s, const char *who)
{
	const struct question *q = question(s, who);

	for (int i = 0; i < BOTH; i++) {
		struct side *side = &s->sides[i];

		side->told = 0;
		store_ask(side->store, q, &side->ticket);
		assert_int_equal(side->told, 0); /* never from inside */
	}
	clock_turn(s->clock, 0);
	for (int i = 0; i < BOTH; i++)
		assert_int_equal(s->sides[i].told, 1);
	assert_string_equal(s->sides[ALONE].said, s->sides[QUICKLY].said);
	return s->sides[QUICKLY].said;
}

/* How often Redis is asked for one more try the quick way. */
static unsigned
questions(struct scene *s, const char *who)
{
	const unsigned before = false_redis_asked(s->sides[QUICKLY].redis);

	try(s, who);
	return false_redis_asked(s->sides[QUICKLY].redis) - before;
}

/* -- what is left behind -- */

struct inventory {
	struct scene *scene;
	struct side *side;
	char *text;
};

static void
note(void *data, const char *key)
{
	struct inventory *i = data;
	const char *const get[] = { "GET", key, NULL };
	const char *const ttl[] = { "TTL", key, NULL };
	const struct resp value = false_redis_command(
	    i->side->redis, i->scene->arena, get);
	const struct resp rest = false_redis_command(
	    i->side->redis, i->scene->arena, ttl);

	i->text = arena_printf(i->scene->arena, "%s%s = %s for %" PRId64 "\n",
	    i->text, key, value.kind == RESP_STRING ? value.text.text : "?",
	    rest.number);
}

static const char *
keys(struct scene *s, int which)
{
	struct inventory i = { s, &s->sides[which], "" };

	false_redis_keys(i.side->redis, note, &i);
	return i.text;
}

static void
both_hold_the_same(struct scene *s)
{
	assert_string_equal(keys(s, ALONE), keys(s, QUICKLY));
}

/* -- sentences -- */

static void
a_stranger_takes_one_question_and_is_written_down(void **state)
{
	struct scene *s = begin();
	(void)state;

	assert_int_equal(questions(s, "a"), 1);
	assert_string_equal(s->sides[QUICKLY].said, "new");
	assert_string_equal(keys(s, QUICKLY),
	    "p:grey:{net}:a = first=1732190400 last=1732190400 tries=1 "
	    "passed=0 for 86400\n");
	both_hold_the_same(s);
	end(s);
}

static void
who_has_passed_takes_one_and_nothing_is_written(void **state)
{
	struct scene *s = begin();
	const char *before;
	(void)state;

	try(s, "a");
	wait(s, 5 * MINUTE);
	assert_string_equal(try(s, "a"), "passed 1 0 0 2");
	wait(s, 10);
	before = keys(s, ALONE);
	assert_int_equal(questions(s, "a"), 1);
	assert_string_equal(s->sides[QUICKLY].said, "passed");
	assert_string_equal(before, keys(s, QUICKLY));
	end(s);
}

static void
a_known_identity_leaves_no_record(void **state)
{
	struct scene *s = begin();
	(void)state;

	COMMAND(s, "SET", "p:known:{net}",
	    "last=1732190000 passes=3 since=1732100000", "EX", "86400");
	assert_string_equal(try(s, "a"), "known");
	assert_string_equal(keys(s, QUICKLY),
	    "p:known:{net} = last=1732190000 passes=3 since=1732100000 for "
	    "86400\n");
	both_hold_the_same(s);
	end(s);
}

static void
who_tries_again_takes_the_script_as_well(void **state)
{
	struct scene *s = begin();
	(void)state;

	try(s, "a");
	wait(s, 10);
	assert_int_equal(questions(s, "a"), 2);
	assert_string_equal(s->sides[QUICKLY].said, "early 0 0 290 2");
	both_hold_the_same(s);
	end(s);
}

static void
a_stranger_of_an_identity_with_a_past_is_for_the_script(void **state)
{
	struct scene *s = begin();
	(void)state;

	COMMAND(s, "SET", "p:known:{net}",
	    "last=1732190000 passes=1 since=1732100000", "EX", "86400");
	assert_int_equal(questions(s, "a"), 3); /* both, back, the script */
	assert_string_equal(s->sides[QUICKLY].said, "new 1 0");
	both_hold_the_same(s);
	end(s);
}

static void
above_the_limit_nobody_is_written_down(void **state)
{
	struct scene *s = begin();
	(void)state;

	COMMAND(
	    s, "SET", "p:known:{net}", "fresh=4 hour=1732190000", "EX", "3600");
	assert_string_equal(try(s, "a"), "new");
	COMMAND(
	    s, "SET", "p:known:{net}", "fresh=5 hour=1732190000", "EX", "3600");
	assert_string_equal(try(s, "b"), "capped");
	both_hold_the_same(s);
	COMMAND(
	    s, "SET", "p:known:{net}", "fresh=5 hour=1732180000", "EX", "3600");
	assert_string_equal(try(s, "c"), "new");
	both_hold_the_same(s);
	end(s);
}

static void
what_is_counted_or_looks_or_has_no_time_is_the_script_alone(void **state)
{
	struct scene *s = begin();
	(void)state;

	for (const char *how = "123"; *how; how++) {
		s->how = *how;
		assert_int_equal(questions(s, "a"), 1);
	}
	s->how = '0';
	s->timeless = true;
	assert_int_equal(questions(s, "b"), 1);
	both_hold_the_same(s);
	end(s);
}

static void
a_long_identity_is_the_scripts(void **state)
{
	char net[200] = "";
	struct scene *s = begin();
	(void)state;

	memset(net, 'a', sizeof(net) - 1);
	s->net = net;
	try(s, "a");
	assert_int_equal(questions(s, "a"), 1); /* too early: else two */
	both_hold_the_same(s);
	end(s);
}

static void
a_long_key_is_like_any_other(void **state)
{
	char who[700] = "";
	struct scene *s = begin();
	(void)state;

	memset(who, 'a', sizeof(who) - 1);
	COMMAND(s, "SET", "p:known:{net}",
	    "last=1732190000 passes=1 since=1732100000", "EX", "86400");
	assert_int_equal(questions(s, who), 3);
	assert_int_equal(questions(s, who), 2);
	both_hold_the_same(s);
	end(s);
}

static void
somebody_elses_value_is_the_scripts(void **state)
{
	struct scene *s = begin();
	(void)state;

	COMMAND(s, "HSET", "p:grey:{net}:a", "f", "v");
	COMMAND(s, "HSET", "p:known:{net}", "f", "v");
	assert_string_equal(try(s, "a"), "new 0 1");
	assert_string_equal(try(s, "b"), "new");
	both_hold_the_same(s);
	end(s);
}

static void
a_full_redis_lets_pass_who_has_passed_and_puts_off_nobody(void **state)
{
	struct scene *s = begin();
	(void)state;

	try(s, "a");
	wait(s, 5 * MINUTE);
	try(s, "a");
	for (int i = 0; i < BOTH; i++)
		false_redis_mood(s->sides[i].redis, MOOD_FULL);
	assert_string_equal(try(s, "a"), "passed");
	assert_string_equal(try(s, "b"), "lost: full");
	for (int i = 0; i < BOTH; i++)
		false_redis_mood(s->sides[i].redis, MOOD_WELL);
	both_hold_the_same(s);
	end(s);
}

static void
what_is_lost_is_not_asked_again(void **state)
{
	struct scene *s = begin();
	(void)state;

	for (int i = 0; i < BOTH; i++)
		false_redis_lose(s->sides[i].redis, LOSS_BROKEN);
	assert_int_equal(questions(s, "a"), 1);
	assert_string_equal(s->sides[QUICKLY].said, "lost: broken");
	end(s);
}

/* -- any order -- */

static int64_t
one_of(unsigned *seed, const int64_t *list, unsigned count)
{
	return list[(unsigned)rand_r(seed) % count];
}

#define ONE_OF(seed, ...)                                                      \
	one_of(seed, (const int64_t[]){ __VA_ARGS__ },                         \
	    sizeof((const int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t))

static void
change(struct scene *s, unsigned *seed)
{
	s->known_after = ONE_OF(seed, 1, 2, 3, 9999);
	s->limit = ONE_OF(seed, 0, 1, 3, 1000);
	s->delay = ONE_OF(seed, 60, 300);
	s->memory = ONE_OF(seed, 2 * HOUR, 36 * DAY);
	s->known_memory = ONE_OF(seed, 2 * HOUR, 36 * DAY);
	s->window = ONE_OF(seed, 600, HOUR, DAY);
}

static void
disturb(struct scene *s, unsigned *seed, const char *who)
{
	static const char *const values[] = { "", "last=", "last=1732190400",
		"last=99999999999999999999 passes=9 since=1",
		"fresh=", "fresh=2 hour=", "fresh=9 hour=1732190400", "first=x",
		"last=1732190500 passes= since=1", "fresh=1 hour=1732190400 x",
		"last=1732190400 passes=7 since=1 fresh=9 hour=1732190400",
		"last=1732190400x passes=7", "LAST=1732190400 passes=9" };
	const char *record = arena_printf(s->arena, "p:grey:{net}:%s", who);
	const char *value =
	    values[ONE_OF(seed, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)];

	switch (rand_r(seed) % 6) {
	case 0:
		COMMAND(s, "DEL", "p:known:{net}");
		break;
	case 1:
		COMMAND(s, "DEL", record);
		break;
	case 2:
		COMMAND(s, "SET", "p:known:{net}", value, "EX", "9999");
		break;
	case 3:
		COMMAND(s, "SET", record, value, "EX", "9999");
		break;
	case 4:
		COMMAND(s, "DEL", record);
		COMMAND(s, "HSET", record, "f", "v");
		break;
	default:
		COMMAND(s, "DEL", "p:known:{net}");
		COMMAND(s, "HSET", "p:known:{net}", "f", "v");
	}
}

static void
in_some_order(unsigned seed)
{
	static const char *const names[] = { "a", "b", "c", "d" };
	struct scene *s = begin();

	for (int i = 0; i < 3000; i++) {
		const char *who = names[ONE_OF(&seed, 0, 1, 2, 3)];

		if (rand_r(&seed) % 50 == 0)
			change(s, &seed);
		if (rand_r(&seed) % 20 == 0)
			disturb(s, &seed, who);
		s->how = (char)ONE_OF(&seed, '0', '0', '0', '0', '1', '2');
		try(s, who);
		both_hold_the_same(s);
		wait(s, ONE_OF(&seed, 0, 0, 0, 1, 60, 300, HOUR, DAY));
	}
	end(s);
}

static void
in_any_order_both_say_and_hold_the_same(void **state)
{
	const unsigned first = chance_seed();

	(void)state;
	for (unsigned i = 0; i < chance_stories(1); i++)
		in_some_order(first + i);
}

int
main(void)
{
	struct suite s = { .count = 0 };

	SUITE_TEST(&s, a_stranger_takes_one_question_and_is_written_down);
	SUITE_TEST(&s, who_has_passed_takes_one_and_nothing_is_written);
	SUITE_TEST(&s, a_known_identity_leaves_no_record);
	SUITE_TEST(&s, who_tries_again_takes_the_script_as_well);
	SUITE_TEST(&s, a_stranger_of_an_identity_with_a_past_is_for_the_script);
	SUITE_TEST(&s, above_the_limit_nobody_is_written_down);
	SUITE_TEST(
	    &s, what_is_counted_or_looks_or_has_no_time_is_the_script_alone);
	SUITE_TEST(&s, a_long_identity_is_the_scripts);
	SUITE_TEST(&s, a_long_key_is_like_any_other);
	SUITE_TEST(&s, somebody_elses_value_is_the_scripts);
	SUITE_TEST(
	    &s, a_full_redis_lets_pass_who_has_passed_and_puts_off_nobody);
	SUITE_TEST(&s, what_is_lost_is_not_asked_again);
	SUITE_TEST(&s, in_any_order_both_say_and_hold_the_same);
	return suite_run(&s, "quick");
}
