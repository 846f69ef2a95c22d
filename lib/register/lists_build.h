/*
 * lists_build - making a copy of the lists, and the keys they are read from;
 * within lib/register and tests only
 */
#ifndef REGISTER_LISTS_BUILD_H
#define REGISTER_LISTS_BUILD_H

#include "register/lists.h"

enum { LIST_WRONG = 256 };

struct list_record {
	const char *pattern, *record; /* "since=T until=T by=WHO reason=TEXT" */
};

/* Empty, with one reference: the caller's. */
struct lists *lists_new(int64_t read_at);

/* Notes which addresses this host has, so that nobody need ask again. */
void lists_look_around(struct lists *l);

/* Makes `which` consist of the records that have not ended at `now`. What
 * cannot be understood is left out, and the last complaint returned, which
 * lives as long as `l`; NULL when all is well. */
const char *lists_fill(struct lists *l, enum list_name which,
    const struct list_record *records, size_t count, int64_t now);

/* The version and all lists, in the order of enum list_name: KEYS of
 * version.lua and lists.lua. */
void lists_keys(
    struct arena *a, const char *prefix, struct word keys[1 + LIST_COUNT]);

#endif
