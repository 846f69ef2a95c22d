/*
 * real_redis - a redis-server of the test's own
 *
 * On a unix socket in a directory of its own, which goes with it. It dies with
 * the test.
 */
#ifndef KIT_REAL_REDIS_H
#define KIT_REAL_REDIS_H

#include <stdbool.h>
#include <sys/types.h>

struct real_redis {
	char directory[64];
	char socket[96];
	char server[104]; /* "unix:SOCKET", for the configuration */
	pid_t pid; /* 0: not running */
};

/* Makes the directory. False: there is no redis-server here, skip the test. */
bool real_redis_init(struct real_redis *r);

/* Starts it with these options more (NULL-terminated, or NULL), and waits
 * until it answers. What it kept is there again. */
void real_redis_start(struct real_redis *r, const char *const *options);

void real_redis_signal(const struct real_redis *r, int signal);

/* SIGKILL, and waits for its end. */
void real_redis_kill(struct real_redis *r);

/* Kills it if it runs and removes the directory. */
void real_redis_clear(struct real_redis *r);

/* One command line, answered; the reply in a static text ("OK", "3", an
 * error, or the last element). For setting the scene. */
const char *real_redis_do(const struct real_redis *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
