/*
 * fork - one store for all doors
 *
 * Questions with a script go to Redis, those without one to the DNS; those of a
 * list's zone go to what stands in front of it for them, if anything does. Its
 * own health and time are those of Redis.
 */
#ifndef ASK_FORK_H
#define ASK_FORK_H

#include "ask/ask.h"

/* Embed it. Each must live as long. */
struct fork {
	struct store store;
	struct store *redis, *dns;
	struct store *zones; /* NULL: the DNS, too; may be set at any time */
};

void fork_init(struct fork *f, struct store *redis, struct store *dns);

#endif
