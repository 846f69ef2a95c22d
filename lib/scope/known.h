/*
 * known - what is known of one address, and its scope; within lib/scope only
 *
 * What Redis said of a domain or mailbox, and what follows from that and the
 * file under one configuration. Counted: what a request may have seen is not
 * changed any more, but replaced.
 */
#ifndef SCOPE_KNOWN_H
#define SCOPE_KNOWN_H

#include "base/table.h"
#include "scope/said.h"
#include "scope/scope.h"

/* A look at one touches its first bytes only: one of a hundred thousand is
 * seldom in the processor's caches. */
enum { KNOWN_LOOK = 128 };

struct known {
	struct link link; /* its number is a hash of its address */
	unsigned references;
	uint32_t used; /* when it was looked for, in steps of memory.c */
	uint64_t asked_ms; /* when Redis was asked last */

	bool told; /* Redis has answered once, and then: */
	bool there, denies; /* its key, its deny list exist */
	bool stale; /* the last time it did not answer */
	bool stray; /* under this configuration nobody asks Redis */
	bool in_memory; /* where it hears of changes */
	bool changed; /* since then */
	bool lasts; /* until a change is told; else, for half a second */

	/* Made under a configuration; NULL: not yet. */
	struct conf *conf;
	struct known *domain; /* of a mailbox: its domain's */
	struct known *led; /* of an alias: where it leads */
	struct scope scope; /* of which address, user and domain always hold */

	enum loss loss; /* Redis never answered, and why */
	unsigned weight; /* bytes that are counted for it */
	struct known *prev, *next; /* among those in memory */
	struct said *said; /* NULL: no settings */
	struct arena *arena; /* of settings of its own; NULL: none */
	char address[];
};

/* One that nothing is known of. */
struct known *known_new(const char *address);

/* The same facts in another one, made under no configuration. */
struct known *known_copy(const struct known *e);

struct known *known_ref(struct known *e);
void known_unref(struct known *e); /* NULL is fine */

/* Makes its scope; `domain` NULL: it is one itself. */
void known_make(struct known *e, struct known *domain, struct conf *conf);

/* The scope of an alias is that of `end`. */
void known_lead(struct known *e, struct known *end);

/* Takes that back. */
void known_unmake(struct known *e);

/* Bytes it takes. */
size_t known_size(const struct known *e);

#endif
