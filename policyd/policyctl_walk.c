/*
 * policyctl_walk - SCAN for a register, HSCAN for a list
 */
#include "policyctl_walk.h"

#include <string.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "policyctl.h"
#include "policyctl_entry.h"
#include "policyctl_key.h"
#include "policyctl_redis.h"
#include "policyctl_scan.h"
#include "policyctl_shelf.h"
#include "policyctl_terms.h"

struct walk {
	struct ctl *ctl;
	struct door *door;
	const struct shelf *shelf;
	const struct terms *terms; /* NULL: all */
	int64_t now;
	entry_told *told;
	void *data;
	bool ended; /* whoever is told has enough */
};

/* Patterns that are no networks lie in none. */
static bool
lies_in(const struct network *whole, const char *client)
{
	struct network n;

	return network_parse(&n, client) && n.bits >= whole->bits &&
	    network_has(whole, &n.base);
}

/* When it was made, or last seen. */
static int64_t
moment(const struct entry *e)
{
	return e->last ? e->last : e->since;
}

bool
terms_fit(const struct terms *t, const struct entry *e, int64_t now)
{
	return (!t->by_network || lies_in(&t->network, e->client)) &&
	    (!t->by_level || e->level == t->level) &&
	    (!t->reason || strstr(e->reason, t->reason)) &&
	    (!t->by || !strcmp(e->by, t->by)) &&
	    (!t->before || moment(e) < t->before) &&
	    (!t->listed || entry_holds(e, now));
}

static void
tell(struct walk *w, const struct entry *e)
{
	if (!w->ended && (!w->terms || terms_fit(w->terms, e, w->now)))
		w->ended = !w->told(w->data, e);
}

/* -- lists -- */

static void
walk_list(struct walk *w)
{
	struct scan scan;
	bool more = true;

	scan_start_hash(&scan, w->door,
	    shelf_list_key(w->shelf, w->ctl->arena, w->ctl->conf));
	while (more && !w->ended) {
		struct arena *page = arena_new();
		struct node f = { 0 };

		more = scan_next(&scan, page, &f);
		for (size_t i = 0; more && i + 1 < f.count; i += 2) {
			struct entry e;

			entry_of_record(&e, page, w->shelf, f.items[i].text,
			    f.items[i + 1].text);
			if (entry_holds(&e, w->now))
				tell(w, &e);
		}
		arena_release(page);
	}
	scan_end(&scan);
}

/* -- registers -- */

/* Fetches what stands under some keys, and tells of it. */
static bool
tell_keys(
    struct walk *w, struct arena *a, const char *const *keys, size_t count)
{
	struct order *orders = arena_alloc(a, count * sizeof(*orders));

	for (size_t i = 0; i < count; i++)
		order_words(&orders[i], "HGETALL", keys[i], NULL);
	if (!door_ask(w->door, a, orders, count))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct entry e;

		if (entry_of_hash(&e, a, w->ctl->conf, w->shelf, keys[i],
			&orders[i].reply))
			tell(w, &e);
	}
	return true;
}

/* By its key alone: what lies elsewhere need not be fetched. */
static bool
may_fit(const struct walk *w, struct arena *a, const char *key)
{
	struct key_parts k;

	return !w->terms || !w->terms->by_network ||
	    (key_split(&k, a, w->ctl->conf->prefix, key) && k.tag &&
		lies_in(&w->terms->network, k.tag));
}

static void
walk_register(struct walk *w)
{
	struct scan scan;
	bool more = true;

	scan_start(&scan, w->door,
	    key_pattern(w->ctl->arena,
		arena_printf(w->ctl->arena, "%s%s:{", w->ctl->conf->prefix,
		    register_name(w->shelf->kept))));
	while (more && !w->ended) {
		struct arena *page = arena_new();
		struct node found = { 0 };
		const char **keys;
		size_t count = 0;

		more = scan_next(&scan, page, &found);
		keys = arena_alloc(page, found.count * sizeof(*keys));
		for (size_t i = 0; more && i < found.count; i++)
			if (may_fit(w, page, found.items[i].text))
				keys[count++] = found.items[i].text;
		more = more && tell_keys(w, page, keys, count);
		arena_release(page);
	}
	scan_end(&scan);
}

bool
entries_walk(struct ctl *ctl, struct door *d, const struct shelf *s,
    const struct terms *t, entry_told *told, void *data)
{
	struct walk w = { ctl, d, s, t, door_now(d), told, data, false };

	if (s->has_list)
		walk_list(&w);
	if (s->has_register)
		walk_register(&w);
	return !door_trouble(d);
}

/* -- one of them -- */

static bool
tell_record(struct walk *w, const char *pattern)
{
	struct arena *a = w->ctl->arena;
	struct order o = { 0 };
	struct entry e;

	order_words(&o, "HGET", shelf_list_key(w->shelf, a, w->ctl->conf),
	    pattern, NULL);
	if (!door_ask(w->door, a, &o, 1))
		return false;
	if (o.reply.kind == NODE_TEXT) {
		entry_of_record(&e, a, w->shelf, pattern, o.reply.text);
		if (entry_holds(&e, w->now))
			tell(w, &e);
	}
	return true;
}

bool
entries_of(struct ctl *ctl, struct door *d, const struct shelf *s,
    const struct subject *who, entry_told *told, void *data)
{
	static const char *const services[] = { NULL, "smtp", "imap", "pop3" };
	const bool apart = s->has_register && s->kept == REGISTER_ABUSE;
	struct walk w = { ctl, d, s, NULL, door_now(d), told, data, false };
	const char *keys[4];
	size_t count = 0;

	if (!who->client)
		return tell_record(&w, who->name);
	for (size_t i = 0; i < (apart ? 4 : 1); i++)
		keys[count++] = shelf_key(
		    s, ctl->arena, ctl->conf, who->name, services[i]);
	return tell_keys(&w, ctl->arena, keys, count);
}
