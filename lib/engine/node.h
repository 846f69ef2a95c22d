/*
 * node - policyd's own record in Redis, and its place among the others
 *
 * Each policyd keeps a hash `policyd:node:{HOST/PID}` alive, so that any node
 * of the cluster can list all of them, and redis-cli too. It ends by itself
 * soon after its writer. In the sorted set `policyd:nodes` all have an entry,
 * with its end, so that each knows how many they are.
 */
#ifndef ENGINE_NODE_H
#define ENGINE_NODE_H

#include "ask/ask.h"

enum { NODE_EVERY_MS = 10000, NODE_TTL = 30 /* seconds */ };

struct node_field {
	const char *name, *value;
};

extern const struct script *const node_scripts[];

/* Writes the record; a lost answer is no loss, the next one follows. At most
 * QUESTION_WORDS - 2 fields, whose names have no "=". */
void node_publish(struct store *store, const char *prefix, const char *name,
    const struct node_field *fields, size_t count);

/* Is alive for NODE_TTL from now on, or (`leaves`) not any more. `told`, unless
 * it is NULL, is told how many are alive, this one included; not at all when
 * the answer is lost. */
void node_count(struct store *store, const char *prefix, const char *name,
    bool leaves, void (*told)(void *data, unsigned count), void *data);

#endif
