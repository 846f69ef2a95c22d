/*
 * The false Redis beside a real one: the same commands and the same tries of
 * greylist.lua, by chance, get the same answers from both and leave the same
 * keys behind.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "kit/suite.h"
#include "kit/twins.h"

extern const struct script script_greylist;

/* -- commands -- */

static const char *const keys[] = { "a{t}", "b{t}", "c{t}" };
static const char *const values[] = { "7200", "-7", "x", "", "12 ", "99999",
	"9223372036854775807", "a", "3.5", "+1" };

struct form {
	const char *words[8]; /* k a key, v a value, f a field, n a number, s a
			       * score, r a rank */
};

static const struct form forms[] = {
	{ { "GET", "k" } },
	{ { "get", "k" } },
	{ { "SET", "k", "v" } },
	{ { "SET", "k", "v", "EX", "n" } },
	{ { "SET", "k", "v", "KEEPTTL" } },
	{ { "SET", "k", "v", "NX" } },
	{ { "SET", "k", "v", "EX", "n", "NX" } },
	{ { "SET", "k", "v", "XX" } },
	{ { "SET", "k", "v", "GET" } },
	{ { "SET", "k", "v", "EX", "n", "GET" } },
	{ { "SET", "k", "v", "KEEPTTL", "GET" } },
	{ { "SET", "k", "v", "NX", "XX" } },
	{ { "SET", "k", "v", "KEEPTTL", "EX", "n" } },
	{ { "SET", "k", "v", "EX" } },
	{ { "SET", "k", "v", "EX", "0" } },
	{ { "SET", "k", "v", "NONSENSE" } },
	{ { "MGET", "k", "k", "k" } },
	{ { "DEL", "k" } },
	{ { "DEL", "k", "k" } },
	{ { "EXISTS", "k", "k" } },
	{ { "INCR", "k" } },
	{ { "INCRBY", "k", "v" } },
	{ { "EXPIRE", "k", "n" } },
	{ { "EXPIRE", "k", "v" } },
	{ { "TTL", "k" } },
	{ { "TYPE", "k" } },
	{ { "HSET", "k", "f", "v" } },
	{ { "HSET", "k", "f", "v", "f", "v" } },
	{ { "HSET", "k", "f", "v", "f" } },
	{ { "HGET", "k", "f" } },
	{ { "HMGET", "k", "f", "f" } },
	{ { "HGETALL", "k" } },
	{ { "HINCRBY", "k", "f", "v" } },
	{ { "HSETNX", "k", "f", "v" } },
	{ { "HDEL", "k", "f", "f" } },
	{ { "HLEN", "k" } },
	{ { "PERSIST", "k" } },
	{ { "ZADD", "k", "s", "f" } },
	{ { "ZADD", "k", "s", "f", "s", "v" } },
	{ { "ZADD", "k", "s", "f", "s" } },
	{ { "ZCARD", "k" } },
	{ { "ZSCORE", "k", "f" } },
	{ { "ZREM", "k", "f", "v" } },
	{ { "ZCOUNT", "k", "s", "s" } },
	{ { "ZRANGE", "k", "r", "r" } },
	{ { "ZRANGE", "k", "r", "r", "WITHSCORES" } },
	{ { "ZRANGEBYSCORE", "k", "s", "s" } },
	{ { "ZRANGEBYSCORE", "k", "s", "s", "WITHSCORES" } },
	{ { "ZREMRANGEBYSCORE", "k", "s", "s" } },
	{ { "ZREMRANGEBYRANK", "k", "r", "r" } },
	{ { "GET" } },
	{ { "GET", "k", "k" } },
	{ { "HINCRBY", "k", "f" } },
};

static const char *
chosen(struct twins *t, const char *word)
{
	static const char *const fields[] = { "f", "g", "" };
	static const char *const numbers[] = { "100", "1000", "5000" };

	static const char *const scores[] = { "1", "2", "-1", "1.5", "(1",
		"inf", "-inf", "1732190400", "x", "" };
	static const char *const ranks[] = { "0", "1", "-1", "-2", "5", "-9",
		"x" };

	if (strcmp(word, "s") == 0)
		return scores[twins_dice(t, 10)];
	if (strcmp(word, "r") == 0)
		return ranks[twins_dice(t, 7)];
	if (strcmp(word, "k") == 0)
		return keys[twins_dice(t, 3)];
	if (strcmp(word, "v") == 0)
		return values[twins_dice(
		    t, sizeof(values) / sizeof(values[0]))];
	if (strcmp(word, "f") == 0)
		return fields[twins_dice(t, 3)];
	if (strcmp(word, "n") == 0)
		return numbers[twins_dice(t, 3)];
	return word;
}

static void
they_answer_the_same_to_any_command(void **state)
{
	struct twins *t = twins_begin(1);

	(void)state;
	for (int i = 0; i < 10000; i++) {
		const struct form *form =
		    &forms[twins_dice(t, sizeof(forms) / sizeof(forms[0]))];
		struct question q = { &twins_one_command,
			twins_dice(t, 10) == 0 };

		for (; q.keys < 3; q.keys++)
			twins_add(&q, keys[q.keys]);
		for (int w = 0; w < 8 && form->words[w]; w++)
			twins_add(&q, chosen(t, form->words[w]));
		twins_same(t, form->words[0], &q);
	}
	twins_end(t);
}

/* -- tries -- */

static void
same_keys_are_left(struct twins *t, const char *const *names, size_t count)
{
	static const char *const looks[] = { "GET", "TTL" };

	for (size_t i = 0; i < count; i++)
		for (size_t look = 0; look < 2; look++) {
			struct question q = { &twins_one_command, true,
				.keys = 1 };

			twins_add(&q, names[i]);
			twins_add(&q, looks[look]);
			twins_add(&q, names[i]);
			twins_same(t, looks[look], &q);
		}
}

/* Somebody writes nonsense under a key now and then. */
static void
disturb(struct twins *t, const char *const *names, size_t count)
{
	static const char *const nonsense[] = { "", "hello", "first=1",
		"last=2 first=1 tries=3 passed=4",
		"last=1732190400 passes=7 since=1", "fresh=9 hour=1732190400" };
	struct question q = { &twins_one_command, .keys = 1 };
	const char *name = names[twins_dice(t, (unsigned)count)];

	twins_add(&q, name);
	if (twins_dice(t, 2)) {
		twins_add(&q, "SET");
		twins_add(&q, name);
		twins_add(&q, nonsense[twins_dice(t, 6)]);
	} else {
		twins_add(&q, "DEL");
		twins_add(&q, name);
	}
	twins_same(t, "nonsense", &q);
	if (twins_dice(t, 3) > 0 || strcmp(q.words[1].text, "DEL") != 0)
		return;
	q = (struct question){ &twins_one_command, .keys = 1 };
	twins_add(&q, name);
	twins_add(&q, "HSET");
	twins_add(&q, name);
	twins_add(&q, "f");
	twins_add(&q, "v");
	twins_same(t, "nonsense", &q);
}

static void
they_answer_the_same_to_any_try(void **state)
{
	static const char *const names[] = { "grey:{n}:a:b", "grey:{n}:a:c",
		"grey:{n}:d:b", "grey:{n}:<>:b", "known:{n}" };
	static const int waits[] = { 0, 1, 10, 299, 300, 301, 1800, 3600, 7200,
		86400, 40 * 86400, -600, -7200 };
	struct arena *a = arena_new();
	struct script script = { "greylist",
		arena_printf(
		    a, "%s%s", twins_still_clock, script_greylist.source) };
	struct twins *t = twins_begin(2);
	int64_t now = TWINS_NOON;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		struct question q = { &script, twins_dice(t, 8) == 0 };
		char time[24], settings[120];
		int64_t told;

		now += waits[twins_dice(t, twins_dice(t, 4) ? 7 : 13)];
		snprintf(time, sizeof(time), "%" PRId64, now);
		told = twins_dice(t, 8) ? now : 0;
		snprintf(settings, sizeof(settings),
		    "last=%" PRId64 " %010" PRId64 " %d 0003 00300 000000%d "
		    "01 03110400 03110400 86400",
		    told ? told - 3599 : 9999999999, told,
		    q.read_only ? 2 : twins_dice(t, 2),
		    twins_dice(t, 3) ? 0 : 2);
		twins_add(&q, names[twins_dice(t, 4)]);
		q.keys = 1;
		twins_add(&q, settings);
		twins_add(&q, time);
		twins_same(t, time, &q);
		if (twins_dice(t, 25) == 0)
			disturb(t, names, 5);
		if (i % 100 == 0)
			same_keys_are_left(t, names, 5);
	}
	twins_end(t);
	arena_release(a);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, they_answer_the_same_to_any_command);
	SUITE_TEST(&s, they_answer_the_same_to_any_try);
	return suite_run(&s, "a false Redis and a real one");
}
