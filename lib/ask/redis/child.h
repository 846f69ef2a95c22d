/*
 * child - a redis-server of our own
 *
 * For one policyd on one host, without any set-up: on a unix socket in the
 * state directory (look with redis-cli -s), append-only file synced every
 * second, never evicting. It is started again when it ends, and ends with us,
 * however we end; what it knew is there again the next time.
 */
#ifndef ASK_REDIS_CHILD_H
#define ASK_REDIS_CHILD_H

#include <stdint.h>
#include <uv.h>

struct child;
struct clock;

/* NULL, and logged, when it cannot be: no redis-server, the directory in use
 * by another policyd. */
struct child *child_open(uv_loop_t *loop, struct clock *clock,
    const char *directory, int64_t memory);

/* For the next start: the running one is told by others. */
void child_resize(struct child *c, int64_t memory);

/* Ends it as SHUTDOWN does (SIGTERM; SIGKILL after ten seconds). `closed` is
 * told when it is gone, never from inside this. */
void child_close(struct child *c, void (*closed)(void *data), void *data);

#endif
