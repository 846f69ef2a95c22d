/*
 * connection - one conversation with one server
 *
 * From the name in the configuration to a master that knows our scripts:
 * resolve, connect, AUTH, SELECT, CLIENT SETNAME, ROLE, SCRIPT LOAD. One
 * deadline for all of it; it fails or is ready. Afterwards it carries
 * commands, until it is lost or dropped. It does not come back: who wants to
 * go on opens another one.
 */
#ifndef ASK_REDIS_CONNECTION_H
#define ASK_REDIS_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "ask/redis/scripts.h"

struct clock;
struct place;
struct redisReply;
struct resolver;
struct topology;

/* How to get ready; outlives the connection. */
struct greeting {
	uv_loop_t *loop;
	struct clock *clock;
	struct resolver *resolver;
	struct topology *topology;
	struct scripts *scripts; /* NULL: none are loaded */
	const char *user, *password, *password_file; /* "" or NULL: none */
	int64_t database;
	uint64_t connect_ms;
};

/* Who is told; never from inside connection_open(). */
struct connection_owner {
	/* The server is a master and knows the scripts. */
	void (*ready)(struct connection_owner *);
	/* Failed or lost, and why; all commands under way were told before.
	 * The connection must not be used any more. */
	void (*gone)(struct connection_owner *, const char *why);
	/* Its handles are closed, its memory is free. */
	void (*closed)(struct connection_owner *);
	/* NULL, or asked about all that is read: true when it is no reply to a
	 * command, and taken. */
	bool (*pushed)(
	    struct connection_owner *, const struct redisReply *message);
};

struct connection *connection_open(
    const struct greeting *g, struct connection_owner *owner);

/* The server's name as configured; "" before one was found. */
const char *connection_name(const struct connection *c);

/* The way to the very server it found: of a name, the address. */
void connection_peer(const struct connection *c, struct place *peer);

/* Queues so many formatted commands. `replied` is called for each of them, or
 * with NULL, for the last time, when the connection is lost. False when it is
 * lost already. */
typedef void connection_replied(void *data, const struct redisReply *reply);
bool connection_send(struct connection *c, const struct buffer *commands,
    unsigned count, connection_replied *replied, void *data);

/* Bytes queued and not written yet. */
size_t connection_unsent(const struct connection *c);

/* Ends it; `gone` is told `why`, at once or behind the reply that is being
 * told. */
void connection_drop(struct connection *c, const char *why);

#endif
