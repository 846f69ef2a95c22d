/*
 * false_lua - runs the Lua of our scripts, as Redis would
 *
 * The interpreter is the one in Redis (5.1). What Redis would refuse only in a
 * cluster is refused here too: a key that is not among KEYS.
 */
#ifndef KIT_FALSE_LUA_H
#define KIT_FALSE_LUA_H

#include "kit/false_commands.h"

struct false_lua;

struct false_lua *false_lua_new(struct keys *keys);
void false_lua_free(struct false_lua *l);

/* Runs it at that time. `refusal`: the error with which writes end, or NULL.
 * The reply is the arena's. */
struct resp false_lua_run(struct false_lua *l, struct arena *a,
    const struct question *q, int64_t now_ms, const char *refusal);

/* How often a script has called redis.call() or redis.pcall(). */
unsigned false_lua_calls(const struct false_lua *l);

/* The last line a script gave to redis.log(), "" when there is none. */
const char *false_lua_log(const struct false_lua *l);

#endif
