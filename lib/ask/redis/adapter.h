/*
 * adapter - hiredis' asynchronous contexts on libuv's loop
 *
 * hiredis 0.14 brings one that ignores the errors libuv polls: a refused or
 * broken connection is then never noticed. This one hands every event to
 * hiredis, which finds the errno.
 *
 * What was queued in one turn of the loop leaves in one write before the loop
 * polls again; the socket is polled for writing only while it is full or not
 * connected. Works with hiredis 0.14 and 1.x; the one file that would need to
 * tell them apart.
 */
#ifndef ASK_REDIS_ADAPTER_H
#define ASK_REDIS_ADAPTER_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct redisAsyncContext;

/* Embed it, zeroed but for the two calls. */
struct adapter {
	/* hiredis lets go of the context, for whatever reason: all callbacks
	 * of pending commands ran. `error` is "" when we asked for it. */
	void (*gone)(struct adapter *, const char *error);
	/* Its handles are closed: the memory may go. */
	void (*closed)(struct adapter *);

	struct redisAsyncContext *ac; /* NULL once gone */
	uv_poll_t poll;
	uv_prepare_t before;
	int events; /* polled for */
	bool queued; /* something to write */
	bool writing;
	unsigned handles; /* not closed yet */
	char error[128];
};

/* Connects to an address (no names: hiredis would look them up and wait) or to
 * a unix socket. NULL, or what went wrong at once; then neither call is ever
 * made. */
const char *adapter_open(struct adapter *a, uv_loop_t *loop,
    const char *address, unsigned port, const char *path);

/* Bytes queued and not written yet. */
size_t adapter_unsent(const struct adapter *a);

/* Lets go of the context; `gone` is called at once, or behind the callback of
 * hiredis in which this is called. */
void adapter_drop(struct adapter *a);

#endif
