/*
 * Plain commands, several in one question: their order, their errors, and what
 * becomes of them when Redis is slow or gone. Behind the door is a real one.
 */
#include "ask/redis/redis.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/asker.h"
#include "kit/real_redis.h"
#include "kit/suite.h"

enum { LINE = 512, ASKED = 1000, DEADLINE_MS = 100 };

/* "SET k v | GET k": a question, and its answer in words, as "nil | v". */
struct asked {
	struct ticket ticket;
	struct question question;
	char text[LINE];
	char said[LINE];
	unsigned told;
};

struct scene {
	struct asker asker;
	struct real_redis redis;
	struct asked asked[ASKED];
};

static void
say(char said[LINE], const struct value *v)
{
	const size_t used = strlen(said);
	char *end = said + used;
	const size_t room = LINE - used;
	const char *bar = used ? " | " : "";

	if (v->loss != LOSS_NONE)
		snprintf(end, room, "%s%s", bar, loss_name(v->loss));
	else if (v->is_number)
		snprintf(end, room, "%s%lld", bar, (long long)v->number);
	else
		snprintf(end, room, "%s%.*s", bar, v->text ? (int)v->size : 3,
		    v->text ? v->text : "nil");
}

static void
answered(struct ticket *t, const struct answer *a)
{
	struct asked *q = (struct asked *)t;

	q->told++;
	if (a->state == LOST)
		snprintf(q->said, LINE, "lost: %s", loss_name(a->loss));
	for (unsigned i = 0; a->state == KNOWN && i < a->count; i++)
		say(q->said, &a->values[i]);
}

static void
ask(struct scene *s, struct asked *q, const char *text)
{
	char *rest = NULL;

	*q = (struct asked){ { answered }, { .script = &plain_commands } };
	snprintf(q->text, LINE, "%s", text);
	for (char *w = strtok_r(q->text, " ", &rest); w;
	     w = strtok_r(NULL, " ", &rest))
		q->question.words[q->question.count++] = strcmp(w, "|") == 0
		    ? (struct word){ NULL, 0 }
		    : (struct word){ w, strlen(w) };
	store_ask(redis_store(s->asker.redis), &q->question, &q->ticket);
	assert_int_equal(q->told, 0); /* not from inside */
}

static const char *
said(struct scene *s, const char *text)
{
	struct asked *q = &s->asked[0];

	ask(s, q, text);
	while (q->told == 0)
		uv_run(&s->asker.loop, UV_RUN_ONCE);
	return q->said;
}

static int
begin(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_true(real_redis_init(&s->redis));
	real_redis_start(&s->redis, NULL);
	asker_init(&s->asker, s->redis.server);
	s->asker.conf.state_directory = s->redis.directory;
	asker_open(&s->asker, NULL, false);
	assert_true(asker_until(&s->asker, "ready"));
	*state = s;
	return 0;
}

static int
end(void **state)
{
	struct scene *s = *state;

	asker_clear(&s->asker);
	real_redis_clear(&s->redis);
	free(s);
	return 0;
}

static void
each_has_its_value_in_their_order(void **state)
{
	struct scene *s = *state;

	assert_string_equal(
	    said(s, "SET k v NX GET EX 60 | GET k | HINCRBY h f 2 | GET no"),
	    "nil | v | 2 | nil");
	assert_string_equal(said(s, "SET k w NX GET EX 60"), "v");
	assert_string_equal(real_redis_do(&s->redis, "GET k"), "v");
}

static void
one_that_fails_does_not_stop_the_next(void **state)
{
	struct scene *s = *state;

	assert_string_equal(
	    said(s,
		"HINCRBY h f 1 | GET h | SET h v NX GET | NONSENSE | SET k v"),
	    "1 | wrong_type | wrong_type | script_error | OK");
}

static void
what_is_no_value_is_told_as_such(void **state)
{
	struct scene *s = *state;

	assert_string_equal(said(s, "RPUSH l a b | LRANGE l 0 -1 | PING"),
	    "2 | unexpected_answer | PONG");
}

static void
a_text_outlives_the_replies_behind_it(void **state)
{
	struct scene *s = *state;
	char line[200], expected[LINE];

	memset(line, 'x', sizeof(line));
	memcpy(line, "SET k ", 6);
	line[sizeof(line) - 1] = '\0';
	assert_string_equal(said(s, line), "OK");
	snprintf(expected, sizeof(expected), "%s | 1 | nil | nil", line + 6);
	assert_string_equal(
	    said(s, "GET k | HINCRBY h f 1 | GET no | GET no"), expected);
}

static void
among_others_each_has_its_own(void **state)
{
	struct scene *s = *state;
	char text[LINE];

	for (unsigned i = 0; i < ASKED; i++) {
		snprintf(text, sizeof(text), "SET k%u v%u | GET k%u", i, i, i);
		ask(s, &s->asked[i], i % 3 ? text : strchr(text, '|') + 2);
		asker_ask(&s->asker);
		if (i % 50 == 0)
			uv_run(&s->asker.loop, UV_RUN_NOWAIT);
	}
	assert_true(asker_settle(&s->asker));
	assert_int_equal(s->asker.known, ASKED);
	assert_int_equal(s->asker.crossed, 0);
	for (unsigned i = 0; i < ASKED; i++) {
		snprintf(text, sizeof(text), i % 3 ? "OK | v%u" : "nil", i);
		assert_string_equal(s->asked[i].said, text);
		assert_int_equal(s->asked[i].told, 1);
	}
}

static void
killed_on_their_way_each_is_told_once(void **state)
{
	struct scene *s = *state;

	real_redis_signal(&s->redis, SIGSTOP);
	for (unsigned i = 0; i < ASKED; i++)
		ask(s, &s->asked[i], "SET k v | GET k | GET k");
	asker_run(&s->asker, 20);
	real_redis_kill(&s->redis);
	asker_ask(&s->asker); /* behind them */
	assert_true(asker_settle(&s->asker));
	for (unsigned i = 0; i < ASKED; i++) {
		assert_int_equal(s->asked[i].told, 1);
		assert_string_equal(s->asked[i].said, "lost: broken");
	}
}

/* What nobody waits for any more keeps its places: the next one has its own
 * answer. */
static void
the_answers_to_late_ones_are_nobody_elses(void **state)
{
	struct scene *s = *state;

	asker_close(&s->asker);
	s->asker.conf.redis.deadline_ms = DEADLINE_MS;
	asker_open(&s->asker, NULL, false);
	assert_true(asker_until(&s->asker, "ready"));
	real_redis_signal(&s->redis, SIGSTOP);
	ask(s, &s->asked[1], "SET late 1 | GET late | GET late");
	while (s->asked[1].told == 0)
		uv_run(&s->asker.loop, UV_RUN_ONCE);
	assert_string_equal(s->asked[1].said, "lost: timeout");
	real_redis_signal(&s->redis, SIGCONT);
	for (int i = 0; i < 100; i++) {
		assert_true(asker_until(&s->asker, "ready"));
		if (strcmp(said(s, "SET k v NX GET | GET k | GET late"),
			"v | v | 1") == 0)
			break;
	}
	assert_string_equal(s->asked[0].said, "v | v | 1");
	assert_int_equal(s->asked[1].told, 1);
}

static void
full_memory_is_told_of_what_writes(void **state)
{
	struct scene *s = *state;

	real_redis_do(&s->redis, "SET k v");
	real_redis_do(&s->redis, "CONFIG SET maxmemory 1");
	for (int i = 0; i < 10; i++)
		assert_string_equal(
		    said(s, "SET new v NX GET | GET k"), "full | v");
	assert_string_equal(asker_state(&s->asker), "ready");
}

static void
a_replica_is_left_and_the_reason_told(void **state)
{
	struct scene *s = *state;

	real_redis_do(&s->redis, "REPLICAOF 127.0.0.1 1");
	assert_string_equal(
	    said(s, "SET k v | GET k | GET k"), "lost: read_only");
	assert_string_not_equal(asker_state(&s->asker), "ready");
}

/* What had failed before says nothing of those behind it: they may have run. */
static void
the_end_of_the_connection_is_told_as_such(void **state)
{
	struct scene *s = *state;

	real_redis_do(&s->redis, "SET k v");
	assert_string_equal(
	    said(s, "HGET k f | CLIENT KILL TYPE normal SKIPME no | HGET k f"),
	    "lost: broken");
}

/* It ran, or it did not; but who answers NOSCRIPT to no script is told so. */
static void
no_word_of_redis_makes_it_a_script(void **state)
{
	struct scene *s = *state;

	assert_string_equal(
	    said(s, "EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0"),
	    "script_error");
}

int
main(void)
{
	static const struct {
		const char *name;
		CMUnitTestFunction test;
	} tests[] = {
#define TEST(name) { #name, name }
		TEST(each_has_its_value_in_their_order),
		TEST(one_that_fails_does_not_stop_the_next),
		TEST(what_is_no_value_is_told_as_such),
		TEST(a_text_outlives_the_replies_behind_it),
		TEST(among_others_each_has_its_own),
		TEST(killed_on_their_way_each_is_told_once),
		TEST(the_answers_to_late_ones_are_nobody_elses),
		TEST(full_memory_is_told_of_what_writes),
		TEST(a_replica_is_left_and_the_reason_told),
		TEST(the_end_of_the_connection_is_told_as_such),
		TEST(no_word_of_redis_makes_it_a_script),
#undef TEST
	};
	struct suite s = { .count = 0 };

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		suite_add_scene(&s, tests[i].name, tests[i].test, begin, end);
	return suite_run(&s, "commands");
}
