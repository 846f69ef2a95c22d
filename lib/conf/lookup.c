/*
 * lookup - all tables of a list in two hashes
 *
 * A match counts the more, the earlier its item stands in the list: that is
 * the high half of its rank. The low half is its place in a cidr: table, where
 * the first match wins, and how short a network is in the others, where the
 * narrowest does.
 */
#include "conf/lookup.h"

#include <string.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/idn.h"
#include "conf/hash.h"
#include "conf/lookup_add.h"
#include "conf/networks.h"

static struct lookups *
make(struct arena *a, size_t room)
{
	struct lookups *l = arena_alloc(a, sizeof(*l));

	l->arena = a;
	l->items = arena_alloc(a, (room + 1) * sizeof(l->items[0]));
	l->keys = hash_new(a);
	l->networks = networks_new(a);
	stamps_init(&l->files, a);
	return l;
}

struct lookups *
lookups_open(struct arena *a, const char *const *items, size_t count,
    lookup_complain *complain, void *data)
{
	struct lookups *l = make(a, count);
	bool failed = false;

	for (size_t i = 0; i < count; i++) {
		struct source s = { .lookups = l,
			.arena = l->arena,
			.item = i,
			.complain = complain,
			.data = data };

		l->items[l->count++] = arena_strdup(l->arena, items[i]);
		source_open(&s, items[i]);
		failed |= s.failed;
	}
	return failed ? NULL : l;
}

struct lookups *
lookups_of(const struct lookup_pair *pairs, size_t count,
    lookup_complain *complain, void *data)
{
	struct lookups *l = make(arena_new(), count);

	for (size_t i = 0; i < count; i++) {
		struct source s = { .lookups = l,
			.arena = l->arena,
			.complain = complain,
			.data = data };

		source_key(&s, pairs[i].key, pairs[i].value);
		if (!s.failed)
			l->items[l->count++] = arena_strdup(
			    l->arena, pairs[i].key);
	}
	return l;
}

void
lookups_free(struct lookups *l)
{
	if (l)
		arena_release(l->arena);
}

size_t
lookups_count(const struct lookups *l)
{
	return l ? l->count : 0;
}

const char *
lookups_item(const struct lookups *l, size_t i)
{
	return l->items[i];
}

void
lookups_files(const struct lookups *l, struct stamps *out)
{
	for (size_t i = 0; i < l->files.count; i++)
		stamps_add(
		    out, l->files.items[i].path, &l->files.items[i].stamp);
}

bool
lookups_redis(const struct lookups *l)
{
	return l && l->redis;
}

/* Of two matches, the one that counts; of equal ones, the first. */
static const struct entry *
better(const struct entry *a, const struct entry *b)
{
	return !a || (b && b->rank < a->rank) ? b : a;
}

static const struct entry *
key(const struct lookups *l, const char *text, size_t size)
{
	return hash_get(l->keys, text, size);
}

/* Copies in lower case, with the domain as the DNS has it; false when it is too
 * long to be a key. */
static bool
lower(char out[LOOKUP_KEY], const char *text)
{
	unsigned char high = 0;
	size_t i;

	for (i = 0; text[i]; i++) {
		if (i == LOOKUP_KEY - 1)
			return false;
		high |= (unsigned char)text[i];
		out[i] = text[i] >= 'A' && text[i] <= 'Z'
		    ? (char)(text[i] + 'a' - 'A')
		    : text[i];
	}
	out[i] = '\0';
	if (high & 0x80)
		idn_replace(out, LOOKUP_KEY);
	return true;
}

/* The parents of a domain as ".example"; with `bare` also as "example". */
static const struct entry *
parents(const struct lookups *l, const char *domain, bool bare)
{
	const struct entry *best = NULL;

	for (const char *dot = strchr(domain, '.'); dot;
	     dot = strchr(dot + 1, '.')) {
		best = better(best, key(l, dot, strlen(dot)));
		if (bare)
			best = better(best, key(l, dot + 1, strlen(dot + 1)));
	}
	return best;
}

static const char *
value(const struct entry *e)
{
	return e ? e->value : NULL;
}

/* Apart from the question whether there is anything to find, which is all that
 * most have of it: each request asks for several tables of clients. */
static __attribute__((noinline)) const char *
find_client(const struct lookups *l, const struct address *a, const char *host)
{
	const struct entry *best = NULL;
	char name[LOOKUP_KEY];

	if (l->names && strcmp(host, "unknown") != 0 && lower(name, host)) {
		best = key(l, name, strlen(name));
		best = better(best, parents(l, name, true));
	}
	return value(better(best, networks_find(l->networks, a)));
}

const char *
lookups_client(
    const struct lookups *l, const struct address *a, const char *host)
{
	return lookups_count(l) > 0 ? find_client(l, a, host) : NULL;
}

/* "@domain", "domain", ".parent"; `at` is where the '@' is. */
static const struct entry *
domain(const struct lookups *l, const char *at)
{
	const struct entry *best = key(l, at, strlen(at));

	best = better(best, key(l, at + 1, strlen(at + 1)));
	return better(best, parents(l, at + 1, false));
}

/* Where the '+' of user+extension is; NULL without an extension. */
static char *
extension(char *address, const char *at)
{
	char *plus = memchr(address, '+', (size_t)(at - address));

	return plus == address ? NULL : plus;
}

/* The narrower first, with the extension and without. */
static const struct entry *
mailbox(const struct lookups *l, char *address, char *at)
{
	const struct entry *best = key(l, address, strlen(address));
	const struct entry *user = key(l, address, (size_t)(at - address) + 1);
	const struct entry *all = domain(l, at);
	char *plus = extension(address, at);

	if (plus) {
		memmove(plus, at, strlen(at) + 1);
		best = better(best, key(l, address, strlen(address)));
		user = better(
		    user, key(l, address, (size_t)(plus - address) + 1));
	}
	return better(better(best, all), user);
}

static __attribute__((noinline)) const char *
find_address(const struct lookups *l, const char *address)
{
	char name[LOOKUP_KEY];
	char *at;

	if (!lower(name, *address ? address : "<>"))
		return NULL;
	at = strrchr(name, '@');
	return value(at ? mailbox(l, name, at) : key(l, name, strlen(name)));
}

const char *
lookups_address(const struct lookups *l, const char *address)
{
	return lookups_count(l) > 0 ? find_address(l, address) : NULL;
}

const char *
lookups_domain(const struct lookups *l, const char *text)
{
	char at[LOOKUP_KEY + 1] = "@";

	if (!l || l->count == 0 || !lower(at + 1, text))
		return NULL;
	return value(domain(l, at));
}

const char *
lookups_key(const struct lookups *l, const char *text)
{
	char name[LOOKUP_KEY];

	if (!l || l->count == 0 || !lower(name, text))
		return NULL;
	return value(key(l, name, strlen(name)));
}
