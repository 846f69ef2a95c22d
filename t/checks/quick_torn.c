/*
 * Between the two commands of one policyd, and in front of its script, others
 * come: strangers wait no longer for that, and what was written for nothing is
 * gone in the end.
 */
#include "checks/quick.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "checks/grey.h"
#include "kit/chance.h"
#include "kit/false_redis.h"
#include "kit/suite.h"
#include "kit/torn.h"

enum { NODES = 3, NAMES = 5, ROUNDS = 200, TRIES = 40 };
enum { HOUR = 3600, DAY = 86400, NOON = 1732190400, DELAY = 300, LIMIT = 5 };

struct scene {
	struct arena *arena;
	struct clock *clock;
	struct false_redis *redis;
	struct torn *lines[NODES];
	struct quick *nodes[NODES];
	unsigned seed;
	unsigned asked, said;
	const char *never; /* what nobody may be told; NULL: anything may */
	const char *always; /* what everybody is told; NULL: anything */
	unsigned records;
};

struct
try {
	struct ticket ticket; /* first */
	struct scene *scene;
};

static struct scene *
begin(unsigned seed)
{
	struct arena *a = arena_new();
	struct scene *s = arena_alloc(a, sizeof(*s));

	s->arena = a;
	s->clock = clock_new_virtual(NOON);
	s->redis = false_redis_new(s->clock);
	s->seed = seed;
	for (int i = 0; i < NODES; i++) {
		s->lines[i] = torn_new(
		    s->clock, false_redis_store(s->redis), &s->seed);
		s->nodes[i] = quick_new(torn_store(s->lines[i]));
	}
	return s;
}

static void
end(struct scene *s)
{
	for (int i = 0; i < NODES; i++) {
		quick_free(s->nodes[i]);
		torn_free(s->lines[i]);
	}
	false_redis_free(s->redis);
	clock_free(s->clock);
	arena_release(s->arena);
}

static void
command(struct scene *s, const char *const *words)
{
	false_redis_command(s->redis, s->arena, words);
}

#define COMMAND(s, ...) command(s, (const char *const[]){ __VA_ARGS__, NULL })

static void
answered(struct ticket *t, const struct answer *a)
{
	struct scene *s = ((struct try *)t)->scene;
	const char *said = a->values[0].text;

	assert_int_equal(a->state, KNOWN);
	s->said++;
	if (s->never)
		assert_int_not_equal(
		    strncmp(said, s->never, strlen(s->never)), 0);
	if (s->always)
		assert_int_equal(
		    strncmp(said, s->always, strlen(s->always)), 0);
}

static void
try(struct scene *s, unsigned round, unsigned who)
{
	const int64_t now = clock_unix(s->clock);
	struct question *q = question_new(s->arena, &script_greylist, 2);
	struct try *t = arena_alloc(s->arena, sizeof(*t));

	*t = (struct try){ { answered }, s };
	q->keys = 1;
	q->count = 2;
	q->words[0].text = arena_printf(
	    s->arena, "p:grey:{net%u}:%u", round, who);
	q->words[1].text = arena_printf(s->arena,
	    "last=%010" PRId64 " %010" PRId64 " 0 %04d %05d %07d 00 %08d %08d "
	    "%d",
	    now - HOUR + 1, now, 3, DELAY, LIMIT, 36 * DAY, 36 * DAY, DAY);
	for (int i = 0; i < 2; i++)
		q->words[i].size = strlen(q->words[i].text);
	s->asked++;
	store_ask(
	    quick_store(s->nodes[torn_dice(&s->seed, NODES)]), q, &t->ticket);
}

/* Many at about the same time. */
static void
rush(struct scene *s, unsigned round)
{
	for (int i = 0; i < TRIES; i++) {
		try(s, round,
		    i < NAMES ? (unsigned)i : torn_dice(&s->seed, NAMES));
		clock_turn(s->clock, torn_dice(&s->seed, 4));
	}
	clock_turn(s->clock, 1000);
	assert_int_equal(s->asked, s->said);
}

static void
know(struct scene *s, unsigned round, const char *what)
{
	COMMAND(s, "SET", arena_printf(s->arena, "p:known:{net%u}", round),
	    what, "EX", "86400");
}

static void
count(void *data, const char *key)
{
	struct scene *s = data;

	s->records += strncmp(key, "p:grey:", 7) == 0;
}

static unsigned
records(struct scene *s)
{
	s->records = 0;
	false_redis_keys(s->redis, count, s);
	return s->records;
}

static void
each(void (*story)(struct scene *))
{
	const unsigned first = chance_seed();

	for (unsigned i = 0; i < chance_stories(1); i++) {
		struct scene *s = begin(first + i);

		story(s);
		end(s);
	}
}

static void
who_has_waited_passes(struct scene *s, const char *past)
{
	for (unsigned round = 0; round < ROUNDS; round++) {
		if (past)
			know(s, round, past);
		s->never = "passed";
		rush(s, round);
		clock_turn(s->clock, DELAY * 1000);
		s->never = NULL;
		s->always = "passed";
		for (unsigned who = 0; who < NAMES; who++)
			try(s, round, who);
		clock_turn(s->clock, 1000);
		assert_int_equal(s->asked, s->said);
		s->always = NULL;
	}
}

static void
without_a_past(struct scene *s)
{
	who_has_waited_passes(s, NULL);
}

/* A record is taken back then, and written by the script. */
static void
with_a_past(struct scene *s)
{
	who_has_waited_passes(s, "last=1732190000 passes=0 since=1732100000");
}

static void
known(struct scene *s)
{
	s->always = "known";
	for (unsigned round = 0; round < ROUNDS; round++) {
		know(s, round,
		    round % 2 ? "last=1732190000 passes=3 since=1732100000"
			      : "last=1732180000 passes=3 since=1732100000");
		rush(s, round);
	}
	assert_int_equal(records(s), 0);
}

static void
above_the_limit(struct scene *s)
{
	s->never = "new";
	for (unsigned round = 0; round < ROUNDS; round++) {
		know(s, round, "fresh=5 hour=1732190400");
		rush(s, round);
	}
	assert_int_equal(records(s), 0);
}

static void
strangers_wait_as_long_as_they_were_told(void **state)
{
	(void)state;
	each(without_a_past);
}

static void
nor_longer_where_the_identity_has_a_past(void **state)
{
	(void)state;
	each(with_a_past);
}

static void
known_identities_leave_no_records(void **state)
{
	(void)state;
	each(known);
}

static void
nor_do_those_above_the_limit(void **state)
{
	(void)state;
	each(above_the_limit);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, strangers_wait_as_long_as_they_were_told);
	SUITE_TEST(&s, nor_longer_where_the_identity_has_a_past);
	SUITE_TEST(&s, known_identities_leave_no_records);
	SUITE_TEST(&s, nor_do_those_above_the_limit);
	return suite_run(&s, "quick_torn");
}
