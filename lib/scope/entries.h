/*
 * entries - what a sender may be called on a list; within lib/scope only
 */
#ifndef SCOPE_ENTRIES_H
#define SCOPE_ENTRIES_H

#include <stddef.h>

struct arena;

enum { ENTRIES = 24 }; /* they and two keys fit into a question */

struct entries {
	size_t count;
	const char *items[ENTRIES];
};

/* The longest first: the address, the same without +extension, its domain, also
 * as "@domain", the parents of that as ".example", and the user wherever he is
 * as "user@". None of the null sender. */
struct entries deny_entries(struct arena *a, const char *sender);

/* In lower case, without a dot behind. */
const char *entries_canonical(struct arena *a, const char *text);

#endif
