/*
 * policyctl_scan - keys, and fields of hashes, a page at a time
 *
 * Nothing is asked that stops Redis. Memory is that of a page, and a number for
 * each name: Redis may name a key twice, here it is named once.
 */
#ifndef POLICYD_POLICYCTL_SCAN_H
#define POLICYD_POLICYCTL_SCAN_H

#include <stdbool.h>

struct arena;
struct door;
struct node;
struct seen;

/* Keys that match a glob pattern. */
struct scan {
	struct door *door;
	struct seen *seen; /* all that was named */
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

void scan_end(struct scan *s);

#endif
