/*
 * play - greylist.lua in a false Redis, on a clock that is turned by hand
 *
 * One server, one identity, and what an administrator has set: 5 minutes, a
 * day, 36 days, 5 passes, 100 strangers an hour. A test changes what it likes
 * and looks at the last answer.
 */
#ifndef KIT_PLAY_H
#define KIT_PLAY_H

#include "kit/false_redis.h"

struct clock;

enum { NEW = 1, EARLY, PASSED, KNOWN_IDENTITY, CAPPED };
enum { MINUTE = 60, HOUR = 3600, DAY = 86400, NOON = 1732190400 };

struct play {
	struct ticket ticket; /* first */
	struct arena *arena;
	struct clock *clock;
	struct false_redis *redis;
	int64_t delay, window, memory, known_after, known_memory, limit;
	int64_t step; /* a stranger counts for so many; 0: not counted */
	bool timeless; /* the caller does not know the server's time */
	bool dry;

	/* The last answer; 0 for what it does not say. */
	unsigned answers;
	enum loss loss;
	int64_t state, wait, tries, passes, replaced;
};

struct play *play_begin(void);
void play_end(struct play *p);

void play_wait(struct play *p, int64_t seconds);

/* `who` is sender and recipient. Returns the state, -1 when lost. */
int64_t play_try(struct play *p, const char *who);

/* A stranger who comes, waits and passes. */
void play_pass(struct play *p, const char *who);

/* As after many passes. */
void play_make_known(struct play *p);

/* redis.call()s that one more try takes. */
unsigned play_calls(struct play *p, const char *who);

/* Runs a command as an administrator would; words end in NULL. */
struct resp play_command(struct play *p, const char *const *words);
#define COMMAND(p, ...)                                                        \
	play_command(p, (const char *const[]){ __VA_ARGS__, NULL })

const char *play_value(struct play *p, const char *key); /* "": none */
int64_t play_ttl(struct play *p, const char *key);

#endif
