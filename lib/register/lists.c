/*
 * lists - a copy of the cluster's lists, and how to look into it
 *
 * A pattern is turned into keys of a lookup table, its record is the value.
 * What cannot be understood is left out and told: somebody wrote it with
 * redis-cli, and the other entries count all the same.
 */
#include "register/lists.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/log.h"
#include "conf/conf.h"
#include "conf/lookup.h"
#include "register/lists_build.h"
#include "register/own.h"

struct lists {
	unsigned references;
	int64_t read_at;
	struct arena *arena;
	struct lookups *tables[LIST_COUNT];
	unsigned sizes[LIST_COUNT];
	const struct own *own; /* addresses of this host; NULL: not known */
};

struct lists *
lists_new(int64_t read_at)
{
	struct lists *l = xcalloc(1, sizeof(*l));

	l->references = 1;
	l->read_at = read_at;
	l->arena = arena_new_small();
	return l;
}

void
lists_look_around(struct lists *l)
{
	l->own = own_addresses(l->arena);
}

struct lists *
lists_ref(struct lists *l)
{
	l->references++;
	return l;
}

void
lists_unref(struct lists *l)
{
	if (!l || --l->references > 0)
		return;
	for (int i = 0; i < LIST_COUNT; i++)
		lookups_free(l->tables[i]);
	arena_release(l->arena);
	free(l);
}

int64_t
lists_read_at(const struct lists *l)
{
	return l ? l->read_at : 0;
}

unsigned
lists_size(const struct lists *l, enum list_name which)
{
	return l ? l->sizes[which] : 0;
}

/* -- patterns -- */

/* The keys that mean what `pattern` means, at most two: "*" is everybody's
 * IPv4 and IPv6. */
static size_t
keys_of(struct arena *a, const char *pattern, const char *keys[2])
{
	const size_t size = strlen(pattern);

	if (strcmp(pattern, "*") == 0) {
		keys[0] = "0.0.0.0/0";
		keys[1] = "::/0";
		return 2;
	}
	if (strncmp(pattern, "*.", 2) == 0)
		keys[0] = pattern + 1;
	else if (size > 2 && strcmp(pattern + size - 2, ".*") == 0)
		keys[0] = arena_memdup(a, pattern, size - 2);
	else
		keys[0] = pattern;
	return 1;
}

static void
keep_last(void *data, const char *file, int line, const char *text)
{
	(void)file;
	(void)line;
	snprintf(data, LIST_WRONG, "%s", text);
}

const char *
list_check(struct arena *a, const char *pattern)
{
	struct lists *trial = lists_new(0);
	const struct list_record r = { pattern, "" };
	const char *wrong = lists_fill(trial, LIST_ALLOW, &r, 1, 0);

	wrong = wrong ? arena_strdup(a, wrong) : NULL;
	lists_unref(trial);
	return wrong;
}

/* -- records -- */

/* The number behind NAME=, 0 when there is none. */
static int64_t
number(const char *record, const char *name)
{
	const char *at = strstr(record, name);

	return at ? strtoll(at + strlen(name), NULL, 10) : 0;
}

static bool
ended(const char *record, int64_t now)
{
	const int64_t until = number(record, "until=");

	return until > 0 && until <= now;
}

/* A lookup's value is "PATTERN RECORD": a pattern has no blank. */
const char *
lists_fill(struct lists *l, enum list_name which,
    const struct list_record *records, size_t count, int64_t now)
{
	struct arena *a = arena_new();
	struct lookup_pair *pairs = arena_alloc(
	    a, (2 * count + 1) * sizeof(*pairs));
	char *wrong = arena_alloc(l->arena, LIST_WRONG);
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		const struct list_record *r = &records[i];
		const char *keys[2];

		if (ended(r->record, now) || strchr(r->pattern, ' '))
			continue;
		l->sizes[which]++;
		for (size_t k = keys_of(a, r->pattern, keys); k > 0; k--)
			pairs[n++] = (struct lookup_pair){ keys[k - 1],
				arena_printf(
				    a, "%s %s", r->pattern, r->record) };
	}
	lookups_free(l->tables[which]);
	l->tables[which] = lookups_of(pairs, n, keep_last, wrong);
	arena_release(a);
	return *wrong ? wrong : NULL;
}

bool
lists_find(const struct lists *l, enum list_name which,
    const struct address *client, const char *client_name, int64_t now,
    struct list_entry *out)
{
	const char *value, *record;

	value = l ? lookups_client(l->tables[which], client, client_name)
		  : NULL;
	if (!value)
		return false;
	record = value + strcspn(value, " ");
	if (ended(record, now))
		return false;
	out->value = value;
	out->since = number(record, "since=");
	out->until = number(record, "until=");
	return true;
}

const char *
list_entry_part(struct arena *a, const struct list_entry *e, const char *name)
{
	const char *at = strstr(e->value, name);
	const bool last = strcmp(name, "reason=") == 0;

	if (!*name)
		return arena_memdup(a, e->value, strcspn(e->value, " "));
	if (!at)
		return "";
	at += strlen(name);
	return last ? at : arena_memdup(a, at, strcspn(at, " "));
}

/* -- whom nothing is held against -- */

bool
lists_own(const struct lists *l, const struct network *n)
{
	struct arena *a;
	bool is;

	if (l && l->own)
		return own_meets(l->own, n);
	a = arena_new();
	is = own_meets(own_addresses(a), n);
	arena_release(a);
	return is;
}

bool
lists_trust(const struct lists *l, const struct conf *conf,
    const struct address *client, const char *client_name, int64_t now)
{
	struct list_entry e;

	return lookups_client(conf->trusted, client, client_name) ||
	    (lookups_redis(conf->trusted) &&
		lists_find(l, LIST_TRUSTED, client, client_name, now, &e));
}

bool
lists_immune(const struct lists *l, const struct conf *conf,
    const struct address *client, const char *client_name, int64_t now)
{
	const struct network alone = network_of(client, UINT_MAX);
	struct list_entry e;

	return address_is_loopback(client) ||
	    lists_trust(l, conf, client, client_name, now) ||
	    lookups_client(conf->allow_clients, client, client_name) ||
	    lists_find(l, LIST_ALLOW, client, client_name, now, &e) ||
	    lists_own(l, &alone);
}
