/*
 * said - what Redis says of a domain or mailbox, understood; within lib/scope
 *
 * The text is that of scope.lua: a line "OPTION=VALUE" for each field. Wrong
 * ones are logged here, once for each new text; the others count.
 */
#ifndef SCOPE_SAID_H
#define SCOPE_SAID_H

#include "conf/layers.h"
#include "scope/alias.h"

struct said {
	unsigned references;
	struct arena *arena; /* this is in it */
	const char *text;
	const struct layer *layer; /* NULL: it sets nothing */
	struct targets targets;
};

/* NULL for a text without lines. `key` is its name, for the log. */
struct said *said_read(
    enum level level, const char *address, const char *key, const char *text);

struct said *said_ref(struct said *s); /* NULL is fine */
void said_unref(struct said *s); /* NULL is fine */

/* That text was read, or there is none and it was empty. */
bool said_this(const struct said *s, const char *text);

#endif
