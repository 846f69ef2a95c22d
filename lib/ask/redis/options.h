/*
 * options - what the door to Redis keeps of the configuration
 */
#ifndef ASK_REDIS_OPTIONS_H
#define ASK_REDIS_OPTIONS_H

#include <stdbool.h>

#include "conf/conf.h"

struct arena;

struct options {
	struct conf_redis redis;
	const char *prefix;
	const char *state_directory;
};

/* A copy in `a`; texts are never NULL. */
struct options *options_copy(struct arena *a, const struct conf *conf);

/* The same servers under the same name. Deadlines, limits and the prefix may
 * differ: they can be changed while the door is open. */
bool options_same(const struct options *a, const struct options *b);

#endif
