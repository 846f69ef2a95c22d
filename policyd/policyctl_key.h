/*
 * policyctl_key - the parts of a key in Redis, as they were before encoding
 */
#ifndef POLICYD_POLICYCTL_KEY_H
#define POLICYD_POLICYCTL_KEY_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum { KEY_PARTS = 4 };

/* PREFIX NAME ":{" TAG "}" ":" PART ... (ask/key.h) */
struct key_parts {
	const char *name;
	const char *tag; /* NULL: none */
	size_t count;
	const char *parts[KEY_PARTS];
};

/* False when `key` does not begin with `prefix` or has another form. */
bool key_split(
    struct key_parts *k, struct arena *a, const char *prefix, const char *key);

/* A SCAN pattern that matches what begins with `text` literally. */
const char *key_pattern(struct arena *a, const char *text);

/* One that matches what begins with either, and some other keys. */
const char *key_pattern_of_two(
    struct arena *a, const char *one, const char *other);

#endif
