/*
 * false_commands - what the false Redis understands
 *
 * As much of Redis 7 as our scripts use, on a time that is handed in. Errors
 * are worded as Redis words them, as far as anybody reads them.
 */
#ifndef KIT_FALSE_COMMANDS_H
#define KIT_FALSE_COMMANDS_H

#include "ask/ask.h"

struct arena;
struct keys;

/* A reply, of the types that RESP2 has. */
struct resp {
	enum {
		RESP_NIL,
		RESP_STATUS,
		RESP_ERROR,
		RESP_INTEGER,
		RESP_STRING,
		RESP_ARRAY
	} kind;
	struct word text; /* of a status, an error, a string */
	int64_t number;
	struct resp *items;
	size_t count;
};

/* Runs one command. `refusal`: the error with which commands that write end, or
 * with OOM those that need memory, NULL when they may. The reply is the
 * arena's. */
struct resp command_run(struct keys *k, struct arena *a, int64_t now_ms,
    const char *refusal, const struct word *words, size_t count);

/* How many of the words behind the command's name are names of keys. */
size_t command_keys(const struct word *words, size_t count);

#endif
