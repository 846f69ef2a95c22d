/*
 * trouble - what may befall a false Redis, or the lines to it
 */
#ifndef KIT_TROUBLE_H
#define KIT_TROUBLE_H

#include "kit/false_redis.h"

struct torn;

enum trouble {
	NOTHING,
	FULL, /* the server */
	REPLICA,
	BUSY, /* some lines; is told at once */
	DOWN, /* some, so: others may be well meanwhile */
	REFUSED, /* the server */
	SLOW, /* but in time; with all up to here nothing is in doubt */
	HUNG, /* too slow: it has run all the same. Not on a torn line, where it
		 would be asked in part, and what is behind it all the same. */
	BROKEN, /* some lines, at this moment */
	TROUBLES
};

/* Embed it. */
struct site {
	struct false_redis *redis;
	struct torn *const *lines;
	unsigned count; /* of these */
	unsigned *seed; /* torn_dice()'s */
};

void trouble_begin(const struct site *s, enum trouble what);
void trouble_end(const struct site *s);

#endif
