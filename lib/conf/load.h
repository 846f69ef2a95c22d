/*
 * load - the statements of a text, into a configuration
 */
#ifndef CONF_LOAD_H
#define CONF_LOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"
#include "conf/stamp.h"

struct arena;
struct complaints;
struct scopes;

/* The struct conf that the others see is the first part of this. */
struct whole {
	struct conf conf;
	unsigned references;
	struct arena *arena; /* this too is in it */
	struct scopes *scopes; /* NULL without any */
	struct stamps files; /* of its tables */
	const char *text; /* of policyd.conf; NULL: none was read */
	size_t size;
	int *lines; /* where the server's options were set, by row */
};

struct load_from {
	bool files; /* it may name other files */
	const struct conf *again; /* has its secrets already; NULL: none has */
};

void load_text(struct whole *w, const char *text, size_t size,
    const struct load_from *from, struct complaints *said);

#endif
