/*
 * scopes - names in lower case, hashed
 */
#include "conf/scopes.h"

#include <string.h>

#include "base/arena.h"
#include "base/idn.h"
#include "conf/conf.h"
#include "conf/hash.h"
#include "conf/layers.h"

/* The layer is the first part of this: scopes_merge() knows. */
struct one {
	struct layer layer;
	struct settings merged;
};

enum { NAME_SIZE = 320 }; /* syntax_mailbox() takes no longer ones */

struct scopes {
	struct arena *arena;
	struct hash *all;
};

struct scopes *
scopes_new(struct arena *a)
{
	struct scopes *s = arena_alloc(a, sizeof(*s));

	s->arena = a;
	s->all = hash_new(a);
	return s;
}

/* A name as it is kept: in lower case, without the dot that may end a domain,
 * and a domain in any script as the DNS has it. False when it is longer than
 * any that is kept. */
static bool
canonical(char out[NAME_SIZE + 1], const char *name)
{
	size_t size = strlen(name);

	if (size > 0 && name[size - 1] == '.')
		size--;
	if (size > NAME_SIZE)
		return false;
	for (size_t i = 0; i < size; i++)
		out[i] = name[i] >= 'A' && name[i] <= 'Z'
		    ? (char)(name[i] + 'a' - 'A')
		    : name[i];
	out[size] = '\0';
	idn_replace(out, NAME_SIZE + 1);
	return true;
}

struct layer *
scopes_add(struct scopes *s, const char *name, const struct settings *server)
{
	char kept[NAME_SIZE + 1];
	struct one *one;
	void **thing;

	if (!canonical(kept, name))
		return NULL;
	one = arena_alloc(s->arena, sizeof(*one));
	one->layer.level = strchr(kept, '@') ? LEVEL_MAILBOX : LEVEL_DOMAIN;
	one->layer.from = "policyd.conf";
	one->layer.set = one->merged = *scopes_find(s, kept, server);
	thing = hash_put(s->all, kept, strlen(kept));
	if (*thing)
		return NULL;
	*thing = one;
	return &one->layer;
}

const struct settings *
scopes_merge(const struct layer *l)
{
	struct one *one = (struct one *)l;

	layer_apply(l, &one->merged);
	return &one->merged;
}

const struct layer *
scopes_layer(const struct scopes *s, const char *name)
{
	const struct one *one = hash_get(s->all, name, strlen(name));

	return one ? &one->layer : NULL;
}

/* user+extension@domain as user@domain. */
static void
cut_extension(char *address)
{
	char *plus = strchr(address, '+'), *at = strrchr(address, '@');

	if (plus && plus != address && plus < at)
		memmove(plus, at, strlen(at) + 1);
}

const struct settings *
scopes_find(
    const struct scopes *s, const char *address, const struct settings *server)
{
	const char *at = strrchr(address, '@');
	const struct one *found = NULL;
	char name[NAME_SIZE + 1];

	if (at && canonical(name, address)) {
		cut_extension(name);
		found = hash_get(s->all, name, strlen(name));
	}
	if (at && !found && canonical(name, at + 1))
		found = hash_get(s->all, name, strlen(name));
	return found ? &found->merged : server;
}
