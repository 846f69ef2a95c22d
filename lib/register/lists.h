/*
 * lists - the small lists of the whole cluster, in memory
 *
 *     policyd:allow:{lists}    hash PATTERN ->
 *                              "since=T until=T by=WHO reason=TEXT"
 *     policyd:access:{lists}   the same: granted or denied, by access.default
 *     policyd:bans:{lists}     the same: networks that are banned
 *     policyd:trusted:{lists}  the same: clients of our own, where the
 *                              configuration's `trusted` has redis:
 *     policyd:version:{lists}  counts changes
 *
 * A PATTERN is an address, a network, a host name, or has a `*`: "192.0.2.*",
 * "*.example". until=0 has no end. Every policyd looks at the version (and at
 * the lengths, so that a redis-cli HSET is seen as well) each half second, and
 * reads the lists anew when it changed, or after half a minute (long lists
 * later). A request pays nothing for them; without Redis the last copy stays in
 * force.
 */
#ifndef REGISTER_LISTS_H
#define REGISTER_LISTS_H

#include <stdbool.h>
#include <stdint.h>

#include "ask/ask.h"

struct address;
struct arena;
struct clock;
struct conf;
struct network;
struct lists; /* a copy that does not change; referenced by requests */

enum list_name { LIST_ALLOW, LIST_ACCESS, LIST_BANS, LIST_TRUSTED, LIST_COUNT };

struct list_entry {
	int64_t since, until; /* 0: no end */
	const char *value; /* as long as the copy; see list_entry_part() */
};

struct lists *lists_ref(struct lists *l);
void lists_unref(struct lists *l); /* NULL is fine */

/* The entry for a client that has not ended at `now`; false when none. `l`
 * may be NULL: empty. Texts live as long as `l`. */
bool lists_find(const struct lists *l, enum list_name which,
    const struct address *client, const char *client_name, int64_t now,
    struct list_entry *out);

/* Of a found entry: "" its pattern, "by=" who made it, "reason=" why. */
const char *list_entry_part(
    struct arena *a, const struct list_entry *e, const char *name);

/* When it was read, Unix seconds; 0: never. */
int64_t lists_read_at(const struct lists *l);
unsigned lists_size(const struct lists *l, enum list_name which);

/* -- keeping them fresh -- */

struct mirror;

/* `fresh` is told of every new copy, and owns a reference to it. */
struct mirror *mirror_new(struct clock *clock, struct store *store,
    const char *prefix, void (*fresh)(void *data, struct lists *l), void *data);

/* After a reload. */
void mirror_configure(
    struct mirror *m, struct store *store, const char *prefix);
void mirror_free(struct mirror *m); /* an answer under way is forgotten */

/* -- changing them -- */

struct question list_add(struct arena *a, const struct conf *conf,
    enum list_name which, const char *pattern, int64_t seconds, const char *by,
    const char *reason); /* `seconds` 0: no end */

/* `pattern` as it stands there: somebody may have written it by hand. */
struct question list_del(struct arena *a, const struct conf *conf,
    enum list_name which, const char *pattern);

/* NULL when `pattern` can stand in a list, else what is wrong with it. */
const char *list_check(struct arena *a, const char *pattern);

/* "allow", "access", "bans", "trusted". */
const char *list_name(enum list_name which);

/* True when an address of this host lies in `n`, or counts as the same client
 * as it. `l` may be NULL, but then this host is asked each time. */
bool lists_own(const struct lists *l, const struct network *n);

/* True when it is one of our own, by the configuration or, where that says so,
 * by the list. `l` may be NULL. */
bool lists_trust(const struct lists *l, const struct conf *conf,
    const struct address *client, const char *client_name, int64_t now);

/* True when no register may hold it against this client: loopback, trusted,
 * an address of this host or one that counts as the same client, or on an
 * allow list. `l` may be NULL, but then this host is asked each time. */
bool lists_immune(const struct lists *l, const struct conf *conf,
    const struct address *client, const char *client_name, int64_t now);

#endif
