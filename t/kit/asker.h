/*
 * asker - a loop, a door to Redis, and questions that are counted
 *
 * Each question carries a number through a script that gives it back, so that
 * an answer to another one's question would be seen.
 */
#ifndef KIT_ASKER_H
#define KIT_ASKER_H

#include <stdbool.h>
#include <uv.h>

#include "ask/ask.h"
#include "ask/redis/redis.h"
#include "conf/conf.h"

struct clock;
struct ticker;

struct asker {
	uv_loop_t loop;
	struct clock *clock;
	struct ticker *ticker;
	struct redis *redis;
	struct conf conf;
	const char *server;
	bool closed;
	char log[16 * 1024]; /* all lines, each with its end */

	unsigned asked, known, lost[LOSS_COUNT];
	unsigned pending;
	unsigned crossed; /* answered with another one's number */
	unsigned twice;
	uint64_t slowest_ms;
};

/* Gives back ARGV[1] and counts in KEYS[1]. */
extern const struct script asker_script;

/* The loop, and defaults in `conf`: deadline 500 ms, connect 1 s. */
void asker_init(struct asker *a, const char *server);

/* Opens the door; `scripts` NULL: asker_script alone. */
void asker_open(
    struct asker *a, const struct script *const *scripts, bool own_child);

/* One question of asker_script, counted; or this one, whose answer may be any.
 */
void asker_ask(struct asker *a);
void asker_ask_this(struct asker *a, const struct question *q);

/* One of any script, with its answer's last value (of a text, "" when lost)
 * copied to a static text, when it has come. */
enum loss asker_do(
    struct asker *a, const struct question *q, const char **text);

/* Turns the loop until all questions are told / the state is this / `ms` have
 * passed. False: it was not so within 20 s. */
bool asker_settle(struct asker *a);
bool asker_until(struct asker *a, const char *state);
void asker_run(struct asker *a, unsigned ms);

const char *asker_state(struct asker *a);

/* How often `text` stands in the log. */
unsigned asker_logged(const struct asker *a, const char *text);

/* Closes the door; then everything. */
void asker_close(struct asker *a);
void asker_clear(struct asker *a);

#endif
