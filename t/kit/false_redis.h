/*
 * false_redis - a store without a server, on a clock turned by hand
 *
 * It runs the very scripts that Redis runs. Its answers come from timers of
 * the clock, at the same moment at the earliest, never from inside the asking;
 * and it can be told to be any kind of unwell.
 */
#ifndef KIT_FALSE_REDIS_H
#define KIT_FALSE_REDIS_H

#include "ask/ask.h"
#include "kit/false_commands.h"

struct clock;
struct false_redis;

struct false_redis *false_redis_new(struct clock *clock);

/* Every question must have been answered. */
void false_redis_free(struct false_redis *r);

struct store *false_redis_store(struct false_redis *r);

enum mood {
	MOOD_WELL,
	MOOD_SILENT, /* takes questions and never answers: LOSS_TIMEOUT */
	MOOD_FULL, /* what needs memory ends with OOM */
	MOOD_REPLICA /* reads, but writes end with READONLY */
};
void false_redis_mood(struct false_redis *r, enum mood mood);

/* Every question is lost like this; LOSS_NONE ends it. */
void false_redis_lose(struct false_redis *r, enum loss loss);

/* It was away for a moment, and nobody asked anything meanwhile. */
void false_redis_was_away(struct false_redis *r);

/* Each answer takes this long. One that takes longer than the deadline (500 ms
 * unless set) is LOSS_TIMEOUT, but its script runs all the same. */
void false_redis_delay(struct false_redis *r, uint64_t ms);
void false_redis_deadline(struct false_redis *r, uint64_t ms);

/* The server's clock, which is ours otherwise, is moved by so much. */
void false_redis_step(struct false_redis *r, int64_t seconds);

/* It tells whoever watches of changes, from now on or no more; that it may be
 * late with them; and of one, of the key of that name (NULL: of all). By itself
 * it tells nothing. */
void false_redis_live(struct false_redis *r, bool live);
void false_redis_late(struct false_redis *r, bool late);
void false_redis_tell(struct false_redis *r, const char *key);

/* Any command; the reply is the arena's. */
struct resp false_redis_command(
    struct false_redis *r, struct arena *a, const char *const *words);

/* Calls `tell` for each key, in the order of their names. */
void false_redis_keys(struct false_redis *r,
    void (*tell)(void *data, const char *key), void *data);

unsigned false_redis_asked(const struct false_redis *r); /* questions */
unsigned false_redis_calls(const struct false_redis *r); /* redis.call()s */
const char *false_redis_log(const struct false_redis *r); /* last redis.log() */

#endif
