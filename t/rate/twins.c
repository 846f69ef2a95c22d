/*
 * What happens to some meters, by chance: a real Redis and the false one say
 * the same to everything, and have the same keys afterwards.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "kit/suite.h"
#include "kit/twins.h"
#include "rate/asked.h"
#include "rate/manage.h"

enum { STEPS = 2500, COUNT = 6 };

/* A key's value as one text, in an order of its own. */
static const struct script value_of = { "value_of",
	"local kind = redis.call('TYPE', KEYS[1]).ok\n"
	"if kind ~= 'hash' then\n"
	"	local n = redis.pcall('PFCOUNT', KEYS[1])\n"
	"	return kind .. (type(n) == 'number' and n or '')\n"
	"end\n"
	"local l, t = redis.call('HGETALL', KEYS[1]), {}\n"
	"for i = 1, #l, 2 do t[#t + 1] = l[i] .. '=' .. l[i + 1] end\n"
	"table.sort(t)\n"
	"return table.concat(t, ' ')\n" };

struct story {
	struct twins *twins;
	struct arena *arena, *all; /* of one step, of all */
	int64_t now;
	struct script still; /* ours, on a time that is handed in */
	struct meter items[COUNT];
	int64_t lease; /* the last one that was opened */
};

static unsigned
dice(struct story *s, unsigned sides)
{
	return twins_dice(s->twins, sides);
}

static void
begin(struct story *s)
{
	static const struct {
		enum rate_owner owner;
		enum rate_kind kind;
		int64_t count, seconds;
	} rows[COUNT] = {
		{ OWNER_MAILBOX, RATE_MESSAGES, 4, 3600 },
		{ OWNER_MAILBOX, RATE_RECIPIENTS, 9, 86400 },
		{ OWNER_DOMAIN, RATE_MESSAGES, 30, 5000 },
		{ OWNER_SERVER, RATE_BYTES, 100000, 3600 },
		{ OWNER_MAILBOX, RATE_REFUSED, 6, 3600 },
		{ OWNER_MAILBOX, RATE_NETWORKS, 3, 3600 },
	};

	for (int i = 0; i < COUNT; i++)
		s->items[i] = (struct meter){ rows[i].kind, rows[i].owner,
			{ rows[i].count, rows[i].seconds }, 80,
			rate_key(s->all, "policyd:", rows[i].owner,
			    "example.com", "alice", rows[i].kind,
			    rows[i].seconds) };
}

static void
ask(struct story *s, struct question q)
{
	const char *said;

	q.script = &s->still;
	twins_add(&q, arena_printf(s->arena, "%" PRId64, s->now));
	said = twins_same(s->twins, q.words[q.keys].text, &q);
	assert_string_not_equal(said, "error");
	if (strncmp(q.words[q.keys].text, "charge", 6) == 0 &&
	    !strchr(said, ',') && strlen(said) > 1)
		s->lease = strtoll(said, NULL, 10);
}

/* With all its words, and room for more. */
static struct question
written(struct story *s, const struct question *q)
{
	const struct question *all = asked_written(s->arena, q);
	struct question out = { .script = all->script, .keys = all->keys };

	out.read_only = all->read_only;
	out.count = all->count;
	memcpy(out.words, all->words, all->count * sizeof(out.words[0]));
	return out;
}

static struct question
something(struct story *s, const struct meters *m)
{
	static const char *const networks[] = { NULL, NULL, NULL,
		"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",
		"2001:db8::/64" };
	const struct amounts n = { { dice(s, 2), dice(s, 3), dice(s, 9000), 0,
	    0 } };
	const struct amounts sent = { { dice(s, 2), dice(s, 3), dice(s, 9000),
	    0, dice(s, 3) } };
	const struct amounts less = { { -1, -2, -100, 0, 0 } };
	const struct rate_open open = { s->lease, n };
	const int64_t now = dice(s, 2) ? s->now : 0;

	switch (dice(s, 12)) {
	case 0:
		return rate_look(
		    s->arena, m, now, rate_journal(s->arena, "policyd:"));
	case 1:
		return rate_grant(s->arena, &m->items[dice(s, m->count)],
		    dice(s, 4), s->now + dice(s, 9000));
	case 2:
		return dice(s, 4) ? rate_look(s->arena, m, now,
					rate_journal(s->arena, "policyd:"))
				  : rate_reset(s->arena, m, dice(s, 2),
					rate_journal(s->arena, "policyd:"));
	case 3:
		return written(
		    s, rate_settle(s->arena, m, &less, NULL, 0, now));
	case 4:
	case 5:
	case 6:
		return written(
		    s, rate_settle(s->arena, m, &sent, &open, 1, now));
	case 7:
		return written(s,
		    rate_charge(s->arena, m, &n, 0, networks[dice(s, 7)], now,
			dice(s, 2), false));
	default:
		return written(s,
		    rate_charge(s->arena, m, &n, 900, networks[dice(s, 7)], now,
			false, true));
	}
}

/* The shorter ways, of the last lease or of none. */
static void
charge_shortly(struct story *s)
{
	struct question q = { .script = rate_scripts[1] };
	const unsigned first = dice(s, 3), count = 1 + dice(s, 3);
	const char *line = "";

	for (unsigned i = 0; i < count; i++) {
		twins_add(&q, s->items[first + i].key.text);
		line = arena_printf(s->arena, "%s%s%u %u", line, i ? " " : "",
		    1 + dice(s, 3), 1 + dice(s, 30));
	}
	q.keys = count;
	twins_add(&q, arena_printf(s->arena, "open:%" PRId64, s->lease));
	twins_add(&q, line);
	assert_string_not_equal(
	    twins_same(s->twins, q.script->name, &q), "error");
}

static void
one_command(struct story *s, const char *key, const char *const words[4])
{
	struct question q = { &twins_one_command, .keys = 1 };

	twins_add(&q, key);
	twins_add(&q, words[0]);
	twins_add(&q, key);
	for (int i = 1; i < 4 && words[i]; i++)
		twins_add(&q, words[i]);
	twins_same(s->twins, words[0], &q);
}

/* It may not be open at all. */
static void
settle_shortly(struct story *s)
{
	const char *const words[4] = { "HINCRBY",
		dice(s, 3) ? arena_printf(s->arena, "open:%" PRId64, s->lease)
			   : "current",
		arena_printf(s->arena, "-%u", 1 + dice(s, 3)) };

	one_command(s, s->items[dice(s, COUNT)].key.text, words);
}

/* Somebody writes nonsense. */
static void
disturb(struct story *s)
{
	static const char *const some[][4] = { { "SET", "hello", NULL, NULL },
		{ "HSET", "earlier", "x", NULL },
		{ "HSET", "earlier", "-5", NULL },
		{ "HSET", "steps", "x", NULL },
		{ "HSET", "steps", "1732190400 x", NULL },
		{ "HSET", "current", "-1", NULL },
		{ "HSET", "open:1732200000", "x", NULL },
		{ "HSET", "grant", "1 x", NULL }, { "DEL", NULL, NULL, NULL } };

	one_command(s, s->items[dice(s, COUNT)].key.text, some[dice(s, 9)]);
}

static void
same_value(struct story *s, const char *key)
{
	struct question q = { &value_of, false, .keys = 1 };
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
	const int64_t half = s->now - s->now % 1800;

	for (int i = 0; i < COUNT; i++)
		same_value(s, s->items[i].key.text);
	for (int i = 0; i < 3; i++)
		same_value(s,
		    arena_printf(s->arena, "%s:%" PRId64, s->items[5].key.text,
			half - i * 1800));
}

static void
step(struct story *s, int i)
{
	static const int waits[] = { 0, 0, 0, 1, 1, 30, 60, 180, 900, 1800,
		3599, 3600, -600, 86400 };
	const unsigned first = dice(s, COUNT);
	const struct meters m = { 1 + dice(s, COUNT - first),
		s->items + first };

	s->arena = arena_new();
	s->now += waits[dice(s, dice(s, 9) ? 9 : 14)];
	ask(s, something(s, &m));
	if (dice(s, 3) == 0)
		(dice(s, 2) ? charge_shortly : settle_shortly)(s);
	if (dice(s, 40) == 0)
		disturb(s);
	if (i % 20 == 0)
		same_keys(s);
	arena_release(s->arena);
}

static void
a_real_redis_says_the_same_to_everything(void **state)
{
	struct arena *a = arena_new();
	struct story s = {
		.twins = twins_begin(5), .all = a, .now = TWINS_NOON
	};

	(void)state;
	begin(&s);
	s.still = (struct script){ "rate",
		arena_printf(
		    a, "%s%s", twins_still_clock, rate_scripts[0]->source) };
	for (int i = 0; i < STEPS; i++)
		step(&s, i);
	twins_end(s.twins);
	arena_release(a);
	arena_pool_clear();
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, a_real_redis_says_the_same_to_everything);
	return suite_run(&s, "rate/twins");
}
