/*
 * What happens to some clients, by chance: a real Redis and the false one say
 * the same to everything, and have the same keys afterwards.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/arena.h"
#include "kit/suite.h"
#include "kit/twins.h"
#include "register/lists_build.h"
#include "register/register.h"

extern const struct script script_client, script_register, script_index,
    script_list, script_lists, script_version;

enum { STEPS = 2500 };

/* A key's value as one text, in an order of its own. */
static const struct script value_of = { "value_of",
	"local kind = redis.call('TYPE', KEYS[1]).ok\n"
	"if kind == 'string' then return redis.call('GET', KEYS[1]) end\n"
	"if kind == 'zset' then return table.concat(redis.call('ZRANGE',\n"
	"	KEYS[1], 0, -1, 'WITHSCORES'), ' ') end\n"
	"local l, t = redis.call('HGETALL', KEYS[1]), {}\n"
	"for i = 1, #l, 2 do t[#t + 1] = l[i] .. '=' .. l[i + 1] end\n"
	"table.sort(t)\n"
	"return kind .. ' ' .. table.concat(t, ' ')\n" };

static const char *const clients[] = { "192.0.2.7", "2001:db8::1" };
static const char *const tags[] = { "192.0.2.7", "2001%3adb8%3a%3a/64" };
static const char *const names[] = { "client", "abuse", "spam", "ban",
	"strikes", "conn", "pace" };
enum { NAMES = sizeof(names) / sizeof(names[0]) };
static const char *const lists[] = { "allow", "access", "bans", "version" };
static const char *const users[] = { "alice@example.com", "bob@example.com",
	"carol@example.net", "dave@example.org", "erin" };

struct story {
	struct twins *twins;
	struct arena *arena; /* of one step */
	struct conf *conf;
	int64_t now;
	struct script still[6]; /* our scripts, on a time that is handed in */
};

static void
fail_with(void *data, const char *file, int line, const char *text)
{
	(void)data;
	fail_msg("%s:%d: %s", file, line, text);
}

static unsigned
dice(struct story *s, unsigned sides)
{
	return twins_dice(s->twins, sides);
}

/* Asked at the time of the story. Whatever stands under the keys, there is an
 * answer. */
static void
ask(struct story *s, struct question q)
{
	const char *name = q.script->name;

	for (int i = 0; i < 6; i++)
		if (strcmp(s->still[i].name, name) == 0)
			q.script = &s->still[i];
	twins_add(&q, arena_printf(s->arena, "%" PRId64, s->now));
	assert_string_not_equal(twins_same(s->twins, name, &q), "error");
}

static struct question
something(struct story *s, const struct address *client)
{
	struct arena *a = s->arena;
	const struct failure f = { users[dice(s, 5)],
		dice(s, 2) ? "" : arena_printf(a, "%u", dice(s, 9)),
		(enum register_service)dice(s, 3), 1 + dice(s, 3) };
	const char *lease = arena_printf(a, "%u@mx", dice(s, 12)), *user;

	switch (dice(s, 14)) {
	case 0:
		return register_strike(a, s->conf, client, "harvest", "feed");
	case 1:
		return register_ban(a, s->conf, client,
		    dice(s, 4) ? 3600 * (int64_t)(1 + dice(s, 9)) : FOREVER,
		    "by hand", "root");
	case 2:
		return register_lift(
		    a, s->conf, client, (enum register_name)dice(s, 3), "root");
	case 3:
	case 4:
	case 5:
		user = users[dice(s, 5)];
		return register_spam(
		    a, s->conf, client, user, conf_settings(s->conf, user));
	case 6:
	case 7:
		return register_connect(
		    a, s->conf, client, lease, dice(s, 4) == 0);
	case 8:
		return register_disconnect(
		    a, s->conf, client, dice(s, 3) ? lease : "");
	case 9:
		return register_index(a, s->conf,
		    (enum register_name)dice(s, 3), client,
		    dice(s, 3) ? s->now + 3600 * (1 + dice(s, 90)) : 0);
	case 10:
		return register_read(a, s->conf, client, "example.com");
	default:
		return register_failure(a, s->conf, client, &f);
	}
}

static struct question
something_about_lists(struct story *s)
{
	static const char *const patterns[] = { "192.0.2.7", "192.0.2.0/24",
		"*.example" };
	const enum list_name which = (enum list_name)dice(s, LIST_COUNT);
	struct question q = { .keys = 1 + LIST_COUNT, .count = 1 + LIST_COUNT };

	if (dice(s, 2))
		return list_add(s->arena, s->conf, which, patterns[dice(s, 3)],
		    dice(s, 2) ? 0 : 60 * (1 + dice(s, 900)), "root", "x");
	if (dice(s, 2))
		return list_del(s->arena, s->conf, which, patterns[dice(s, 3)]);
	q.script = dice(s, 2) ? &script_lists : &script_version;
	lists_keys(s->arena, "policyd:", q.words);
	return q;
}

static const char *
some_key(struct story *s)
{
	return arena_printf(s->arena, "policyd:%s:{%s}", names[dice(s, NAMES)],
	    tags[dice(s, 2)]);
}

/* Somebody writes nonsense. */
static void
disturb(struct story *s)
{
	static const char *const some[][4] = { { "SET", "hello", NULL, NULL },
		{ "HSET", "until", "soon", NULL },
		{ "HSET", "last", "99999999999", NULL },
		{ "HSET", "times", "1 2 x", NULL },
		{ "HSET", "a@example.com", "-1", NULL },
		{ "ZADD", "nan", "x", NULL }, { "ZADD", "5", "x", NULL } };
	const char *const *words = some[dice(s, 7)];
	const char *key = some_key(s);
	struct question q = { &twins_one_command, .keys = 1 };

	twins_add(&q, key);
	twins_add(&q, words[0]);
	twins_add(&q, key);
	for (int i = 1; words[i]; i++)
		twins_add(&q, words[i]);
	twins_same(s->twins, words[0], &q);
}

static void
same_value(struct story *s, const char *key)
{
	struct question q = { &value_of, true, .keys = 1 };
	struct question ttl = { &twins_one_command, true, .keys = 1 };

	twins_add(&q, key);
	twins_same(s->twins, key, &q);
	twins_add(&ttl, key);
	twins_add(&ttl, "TTL");
	twins_add(&ttl, key);
	twins_same(s->twins, "TTL", &ttl);
}

static void
same_keys(struct story *s)
{
	for (int i = 0; i < NAMES; i++)
		for (int c = 0; c < 2; c++)
			same_value(s,
			    arena_printf(s->arena, "policyd:%s:{%s}", names[i],
				tags[c]));
	for (int i = 0; i < 4; i++)
		same_value(
		    s, arena_printf(s->arena, "policyd:%s:{lists}", lists[i]));
	for (int i = 0; i < 3; i++)
		same_value(s,
		    arena_printf(s->arena, "policyd:index:%s",
			register_name((enum register_name)i)));
}

static void
step(struct story *s, int i)
{
	static const int waits[] = { 0, 0, 1, 30, 60, 900, 3599, 3600, -600,
		86400 };
	struct address client;

	s->arena = arena_new();
	s->now += waits[dice(s, dice(s, 9) ? 7 : 10)];
	address_parse(&client, clients[dice(s, 2)]);
	ask(s, something(s, &client));
	if (dice(s, 4) == 0)
		ask(s, something_about_lists(s));
	if (dice(s, 30) == 0)
		disturb(s);
	if (i % 50 == 0)
		same_keys(s);
	arena_release(s->arena);
}

static void
a_real_redis_says_the_same_to_everything(void **state)
{
	const struct script *const ours[] = { &script_client, &script_register,
		&script_index, &script_list, &script_lists, &script_version };
	struct arena *a = arena_new();
	struct story s = { .twins = twins_begin(3), .now = TWINS_NOON };

	(void)state;
	s.conf = conf_parse("abuse { failures = 4 services = apart cap = 1 }\n"
			    "connections { mode = enforce address = 8 "
			    "rate = 5/1m }\n"
			    "spam_source { reporters = 2 }",
	    "story", fail_with, NULL);
	for (int i = 0; i < 6; i++)
		s.still[i] = (struct script){ ours[i]->name,
			arena_printf(
			    a, "%s%s", twins_still_clock, ours[i]->source) };
	for (int i = 0; i < STEPS; i++)
		step(&s, i);
	conf_unref(s.conf);
	twins_end(s.twins);
	arena_release(a);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, a_real_redis_says_the_same_to_everything);
	return suite_run(&s, "register/twins");
}
