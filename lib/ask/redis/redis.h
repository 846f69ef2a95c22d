/*
 * redis - the door to Redis (or Valkey)
 *
 * One connection, one breaker, one deadline for each question; a second
 * connection while somebody watches what changes there. Everything
 * asked in one turn of the loop leaves in one write. A question is never sent
 * twice when it may have run. Behind the door stands a single server, or a
 * private child of our own; Sentinel and Cluster will stand there too, and no
 * check will see the difference.
 */
#ifndef ASK_REDIS_REDIS_H
#define ASK_REDIS_REDIS_H

#include <uv.h>

#include "ask/ask.h"

struct clock;
struct conf;
struct redis;

/* `scripts` is NULL-terminated; they are loaded on every connect. Copies what
 * it needs of `conf`. Connects by itself, for ever, with backoff. When the
 * configuration names no server and `own_child` is set, a private redis-server
 * is run in conf->state_directory; without it, its socket there is used. NULL
 * when that cannot be (another policyd holds the directory ...), and logged.
 * The program must ignore SIGPIPE: libuv writes to sockets that are gone. */
struct redis *redis_open(uv_loop_t *loop, struct clock *clock,
    const struct conf *conf, const struct script *const *scripts,
    bool own_child);

/* Right after redis_open(), for those who only look: nothing is written that
 * they do not write themselves. */
void redis_only_look(struct redis *r);

struct store *redis_store(struct redis *r);

/* True when `conf` would open the same door: a reload keeps `r`, and with
 * redis_tune() gives it the new deadlines, limits and prefix. */
bool redis_same(const struct redis *r, const struct conf *conf);
void redis_tune(struct redis *r, const struct conf *conf);

/* Any command, for policyctl: words, and the reply as it came (hiredis'
 * redisReply, NULL when lost). Told exactly once, as for questions. */
struct redisReply;
typedef void redis_replied(
    void *data, const struct redisReply *reply, enum loss loss);
void redis_command(struct redis *r, const struct word *words, size_t count,
    redis_replied *done, void *data);

/* Answers everything still open with LOST, closes its handles and ends the
 * child (as SHUTDOWN does; after 1 s by force). `closed` is told when all is
 * gone; `r` must not be used after the call. */
void redis_close(struct redis *r, void (*closed)(void *data), void *data);

#endif
