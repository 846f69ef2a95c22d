/*
 * Hearing of changes: the second connection, before a Redis that does what the
 * test wants, and before a real one.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "kit/real_redis.h"
#include "kit/rig.h"
#include "kit/suite.h"

enum { PATIENCE_MS = 60 * 1000, STEP_MS = 5 };

/* Somebody who watches. */
struct ear {
	struct watch watch;
	struct asker *asker;
	bool live, late;
	unsigned begins; /* anew: what was before may be old */
	unsigned changes, heard; /* of that; by a test */
	unsigned told; /* keys */
	unsigned all; /* times that all keys had changed */
	char keys[1024]; /* "a b ", the last of them */
};

static void
on_live(struct watch *w, bool live)
{
	struct ear *e = (struct ear *)w;

	if (e->late && !live) { /* lost at last */
		e->late = false;
		return;
	}
	assert_int_not_equal(e->live, live);
	e->live = live;
	e->begins += live;
	e->changes++;
}

static void
on_late(struct watch *w, bool late)
{
	struct ear *e = (struct ear *)w;

	assert_int_equal(e->live, late);
	e->late = late;
	e->live = !late;
	e->changes++;
}

static void
on_changed(struct watch *w, struct word key)
{
	struct ear *e = (struct ear *)w;
	size_t used = strlen(e->keys);

	assert_true(e->live || e->late);
	if (!key.text) {
		e->all++;
		return;
	}
	e->told++;
	assert_int_equal(key.size, strlen(key.text));
	if (key.size + 2 > sizeof(e->keys) - used)
		used = 0;
	snprintf(e->keys + used, sizeof(e->keys) - used, "%s ", key.text);
}

static void
listen_to(struct ear *e, struct asker *a)
{
	static const char *const prefixes[] = { "test:a:", "test:b:", NULL };

	*e = (struct ear){ { prefixes, on_live, on_late, on_changed }, a };
	store_watch(redis_store(a->redis), &e->watch);
	assert_false(e->live);
}

/* The next change; none is missed, however fast it changes back. */
static bool
hears(struct ear *e, bool live)
{
	for (int ms = 0; e->changes == e->heard && ms < PATIENCE_MS;
	     ms += STEP_MS)
		asker_run(e->asker, STEP_MS);
	return e->changes > e->heard && ++e->heard % 2 == live;
}

static bool
hears_of(struct ear *e, const char *keys)
{
	for (int ms = 0; !strstr(e->keys, keys) && ms < PATIENCE_MS;
	     ms += STEP_MS)
		asker_run(e->asker, STEP_MS);
	return strstr(e->keys, keys) != NULL;
}

static bool
watching(struct asker *a)
{
	struct store *s = redis_store(a->redis);
	struct store_health h;

	s->health(s, &h);
	return h.watching;
}

/* -- one that does what the test wants -- */

#define MESSAGE "*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n"

static void
without_somebody_who_watches_there_is_one_connection(void **state)
{
	struct rig r;
	(void)state;

	rig_ready(&r);
	asker_run(&r.asker, 50);
	assert_int_equal(fake_redis_seen(&r.redis, "connect"), 1);
	assert_false(watching(&r.asker));
	rig_end(&r);
}

static void
the_second_one_says_who_it_is_and_what_it_wants(void **state)
{
	struct rig r;
	struct ear e;
	(void)state;

	rig_begin(&r, true, NULL);
	r.asker.conf.redis.user = "mail";
	r.asker.conf.redis.password = "geheim";
	asker_open(&r.asker, NULL, false);
	listen_to(&e, &r.asker);
	assert_true(hears(&e, true));
	assert_true(watching(&r.asker));
	assert_int_equal(fake_redis_seen(&r.redis, "connect"), 2);
	assert_non_null(strstr(fake_redis_log(&r.redis),
	    "AUTH mail geheim\nCLIENT SETNAME policyd\nROLE\nCLIENT ID\n"
	    "CLIENT TRACKING ON REDIRECT 7 BCAST PREFIX test:probe\n"
	    "SUBSCRIBE __redis__:invalidate\n"
	    "UNSUBSCRIBE __redis__:invalidate\n"
	    "CLIENT TRACKING OFF\n"
	    "CLIENT TRACKING ON REDIRECT 7 BCAST PREFIX test:a: PREFIX test:b:"
	    "\nSUBSCRIBE __redis__:invalidate\n"));
	assert_int_equal(asker_logged(&r.asker, "tells of changes"), 1);
	rig_end(&r);
}

static void
what_it_says_is_told(void **state)
{
	struct rig r;
	struct ear e;
	(void)state;

	rig_ready(&r);
	listen_to(&e, &r.asker);
	assert_true(hears(&e, true));
	fake_redis_say(
	    &r.redis, MESSAGE "*2\r\n$8\r\ntest:a:1\r\n$8\r\ntest:b:2\r\n");
	assert_true(hears_of(&e, "test:a:1 test:b:2 "));
	assert_int_equal(e.all, 0);
	fake_redis_say(&r.redis, MESSAGE "$-1\r\n" MESSAGE "*-1\r\n");
	fake_redis_say(&r.redis, MESSAGE "*1\r\n$6\r\ntest:a\r\n");
	assert_true(hears_of(&e, "test:a "));
	assert_int_equal(e.all, 2);
	rig_end(&r);
}

/* Whoever may publish there, or somewhere else. */
static void
what_nobody_understands_is_let_pass(void **state)
{
	struct rig r;
	struct ear e;
	(void)state;

	rig_ready(&r);
	listen_to(&e, &r.asker);
	assert_true(hears(&e, true));
	fake_redis_say(&r.redis, MESSAGE "$4\r\ntext\r\n" MESSAGE ":1\r\n");
	fake_redis_say(
	    &r.redis, MESSAGE "*0\r\n" MESSAGE "*2\r\n:1\r\n*1\r\n:1\r\n");
	fake_redis_say(&r.redis,
	    "*3\r\n$7\r\nmessage\r\n$5\r\nother\r\n*1\r\n$1\r\nx\r\n"
	    "*3\r\n$7\r\nmessage\r\n:1\r\n:1\r\n");
	fake_redis_say(&r.redis, MESSAGE "*1\r\n$4\r\nlast\r\n");
	assert_true(hears_of(&e, "last "));
	assert_string_equal(e.keys, "last ");
	assert_int_equal(e.changes, 1);
	rig_end(&r);
}

struct refusal {
	const char *name;
	const char *command, *reply;
	const char *logged;
};

// clang-format off
static const struct refusal refusals[] = {
	{ "an old server knows no tracking", "CLIENT TRACKING",
	    "-ERR Unknown subcommand or wrong number of arguments\r\n",
	    "ERR Unknown subcommand" },
	{ "the right to it is missing", "CLIENT TRACKING",
	    "-NOPERM this user has no permissions\r\n", "NOPERM this user" },
	{ "the right to the channel is missing", "SUBSCRIBE",
	    "-NOPERM this user has no permissions\r\n", "NOPERM this user" },
	{ "a proxy knows no clients", "CLIENT ID", "-ERR unknown command\r\n",
	    "ERR unknown command" },
	{ "it gives no number", "CLIENT ID", "+OK\r\n",
	    "gave a strange answer" },
	{ "it closes", "SUBSCRIBE", FAKE_CLOSE, "closed the connection" },
	{ "it falls silent", "CLIENT ID", FAKE_SILENT,
	    "not heard of a change in time" },
	{ "it says what nobody asked for", "SUBSCRIBE",
	    "*3\r\n$9\r\nsubscribe\r\n$1\r\nx\r\n:1\r\n+more\r\n",
	    "said what nobody asked for" },
};
// clang-format on

static void
refused(void **state)
{
	const struct refusal *f = *state;
	struct rig r;
	struct ear e;

	rig_begin(&r, false, RIG_ALWAYS(f->command, f->reply));
	asker_open(&r.asker, NULL, false);
	listen_to(&e, &r.asker);
	while (fake_redis_seen(&r.redis, "connect") < 3)
		asker_run(&r.asker, STEP_MS);
	assert_false(e.live);
	assert_false(watching(&r.asker));
	assert_int_equal(
	    asker_logged(&r.asker, "does not tell of changes: "), 1);
	assert_int_equal(asker_logged(&r.asker, f->logged), 1);
	assert_string_equal(asker_state(&r.asker), "ready");
	assert_int_equal(asker_do(&r.asker, &rig_question, NULL), LOSS_NONE);
	rig_end(&r);
}

/* Its own word for it is not enough: somebody between us and it may answer. */
static void
who_tells_of_no_change_is_not_believed(void **state)
{
	static const struct fake_rule rules[] = { { "SUBSCRIBE", "+OK\r\n", 0 },
		{ 0 } };
	struct rig r;
	struct ear e;
	(void)state;

	rig_begin(&r, false, rules);
	asker_open(&r.asker, NULL, false);
	listen_to(&e, &r.asker);
	asker_run(&r.asker, 100);
	assert_false(e.live);
	fake_redis_rules(&r.redis, NULL);
	assert_true(hears(&e, true));
	rig_end(&r);
}

static void
lost_it_is_not_live_and_comes_back(void **state)
{
	struct rig r;
	struct ear e;
	(void)state;

	rig_ready(&r);
	listen_to(&e, &r.asker);
	assert_true(hears(&e, true));
	fake_redis_say(&r.redis, FAKE_CLOSE);
	assert_true(hears(&e, false));
	assert_int_equal(
	    asker_logged(&r.asker, "does not tell of changes any more"), 1);
	assert_int_equal(asker_do(&r.asker, &rig_question, NULL), LOSS_NONE);
	assert_true(hears(&e, true));
	assert_int_equal(asker_logged(&r.asker, "tells of changes"), 2);
	assert_int_equal(asker_logged(&r.asker, "redis: lost"), 0);
	rig_end(&r);
}

/* Half open, as TCP has it: nothing comes, and nothing says so. */
static void
silent_it_is_not_live_after_a_second_and_lost_after_five(void **state)
{
	struct rig r;
	struct ear e;
	uint64_t since;
	(void)state;

	rig_ready(&r);
	listen_to(&e, &r.asker);
	assert_true(hears(&e, true));
	asker_run(&r.asker, 1200);
	for (int ms = 0; !e.live && ms < PATIENCE_MS; ms += STEP_MS)
		asker_run(&r.asker, STEP_MS); /* a stalled machine was late */
	assert_true(e.live);
	e.heard = e.changes;
	assert_true(fake_redis_seen(&r.redis, "PING") >= 1);
	fake_redis_rules(&r.redis, RIG_ALWAYS("PING", FAKE_SILENT));
	since = clock_us(r.asker.clock);
	assert_true(hears(&e, false));
	assert_in_range(clock_us(r.asker.clock) - since, 0, 15 * 1000 * 1000);
	assert_int_equal(asker_logged(&r.asker, "does not answer"), 0);
	fake_redis_rules(&r.redis, NULL);
	assert_true(hears(&e, true)); /* on a third one */
	assert_true(clock_us(r.asker.clock) - since > 5000 * 1000);
	assert_int_equal(asker_logged(&r.asker, "does not answer"), 1);
	rig_end(&r);
}

/* The server was busy. Nothing is missed then, as all comes in its order. */
static void
late_it_is_not_live_until_it_answers(void **state)
{
	struct rig r;
	struct ear e;
	(void)state;

	rig_ready(&r);
	listen_to(&e, &r.asker);
	assert_true(hears(&e, true));
	fake_redis_rules(&r.redis, RIG_ALWAYS("PING", FAKE_SILENT));
	assert_true(hears(&e, false));
	assert_false(watching(&r.asker));
	fake_redis_say(&r.redis, MESSAGE "*1\r\n$4\r\nlate\r\n");
	assert_true(hears_of(&e, "late "));
	assert_false(e.live);
	fake_redis_say(&r.redis, "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
	assert_true(hears(&e, true));
	assert_int_equal(e.begins, 1);
	assert_int_equal(fake_redis_seen(&r.redis, "connect"), 2);
	assert_int_equal(asker_logged(&r.asker, "does not"), 0);
	rig_end(&r);
}

static void
it_lives_no_longer_than_the_first_connection(void **state)
{
	struct rig r;
	struct ear e;
	(void)state;

	rig_ready(&r);
	listen_to(&e, &r.asker);
	assert_true(hears(&e, true));
	fake_redis_rules(
	    &r.redis, RIG_ONCE("EVALSHA", "-READONLY You can't write\r\n"));
	assert_int_equal(
	    asker_do(&r.asker, &rig_question, NULL), LOSS_READ_ONLY);
	assert_int_equal(e.changes, 2);
	assert_true(hears(&e, false));
	assert_true(hears(&e, true));
	rig_end(&r);
}

static void
who_watches_no_more_hears_nothing(void **state)
{
	struct rig r;
	struct ear one, other;
	(void)state;

	rig_ready(&r);
	listen_to(&one, &r.asker);
	assert_true(hears(&one, true));
	listen_to(&other, &r.asker);
	fake_redis_say(&r.redis, MESSAGE "*1\r\n$1\r\nx\r\n");
	assert_true(hears(&other, true));
	assert_string_equal(other.keys, "");
	store_watch(redis_store(r.asker.redis), NULL);
	asker_run(&r.asker, 50);
	fake_redis_say(&r.redis, MESSAGE "*1\r\n$1\r\nx\r\n");
	asker_run(&r.asker, 300);
	assert_int_equal(fake_redis_seen(&r.redis, "connect"), 3);
	assert_int_equal(one.changes + other.changes, 2);
	assert_false(watching(&r.asker));
	rig_end(&r);
}

static void
it_can_be_closed_at_any_time(void **state)
{
	(void)state;

	for (unsigned turns = 0; turns < 40; turns++) {
		struct rig r;
		struct ear e;

		rig_begin(&r, turns % 2, NULL);
		asker_open(&r.asker, NULL, false);
		listen_to(&e, &r.asker);
		for (unsigned i = 0; i < turns; i++)
			uv_run(&r.asker.loop, UV_RUN_NOWAIT);
		rig_end(&r);
		assert_false(e.live);
	}
}

/* -- a real one -- */

struct scene {
	struct asker asker;
	struct real_redis redis;
	struct ear ear;
};

static void
begin(struct scene *s, const char *const *options)
{
	if (!real_redis_init(&s->redis))
		skip();
	real_redis_start(&s->redis, options);
	asker_init(&s->asker, s->redis.server);
	s->asker.conf.redis.deadline_ms = 1000; /* some wait for it */
	s->asker.conf.redis.connect_ms = 2000;
	asker_open(&s->asker, NULL, false);
	listen_to(&s->ear, &s->asker);
}

static void
begin_live(struct scene *s)
{
	begin(s, NULL);
	assert_true(hears(&s->ear, true));
}

static void
end(struct scene *s)
{
	asker_clear(&s->asker);
	real_redis_clear(&s->redis);
}

static const struct change {
	const char *name;
	const char *before, *command;
} changes[] = {
	{ "a field is set", NULL, "HSET test:a:1 x y" },
	{ "a field goes", "HSET test:a:1 x y z w", "HDEL test:a:1 x" },
	{ "the last field goes", "HSET test:a:1 x y", "HDEL test:a:1 x" },
	{ "a key is deleted", "HSET test:a:1 x y", "DEL test:a:1" },
	{ "a key gets an end", "HSET test:a:1 x y", "EXPIRE test:a:1 100" },
	{ "a key comes to its end", "SET test:a:1 x PX 100", "PING" },
	{ "a key gets another name", "HSET test:c x y",
	    "RENAME test:c test:a:1" },
	{ "a script writes it", NULL, "EVAL redis.call('SET','test:a:1',1) 0" },
	{ "it is under a name of another database", NULL,
	    "EVAL redis.call('SELECT','5');redis.call('SET','test:a:1',1) 0" },
};

static void
changed(void **state)
{
	const struct change *c = *state;
	struct scene s;

	begin_live(&s);
	if (c->before)
		real_redis_do(&s.redis, c->before, NULL);
	asker_run(&s.asker, 20);
	s.ear.keys[0] = '\0';
	real_redis_do(&s.redis, c->command, NULL);
	assert_true(hears_of(&s.ear, "test:a:1 "));
	end(&s);
}

static void
what_is_not_under_a_prefix_is_not_told(void **state)
{
	struct scene s;
	(void)state;

	begin_live(&s);
	real_redis_do(&s.redis, "MSET test:c:1 x test: y other z");
	real_redis_do(&s.redis, "SET test:b:1 x");
	assert_true(hears_of(&s.ear, "test:b:1 "));
	assert_string_equal(s.ear.keys, "test:b:1 ");
	end(&s);
}

static void
that_all_is_gone_is_told(void **state)
{
	struct scene s;
	(void)state;

	begin_live(&s);
	real_redis_do(&s.redis, "FLUSHALL");
	real_redis_do(&s.redis, "FLUSHDB");
	real_redis_do(&s.redis, "SET test:b:1 x");
	assert_true(hears_of(&s.ear, "test:b:1 "));
	assert_int_equal(s.ear.all, 2);
	end(&s);
}

static void
a_change_is_told_however_many_there_are(void **state)
{
	struct scene s;
	(void)state;

	begin_live(&s);
	real_redis_do(&s.redis, "EVAL %s 0",
	    "for i = 1, 20000 do redis.call('SET', 'test:a:' .. i, 1) end");
	real_redis_do(&s.redis, "SET test:b:1 x");
	assert_true(hears_of(&s.ear, "test:b:1 "));
	assert_int_equal(s.ear.told, 20001);
	assert_int_equal(s.ear.begins, 1);
	end(&s);
}

/* client-output-buffer-limit pubsub, for who does not read fast enough. */
static void
cut_off_by_its_limit_it_comes_back(void **state)
{
	static const char *const options[] = { "--client-output-buffer-limit",
		"pubsub 64kb 64kb 1", NULL };
	struct scene s;
	(void)state;

	begin(&s, options);
	assert_true(hears(&s.ear, true));
	for (int i = 0; i < 20; i++)
		real_redis_do(&s.redis, "EVAL %s 0",
		    "for i = 1, 20000 do redis.call('SET', 'test:a:' .. i, 1) "
		    "end");
	assert_true(hears(&s.ear, false));
	assert_true(hears(&s.ear, true));
	assert_int_equal(asker_do(&s.asker, &rig_question, NULL), LOSS_NONE);
	assert_int_equal(asker_logged(&s.asker, "redis: lost"), 0);
	end(&s);
}

static void
each_of_the_two_may_be_killed(void **state)
{
	struct scene s;
	(void)state;

	begin_live(&s);
	for (unsigned i = 0; i < 4; i++) {
		real_redis_do(&s.redis, "CLIENT KILL TYPE %s",
		    i % 2 ? "pubsub" : "normal");
		assert_true(hears(&s.ear, false));
		assert_true(hears(&s.ear, true));
	}
	end(&s);
}

static void
stopped_it_is_not_live_and_killed_neither(void **state)
{
	struct scene s;
	(void)state;

	begin_live(&s);
	real_redis_signal(&s.redis, SIGSTOP);
	assert_true(hears(&s.ear, false));
	real_redis_signal(&s.redis, SIGCONT);
	assert_true(hears(&s.ear, true));
	real_redis_kill(&s.redis);
	assert_true(hears(&s.ear, false));
	real_redis_start(&s.redis, NULL);
	assert_true(hears(&s.ear, true));
	end(&s);
}

/* No proof can be written; what is there can still be read. */
static void
full_it_is_not_live_until_there_is_room(void **state)
{
	struct scene s;
	(void)state;

	begin_live(&s);
	real_redis_do(&s.redis, "CONFIG SET maxmemory 1");
	real_redis_do(&s.redis, "CLIENT KILL TYPE pubsub");
	assert_true(hears(&s.ear, false));
	asker_run(&s.asker, 300);
	assert_false(s.ear.live);
	assert_string_equal(asker_state(&s.asker), "ready");
	real_redis_do(&s.redis, "CONFIG SET maxmemory 0");
	assert_true(hears(&s.ear, true));
	end(&s);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, without_somebody_who_watches_there_is_one_connection);
	SUITE_TEST(&s, the_second_one_says_who_it_is_and_what_it_wants);
	SUITE_TEST(&s, what_it_says_is_told);
	SUITE_TEST(&s, what_nobody_understands_is_let_pass);
	SUITE_ROWS(&s, refusals, refused);
	SUITE_TEST(&s, who_tells_of_no_change_is_not_believed);
	SUITE_TEST(&s, lost_it_is_not_live_and_comes_back);
	SUITE_TEST(
	    &s, silent_it_is_not_live_after_a_second_and_lost_after_five);
	SUITE_TEST(&s, late_it_is_not_live_until_it_answers);
	SUITE_TEST(&s, it_lives_no_longer_than_the_first_connection);
	SUITE_TEST(&s, who_watches_no_more_hears_nothing);
	SUITE_TEST(&s, it_can_be_closed_at_any_time);
	SUITE_ROWS(&s, changes, changed);
	SUITE_TEST(&s, what_is_not_under_a_prefix_is_not_told);
	SUITE_TEST(&s, that_all_is_gone_is_told);
	SUITE_TEST(&s, a_change_is_told_however_many_there_are);
	SUITE_TEST(&s, cut_off_by_its_limit_it_comes_back);
	SUITE_TEST(&s, each_of_the_two_may_be_killed);
	SUITE_TEST(&s, stopped_it_is_not_live_and_killed_neither);
	SUITE_TEST(&s, full_it_is_not_live_until_there_is_room);
	return suite_run(&s, "hearing of changes");
}
