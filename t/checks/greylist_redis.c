/*
 * The false Redis beside a real one: the same commands and the same tries of
 * greylist.lua, by chance, get the same answers from both and leave the same
 * keys behind.
 *
 * No time passes in them. What the script takes for the time is handed to it,
 * so that the days of a greylist fit into a test of seconds.
 */
#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "kit/false_redis.h"
#include "kit/real_redis.h"
#include "kit/suite.h"

extern const struct script script_greylist;

enum { SIZE = 1024, NOON = 1732190400, TTL_SLACK = 30 };

/* Replaces the script's clock by the last of its arguments. */
static const char still_clock[] =
    "local server, time = redis, table.remove(ARGV)\n"
    "local redis = setmetatable({ call = function(command, ...)\n"
    "	if command == 'TIME' then return { time, '0' } end\n"
    "	return server.call(command, ...)\n"
    "end }, { __index = server })\n";

static const struct script one_command = { "one_command",
	"return redis.pcall(unpack(ARGV))" };

struct twins {
	struct real_redis server;
	redisContext *real;
	struct clock *clock;
	struct false_redis *untrue;
	unsigned chance;

	struct ticket ticket;
	char said[SIZE]; /* by the false one */
};

/* Both are written as one text: "1,(nil),abc" or the first word of an error.
 */
static void
describe_real(char *out, const redisReply *r)
{
	const size_t used = strlen(out);

	switch (r->type) {
	case REDIS_REPLY_INTEGER:
		snprintf(out + used, SIZE - used, "%lld", r->integer);
		break;
	case REDIS_REPLY_NIL:
		snprintf(out + used, SIZE - used, "(nil)");
		break;
	case REDIS_REPLY_ARRAY:
		for (size_t i = 0; i < r->elements; i++) {
			describe_real(out, r->element[i]);
			strcat(out, ",");
		}
		break;
	case REDIS_REPLY_ERROR:
		snprintf(out + used, SIZE - used, "error");
		break;
	default:
		snprintf(out + used, SIZE - used, "%s", r->str);
	}
}

static const char *
ask_real(struct twins *t, const struct question *q)
{
	static char said[SIZE];
	const char *words[QUESTION_WORDS + 3];
	size_t sizes[QUESTION_WORDS + 3], n = 0;
	char keys[8];
	redisReply *r;

	snprintf(keys, sizeof(keys), "%u", q->keys);
	words[n++] = q->read_only ? "EVAL_RO" : "EVAL";
	words[n++] = q->script->source;
	words[n++] = keys;
	for (size_t i = 0; i < n; i++)
		sizes[i] = strlen(words[i]);
	for (unsigned i = 0; i < q->count; i++, n++) {
		words[n] = q->words[i].text;
		sizes[n] = q->words[i].size;
	}
	r = redisCommandArgv(t->real, (int)n, words, sizes);
	assert_non_null(r);
	*said = '\0';
	describe_real(said, r);
	freeReplyObject(r);
	return said;
}

static void
answered(struct ticket *ticket, const struct answer *a)
{
	struct twins *t = (struct twins *)((char *)ticket -
	    offsetof(struct twins, ticket));
	size_t used = 0;

	snprintf(t->said, SIZE, "%s", a->state == KNOWN ? "" : "error");
	for (unsigned i = 0; i < a->count; i++) {
		const struct value *v = &a->values[i];

		used = strlen(t->said);
		if (v->is_number)
			snprintf(
			    t->said + used, SIZE - used, "%" PRId64, v->number);
		else
			snprintf(t->said + used, SIZE - used, "%s",
			    v->text ? v->text : "(nil)");
		if (a->count > 1)
			strcat(t->said, ",");
	}
}

static const char *
ask_false(struct twins *t, const struct question *q)
{
	snprintf(t->said, SIZE, "(no answer)");
	store_ask(false_redis_store(t->untrue), q, &t->ticket);
	clock_turn(t->clock, 0);
	return t->said;
}

static struct twins *
begin(unsigned seed)
{
	struct twins *t = calloc(1, sizeof(*t));

	if (!real_redis_init(&t->server)) {
		free(t);
		skip();
	}
	real_redis_start(&t->server, NULL);
	t->real = redisConnectUnix(t->server.socket);
	assert_int_equal(t->real->err, 0);
	t->clock = clock_new_virtual(NOON);
	t->untrue = false_redis_new(t->clock);
	t->ticket.answered = answered;
	t->chance = seed;
	return t;
}

static void
end(struct twins *t)
{
	false_redis_free(t->untrue);
	clock_free(t->clock);
	redisFree(t->real);
	real_redis_clear(&t->server);
	free(t);
}

static unsigned
dice(struct twins *t, unsigned sides)
{
	t->chance = t->chance * 1103515245 + 12345;
	return (t->chance >> 16) % sides;
}

static void
add_word(struct question *q, const char *word)
{
	q->words[q->count++] = (struct word){ word, strlen(word) };
}

/* -- commands -- */

static const char *const keys[] = { "a{t}", "b{t}", "c{t}" };
static const char *const values[] = { "1", "-7", "x", "", "12 ", "99999",
	"9223372036854775807", "a", "3.5", "+1" };

struct form {
	const char *words[8]; /* k a key, v a value, f a field, n a number */
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
	{ { "GET" } },
	{ { "GET", "k", "k" } },
	{ { "HINCRBY", "k", "f" } },
};

static const char *
chosen(struct twins *t, const char *word)
{
	static const char *const fields[] = { "f", "g", "" };
	static const char *const numbers[] = { "100", "1000", "5000" };

	if (strcmp(word, "k") == 0)
		return keys[dice(t, 3)];
	if (strcmp(word, "v") == 0)
		return values[dice(t, sizeof(values) / sizeof(values[0]))];
	if (strcmp(word, "f") == 0)
		return fields[dice(t, 3)];
	if (strcmp(word, "n") == 0)
		return numbers[dice(t, 3)];
	return word;
}

static void
assert_about_equal(const char *what, const char *real, const char *untrue)
{
	/* Some time passes in the real one. */
	if (strcmp(what, "TTL") == 0 &&
	    labs(atol(real) - atol(untrue)) < TTL_SLACK &&
	    (atol(real) < 0) == (atol(untrue) < 0))
		return;
	if (strcmp(real, untrue) != 0)
		print_error("%s: real '%s', false '%s'\n", what, real, untrue);
	assert_string_equal(real, untrue);
}

static void
they_answer_the_same_to_any_command(void **state)
{
	struct twins *t = begin(1);

	(void)state;
	for (int i = 0; i < 10000; i++) {
		const struct form *form =
		    &forms[dice(t, sizeof(forms) / sizeof(forms[0]))];
		struct question q = { &one_command, dice(t, 10) == 0 };
		char real[SIZE];

		for (; q.keys < 3; q.keys++)
			add_word(&q, keys[q.keys]);
		for (int w = 0; w < 8 && form->words[w]; w++)
			add_word(&q, chosen(t, form->words[w]));
		snprintf(real, SIZE, "%s", ask_real(t, &q));
		assert_about_equal(form->words[0], real, ask_false(t, &q));
	}
	end(t);
}

/* -- tries -- */

static void
same_keys_are_left(struct twins *t, const char *const *names, size_t count)
{
	static const char *const looks[] = { "GET", "TTL" };

	for (size_t i = 0; i < count; i++)
		for (size_t look = 0; look < 2; look++) {
			struct question q = { &one_command, true, .keys = 1 };
			char real[SIZE];

			add_word(&q, names[i]);
			add_word(&q, looks[look]);
			add_word(&q, names[i]);
			snprintf(real, SIZE, "%s", ask_real(t, &q));
			assert_about_equal(looks[look], real, ask_false(t, &q));
		}
}

/* Somebody writes nonsense under a key now and then. */
static void
disturb(struct twins *t, const char *const *names, size_t count)
{
	static const char *const nonsense[] = { "", "hello", "first=1",
		"last=2 first=1 tries=3 passed=4",
		"passes=7 since=1 last=1732190400",
		"count=9 since=1732190400" };
	struct question q = { &one_command, .keys = 1 };
	const char *name = names[dice(t, (unsigned)count)];
	char real[SIZE];

	add_word(&q, name);
	if (dice(t, 2)) {
		add_word(&q, "SET");
		add_word(&q, name);
		add_word(&q, nonsense[dice(t, 6)]);
	} else {
		add_word(&q, "DEL");
		add_word(&q, name);
	}
	snprintf(real, SIZE, "%s", ask_real(t, &q));
	assert_string_equal(real, ask_false(t, &q));
	if (dice(t, 3) > 0 || strcmp(q.words[1].text, "DEL") != 0)
		return;
	q = (struct question){ &one_command, .keys = 1 };
	add_word(&q, name);
	add_word(&q, "HSET");
	add_word(&q, name);
	add_word(&q, "f");
	add_word(&q, "v");
	snprintf(real, SIZE, "%s", ask_real(t, &q));
	assert_string_equal(real, ask_false(t, &q));
}

static void
they_answer_the_same_to_any_try(void **state)
{
	static const char *const names[] = { "grey:{n}:a:b", "grey:{n}:a:c",
		"grey:{n}:d:b", "grey:{n}:<>:b", "known:{n}", "fresh:{n}" };
	static const int waits[] = { 0, 1, 10, 299, 300, 301, 1800, 3600, 7200,
		86400, 40 * 86400, -600, -7200 };
	struct arena *a = arena_new();
	struct script script = { "greylist",
		arena_printf(a, "%s%s", still_clock, script_greylist.source) };
	struct twins *t = begin(2);
	int64_t now = NOON;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		struct question q = { &script, dice(t, 8) == 0 };
		char time[24], settings[120], real[SIZE];
		int64_t hint;

		now += waits[dice(t, dice(t, 4) ? 7 : 13)];
		snprintf(time, sizeof(time), "%" PRId64, now);
		hint = now + (dice(t, 20) ? 0 : 5000) - (dice(t, 20) ? 0 : 900);
		snprintf(settings, sizeof(settings),
		    "last=%" PRId64 " last=%" PRId64
		    " 3 %d 300 86400 %d 3110400 3110400",
		    hint - 3600, hint + 3600, q.read_only, dice(t, 3) ? 0 : 2);
		add_word(&q, names[dice(t, 4)]);
		add_word(&q, "known:{n}");
		add_word(&q, "fresh:{n}");
		q.keys = 3;
		add_word(&q, settings);
		add_word(&q, time);
		snprintf(real, SIZE, "%s", ask_real(t, &q));
		assert_about_equal(time, real, ask_false(t, &q));
		if (dice(t, 25) == 0)
			disturb(t, names, 6);
		if (i % 100 == 0)
			same_keys_are_left(t, names, 6);
	}
	end(t);
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
