/*
 * connection - finding the server, connecting, letting go
 *
 * What is said until the server is known to be good is in greeting.c.
 */
#include "ask/redis/connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask/dns/resolve.h"
#include "ask/redis/greeting.h"
#include "ask/redis/stream.h"
#include "ask/redis/topology.h"
#include "base/arena.h"
#include "base/clock.h"

enum state {
	FINDING, /* the topology, then the name */
	CONNECTING, /* and all until the scripts are loaded */
	READY,
	GONE
};

struct connection {
	struct stream stream;
	struct lookup lookup;
	struct timer timer; /* to begin; then the deadline */
	struct greeter greeter;
	const struct greeting *greeting;
	struct connection_owner *owner;
	const struct place *place;
	char address[ADDRESS_TEXT]; /* of a host; or "" */
	enum state state;
	char why[160];
};

#define OF(member, p)                                                          \
	((struct connection *)((char *)(p)-offsetof(struct connection, member)))

static void
closed(struct connection *c)
{
	struct connection_owner *owner = c->owner;

	free(c);
	owner->closed(owner);
}

/* Before there is a stream. */
static void
fail(struct connection *c, const char *why)
{
	c->state = GONE;
	timer_stop(&c->timer);
	c->owner->gone(c->owner, why);
	closed(c);
}

static void
stream_gone(struct stream *stream, const char *error)
{
	struct connection *c = OF(stream, stream);

	timer_stop(&c->timer);
	c->state = GONE;
	if (!c->why[0])
		snprintf(c->why, sizeof(c->why), "%s", error);
	c->owner->gone(c->owner, c->why);
}

static void
stream_closed(struct stream *stream)
{
	closed(OF(stream, stream));
}

static bool
stream_pushed(struct stream *stream, const struct redisReply *message)
{
	struct connection *c = OF(stream, stream);

	return c->owner->pushed(c->owner, message);
}

static void
greeted(struct greeter *greeter, const char *error)
{
	struct connection *c = OF(greeter, greeter);

	if (c->state != CONNECTING)
		return;
	if (error) {
		connection_drop(c, error);
		return;
	}
	timer_stop(&c->timer);
	c->state = READY;
	c->owner->ready(c->owner);
}

static void
connect_to(struct connection *c)
{
	const struct greeting *g = c->greeting;

	c->state = CONNECTING;
	if (stream_open(&c->stream, g->loop, c->address, c->place->port,
		c->place->path))
		greeter_start(&c->greeter, g, c, greeted);
}

static void
resolved(struct lookup *lookup, const struct address *addresses, size_t count,
    const char *error)
{
	struct connection *c = OF(lookup, lookup);

	if (count == 0) {
		fail(c, error);
		return;
	}
	address_text(&addresses[c->place->turn % count], c->address);
	connect_to(c);
}

static void
found(void *data, const struct place *place)
{
	struct connection *c = data;
	const struct greeting *g = c->greeting;

	c->place = place;
	if (place->path)
		connect_to(c);
	else /* late before we are: it knows better why */
		resolver_lookup(g->resolver, &c->lookup, place->host,
		    g->connect_ms - g->connect_ms / 8);
}

static void
too_late(struct timer *timer)
{
	connection_drop(OF(timer, timer), "not ready in time");
}

static void
begin(struct timer *timer)
{
	struct connection *c = OF(timer, timer);
	const struct greeting *g = c->greeting;

	timer->fire = too_late;
	timer_start(timer, g->clock, g->connect_ms);
	g->topology->find(g->topology, found, c);
}

struct connection *
connection_open(const struct greeting *g, struct connection_owner *owner)
{
	struct connection *c = xcalloc(1, sizeof(*c));

	c->stream.gone = stream_gone;
	c->stream.closed = stream_closed;
	c->stream.pushed = owner->pushed ? stream_pushed : NULL;
	c->lookup.found = resolved;
	c->timer.fire = begin;
	c->greeting = g;
	c->owner = owner;
	timer_start(&c->timer, g->clock, 0);
	return c;
}

const char *
connection_name(const struct connection *c)
{
	return c->place ? c->place->name : "";
}

void
connection_peer(const struct connection *c, struct place *peer)
{
	*peer = *c->place;
	if (!peer->path)
		peer->host = c->address;
}

bool
connection_send(struct connection *c, const struct buffer *commands,
    unsigned count, connection_replied *replied, void *data)
{
	return stream_send(&c->stream, commands, count, replied, data);
}

size_t
connection_unsent(const struct connection *c)
{
	return stream_unsent(&c->stream);
}

void
connection_drop(struct connection *c, const char *why)
{
	if (c->state == GONE)
		return;
	if (c->state == FINDING) {
		c->greeting->topology->cancel(c->greeting->topology);
		lookup_cancel(&c->lookup);
		fail(c, why);
		return;
	}
	c->state = GONE;
	timer_stop(&c->timer);
	snprintf(c->why, sizeof(c->why), "%s", why);
	stream_drop(&c->stream);
}
