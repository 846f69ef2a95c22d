/*
 * false_logs - commands for HyperLogLogs
 *
 * They are sets here, written as one text, and count exactly; so do Redis' own
 * as long as they are small.
 */
#include <string.h>

#include "base/arena.h"
#include "kit/false_call.h"

static const struct word nameless = { "", 0 };
static const struct word magic = { "HYLL", 4 };

/* What begins otherwise is a string of somebody else's. */
static bool
is_log(const struct key *k)
{
	const struct field *f = key_field(k, nameless);

	return k->kind == KEY_STRING && f->value.size >= magic.size &&
	    memcmp(f->value.text, magic.text, magic.size) == 0;
}

/* Each item of a set stands between two newlines. */
static bool
has(struct word set, struct word item)
{
	const char *end = set.text + set.size;
	const char *at = set.text + magic.size;

	while (at + 1 < end) {
		const char *next = memchr(at + 1, '\n', (size_t)(end - at - 1));

		if ((size_t)(next - at - 1) == item.size &&
		    memcmp(at + 1, item.text, item.size) == 0)
			return true;
		at = next;
	}
	return false;
}

static struct word
with(const struct call *c, struct word set, struct word item)
{
	const char *text = set.size == magic.size ? "HYLL\n" : set.text;

	text = arena_printf(
	    c->arena, "%s%.*s\n", text, (int)item.size, item.text);
	return (struct word){ text, strlen(text) };
}

static struct resp
no_log(void)
{
	return call_error(
	    "WRONGTYPE Key is not a valid HyperLogLog string value.");
}

static struct resp
command_pfadd(const struct call *c)
{
	struct key *k = keys_find(c->keys, c->words[1]);
	bool changed = !k;
	struct word set;

	if (k && !is_log(k))
		return no_log();
	if (!k) {
		k = keys_make(c->keys, c->words[1], KEY_STRING);
		key_put(k, nameless, magic);
	}
	set = call_bytes(c, key_field(k, nameless)->value).text;
	for (size_t i = 2; i < c->count; i++)
		if (!has(set, c->words[i])) {
			set = with(c, set, c->words[i]);
			changed = true;
		}
	key_put(k, nameless, set);
	return call_integer(changed);
}

static struct resp
command_pfcount(const struct call *c)
{
	struct word all = magic;
	int64_t n = 0;

	for (size_t i = 1; i < c->count; i++) {
		const struct key *k = keys_find(c->keys, c->words[i]);
		const char *at, *next;

		if (k && !is_log(k))
			return no_log();
		at = k ? strchr(key_field(k, nameless)->value.text, '\n')
		       : NULL;
		for (; at && (next = strchr(at + 1, '\n')); at = next) {
			const struct word item = { at + 1,
				(size_t)(next - at - 1) };

			if (has(all, item))
				continue;
			all = with(c, all, item);
			n++;
		}
	}
	return call_integer(n);
}

const struct command false_logs[] = {
	{ "PFADD", 2, SIZE_MAX, GROWS, false, command_pfadd },
	{ "PFCOUNT", 2, SIZE_MAX, READS, true, command_pfcount },
	{ NULL, 0, 0, READS, false, NULL },
};
