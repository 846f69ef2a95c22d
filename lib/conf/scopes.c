/*
 * scopes - names in lower case, hashed
 */
#include "conf/scopes.h"

#include <string.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "conf/hash.h"

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

/* A name as it is kept: in lower case, and without the dot that may end a
 * domain. False when it is longer than any that is kept. */
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
	return true;
}

struct settings *
scopes_add(struct scopes *s, const char *name, const struct settings *server)
{
	const struct settings *outer;
	char kept[NAME_SIZE + 1];
	void **thing;

	if (!canonical(kept, name))
		return NULL;
	outer = scopes_find(s, kept, server);
	thing = hash_put(s->all, kept, strlen(kept));
	if (*thing)
		return NULL;
	*thing = arena_memdup(s->arena, outer, sizeof(*outer));
	return *thing;
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
	const struct settings *found = NULL;
	char name[NAME_SIZE + 1];

	if (at && canonical(name, address)) {
		cut_extension(name);
		found = hash_get(s->all, name, strlen(name));
	}
	if (at && !found && canonical(name, at + 1))
		found = hash_get(s->all, name, strlen(name));
	return found ? found : server;
}
