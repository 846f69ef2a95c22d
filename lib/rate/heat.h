/*
 * heat - whether a meter is charged so often that it is worth an advance
 *
 * It is looked at with every charge, and thousands are charged in turn: so it
 * lies with what plain.h knows of a meter, not in a table of its own. Times are
 * the low half of milliseconds: what is some weeks old may be taken for new,
 * and then somebody has an advance a moment sooner or later.
 */
#ifndef RATE_HEAT_H
#define RATE_HEAT_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed: it was never charged. */
struct heat {
	uint32_t since; /* ms; of one that was denied: until then */
	uint16_t count; /* charges within a second of that, HEAT_MOST at most */
	bool denied;
};

enum {
	HEAT_MS = 1000,
	HEAT_DENIED_MS = 10 * 1000,
	HEAT_MOST = 1000,
	HEAT_HOT = 4 /* charges within a second, before there is an advance */
};

/* One more; true when that is one of many. */
bool heat_rises(struct heat *h, uint64_t now);

/* It was asked for, and there is no room: none is wished for for a while. */
void heat_denied(struct heat *h, uint64_t now);

#endif
