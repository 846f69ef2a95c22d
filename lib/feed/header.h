/*
 * header - what stands before a message in a log; within lib/feed only
 */
#ifndef FEED_HEADER_H
#define FEED_HEADER_H

#include "feed/maillog.h"

struct header {
	struct span time, host;
	struct span program; /* empty: the line is a message alone */
	unsigned pid; /* 0: none */
};

/* Takes it off `line`; a line without a header stays as it is. */
void header_take(struct span *line, struct header *out);

/* Unix seconds; 0 when `time` is none. One without a year is the last such
 * moment that is not more than a day ahead of `now`. */
int64_t header_time(struct span time, int64_t now);

#endif
