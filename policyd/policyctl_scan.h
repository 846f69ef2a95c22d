/*
 * policyctl_scan - keys, and fields of hashes, a page at a time
 *
 * Nothing is asked that stops Redis, and memory is that of a page.
 */
#ifndef POLICYD_POLICYCTL_SCAN_H
#define POLICYD_POLICYCTL_SCAN_H

#include <stdbool.h>

struct arena;
struct door;
struct node;

/* Keys that match a glob pattern. Redis may name a key twice. */
struct scan {
	struct door *door;
	const char *pattern; /* of keys; NULL: fields */
	const char *key; /* of a hash */
	bool optional; /* no right to SCAN is no trouble, only an end */
	bool whole; /* all was seen */
	const char *cursor; /* NULL: at the end */
	char cursor_text[24];
};
void scan_start(struct scan *s, struct door *d, const char *pattern);

/* Fields of the hash `key`, and their values in turn. */
void scan_start_hash(struct scan *s, struct door *d, const char *key);

/* The next page, perhaps an empty one, in `*keys`; false at the end, and when
 * Redis went away: then it has a door_trouble(). */
bool scan_next(struct scan *s, struct arena *a, struct node *keys);

#endif
