/*
 * twins - both are asked, one after the other
 */
#include "kit/twins.h"

#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "kit/false_redis.h"
#include "kit/real_redis.h"
#include "kit/suite.h"

enum { SIZE = TWINS_SIZE, TTL_SLACK = 30 };

const char twins_still_clock[] =
    "local server, time = redis, table.remove(ARGV)\n"
    "local redis = setmetatable({ call = function(command, ...)\n"
    "	if command == 'TIME' then return { time, '0' } end\n"
    "	return server.call(command, ...)\n"
    "end }, { __index = server })\n";

const struct script twins_one_command = { "one_command",
	"return redis.pcall(unpack(ARGV))" };

struct twins {
	struct real_redis server;
	redisContext *real;
	struct clock *clock;
	struct false_redis *untrue;
	time_t began;
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
			if (r->elements > 1) /* a list of one is its value */
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

struct twins *
twins_begin(unsigned seed)
{
	struct twins *t = calloc(1, sizeof(*t));

	if (!real_redis_init(&t->server)) {
		free(t);
		skip();
	}
	real_redis_start(&t->server, NULL);
	t->real = redisConnectUnix(t->server.socket);
	assert_int_equal(t->real->err, 0);
	t->clock = clock_new_virtual(TWINS_NOON);
	t->untrue = false_redis_new(t->clock);
	t->ticket.answered = answered;
	t->began = time(NULL);
	t->chance = seed;
	return t;
}

void
twins_end(struct twins *t)
{
	false_redis_free(t->untrue);
	clock_free(t->clock);
	redisFree(t->real);
	real_redis_clear(&t->server);
	free(t);
}

unsigned
twins_dice(struct twins *t, unsigned sides)
{
	t->chance = t->chance * 1103515245 + 12345;
	return (t->chance >> 16) % sides;
}

void
twins_add(struct question *q, const char *word)
{
	q->words[q->count++] = (struct word){ word, strlen(word) };
}

/* In the real one time passes, on a busy machine minutes. */
static void
assert_about_equal(const struct twins *t, const char *what, const char *real,
    const char *untrue)
{
	const time_t slack = TTL_SLACK + time(NULL) - t->began;

	if (strcmp(what, "TTL") == 0 &&
	    labs(atol(real) - atol(untrue)) < slack &&
	    (atol(real) < 0) == (atol(untrue) < 0))
		return;
	if (strcmp(real, untrue) != 0)
		print_error("%s: real '%s', false '%s'\n", what, real, untrue);
	assert_string_equal(real, untrue);
}

const char *
twins_same(struct twins *t, const char *what, const struct question *q)
{
	static char real[SIZE];

	snprintf(real, SIZE, "%s", ask_real(t, q));
	assert_about_equal(t, what, real, ask_false(t, q));
	return real;
}
