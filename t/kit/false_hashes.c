/*
 * false_hashes - commands for hashes
 */
#include "kit/false_call.h"

static struct resp
command_hset(const struct call *c)
{
	struct key *k = keys_find(c->keys, c->words[1]);
	int64_t added = 0;

	if (c->count % 2)
		return call_error(
		    "ERR wrong number of arguments for 'hset' command");
	if (k && k->kind != KEY_HASH)
		return call_error(call_wrong_type);
	if (!k)
		k = keys_make(c->keys, c->words[1], KEY_HASH);
	for (size_t i = 2; i < c->count; i += 2)
		added += key_put(k, c->words[i], c->words[i + 1]);
	return call_integer(added);
}

static struct resp
command_hget(const struct call *c)
{
	const struct key *k = keys_find(c->keys, c->words[1]);

	return k && k->kind != KEY_HASH
	    ? call_error(call_wrong_type)
	    : call_value(c, key_field(k, c->words[2]));
}

static struct resp
command_hmget(const struct call *c)
{
	const struct key *k = keys_find(c->keys, c->words[1]);
	struct resp list = call_array(c, c->count);

	if (k && k->kind != KEY_HASH)
		return call_error(call_wrong_type);
	for (size_t i = 2; i < c->count; i++)
		call_push(&list, call_value(c, key_field(k, c->words[i])));
	return list;
}

static struct resp
list_all(const struct call *c, bool names)
{
	const struct key *k = keys_find(c->keys, c->words[1]);
	struct resp list;
	size_t n = 0;

	if (k && k->kind != KEY_HASH)
		return call_error(call_wrong_type);
	for (const struct field *f = k ? k->fields : NULL; f; f = f->next)
		n += names ? 2 : 1;
	list = call_array(c, n);
	for (const struct field *f = k ? k->fields : NULL; f; f = f->next) {
		const struct field name = { .value = f->name };

		if (names)
			call_push(&list, call_value(c, &name));
		call_push(&list, call_value(c, f));
	}
	return list;
}

static struct resp
command_hgetall(const struct call *c)
{
	return list_all(c, true);
}

static struct resp
command_hvals(const struct call *c)
{
	return list_all(c, false);
}

static struct resp
command_hincrby(const struct call *c)
{
	int64_t by;

	if (!call_number(c->words[3], &by))
		return call_error(call_no_integer);
	return call_add(c, KEY_HASH, c->words[2], by);
}

static struct resp
command_hsetnx(const struct call *c)
{
	struct key *k = call_make(c, KEY_HASH);

	if (!k)
		return call_error(call_wrong_type);
	if (key_field(k, c->words[2]))
		return call_integer(0);
	return call_integer(key_put(k, c->words[2], c->words[3]));
}

static struct resp
command_hdel(const struct call *c)
{
	struct key *k;
	int64_t gone = 0;

	if (!call_key(c, KEY_HASH, &k))
		return call_error(call_wrong_type);
	for (size_t i = 2; k && i < c->count; i++)
		gone += key_drop(k, c->words[i]);
	call_done(c, k);
	return call_integer(gone);
}

static struct resp
command_hlen(const struct call *c)
{
	struct key *k;
	int64_t n = 0;

	if (!call_key(c, KEY_HASH, &k))
		return call_error(call_wrong_type);
	for (const struct field *f = k ? k->fields : NULL; f; f = f->next)
		n++;
	return call_integer(n);
}

const struct command false_hashes[] = {
	{ "HSET", 4, SIZE_MAX, GROWS, false, command_hset },
	{ "HSETNX", 4, 4, GROWS, false, command_hsetnx },
	{ "HGET", 3, 3, READS, false, command_hget },
	{ "HMGET", 3, SIZE_MAX, READS, false, command_hmget },
	{ "HGETALL", 2, 2, READS, false, command_hgetall },
	{ "HVALS", 2, 2, READS, false, command_hvals },
	{ "HINCRBY", 4, 4, GROWS, false, command_hincrby },
	{ "HDEL", 3, SIZE_MAX, FREES, false, command_hdel },
	{ "HLEN", 2, 2, READS, false, command_hlen },
	{ NULL, 0, 0, READS, false, NULL },
};
