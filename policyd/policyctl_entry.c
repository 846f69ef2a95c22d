/*
 * policyctl_entry - reading hashes and records
 */
#include "policyctl_entry.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "policyctl_key.h"
#include "policyctl_redis.h"
#include "policyctl_shelf.h"

/* A time or number that somebody may have written by hand. */
static int64_t
number(const char *text)
{
	if (!strcmp(text, "permanent"))
		return FOREVER;
	return *text >= '0' && *text <= '9' ? strtoll(text, NULL, 10) : 0;
}

static const char *
field(const struct node *hash, const char *name)
{
	for (size_t i = 0; i + 1 < hash->count; i += 2)
		if (!strcmp(hash->items[i].text, name))
			return hash->items[i + 1].text;
	return "";
}

/* The later end; the latest is none. */
static int64_t
later(int64_t a, int64_t b)
{
	if (a == FOREVER || b == FOREVER)
		return FOREVER;
	return a > b ? a : b;
}

static void
add_domain(struct entry *e, const char *name, int64_t until)
{
	e->until = later(e->until, until);
	e->domains[e->domain_count++] = (struct mark){ name, until };
}

static void
add_reporter(struct entry *e, const char *name, int64_t at)
{
	if (e->since == 0 || at < e->since)
		e->since = at;
	if (at > e->last)
		e->last = at;
	e->reporters[e->reporter_count++] = (struct mark){ name, at };
}

/* Fields "until", "until:DOMAIN" and "USER@DOMAIN", each with a time. */
static void
read_spam(struct entry *e, struct arena *a, const struct node *hash)
{
	static const char of_domain[] = "until:";
	const size_t skip = sizeof(of_domain) - 1;

	e->reporters = arena_alloc(a, hash->count * sizeof(struct mark));
	e->domains = arena_alloc(a, hash->count * sizeof(struct mark));
	for (size_t i = 0; i + 1 < hash->count; i += 2) {
		const char *name = hash->items[i].text;
		const int64_t at = number(hash->items[i + 1].text);

		if (strchr(name, '@'))
			add_reporter(e, name, at);
		else if (!strncmp(name, of_domain, skip))
			add_domain(e, name + skip, at);
	}
	e->everywhere = number(field(hash, "until"));
	e->until = later(e->until, e->everywhere);
}

static void
read_fields(struct entry *e, struct arena *a, const struct node *hash)
{
	if (e->shelf->kept == REGISTER_SPAM) {
		read_spam(e, a, hash);
		return;
	}
	e->until = number(field(hash, "until"));
	e->since = number(
	    field(hash, e->shelf->kept == REGISTER_BAN ? "since" : "first"));
	e->level = number(field(hash, "level"));
	e->failures = number(field(hash, "failures"));
	e->last = number(field(hash, "last"));
	if (e->since == 0)
		e->since = e->last;
	e->users = field(hash, "users");
	e->times = field(hash, "times");
	e->by = field(hash, "by");
	e->reason = field(hash, "reason");
}

bool
entry_of_hash(struct entry *e, struct arena *a, const struct conf *conf,
    const struct shelf *s, const char *key, const struct node *hash)
{
	struct key_parts k;

	*e = (struct entry){ .shelf = s,
		.key = key,
		.by = "",
		.reason = "",
		.users = "",
		.times = "" };
	if (!key_split(&k, a, conf->prefix, key) || !k.tag || k.count > 1 ||
	    strcmp(k.name, register_name(s->kept)) != 0 ||
	    hash->kind != NODE_LIST || hash->count == 0)
		return false;
	e->client = k.tag;
	e->service = k.count ? k.parts[0] : NULL;
	read_fields(e, a, hash);
	return true;
}

/* Of "since=T until=T by=WHO reason=TEXT" what stands behind NAME=: up to the
 * next blank, and of the last one all of it. */
static const char *
part(struct arena *a, const char *record, const char *name)
{
	const size_t size = strlen(name);

	for (const char *p = record; p; p = strchr(p, ' ')) {
		p += *p == ' ';
		if (strncmp(p, "reason=", 7) == 0)
			return strcmp(name, "reason=") == 0
			    ? arena_strdup(a, p + 7)
			    : "";
		if (strncmp(p, name, size) == 0)
			return arena_memdup(
			    a, p + size, strcspn(p + size, " "));
	}
	return "";
}

void
entry_of_record(struct entry *e, struct arena *a, const struct shelf *s,
    const char *pattern, const char *record)
{
	*e = (struct entry){ .shelf = s,
		.client = pattern,
		.users = "",
		.times = "",
		.by = part(a, record, "by="),
		.reason = part(a, record, "reason="),
		.since = number(part(a, record, "since=")),
		.until = number(part(a, record, "until=")) };
	if (e->until == 0)
		e->until = FOREVER;
}

bool
entry_holds(const struct entry *e, int64_t now)
{
	return e->until == FOREVER || e->until > now;
}
