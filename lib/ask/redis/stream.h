/*
 * stream - commands out, replies in, in their order
 *
 * The socket is libuv's and hiredis reads the replies. hiredis' own contexts
 * would do both, but allocate, look through and copy each command again, and
 * abort the process when a server says what nobody asked for.
 *
 * What was queued in one turn of the loop leaves in one write before the loop
 * polls again.
 */
#ifndef ASK_REDIS_STREAM_H
#define ASK_REDIS_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "ask/redis/reader.h"
#include "ask/redis/scripts.h"

/* Called for each reply, or with NULL, for the last time, when the connection
 * is lost; the reply is gone when it returns. */
typedef void stream_replied(void *data, const struct redisReply *reply);

struct expected {
	stream_replied *replied;
	void *data;
	unsigned replies; /* still to come */
};

/* Embed it, zeroed but for the calls. */
struct stream {
	/* It has ended, for whatever reason: all that were expected have been
	 * called. `error` is "" when we asked for it. */
	void (*gone)(struct stream *, const char *error);
	/* Its handles are closed: the memory may go. */
	void (*closed)(struct stream *);
	/* NULL, or asked about all that is read: true when it is no reply to a
	 * command, and taken. */
	bool (*pushed)(struct stream *, const struct redisReply *message);

	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_tcp_t tcp;
		uv_pipe_t pipe;
	} socket;
	uv_prepare_t before;
	uv_connect_t connect;
	uv_write_t write;
	struct reader reader;
	struct expected *expected; /* a ring, the oldest at `first` */
	size_t first, count, room;
	struct buffer out; /* queued */
	struct buffer sending; /* libuv's, while the socket is full */
	unsigned handles; /* not closed yet */
	bool connected;
	bool reading; /* somebody is being called */
	bool over;
	char error[160];
	char in[16 * 1024];
};

/* Connects to an address (no names) or to a unix socket. What goes wrong is
 * told by `gone`, which may be called at once: then it is false. */
bool stream_open(struct stream *s, uv_loop_t *loop, const char *address,
    unsigned port, const char *path);

/* Queues so many commands. False when it has ended: `replied` will not be
 * called. */
bool stream_send(struct stream *s, const struct buffer *commands,
    unsigned count, stream_replied *replied, void *data);

/* Bytes queued and not written yet. */
size_t stream_unsent(const struct stream *s);

/* Ends it; `gone` is called at once, or behind the one that is being called
 * for a reply. */
void stream_drop(struct stream *s);

#endif
