/*
 * fork - one store for two doors
 *
 * Questions with a script go to Redis, those without one to the DNS. Its own
 * health and time are those of Redis.
 */
#ifndef ASK_FORK_H
#define ASK_FORK_H

#include "ask/ask.h"

/* Embed it. Both must live as long. */
struct fork {
	struct store store;
	struct store *redis, *dns;
};

void fork_init(struct fork *f, struct store *redis, struct store *dns);

#endif
