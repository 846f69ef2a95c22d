/*
 * false_lua - redis.call() and its relatives
 */
#include "kit/false_lua.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "kit/false_keys.h"

enum { CALL_WORDS = 512 };

struct false_lua {
	lua_State *lua;
	struct keys *keys;
	unsigned calls;
	char log[512];

	/* Of the script that runs. */
	struct arena *arena;
	const struct question *question;
	int64_t now_ms;
	const char *refusal;
};

static struct false_lua *
self(lua_State *lua)
{
	return lua_touserdata(lua, lua_upvalueindex(1));
}

/* Redis to Lua. */

static void
push_field(lua_State *lua, const char *name, struct word text)
{
	lua_createtable(lua, 0, 1);
	lua_pushlstring(lua, text.text, text.size);
	lua_setfield(lua, -2, name);
}

static void
push(lua_State *lua, const struct resp *r)
{
	switch (r->kind) {
	case RESP_NIL:
		lua_pushboolean(lua, 0);
		break;
	case RESP_STATUS:
		push_field(lua, "ok", r->text);
		break;
	case RESP_ERROR:
		push_field(lua, "err", r->text);
		break;
	case RESP_INTEGER:
		lua_pushnumber(lua, (lua_Number)r->number);
		break;
	case RESP_STRING:
		lua_pushlstring(lua, r->text.text, r->text.size);
		break;
	case RESP_ARRAY:
		lua_createtable(lua, (int)r->count, 0);
		for (size_t i = 0; i < r->count; i++) {
			push(lua, &r->items[i]);
			lua_rawseti(lua, -2, (int)i + 1);
		}
		break;
	}
}

/* Lua to Redis. */

static struct word
text_at(struct arena *a, lua_State *lua, int at)
{
	size_t size;
	const char *text;

	lua_pushvalue(lua, at); /* lua_tolstring() changes numbers in place */
	text = lua_tolstring(lua, -1, &size);
	text = arena_memdup(a, text ? text : "", size);
	lua_pop(lua, 1);
	return (struct word){ text, size };
}

static bool
field_at(struct arena *a, lua_State *lua, int at, const char *name,
    struct word *text)
{
	bool there;

	lua_getfield(lua, at, name);
	there = lua_isstring(lua, -1);
	if (there)
		*text = text_at(a, lua, -1);
	lua_pop(lua, 1);
	return there;
}

static struct resp pull(struct arena *a, lua_State *lua, int at);

/* Up to the first nil, as Redis has it. */
static struct resp
pull_array(struct arena *a, lua_State *lua, int at)
{
	const size_t room = lua_objlen(lua, at);
	struct resp list = { RESP_ARRAY,
		.items = arena_alloc(a, (room + 1) * sizeof(list)) };

	while (list.count < room) {
		lua_rawgeti(lua, at, (int)list.count + 1);
		if (lua_isnil(lua, -1)) {
			lua_pop(lua, 1);
			break;
		}
		list.items[list.count++] = pull(a, lua, lua_gettop(lua));
		lua_pop(lua, 1);
	}
	return list;
}

static struct resp
pull(struct arena *a, lua_State *lua, int at)
{
	struct resp r = { RESP_NIL };

	switch (lua_type(lua, at)) {
	case LUA_TSTRING:
		return (struct resp){ RESP_STRING, text_at(a, lua, at) };
	case LUA_TNUMBER:
		return (struct resp){ RESP_INTEGER,
			.number = (int64_t)lua_tonumber(lua, at) };
	case LUA_TBOOLEAN:
		if (lua_toboolean(lua, at))
			return (struct resp){ RESP_INTEGER, .number = 1 };
		return r;
	case LUA_TTABLE:
		if (field_at(a, lua, at, "err", &r.text))
			r.kind = RESP_ERROR;
		else if (field_at(a, lua, at, "ok", &r.text))
			r.kind = RESP_STATUS;
		else
			r = pull_array(a, lua, at);
		return r;
	default:
		return r;
	}
}

/* The library `redis`. */

/* Redis writes whole numbers without a fraction, whatever their size. */
static struct word
argument(struct arena *a, lua_State *lua, int at)
{
	const char *text;
	lua_Number n;

	if (lua_type(lua, at) != LUA_TNUMBER)
		return text_at(a, lua, at);
	n = lua_tonumber(lua, at);
	text = n == floor(n) && fabs(n) < 1e15
	    ? arena_printf(a, "%lld", (long long)n)
	    : arena_printf(a, "%.17g", n);
	return (struct word){ text, strlen(text) };
}

static struct resp
error(const char *text)
{
	return (struct resp){ RESP_ERROR, .text = { text, strlen(text) } };
}

/* What chooses its place in a cluster: what is in braces, else all. */
static struct word
tag_of(struct word key)
{
	const char *end = key.text + key.size;
	const char *from = memchr(key.text, '{', key.size);
	const char *to = from ? memchr(from, '}', (size_t)(end - from)) : NULL;

	if (!to || to == from + 1)
		return key;
	return (struct word){ from + 1, (size_t)(to - from - 1) };
}

/* A cluster lets a script have the keys that are where the declared ones are.
 */
static bool
may_have(const struct question *q, struct word key)
{
	for (unsigned i = 0; i < q->keys; i++)
		if (word_equal(tag_of(q->words[i]), tag_of(key)))
			return true;
	return false;
}

static struct resp
run_command(struct false_lua *l, lua_State *lua)
{
	const int count = lua_gettop(lua);
	struct word words[CALL_WORDS];
	size_t keys;

	l->calls++;
	if (count == 0 || count > CALL_WORDS)
		return error("ERR Please specify at least one argument for "
			     "this redis.call() call");
	for (int i = 0; i < count; i++) {
		if (!lua_isstring(lua, i + 1))
			return error("ERR Lua redis lib command arguments must "
				     "be strings or integers");
		words[i] = argument(l->arena, lua, i + 1);
	}
	keys = command_keys(words, (size_t)count);
	for (size_t i = 1; i <= keys; i++)
		if (!may_have(l->question, words[i]))
			return error("ERR Script attempted to access a key of "
				     "another slot");
	return command_run(
	    l->keys, l->arena, l->now_ms, l->refusal, words, (size_t)count);
}

static int
redis_pcall(lua_State *lua)
{
	const struct resp r = run_command(self(lua), lua);

	push(lua, &r);
	return 1;
}

static int
redis_call(lua_State *lua)
{
	const struct resp r = run_command(self(lua), lua);

	push(lua, &r);
	return r.kind == RESP_ERROR ? lua_error(lua) : 1;
}

static int
redis_reply(lua_State *lua)
{
	size_t size;
	const char *text = luaL_checklstring(lua, 1, &size);

	push_field(lua, lua_tostring(lua, lua_upvalueindex(1)),
	    (struct word){ text, size });
	return 1;
}

static int
redis_log(lua_State *lua)
{
	struct false_lua *l = self(lua);

	snprintf(l->log, sizeof(l->log), "%s", luaL_checkstring(lua, 2));
	return 0;
}

/* A global in a script would outlive it; Redis refuses them. */
static int
no_globals(lua_State *lua)
{
	return luaL_error(lua,
	    "Script attempted to access nonexistent global variable '%s'",
	    lua_tostring(lua, 2));
}

static void
open_library(struct false_lua *l)
{
	static const struct {
		const char *name;
		lua_CFunction function;
	} functions[] = {
		{ "call", redis_call },
		{ "pcall", redis_pcall },
		{ "log", redis_log },
	};
	static const char *const levels[] = { "LOG_DEBUG", "LOG_VERBOSE",
		"LOG_NOTICE", "LOG_WARNING" };
	lua_State *lua = l->lua;

	lua_newtable(lua);
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		lua_pushlightuserdata(lua, l);
		lua_pushcclosure(lua, functions[i].function, 1);
		lua_setfield(lua, -2, functions[i].name);
	}
	for (int i = 0; i < 4; i++) {
		lua_pushinteger(lua, i);
		lua_setfield(lua, -2, levels[i]);
	}
	lua_pushliteral(lua, "err");
	lua_pushcclosure(lua, redis_reply, 1);
	lua_setfield(lua, -2, "error_reply");
	lua_pushliteral(lua, "ok");
	lua_pushcclosure(lua, redis_reply, 1);
	lua_setfield(lua, -2, "status_reply");
	lua_setglobal(lua, "redis");
}

static void
close_globals(lua_State *lua)
{
	lua_newtable(lua);
	lua_pushcfunction(lua, no_globals);
	lua_setfield(lua, -2, "__index");
	lua_pushcfunction(lua, no_globals);
	lua_setfield(lua, -2, "__newindex");
	lua_setmetatable(lua, LUA_GLOBALSINDEX);
}

struct false_lua *
false_lua_new(struct keys *keys)
{
	struct false_lua *l = xcalloc(1, sizeof(*l));

	l->keys = keys;
	l->lua = luaL_newstate();
	luaL_openlibs(l->lua);
	open_library(l);
	close_globals(l->lua);
	return l;
}

void
false_lua_free(struct false_lua *l)
{
	if (!l)
		return;
	lua_close(l->lua);
	free(l);
}

static void
set_words(
    lua_State *lua, const char *name, const struct word *words, size_t count)
{
	lua_pushstring(lua, name);
	lua_createtable(lua, (int)count, 0);
	for (size_t i = 0; i < count; i++) {
		lua_pushlstring(lua, words[i].text, words[i].size);
		lua_rawseti(lua, -2, (int)i + 1);
	}
	lua_rawset(lua, LUA_GLOBALSINDEX);
}

/* An error that is no table is one of Lua itself. */
static struct resp
script_error(struct false_lua *l)
{
	struct resp r = pull(l->arena, l->lua, lua_gettop(l->lua));
	const char *text;

	if (r.kind == RESP_ERROR)
		return r;
	text = arena_printf(l->arena, "ERR %s", r.text.text);
	return error(text);
}

/* Pushes the compiled script, or an error. As Redis does, it is compiled once.
 */
static bool
push_script(lua_State *lua, const struct script *script)
{
	lua_pushstring(lua, script->source);
	lua_rawget(lua, LUA_REGISTRYINDEX);
	if (lua_isfunction(lua, -1))
		return true;
	lua_pop(lua, 1);
	if (luaL_loadbuffer(
		lua, script->source, strlen(script->source), script->name))
		return false;
	lua_pushstring(lua, script->source);
	lua_pushvalue(lua, -2);
	lua_rawset(lua, LUA_REGISTRYINDEX);
	return true;
}

struct resp
false_lua_run(struct false_lua *l, struct arena *a, const struct question *q,
    int64_t now_ms, const char *refusal)
{
	struct resp r;

	l->arena = a;
	l->question = q;
	l->now_ms = now_ms;
	l->refusal = q->read_only
	    ? "ERR Write commands are not allowed from read-only scripts."
	    : refusal;
	set_words(l->lua, "KEYS", q->words, q->keys);
	set_words(l->lua, "ARGV", q->words + q->keys, q->count - q->keys);
	if (!push_script(l->lua, q->script) || lua_pcall(l->lua, 0, 1, 0))
		r = script_error(l);
	else
		r = pull(a, l->lua, lua_gettop(l->lua));
	lua_settop(l->lua, 0);
	return r;
}

unsigned
false_lua_calls(const struct false_lua *l)
{
	return l->calls;
}

const char *
false_lua_log(const struct false_lua *l)
{
	return l->log;
}
