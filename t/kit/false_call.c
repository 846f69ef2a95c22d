/*
 * false_call - replies, and the key a command is about
 */
#include "kit/false_call.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"

const char call_wrong_type[] =
    "WRONGTYPE Operation against a key holding the wrong kind of value";
const char call_no_integer[] = "ERR value is not an integer or out of range";
const char call_syntax[] = "ERR syntax error";

bool
call_is(struct word w, const char *text)
{
	return strlen(text) == w.size && strncasecmp(w.text, text, w.size) == 0;
}

bool
call_number(struct word w, int64_t *n)
{
	char *end;

	errno = 0;
	*n = strtoll(w.text, &end, 10);
	return w.size > 0 && errno == 0 && end == w.text + w.size &&
	    !isspace((unsigned char)*w.text) && *w.text != '+';
}

struct resp
call_integer(int64_t n)
{
	return (struct resp){ RESP_INTEGER, .number = n };
}

struct resp
call_error(const char *text)
{
	return (struct resp){ RESP_ERROR, .text = { text, strlen(text) } };
}

struct resp
call_status(const char *text)
{
	return (struct resp){ RESP_STATUS, .text = { text, strlen(text) } };
}

struct resp
call_bytes(const struct call *c, struct word text)
{
	return (struct resp){ RESP_STRING,
		.text = {
		    arena_memdup(c->arena, text.text, text.size), text.size } };
}

struct resp
call_value(const struct call *c, const struct field *f)
{
	return f ? call_bytes(c, f->value) : (struct resp){ RESP_NIL };
}

struct resp
call_array(const struct call *c, size_t room)
{
	return (struct resp){ RESP_ARRAY,
		.items = arena_alloc(
		    c->arena, (room + 1) * sizeof(struct resp)) };
}

void
call_push(struct resp *list, struct resp item)
{
	list->items[list->count++] = item;
}

bool
call_key(const struct call *c, enum key_kind kind, struct key **k)
{
	*k = keys_find(c->keys, c->words[1]);
	return !*k || (*k)->kind == kind;
}

struct key *
call_make(const struct call *c, enum key_kind kind)
{
	struct key *k;

	if (!call_key(c, kind, &k))
		return NULL;
	return k ? k : keys_make(c->keys, c->words[1], kind);
}

void
call_done(const struct call *c, struct key *k)
{
	if (k && !k->fields)
		keys_remove(c->keys, k);
}

struct resp
call_add(
    const struct call *c, enum key_kind kind, struct word field, int64_t by)
{
	struct key *k;
	const struct field *f;
	int64_t n = 0;
	char text[24];

	if (!call_key(c, kind, &k))
		return call_error(call_wrong_type);
	f = key_field(k, field);
	if (f && !call_number(f->value, &n))
		return call_error(kind == KEY_HASH
			? "ERR hash value is not an integer"
			: call_no_integer);
	if (__builtin_add_overflow(n, by, &n))
		return call_error("ERR increment or decrement would overflow");
	snprintf(text, sizeof(text), "%" PRId64, n);
	key_put(call_make(c, kind), field, (struct word){ text, strlen(text) });
	return call_integer(n);
}
