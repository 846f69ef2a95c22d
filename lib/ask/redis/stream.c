/*
 * stream - a socket, a prepare handle for the writes, a ring of who waits
 */
#include "ask/redis/stream.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum {
	FIRST_ROOM = 64, /* a power of two, as all that follow */
	ROOM_KEPT = 256 * 1024 /* bytes: hundreds of questions at once */
};

static void
on_closed(uv_handle_t *handle)
{
	struct stream *s = handle->data;

	if (--s->handles > 0)
		return;
	free(s->expected);
	free(s->out.bytes);
	free(s->sending.bytes);
	s->closed(s);
}

static void
grow(struct stream *s)
{
	const size_t room = s->room ? 2 * s->room : FIRST_ROOM;
	struct expected *ring = xcalloc(room, sizeof(ring[0]));

	for (size_t i = 0; i < s->count; i++)
		ring[i] = s->expected[(s->first + i) & (s->room - 1)];
	free(s->expected);
	s->expected = ring;
	s->room = room;
	s->first = 0;
}

static void
expect(struct stream *s, unsigned replies, stream_replied *replied, void *data)
{
	if (s->count == s->room)
		grow(s);
	s->expected[(s->first + s->count++) & (s->room - 1)] =
	    (struct expected){ replied, data, replies };
}

/* To the one who has waited longest; somebody must. */
static void
deliver(struct stream *s, const redisReply *reply)
{
	struct expected *at = &s->expected[s->first];
	const struct expected oldest = *at;

	if (!reply || --at->replies == 0) {
		s->first = (s->first + 1) & (s->room - 1);
		s->count--;
	}
	oldest.replied(oldest.data, reply);
}

static void
finish(struct stream *s)
{
	while (s->count > 0)
		deliver(s, NULL);
	reader_clear(&s->reader);
	uv_close(&s->socket.handle, on_closed);
	uv_close((uv_handle_t *)&s->before, on_closed);
	s->gone(s, s->error);
}

static void
end(struct stream *s, const char *error)
{
	if (s->over)
		return;
	s->over = true;
	snprintf(s->error, sizeof(s->error), "%s", error);
	if (!s->reading)
		finish(s);
}

/* What nobody asked for is a server's last word, why it cannot be used. */
static const char *
unexpected(const redisReply *reply)
{
	return reply->type == REDIS_REPLY_ERROR ? reply->str
						: "said what nobody asked for";
}

static void
take(struct stream *s, const char *bytes, size_t size)
{
	const redisReply *reply;

	reader_feed(&s->reader, bytes, size);
	while (!s->over && (reply = reader_next(&s->reader)))
		if (s->pushed && s->pushed(s, reply))
			continue;
		else if (s->count > 0)
			deliver(s, reply);
		else
			end(s, unexpected(reply));
	if (!s->over && reader_error(&s->reader))
		end(s, reader_error(&s->reader));
}

static void
on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
	struct stream *s = stream->data;

	s->reading = true;
	if (size == UV_EOF)
		end(s, "Server closed the connection");
	else if (size < 0)
		end(s, strerror((int)-size));
	else
		take(s, buffer->base, (size_t)size);
	s->reading = false;
	if (s->over)
		finish(s);
}

static void
give_buffer(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
	struct stream *s = handle->data;
	(void)size;

	*buffer = uv_buf_init(s->in, sizeof(s->in));
}

static void
on_connected(uv_connect_t *connect, int status)
{
	struct stream *s = connect->handle->data;

	if (s->over)
		return;
	s->connected = true;
	if (status == 0)
		status = uv_read_start(&s->socket.stream, give_buffer, on_read);
	if (status < 0)
		end(s, strerror(-status));
}

/* What only a burst of questions needed is not kept. */
static void
empty(struct buffer *b)
{
	b->size = 0;
	if (b->room <= ROOM_KEPT)
		return;
	free(b->bytes);
	*b = (struct buffer){ 0 };
}

static void
on_written(uv_write_t *write, int status)
{
	struct stream *s = write->handle->data;

	empty(&s->sending);
	if (status < 0)
		end(s, strerror(-status));
}

/* The socket is full: libuv takes what is left, and more is queued beside. */
static int
send_later(struct stream *s, size_t written)
{
	const struct buffer sending = s->out;
	uv_buf_t rest = uv_buf_init(
	    sending.bytes + written, (unsigned)(sending.size - written));

	s->out = s->sending;
	s->sending = sending;
	return uv_write(&s->write, &s->socket.stream, &rest, 1, on_written);
}

static void
before_poll(uv_prepare_t *before)
{
	struct stream *s = before->data;
	uv_buf_t all = uv_buf_init(s->out.bytes, (unsigned)s->out.size);
	int rc;

	if (!s->connected || s->out.size == 0 || s->sending.size > 0)
		return;
	rc = uv_try_write(&s->socket.stream, &all, 1);
	if (rc == (int)s->out.size)
		empty(&s->out);
	else if (rc >= 0 || rc == UV_EAGAIN)
		rc = send_later(s, rc > 0 ? (size_t)rc : 0);
	if (rc < 0)
		end(s, strerror(-rc));
}

static int
connect_tcp(struct stream *s, const char *address, unsigned port)
{
	struct sockaddr_storage name;
	int rc;

	if (strchr(address, ':'))
		rc = uv_ip6_addr(
		    address, (int)port, (struct sockaddr_in6 *)&name);
	else
		rc = uv_ip4_addr(
		    address, (int)port, (struct sockaddr_in *)&name);
	if (rc == 0)
		rc = uv_tcp_connect(&s->connect, &s->socket.tcp,
		    (struct sockaddr *)&name, on_connected);
	if (rc == 0)
		rc = uv_tcp_nodelay(&s->socket.tcp, 1);
	return rc;
}

bool
stream_open(struct stream *s, uv_loop_t *loop, const char *address,
    unsigned port, const char *path)
{
	int rc = 0;

	reader_init(&s->reader);
	uv_prepare_init(loop, &s->before);
	uv_prepare_start(&s->before, before_poll);
	s->handles = 2;
	if (path)
		uv_pipe_init(loop, &s->socket.pipe, 0);
	else
		uv_tcp_init(loop, &s->socket.tcp);
	s->socket.handle.data = s->before.data = s;
	if (path)
		uv_pipe_connect(
		    &s->connect, &s->socket.pipe, path, on_connected);
	else
		rc = connect_tcp(s, address, port);
	if (rc < 0)
		end(s, strerror(-rc));
	return !s->over;
}

static void
append(struct buffer *b, const struct buffer *more)
{
	if (more->size > b->room - b->size) {
		b->room = 2 * (b->size + more->size);
		b->bytes = xrealloc(b->bytes, b->room);
	}
	memcpy(b->bytes + b->size, more->bytes, more->size);
	b->size += more->size;
}

bool
stream_send(struct stream *s, const struct buffer *commands, unsigned count,
    stream_replied *replied, void *data)
{
	if (s->over)
		return false;
	append(&s->out, commands);
	expect(s, count, replied, data);
	return true;
}

size_t
stream_unsent(const struct stream *s)
{
	return s->out.size + s->sending.size;
}

void
stream_drop(struct stream *s)
{
	end(s, "");
}
