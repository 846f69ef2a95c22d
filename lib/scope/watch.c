/*
 * watch - which copies are old, as Redis tells it
 */
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "scope/keys.h"
#include "scope/memory.h"

static struct scopes_known *
watcher(struct watch *w)
{
	return (void *)((char *)w - offsetof(struct scopes_known, watch));
}

/* What is asked in the very millisecond may be from before it. */
static uint64_t
from_now_on(const struct scopes_known *k)
{
	return clock_ms(k->clock) + 1;
}

static void
on_live(struct watch *w, bool live)
{
	struct scopes_known *k = watcher(w);

	k->live = live;
	k->live_ms = from_now_on(k);
}

static void
on_late(struct watch *w, bool late)
{
	watcher(w)->live = !late;
}

static void
all_changed(struct scopes_known *k)
{
	k->changed_ms = from_now_on(k);
	for (struct known *e = k->all; e; e = e->next)
		e->changed = true;
}

static void
one_changed(struct scopes_known *k, const char *address)
{
	struct known *e = memory_get(k, address);

	k->changed_ms = from_now_on(k);
	if (e)
		e->changed = true;
}

static void
on_changed(struct watch *w, struct word key)
{
	struct scopes_known *k = watcher(w);
	struct arena *a = arena_new_small();
	const char *address;

	if (!key.text)
		all_changed(k);
	else if ((address = keys_address(a, k->prefix, key.text)))
		one_changed(k, address);
	arena_release(a);
}

static void
set_prefix(struct scopes_known *k, const char *prefix)
{
	struct arena *a = arena_new_small();

	k->prefix = arena_strdup(a, prefix);
	for (size_t i = 0; keys_beginnings[i]; i++)
		k->prefixes[i] = arena_printf(
		    a, "%s%s", prefix, keys_beginnings[i]);
	arena_release(k->arena);
	k->arena = a;
}

void
scopes_known_watch(
    struct scopes_known *k, struct store *store, const char *prefix)
{
	if (k->store == store && k->prefix && strcmp(k->prefix, prefix) == 0)
		return;
	if (k->store)
		store_watch(k->store, NULL);
	k->store = store;
	k->live = false;
	set_prefix(k, prefix);
	k->watch = (struct watch){ k->prefixes, on_live, on_late, on_changed };
	if (store)
		store_watch(store, &k->watch);
}
