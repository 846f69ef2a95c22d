/*
 * policyctl_holder_walk - fetching hashes, and looking for them
 */
#include "policyctl_holder.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "ask/key.h"
#include "base/arena.h"
#include "base/idn.h"
#include "base/text.h"
#include "conf/conf.h"
#include "policyctl.h"
#include "policyctl_key.h"
#include "policyctl_redis.h"
#include "policyctl_scan.h"

/* `name` NULL: that of its settings. */
static const char *
key_of(const struct ctl *ctl, struct arena *a, const char *name,
    const char *address)
{
	const char *at = strrchr(address, '@');
	const char *user = at ? arena_memdup(a, address, (size_t)(at - address))
			      : NULL;

	if (!name)
		name = at ? "mailbox" : "domain";
	return key_make(a, ctl->conf->prefix, name, at ? at + 1 : address,
	    &user, at != NULL)
	    .text;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(
	    ((const struct field *)a)->name, ((const struct field *)b)->name);
}

/* From HGETALL. */
static void
take(struct holder *h, struct arena *a, const struct node *hash)
{
	h->unreadable = hash->kind != NODE_LIST;
	h->there = h->unreadable || hash->count > 0;
	h->count = h->unreadable ? 0 : hash->count / 2;
	h->fields = arena_alloc(a, (h->count + 1) * sizeof(*h->fields));
	for (size_t i = 0; i < h->count; i++)
		h->fields[i] = (struct field){ hash->items[2 * i].text,
			hash->items[2 * i + 1].text };
	qsort(h->fields, h->count, sizeof(*h->fields), by_name);
}

/* Their addresses and keys are known. */
static bool
fetch(struct door *d, struct arena *a, struct holder *out, size_t count)
{
	struct order *orders = arena_alloc(a, (count + 1) * sizeof(*orders));

	for (size_t i = 0; i < count; i++)
		order_words(&orders[i], "HGETALL", out[i].key, NULL);
	if (!door_ask(d, a, orders, count))
		return false;
	for (size_t i = 0; i < count; i++)
		take(&out[i], a, &orders[i].reply);
	return true;
}

bool
holders_fetch(struct ctl *ctl, struct door *d, struct arena *a,
    const char *name, const char *const *addresses, struct holder *out,
    size_t count)
{
	for (size_t i = 0; i < count; i++)
		out[i] = (struct holder){ .address = addresses[i],
			.key = key_of(ctl, a, name, addresses[i]) };
	return fetch(d, a, out, count);
}

/* -- looking for them -- */

struct walk {
	struct ctl *ctl;
	struct door *door;
	const char *name;
	const char *pattern; /* NULL: all */
	holder_told *told;
	void *data;
};

static bool
is_wanted(const struct walk *w, const char *address)
{
	const char *at = strrchr(address, '@');

	if (!w->pattern)
		return true;
	return fnmatch(w->pattern,
		   at && !strchr(w->pattern, '@') ? at + 1 : address, 0) == 0;
}

/* The address that a key is of; NULL when it is none of ours. */
static const char *
address_of(const struct walk *w, struct arena *a, const char *key)
{
	struct key_parts k;

	if (!key_split(&k, a, w->ctl->conf->prefix, key) ||
	    strcmp(k.name, w->name) != 0 || !k.tag || k.count > 1)
		return NULL;
	return k.count ? arena_printf(a, "%s@%s", k.parts[0], k.tag) : k.tag;
}

static bool
walk_page(const struct walk *w, struct arena *a, const struct node *keys)
{
	struct holder *found = arena_alloc(
	    a, (keys->count + 1) * sizeof(*found));
	size_t count = 0;

	for (size_t i = 0; i < keys->count; i++) {
		const char *key = keys->items[i].text;
		const char *address = address_of(w, a, key);

		if (address && is_wanted(w, address))
			found[count++] = (struct holder){ .address = address,
				.key = key };
	}
	if (!fetch(w->door, a, found, count))
		return false;
	for (size_t i = 0; i < count; i++)
		if (found[i].there && !w->told(w->data, &found[i]))
			return false;
	return true;
}

/* Redis leaves out at once what is of another domain. */
static const char *
scan_pattern(const struct walk *w)
{
	struct arena *a = w->ctl->arena;
	const char *at = w->pattern ? strrchr(w->pattern, '@') : NULL;
	const char *domain = at ? at + 1 : w->pattern;
	const bool plain = domain && !strpbrk(domain, "*?[\\");

	return key_pattern(a,
	    arena_printf(a, "%s%s:{%s", w->ctl->conf->prefix, w->name,
		plain ? key_component(a, domain) : ""));
}

bool
holders_walk(struct ctl *ctl, struct door *d, const char *name,
    const char *pattern, holder_told *told, void *data)
{
	const struct walk w = { .ctl = ctl,
		.door = d,
		.name = name,
		.pattern = pattern
		    ? idn_address(ctl->arena, text_lower(ctl->arena, pattern))
		    : NULL,
		.told = told,
		.data = data };
	struct scan scan;
	bool more = true;

	scan_start(&scan, d, scan_pattern(&w));
	while (more) {
		struct arena *page = arena_new();
		struct node keys;

		more = scan_next(&scan, page, &keys) &&
		    walk_page(&w, page, &keys);
		arena_release(page);
	}
	scan_end(&scan);
	return door_trouble(d) == NULL;
}
