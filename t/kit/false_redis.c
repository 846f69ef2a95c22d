/*
 * false_redis - moods, delays, and Redis' words for what went wrong
 */
#include "kit/false_redis.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "kit/false_keys.h"
#include "kit/false_lua.h"

enum { DEADLINE_MS = 500 };

struct false_redis {
	struct store store;
	struct clock *clock;
	struct keys keys;
	struct watch *watch;
	struct false_lua *lua;
	enum mood mood;
	enum loss loss;
	uint64_t delay_ms, deadline_ms;
	int64_t step_ms;
	int64_t unix_ms; /* when the clock showed `began_ms` */
	uint64_t began_ms;
	unsigned asked, open, absences;
	struct pending *first;
};

/* A question on its way. Its words are the asker's until it was answered, and
 * ours for a script that runs later than that. */
struct pending {
	struct timer runs, gives_up;
	struct false_redis *redis;
	struct pending *next;
	struct arena *arena;
	struct ticket *ticket; /* NULL: was answered */
	struct question question;
};

static int64_t
now_ms(const struct false_redis *r)
{
	return r->unix_ms + (int64_t)(clock_ms(r->clock) - r->began_ms) +
	    r->step_ms;
}

static void
forget(struct pending *p)
{
	struct pending **at = &p->redis->first;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	timer_stop(&p->runs);
	timer_stop(&p->gives_up);
	arena_release(p->arena);
	free(p);
}

static void
answer(struct pending *p, const struct answer *a)
{
	struct ticket *t = p->ticket;

	if (!t)
		return;
	p->ticket = NULL;
	p->redis->open--;
	t->answered(t, a);
}

static enum loss
loss_of(struct word error)
{
	static const struct {
		const char *word;
		enum loss loss;
	} words[] = {
		{ "OOM ", LOSS_FULL },
		{ "READONLY ", LOSS_READ_ONLY },
		{ "WRONGTYPE ", LOSS_WRONG_TYPE },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strncmp(error.text, words[i].word, strlen(words[i].word)) ==
		    0)
			return words[i].loss;
	return LOSS_SCRIPT;
}

static bool
read_value(const struct resp *r, struct value *v)
{
	*v = (struct value){ r->text.text, r->text.size, r->number,
		r->kind == RESP_INTEGER };
	return r->kind != RESP_ARRAY && r->kind != RESP_ERROR;
}

static struct answer
read_answer(const struct resp *r)
{
	const struct resp *items = r->kind == RESP_ARRAY ? r->items : r;
	const size_t count = r->kind == RESP_ARRAY ? r->count : 1;
	struct answer a = { .state = LOST };

	if (r->kind == RESP_ERROR) {
		a.loss = loss_of(r->text);
		return a;
	}
	for (size_t i = 0; i < count; i++)
		if (i == ANSWER_VALUES ||
		    !read_value(&items[i], &a.values[i])) {
			a.loss = LOSS_SHAPE;
			return a;
		}
	a.count = (unsigned)count;
	a.state = KNOWN;
	return a;
}

static void
read_plain_value(const struct resp *r, struct value *v)
{
	if (r->kind == RESP_ERROR)
		*v = (struct value){ .loss = loss_of(r->text) };
	else if (!read_value(r, v))
		*v = (struct value){ .loss = LOSS_SHAPE };
}

static const char *
refusal(const struct false_redis *r)
{
	switch (r->mood) {
	case MOOD_FULL:
		return "OOM command not allowed when used memory > "
		       "'maxmemory'.";
	case MOOD_REPLICA:
		return "READONLY You can't write against a read only replica.";
	default:
		return NULL;
	}
}

static struct answer
run_commands(struct pending *p)
{
	const struct question *q = &p->question;
	struct false_redis *r = p->redis;
	struct answer a = { .state = KNOWN };

	for (unsigned i = 0, end; i < q->count; i = end + 1) {
		struct resp reply;

		for (end = i; end < q->count && q->words[end].text;)
			end++;
		reply = command_run(&r->keys, p->arena, now_ms(r), refusal(r),
		    &q->words[i], end - i);
		assert(a.count < ANSWER_VALUES);
		read_plain_value(&reply, &a.values[a.count++]);
	}
	return a;
}

/* Questions of one connection run in their order, but of timers that are due at
 * the same moment any may fire first. */
static struct pending *
whose_turn(struct pending *p)
{
	const uint64_t now = clock_ms(p->redis->clock);
	struct pending *oldest = p;

	for (struct pending *o = p->next; o; o = o->next)
		if (timer_running(&o->runs) && o->runs.due <= now)
			oldest = o;
	if (oldest != p) {
		timer_stop(&oldest->runs);
		timer_start(&p->runs, p->redis->clock, 0);
	}
	return oldest;
}

static void
run(struct timer *t)
{
	struct pending *p = whose_turn(
	    (struct pending *)((char *)t - offsetof(struct pending, runs)));
	struct false_redis *r = p->redis;
	struct answer a = { .state = LOST, .loss = r->loss };
	struct resp reply;

	if (a.loss == LOSS_NONE && p->question.script == &plain_commands) {
		a = run_commands(p);
	} else if (a.loss == LOSS_NONE) {
		reply = false_lua_run(
		    r->lua, p->arena, &p->question, now_ms(r), refusal(r));
		a = read_answer(&reply);
	}
	answer(p, &a);
	forget(p);
}

static void
give_up(struct timer *t)
{
	struct pending *p = (struct pending *)((char *)t -
	    offsetof(struct pending, gives_up));
	const struct answer a = { .state = LOST, .loss = LOSS_TIMEOUT };

	answer(p, &a);
	if (!timer_running(&p->runs))
		forget(p);
}

/* The slot of a cluster is chosen by what stands between the first braces. */
static struct word
tag(struct word key)
{
	const char *open = memchr(key.text, '{', key.size), *close;

	if (!open)
		return key;
	open++;
	close = memchr(open, '}', key.size - (size_t)(open - key.text));
	assert(close != NULL && close > open);
	return (struct word){ open, (size_t)(close - open) };
}

/* Milliseconds until the next one runs: not before those that were asked. */
static uint64_t
delay(const struct false_redis *r)
{
	uint64_t due = clock_ms(r->clock) + r->delay_ms;

	for (const struct pending *p = r->first; p; p = p->next)
		if (timer_running(&p->runs) && p->runs.due > due)
			due = p->runs.due;
	return due - clock_ms(r->clock);
}

static void
ask(struct store *s, const struct question *q, struct ticket *t)
{
	struct false_redis *r = (struct false_redis *)s;
	struct pending *p = xcalloc(1, sizeof(*p));

	p->runs.fire = run;
	p->gives_up.fire = give_up;
	p->redis = r;
	p->arena = arena_new();
	p->ticket = t;
	memcpy(&p->question, q,
	    offsetof(struct question, words) + q->count * sizeof(q->words[0]));
	for (unsigned i = 0; i < q->count; i++)
		if (q->words[i].text)
			p->question.words[i].text = arena_memdup(
			    p->arena, q->words[i].text, q->words[i].size);
	/* Limits of several owners hold together, and many settle at once. */
	for (unsigned i = 1; i < q->keys; i++)
		assert(strcmp(q->script->name, "rate") == 0 ||
		    strcmp(q->script->name, "charge") == 0 ||
		    strcmp(q->script->name, "settle") == 0 ||
		    strcmp(q->script->name, "reap") == 0 ||
		    word_equal(tag(q->words[0]), tag(q->words[i])));
	r->asked++;
	r->open++;
	if (r->mood != MOOD_SILENT)
		timer_start(&p->runs, r->clock, delay(r));
	p->next = r->first;
	r->first = p;
	if (r->mood == MOOD_SILENT ||
	    p->runs.due > clock_ms(r->clock) + r->deadline_ms)
		timer_start(&p->gives_up, r->clock, r->deadline_ms);
}

static void
health(const struct store *s, struct store_health *h)
{
	const struct false_redis *r = (const struct false_redis *)s;

	*h = (struct store_health){ .state = "ready",
		.where = "nowhere",
		.error = "",
		.asked = r->asked,
		.in_flight = r->open };
}

static void
watch(struct store *s, struct watch *w)
{
	((struct false_redis *)s)->watch = w;
}

static unsigned
absences(const struct store *s)
{
	return ((const struct false_redis *)s)->absences;
}

static int64_t
server_time(const struct store *s)
{
	return now_ms((const struct false_redis *)s) / 1000;
}

struct false_redis *
false_redis_new(struct clock *clock)
{
	struct false_redis *r = xcalloc(1, sizeof(*r));

	r->store = (struct store){ .ask = ask,
		.health = health,
		.time = server_time,
		.absences = absences,
		.watch = watch };
	r->clock = clock;
	r->lua = false_lua_new(&r->keys);
	r->deadline_ms = DEADLINE_MS;
	r->began_ms = clock_ms(clock);
	r->unix_ms = 1000 * clock_unix(clock);
	return r;
}

void
false_redis_free(struct false_redis *r)
{
	if (!r)
		return;
	assert(r->open == 0);
	while (r->first)
		forget(r->first);
	false_lua_free(r->lua);
	keys_clear(&r->keys);
	free(r);
}

struct store *
false_redis_store(struct false_redis *r)
{
	return &r->store;
}

void
false_redis_mood(struct false_redis *r, enum mood mood)
{
	r->mood = mood;
}

void
false_redis_lose(struct false_redis *r, enum loss loss)
{
	r->loss = loss;
}

void
false_redis_was_away(struct false_redis *r)
{
	r->absences++;
}

void
false_redis_delay(struct false_redis *r, uint64_t ms)
{
	r->delay_ms = ms;
}

void
false_redis_deadline(struct false_redis *r, uint64_t ms)
{
	r->deadline_ms = ms;
}

void
false_redis_step(struct false_redis *r, int64_t seconds)
{
	r->step_ms += 1000 * seconds;
}

void
false_redis_live(struct false_redis *r, bool live)
{
	if (r->watch)
		r->watch->live(r->watch, live);
}

void
false_redis_late(struct false_redis *r, bool late)
{
	if (r->watch)
		r->watch->late(r->watch, late);
}

void
false_redis_tell(struct false_redis *r, const char *key)
{
	if (r->watch)
		r->watch->changed(
		    r->watch, (struct word){ key, key ? strlen(key) : 0 });
}

struct resp
false_redis_command(
    struct false_redis *r, struct arena *a, const char *const *words)
{
	struct word list[32];
	size_t count = 0;

	for (; words[count]; count++)
		list[count] = (struct word){ words[count],
			strlen(words[count]) };
	return command_run(&r->keys, a, now_ms(r), NULL, list, count);
}

void
false_redis_keys(struct false_redis *r,
    void (*tell)(void *data, const char *key), void *data)
{
	keys_expire(&r->keys, now_ms(r));
	for (const struct key *k = r->keys.first; k; k = k->next)
		tell(data, k->name.text);
}

unsigned
false_redis_asked(const struct false_redis *r)
{
	return r->asked;
}

unsigned
false_redis_calls(const struct false_redis *r)
{
	return false_lua_calls(r->lua);
}

const char *
false_redis_log(const struct false_redis *r)
{
	return false_lua_log(r->lua);
}
