/*
 * door - accepts connections, as many as there is room for
 *
 * libmicrohttpd could do it too, but spins when no descriptor is left, and
 * does not notice that there is room again.
 */
#ifndef HTTP_DOOR_H
#define HTTP_DOOR_H

#include <stdbool.h>
#include <uv.h>

#include "base/clock.h"

struct sockaddr;
struct door;

struct door_owner {
	/* Takes the descriptor over. False: no room for another one now. */
	bool (*came)(struct door_owner *, int fd, const struct sockaddr *who,
	    socklen_t size);
	void (*closed)(struct door_owner *); /* a door is gone */
};

/* NULL when it cannot be opened, *rc says why, and it was logged. */
struct door *door_open(uv_loop_t *loop, struct clock *clock, const char *where,
    struct door_owner *owner, int *rc);

bool door_is(const struct door *d, const char *where);

/* There is room again. */
void door_room(struct door *d);
void door_close(struct door *d);

#endif
