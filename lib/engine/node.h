/*
 * node - policyd's own record in Redis
 *
 * Each policyd keeps a hash `policyd:node:{HOST/PID}` alive, so that any node
 * of the cluster can list all of them, and redis-cli too. It ends by itself
 * soon after its writer.
 */
#ifndef ENGINE_NODE_H
#define ENGINE_NODE_H

#include "ask/ask.h"

enum { NODE_EVERY_MS = 10000, NODE_TTL = 30 /* seconds */ };

struct node_field {
	const char *name, *value;
};

extern const struct script script_node;

/* Writes the record; a lost answer is no loss, the next one follows. At most
 * (QUESTION_WORDS - 2) / 2 fields. */
void node_publish(struct store *store, const char *prefix, const char *name,
    const struct node_field *fields, size_t count);

#endif
