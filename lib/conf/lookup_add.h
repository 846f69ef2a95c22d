/*
 * lookup_add - filling a struct lookups; within lookup*.c only
 */
#ifndef CONF_LOOKUP_ADD_H
#define CONF_LOOKUP_ADD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/lookup.h"
#include "conf/stamp.h"

struct arena;
struct hash;
struct networks;

enum { LOOKUP_KEY = 1024 }; /* bytes; a longer one is in no table */

struct lookups {
	struct arena *arena;
	size_t count;
	const char **items;
	struct hash *keys; /* in lower case, to struct entry */
	bool redis; /* among the items */
	bool names; /* among the keys, not only addresses */
	struct networks *networks;
	struct stamps files;
	unsigned wrong;
};

/* The table that is being read. */
struct source {
	struct lookups *lookups;
	struct arena *arena; /* of the lookups */
	size_t item; /* its number in the list */
	const char *file; /* NULL: the item itself */
	int line;
	lookup_complain *complain;
	void *data;
	bool failed; /* it was complained about */
};

void source_wrong(struct source *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* One item of a list. */
void source_open(struct source *s, const char *item);

/* A key of a table in which order does not count. Both are copied. */
void source_key(struct source *s, const char *key, const char *value);

/* A pattern of cidr_table(5); `order` is its place. Both are copied. */
void source_cidr(
    struct source *s, const char *pattern, const char *value, uint32_t order);

/* Reads cidr:FILE or texthash:FILE. */
void lookup_file(struct source *s, const char *path, bool cidr);

#endif
