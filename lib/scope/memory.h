/*
 * memory - where the addresses are that were asked for; within lib/scope only
 */
#ifndef SCOPE_MEMORY_H
#define SCOPE_MEMORY_H

#include "scope/known.h"

struct scopes_known {
	struct clock *clock;
	uint64_t seed; /* of the hashes */
	struct table table;
	struct known *all; /* the longest unused first */
	size_t bytes;
	struct scopes_counts counts; /* but for the size */

	struct watch watch;
	struct store *store; /* whom we watch; NULL: none */
	struct arena *arena; /* of the names; NULL: none */
	const char *prefix, *prefixes[3]; /* up to a NULL */
	bool live;
	/* What was asked before may be older than a change that was not told;
	 * than one that was, of whatever address. */
	uint64_t live_ms, changed_ms;
};

/* Whether a change of it would have been told since it was asked for. */
bool memory_hears(const struct scopes_known *k, const struct known *e);

/* NULL when there is none. */
struct known *memory_get(const struct scopes_known *k, const char *address);

/* In the place of whatever is there. The caller's reference is the table's
 * then. */
void memory_put(struct scopes_known *k, struct known *e);

/* It may be changed: itself, or where it is in use a copy in its place. It is
 * made under no configuration. */
struct known *memory_anew(struct scopes_known *k, struct known *e);

/* It was asked for, or looked for at that time. */
void memory_used(struct scopes_known *k, struct known *e);
void memory_found(struct scopes_known *k, struct known *e, uint64_t ms);

/* Counts the bytes of one anew that has changed. */
void memory_weigh(struct scopes_known *k, struct known *e);

/* The longest unused go, as long as there are too many. */
void memory_make_room(struct scopes_known *k);

#endif
