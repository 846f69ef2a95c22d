/*
 * inner - what the files of this room share
 *
 * A wire has listeners and clients, each in a list. A listener that a reload
 * has closed is kept until its last client is gone, which may be days.
 */
#ifndef WIRE_INNER_H
#define WIRE_INNER_H

#include "base/clock.h"
#include "engine/engine.h"
#include "wire/parser.h"
#include "wire/socket.h"
#include "wire/wire.h"

struct client;

struct listener {
	struct listener *next;
	struct wire *wire;
	char *item; /* of `listen` */
	int inherited; /* the descriptor's number when handed over, else -1 */
	int fd;
	bool is_unix;
	struct socket_file file;
	uv_poll_t poll;
	struct timer pause; /* while it cannot accept */
	bool failing;
	bool wanted, fresh; /* while `listen` is read again */
	unsigned holders; /* itself while open, and its clients */

	uint64_t warned_ms; /* when this minute's warnings began */
	unsigned warned, unsaid;
};

struct wire {
	uv_loop_t *loop;
	struct clock *clock;
	struct engine *engine;
	struct listener *listeners;
	struct listener *aside; /* while `listen` is read again */
	struct client *clients;
	unsigned max_clients;
	bool full; /* and it was said */
	unsigned handles; /* of libuv, not closed yet */
	bool closing;
	void (*closed)(void *data);
	void *data;
	struct wire_counts counts;
	char buffer[64 * 1024]; /* all clients read into it, in turn */
};

/* Opens one. NULL when it cannot be, and *rc says why; it was logged then. */
struct listener *listener_open(struct wire *w, const char *item, int inherited,
    const struct conf *conf, int *rc);

/* One that stays open: what `conf` says about it may have changed. */
int listener_keep(struct listener *l, const struct conf *conf);

/* Stops listening and leaves the wire's list; clients stay. */
void listener_close(struct listener *l);
void listener_drop(struct listener *l); /* one of its holders is gone */

/* Closes what is in the way of `item` and not listed any more; false: nothing
 * is. When all are open, or one `failed`, those are gone, or opened again. */
bool way_clear(struct wire *w, const char *item, const struct conf *conf);
void way_end(struct wire *w, bool failed, const struct conf *conf);

/* A warning about a client, with who and where; a flood of them is cut. */
void listener_warn(struct listener *l, int fd, const char *what);

/* Takes over the accepted descriptor. */
void client_open(struct listener *l, int fd);

/* Closes all clients; those with a request in work when it is answered. */
void client_finish_all(struct wire *w);

/* Counts clients in and out; false: no room for another. */
bool wire_enter(struct wire *w);
void wire_leave(struct wire *w);

/* One of w->handles is gone. `w` may be gone with the last one. */
void wire_handle_closed(struct wire *w);

#endif
