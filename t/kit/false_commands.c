/*
 * false_commands - a table of them: strings, and what any key has
 */
#include "kit/false_commands.h"

#include "base/arena.h"
#include "kit/false_call.h"

#include <inttypes.h>
#include <string.h>

static const struct word nameless = { "", 0 };

/* Commands; each finds its key by itself. */

static struct resp
command_get(const struct call *c)
{
	const struct key *k = keys_find(c->keys, c->words[1]);

	return k && k->kind != KEY_STRING
	    ? call_error(call_wrong_type)
	    : call_value(c, key_field(k, nameless));
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

		if (call_is(w, "NX"))
			o->nx = true;
		else if (call_is(w, "XX"))
			o->xx = true;
		else if (call_is(w, "GET"))
			o->get = true;
		else if (call_is(w, "KEEPTTL"))
			o->keep_ttl = true;
		else if (i + 1 == c->count ||
		    (!call_is(w, "EX") && !call_is(w, "PX")))
			return call_syntax;
		else if (!call_number(c->words[++i], &n))
			return call_no_integer;
		else if (n <= 0 ||
		    !end_of(c, n, call_is(w, "EX") ? 1000 : 1, &o->expires_ms))
			return "ERR invalid expire time in 'set' command";
	}
	return (o->nx && o->xx) || (o->keep_ttl && o->expires_ms) ? call_syntax
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
		return call_error(wrong);
	if (o.get && k && k->kind != KEY_STRING)
		return call_error(call_wrong_type);
	if (o.get)
		old = call_value(c, key_field(k, nameless));
	if ((o.nx && k) || (o.xx && !k))
		return old;
	if (!k)
		k = keys_make(c->keys, c->words[1], KEY_STRING);
	key_empty(k);
	k->kind = KEY_STRING;
	key_put(k, nameless, c->words[2]);
	if (!o.keep_ttl)
		k->expires_ms = o.expires_ms;
	return o.get ? old : call_status("OK");
}

static struct resp
command_mget(const struct call *c)
{
	struct resp list = call_array(c, c->count);

	for (size_t i = 1; i < c->count; i++) {
		const struct key *k = keys_find(c->keys, c->words[i]);

		call_push(&list,
		    call_value(c,
			k && k->kind != KEY_STRING ? NULL
						   : key_field(k, nameless)));
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
	return call_integer(gone);
}

static struct resp
command_exists(const struct call *c)
{
	int64_t there = 0;

	for (size_t i = 1; i < c->count; i++)
		there += keys_find(c->keys, c->words[i]) != NULL;
	return call_integer(there);
}

static struct resp
command_incr(const struct call *c)
{
	struct key *k;
	int64_t by = 1;

	if (!call_key(c, KEY_STRING, &k))
		return call_error(call_wrong_type);
	if (c->count == 3 && !call_number(c->words[2], &by))
		return call_error(call_no_integer);
	return call_add(c, KEY_STRING, nameless, by);
}

static struct resp
command_expire(const struct call *c)
{
	struct key *k = keys_find(c->keys, c->words[1]);
	const bool gt = c->count == 4;
	int64_t seconds, ms;

	if (gt && !call_is(c->words[3], "GT"))
		return call_error("ERR Unsupported option");
	if (!call_number(c->words[2], &seconds))
		return call_error(call_no_integer);
	if (!end_of(c, seconds, 1000, &ms))
		return call_error(
		    "ERR invalid expire time in 'expire' command");
	if (k && gt && (!k->expires_ms || ms <= k->expires_ms))
		return call_integer(0);
	if (k && seconds <= 0)
		keys_remove(c->keys, k);
	else if (k)
		k->expires_ms = ms;
	return call_integer(k != NULL);
}

static struct resp
command_persist(const struct call *c)
{
	struct key *k = keys_find(c->keys, c->words[1]);
	const bool ended = k && k->expires_ms;

	if (k)
		k->expires_ms = 0;
	return call_integer(ended);
}

static struct resp
command_ttl(const struct call *c)
{
	const struct key *k = keys_find(c->keys, c->words[1]);

	if (!k)
		return call_integer(-2);
	if (!k->expires_ms)
		return call_integer(-1);
	return call_integer((k->expires_ms - c->now_ms + 500) / 1000);
}

static struct resp
command_time(const struct call *c)
{
	struct resp list = call_array(c, 2);
	const int64_t parts[] = { c->now_ms / 1000, c->now_ms % 1000 * 1000 };

	for (int i = 0; i < 2; i++) {
		const char *text = arena_printf(c->arena, "%" PRId64, parts[i]);

		call_push(&list,
		    (struct resp){
			RESP_STRING, .text = { text, strlen(text) } });
	}
	return list;
}

static struct resp
command_type(const struct call *c)
{
	const struct key *k = keys_find(c->keys, c->words[1]);

	static const char *const kinds[] = { "string", "hash", "zset" };

	return call_status(k ? kinds[k->kind] : "none");
}

static const struct command commands[] = {
	{ "GET", 2, 2, READS, false, command_get },
	{ "SET", 3, SIZE_MAX, GROWS, false, command_set },
	{ "MGET", 2, SIZE_MAX, READS, true, command_mget },
	{ "DEL", 2, SIZE_MAX, FREES, true, command_del },
	{ "EXISTS", 2, SIZE_MAX, READS, true, command_exists },
	{ "INCR", 2, 2, GROWS, false, command_incr },
	{ "INCRBY", 3, 3, GROWS, false, command_incr },
	{ "EXPIRE", 3, 4, FREES, false, command_expire },
	{ "PERSIST", 2, 2, FREES, false, command_persist },
	{ "TTL", 2, 2, READS, false, command_ttl },
	{ "TYPE", 2, 2, READS, false, command_type },
	{ "TIME", 1, 1, READS, true, command_time },
	{ NULL, 0, 0, READS, false, NULL },
};

static const struct command *
find_command(const struct word *words, size_t count)
{
	static const struct command *const tables[] = { commands, false_hashes,
		false_logs, false_zsets };

	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (const struct command *c = tables[t]; c->name; c++)
			if (count > 0 && call_is(words[0], c->name))
				return c;
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

/* A Redis that is full takes what makes room. */
static bool
is_refused(const struct command *c, const char *refusal)
{
	return c->does == GROWS ||
	    (c->does == FREES && strncmp(refusal, "OOM", 3) != 0);
}

struct resp
command_run(struct keys *k, struct arena *a, int64_t now_ms,
    const char *refusal, const struct word *words, size_t count)
{
	const struct command *command = find_command(words, count);
	const struct call call = { k, a, now_ms, words, count };

	if (!command)
		return call_error("ERR unknown command");
	if (count < command->least || count > command->most)
		return call_error("ERR wrong number of arguments");
	if (refusal && is_refused(command, refusal))
		return call_error(refusal);
	keys_expire(k, now_ms);
	return command->run(&call);
}
