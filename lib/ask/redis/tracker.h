/*
 * tracker - a second connection, on which the server says what has changed
 *
 * CLIENT TRACKING with REDIRECT to itself, by prefixes (BCAST): that costs the
 * server nothing for what is read and no memory, but some time for each key
 * that is written, so that few and short prefixes are good ones. What is said
 * there comes as messages of a channel, which a connection that asks questions
 * cannot take (RESP2). It goes to the server that is in use, and as long as
 * that is in use.
 *
 * First it must tell of a change that we make ourselves on the other
 * connection: then both lead to one server, and that tells. From then on it is
 * live as long as it answers twice a second. When it cannot be had (an old
 * server, no right to it, a proxy), or is lost, there will be another try,
 * after a minute at last; who watches must do without meanwhile.
 */
#ifndef ASK_REDIS_TRACKER_H
#define ASK_REDIS_TRACKER_H

#include <stdbool.h>
#include <stdint.h>

#include "ask/ask.h"
#include "ask/redis/connection.h"
#include "ask/redis/topology.h"
#include "base/clock.h"

/* Embed it; the first block is the owner's to fill in. */
struct tracker {
	const struct greeting *greeting; /* of the connection in use */
	/* Write the key of the probe on the connection in use. */
	void (*prove)(struct tracker *);
	void (*stopped)(struct tracker *);

	struct topology topology; /* one place: that of the server in use */
	struct place place;
	struct greeting own;
	struct connection_owner owner;
	struct connection *connection; /* NULL: none */
	struct watch *watch; /* NULL: nobody */
	const char *probe; /* a key */
	struct timer next; /* a try; then its end, unless it is proven; then
			      the next beat */
	uint64_t wait_ms; /* before the next try */
	uint64_t began_ms; /* to tell */
	uint64_t beat_ms; /* the last beat */
	unsigned open; /* connections not closed yet, and one for us */
	char id[24]; /* of the connection, as the server counts them */
	bool in_use; /* there is a server to go to */
	bool proving; /* our own change is to be told */
	bool telling; /* and is told of others; it may be late with it */
	bool live;
	bool late; /* it is live, and does not answer in time */
	bool silent; /* the last beat was not answered yet */
	bool stopping;
	char reported[160]; /* why it is not live, as logged; or "" */
};

void tracker_init(struct tracker *t);

/* Whom to tell, NULL: nobody. Begins anew, as `probe` or the prefixes may be
 * others. */
void tracker_watch(struct tracker *t, struct watch *watch, const char *probe);

/* There is a server in use; there is none any more. */
void tracker_start(struct tracker *t, const struct connection *in_use);
void tracker_pause(struct tracker *t);

/* `stopped` is told when everything is closed; never from inside this. */
void tracker_stop(struct tracker *t);

#endif
