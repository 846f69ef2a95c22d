/*
 * lookup - tables of addresses and names, as Postfix administrators know them
 *
 * One item of a list in policyd.conf is one of
 *
 *     192.0.2.0/24  2001:db8::1  host.example  .example  user@example
 *     @example ...     the key itself; its value is ""
 *     cidr:FILE        "network value" lines, first match wins; cidr_table(5)
 *     texthash:FILE    "key value" lines; DATABASE_README
 *     inline:{k=v, k}  the same within the configuration
 *     redis:           what Redis has besides; nothing is found in it here,
 *                      see lib/scope
 *
 * A file is read whole when its table is opened. What cannot be read or
 * understood is an error with file and line, never a shorter table.
 */
#ifndef CONF_LOOKUP_H
#define CONF_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>

struct address;
struct arena;
struct lookups; /* the items of one list, in order */

/* `file` is NULL when the item itself is wrong. */
typedef void lookup_complain(
    void *data, const char *file, int line, const char *text);

/* True when opening `item` would read a file. */
bool lookup_is_file(const char *item);

bool lookup_is_redis(const char *item);

/* True for an item that is a key itself. */
bool lookup_is_key(const char *item);

/* In `a`, all of it. NULL when an item is wrong, and then `complain` was
 * called. */
struct lookups *lookups_open(struct arena *a, const char *const *items,
    size_t count, lookup_complain *complain, void *data);

/* A list of keys that come from elsewhere, and may be freed. A wrong one is
 * complained about and left out. Never NULL; the pairs are copied. */
struct lookup_pair {
	const char *key, *value;
};
struct lookups *lookups_of(const struct lookup_pair *pairs, size_t count,
    lookup_complain *complain, void *data);
void lookups_free(struct lookups *l); /* NULL is fine */

/* The items as they were written. `l` may be NULL. */
size_t lookups_count(const struct lookups *l);
const char *lookups_item(const struct lookups *l, size_t i);

/* Adds the files they were read from. */
struct stamps;
void lookups_files(const struct lookups *l, struct stamps *out);

/* True when "redis:" is one of them. */
bool lookups_redis(const struct lookups *l);

/*
 * Each returns the value of the first match, "" for an entry without one,
 * NULL without any. `l` may be NULL: an empty list. A domain is the same in
 * all its forms (base/idn.h), in a table and where it is looked up.
 */

/* A client: its address, its networks, its verified host name (`name` may be
 * "unknown") and, as ".example" or "example", the name's parent domains. */
const char *lookups_client(
    const struct lookups *l, const struct address *a, const char *name);

/*
 * A mail address: user+extension@domain, user@domain, "@domain" or "domain",
 * the domain's parents as ".example", user+extension@, user@. "<>" matches the
 * null sender; what has no domain is looked up as it is.
 */
const char *lookups_address(const struct lookups *l, const char *address);

/* A domain: itself, also as "@domain", and its parents as ".example". */
const char *lookups_domain(const struct lookups *l, const char *domain);

/* This very key, in any letters. */
const char *lookups_key(const struct lookups *l, const char *text);

#endif
