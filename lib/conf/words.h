/*
 * words - the value of an option that does not stand in a file
 *
 * In Redis a value is what stands behind the "=" in policyd.conf. A person who
 * types it into redis-cli need not know where the file wants quotes and braces:
 * without them a value is its text, and the items of a list are separated by
 * commas or blanks.
 */
#ifndef CONF_WORDS_H
#define CONF_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct words {
	size_t count;
	const char *const *items; /* in the arena */
};

/* NULL when all is well, else what is wrong: "is not closed". */
const char *words_read(
    struct arena *a, const char *text, bool list, struct words *out);

#endif
