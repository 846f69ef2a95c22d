/*
 * false_commands - a table of them
 */
#include "kit/false_commands.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "kit/false_keys.h"

/* One command under way. */
struct call {
	struct keys *keys;
	struct arena *arena;
	int64_t now_ms;
	const struct word *words;
	size_t count;
};

static const char wrong_type[] =
    "WRONGTYPE Operation against a key holding the wrong kind of value";
static const char no_integer[] = "ERR value is not an integer or out of range";
static const char syntax[] = "ERR syntax error";

static bool
is(struct word w, const char *text)
{
	return strlen(text) == w.size && strncasecmp(w.text, text, w.size) == 0;
}

/* Replies. */

static struct resp
integer(int64_t n)
{
	return (struct resp){ RESP_INTEGER, .number = n };
}

static struct resp
error(const char *text)
{
	return (struct resp){ RESP_ERROR, .text = { text, strlen(text) } };
}

static struct resp
status(const char *text)
{
	return (struct resp){ RESP_STATUS, .text = { text, strlen(text) } };
}

static struct resp
string(const struct call *c, const struct field *f)
{
	if (!f)
		return (struct resp){ RESP_NIL };
	return (struct resp){ RESP_STRING,
		.text = { arena_memdup(c->arena, f->value.text, f->value.size),
		    f->value.size } };
}

static struct resp
array(const struct call *c, size_t room)
{
	return (struct resp){ RESP_ARRAY,
		.items = arena_alloc(
		    c->arena, (room + 1) * sizeof(struct resp)) };
}

static void
push(struct resp *list, struct resp item)
{
	list->items[list->count++] = item;
}

static const struct word nameless = { "", 0 };

static bool
number(struct word w, int64_t *n)
{
	char *end;

	errno = 0;
	*n = strtoll(w.text, &end, 10);
	return w.size > 0 && errno == 0 && end == w.text + w.size &&
	    !isspace((unsigned char)*w.text) && *w.text != '+';
}

/* Adds to a field that is 0 when missing. */
static struct resp
add(const struct call *c, struct key *k, bool hash, struct word name,
    int64_t by)
{
	const struct field *f = key_field(k, name);
	int64_t n = 0;
	char text[24];

	if (f && !number(f->value, &n))
		return error(
		    hash ? "ERR hash value is not an integer" : no_integer);
	if (__builtin_add_overflow(n, by, &n))
		return error("ERR increment or decrement would overflow");
	if (!k)
		k = keys_make(c->keys, c->words[1], hash);
	snprintf(text, sizeof(text), "%" PRId64, n);
	key_put(k, name, (struct word){ text, strlen(text) });
	return integer(n);
}

/* Commands; each finds its key by itself. */

static struct resp
command_get(const struct call *c)
{
	const struct key *k = keys_find(c->keys, c->words[1]);

	return k && k->hash ? error(wrong_type)
			    : string(c, key_field(k, nameless));
}

/* When that many units from now are over; false when there is no such time. */
static bool
end_of(const struct call *c, int64_t n, int64_t unit_ms, int64_t *ms)
{
	return !__builtin_mul_overflow(n, unit_ms, ms) &&
	    !__builtin_add_overflow(*ms, c->now_ms, ms);
}

struct set_options {
	bool nx, xx, get, keep_ttl;
	int64_t expires_ms;
};

static const char *
set_options(const struct call *c, struct set_options *o)
{
	for (size_t i = 3; i < c->count; i++) {
		const struct word w = c->words[i];
		int64_t n;

		if (is(w, "NX"))
			o->nx = true;
		else if (is(w, "XX"))
			o->xx = true;
		else if (is(w, "GET"))
			o->get = true;
		else if (is(w, "KEEPTTL"))
			o->keep_ttl = true;
		else if (i + 1 == c->count || (!is(w, "EX") && !is(w, "PX")))
			return syntax;
		else if (!number(c->words[++i], &n))
			return no_integer;
		else if (n <= 0 ||
		    !end_of(c, n, is(w, "EX") ? 1000 : 1, &o->expires_ms))
			return "ERR invalid expire time in 'set' command";
	}
	return (o->nx && o->xx) || (o->keep_ttl && o->expires_ms) ? syntax
								  : NULL;
}

static struct resp
command_set(const struct call *c)
{
	struct set_options o = { 0 };
	struct key *k = keys_find(c->keys, c->words[1]);
	const char *wrong = set_options(c, &o);
	struct resp old = { RESP_NIL };

	if (wrong)
		return error(wrong);
	if (o.get && k && k->hash)
		return error(wrong_type);
	if (o.get)
		old = string(c, key_field(k, nameless));
	if ((o.nx && k) || (o.xx && !k))
		return old;
	if (!k)
		k = keys_make(c->keys, c->words[1], false);
	key_empty(k);
	k->hash = false;
	key_put(k, nameless, c->words[2]);
	if (!o.keep_ttl)
		k->expires_ms = o.expires_ms;
	return o.get ? old : status("OK");
}

static struct resp
command_mget(const struct call *c)
{
	struct resp list = array(c, c->count);

	for (size_t i = 1; i < c->count; i++) {
		const struct key *k = keys_find(c->keys, c->words[i]);

		push(&list,
		    string(c, k && k->hash ? NULL : key_field(k, nameless)));
	}
	return list;
}

static struct resp
command_del(const struct call *c)
{
	int64_t gone = 0;

	for (size_t i = 1; i < c->count; i++) {
		struct key *k = keys_find(c->keys, c->words[i]);

		if (k)
			keys_remove(c->keys, k);
		gone += k != NULL;
	}
	return integer(gone);
}

static struct resp
command_exists(const struct call *c)
{
	int64_t there = 0;

	for (size_t i = 1; i < c->count; i++)
		there += keys_find(c->keys, c->words[i]) != NULL;
	return integer(there);
}

static struct resp
command_incr(const struct call *c)
{
	struct key *k = keys_find(c->keys, c->words[1]);
	int64_t by = 1;

	if (k && k->hash)
		return error(wrong_type);
	if (c->count == 3 && !number(c->words[2], &by))
		return error(no_integer);
	return add(c, k, false, nameless, by);
}

static struct resp
command_expire(const struct call *c)
{
	struct key *k = keys_find(c->keys, c->words[1]);
	int64_t seconds, ms;

	if (!number(c->words[2], &seconds))
		return error(no_integer);
	if (!end_of(c, seconds, 1000, &ms))
		return error("ERR invalid expire time in 'expire' command");
	if (k && seconds <= 0)
		keys_remove(c->keys, k);
	else if (k)
		k->expires_ms = ms;
	return integer(k != NULL);
}

static struct resp
command_ttl(const struct call *c)
{
	const struct key *k = keys_find(c->keys, c->words[1]);

	if (!k)
		return integer(-2);
	if (!k->expires_ms)
		return integer(-1);
	return integer((k->expires_ms - c->now_ms + 500) / 1000);
}

static struct resp
command_time(const struct call *c)
{
	struct resp list = array(c, 2);
	const int64_t parts[] = { c->now_ms / 1000, c->now_ms % 1000 * 1000 };

	for (int i = 0; i < 2; i++) {
		const char *text = arena_printf(c->arena, "%" PRId64, parts[i]);

		push(&list,
		    (struct resp){
			RESP_STRING, .text = { text, strlen(text) } });
	}
	return list;
}

static struct resp
command_type(const struct call *c)
{
	const struct key *k = keys_find(c->keys, c->words[1]);

	return status(!k ? "none" : k->hash ? "hash" : "string");
}

static struct resp
command_hset(const struct call *c)
{
	struct key *k = keys_find(c->keys, c->words[1]);
	int64_t added = 0;

	if (c->count % 2)
		return error(
		    "ERR wrong number of arguments for 'hset' command");
	if (k && !k->hash)
		return error(wrong_type);
	if (!k)
		k = keys_make(c->keys, c->words[1], true);
	for (size_t i = 2; i < c->count; i += 2)
		added += key_put(k, c->words[i], c->words[i + 1]);
	return integer(added);
}

static struct resp
command_hget(const struct call *c)
{
	const struct key *k = keys_find(c->keys, c->words[1]);

	return k && !k->hash ? error(wrong_type)
			     : string(c, key_field(k, c->words[2]));
}

static struct resp
command_hmget(const struct call *c)
{
	const struct key *k = keys_find(c->keys, c->words[1]);
	struct resp list = array(c, c->count);

	if (k && !k->hash)
		return error(wrong_type);
	for (size_t i = 2; i < c->count; i++)
		push(&list, string(c, key_field(k, c->words[i])));
	return list;
}

static struct resp
command_hgetall(const struct call *c)
{
	const struct key *k = keys_find(c->keys, c->words[1]);
	struct resp list;
	size_t n = 0;

	if (k && !k->hash)
		return error(wrong_type);
	for (const struct field *f = k ? k->fields : NULL; f; f = f->next)
		n += 2;
	list = array(c, n);
	for (const struct field *f = k ? k->fields : NULL; f; f = f->next) {
		const struct field name = { .value = f->name };

		push(&list, string(c, &name));
		push(&list, string(c, f));
	}
	return list;
}

static struct resp
command_hincrby(const struct call *c)
{
	struct key *k = keys_find(c->keys, c->words[1]);
	int64_t by;

	if (!number(c->words[3], &by))
		return error(no_integer);
	return k && !k->hash ? error(wrong_type)
			     : add(c, k, true, c->words[2], by);
}

static const struct command {
	const char *name;
	size_t least, most; /* words */
	bool writes;
	bool all_keys; /* every word behind the name is one */
	struct resp (*run)(const struct call *);
} commands[] = {
	{ "GET", 2, 2, false, false, command_get },
	{ "SET", 3, SIZE_MAX, true, false, command_set },
	{ "MGET", 2, SIZE_MAX, false, true, command_mget },
	{ "DEL", 2, SIZE_MAX, true, true, command_del },
	{ "EXISTS", 2, SIZE_MAX, false, true, command_exists },
	{ "INCR", 2, 2, true, false, command_incr },
	{ "INCRBY", 3, 3, true, false, command_incr },
	{ "EXPIRE", 3, 3, true, false, command_expire },
	{ "TTL", 2, 2, false, false, command_ttl },
	{ "TYPE", 2, 2, false, false, command_type },
	{ "TIME", 1, 1, false, true, command_time },
	{ "HSET", 4, SIZE_MAX, true, false, command_hset },
	{ "HGET", 3, 3, false, false, command_hget },
	{ "HMGET", 3, SIZE_MAX, false, false, command_hmget },
	{ "HGETALL", 2, 2, false, false, command_hgetall },
	{ "HINCRBY", 4, 4, true, false, command_hincrby },
};

static const struct command *
find_command(const struct word *words, size_t count)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (count > 0 && is(words[0], commands[i].name))
			return &commands[i];
	return NULL;
}

size_t
command_keys(const struct word *words, size_t count)
{
	const struct command *command = find_command(words, count);

	if (!command || count < 2)
		return 0;
	return command->all_keys ? count - 1 : 1;
}

struct resp
command_run(struct keys *k, struct arena *a, int64_t now_ms,
    const char *refusal, const struct word *words, size_t count)
{
	const struct command *command = find_command(words, count);
	const struct call call = { k, a, now_ms, words, count };

	if (!command)
		return error("ERR unknown command");
	if (count < command->least || count > command->most)
		return error("ERR wrong number of arguments");
	if (command->writes && refusal)
		return error(refusal);
	keys_expire(k, now_ms);
	return command->run(&call);
}
