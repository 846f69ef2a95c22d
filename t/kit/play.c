/*
 * play - asking as the check asks
 */
#include "kit/play.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "kit/suite.h"

extern const struct script script_greylist;

static const char *const states[] = { [NEW] = "new",
	[EARLY] = "early",
	[PASSED] = "passed",
	[KNOWN_IDENTITY] = "known",
	[CAPPED] = "capped" };

static void
answered(struct ticket *t, const struct answer *a)
{
	struct play *p = (struct play *)t;
	char state[16];

	p->answers++;
	p->loss = a->loss;
	p->state = -1;
	p->wait = p->tries = p->passes = p->replaced = 0;
	if (a->state != KNOWN)
		return;
	assert_int_equal(a->count, 1);
	assert_non_null(a->values[0].text);
	sscanf(a->values[0].text,
	    "%15s %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64, state,
	    &p->passes, &p->replaced, &p->wait, &p->tries);
	for (int i = NEW; i <= CAPPED; i++)
		if (strcmp(state, states[i]) == 0)
			p->state = i;
	assert_int_not_equal(p->state, -1);
}

struct play *
play_begin(void)
{
	struct arena *a = arena_new();
	struct play *p = arena_alloc(a, sizeof(*p));

	p->ticket.answered = answered;
	p->arena = a;
	p->clock = clock_new_virtual(NOON);
	p->redis = false_redis_new(p->clock);
	p->delay = 5 * MINUTE;
	p->window = DAY;
	p->memory = 36 * DAY;
	p->known_after = 5;
	p->known_memory = 36 * DAY;
	p->limit = 100;
	p->step = 1;
	return p;
}

void
play_end(struct play *p)
{
	false_redis_free(p->redis);
	clock_free(p->clock);
	arena_release(p->arena);
}

void
play_wait(struct play *p, int64_t seconds)
{
	clock_turn(p->clock, (uint64_t)(1000 * seconds));
}

int64_t
play_try(struct play *p, const char *who)
{
	const int64_t now = p->timeless
	    ? 0
	    : store_time(false_redis_store(p->redis));
	const bool look = p->timeless || p->memory < 2 * HOUR ||
	    p->known_memory < 2 * HOUR;
	const int how = p->dry ? 2
	    : p->delay == 0    ? 3
			       : p->limit > 0 && p->step > 0;
	const char *words[] = {
		arena_printf(p->arena, "grey:{net}:%s", who),
		arena_printf(p->arena,
		    "last=%010" PRId64 " %010" PRId64 " %d %04" PRId64
		    " %05" PRId64 " %07" PRId64 " %02" PRId64 " %08" PRId64
		    " %08" PRId64 " %" PRId64,
		    look ? 9999999999 : now - HOUR + 1, now, how,
		    p->known_after ? p->known_after : 9999, p->delay, p->limit,
		    p->step, p->memory, p->known_memory, p->window),
	};
	struct question q = { &script_greylist, p->dry, .keys = 1, .count = 2 };
	const unsigned before = p->answers;

	for (unsigned i = 0; i < q.count; i++)
		q.words[i] = (struct word){ words[i], strlen(words[i]) };
	store_ask(false_redis_store(p->redis), &q, &p->ticket);
	clock_turn(p->clock, 0);
	assert_int_equal(p->answers, before + 1);
	return p->state;
}

unsigned
play_calls(struct play *p, const char *who)
{
	const unsigned before = false_redis_calls(p->redis);

	play_try(p, who);
	return false_redis_calls(p->redis) - before;
}

struct resp
play_command(struct play *p, const char *const *words)
{
	return false_redis_command(p->redis, p->arena, words);
}

const char *
play_value(struct play *p, const char *key)
{
	const struct resp r = COMMAND(p, "GET", key);

	return r.kind == RESP_STRING ? r.text.text : "";
}

int64_t
play_ttl(struct play *p, const char *key)
{
	return COMMAND(p, "TTL", key).number;
}

void
play_pass(struct play *p, const char *who)
{
	assert_int_equal(play_try(p, who), NEW);
	play_wait(p, p->delay);
	assert_int_equal(play_try(p, who), PASSED);
}

void
play_make_known(struct play *p)
{
	COMMAND(p, "SET", "known:{net}",
	    arena_printf(p->arena, "last=%d passes=5 since=%d", NOON, NOON),
	    "EX", "3110400");
}
