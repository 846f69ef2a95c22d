/*
 * client - one policy connection
 *
 * Reading goes on while a request is in work, as Postfix sends nothing then
 * and to stop would cost two system calls a request. Only when bytes come
 * nevertheless are they put aside, and reading rests until they are used up.
 *
 * The engine is never entered from inside its own call: what was put aside is
 * looked at in a turn of its own, and the session is left in the close
 * callback.
 */
#include "wire/inner.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "engine/request.h"
#include "wire/reply.h"

struct client {
	struct client *next, **at; /* in the wire's list */
	struct listener *listener;
	struct session session;
	struct parser parser;
	struct timer timer; /* half a request, or bytes put aside */
	char *aside;
	unsigned aside_at, aside_size;
	bool asking; /* inside engine_ask() */
	bool in_work; /* not answered yet */
	bool writing; /* the answer is not all written yet */
	bool ended; /* it will send nothing more */
	bool closing;
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_tcp_t tcp;
		uv_pipe_t pipe;
	} uv;
};

/* What a full socket did not take of a reply. */
struct rest {
	uv_write_t write;
	char text[REPLY_BYTES];
};

static struct client *
of_timer(struct timer *t)
{
	return (struct client *)((char *)t - offsetof(struct client, timer));
}

static bool
is_busy(const struct client *c)
{
	return c->in_work || c->writing;
}

static void
on_closed(uv_handle_t *handle)
{
	struct client *c = handle->data;
	struct wire *w = c->listener->wire;

	engine_leave(w->engine, &c->session);
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	listener_drop(c->listener);
	free(c);
	wire_leave(w);
	wire_handle_closed(w);
}

static void
client_close(struct client *c)
{
	if (c->closing)
		return;
	c->closing = true;
	timer_stop(&c->timer);
	parser_clear(&c->parser);
	free(c->aside);
	c->aside = NULL;
	uv_close(&c->uv.handle, on_closed);
}

static void
complain(struct client *c, uint64_t *count, const char *what)
{
	uv_os_fd_t fd = -1;

	++*count;
	uv_fileno(&c->uv.handle, &fd);
	listener_warn(c->listener, fd, what);
	client_close(c);
}

static void
too_slow(struct timer *t)
{
	struct client *c = of_timer(t);

	complain(c, &c->listener->wire->counts.slow,
	    "no end of its request in 10 s");
}

static void on_answer(void *data, const struct decision *d);
static void on_read(uv_stream_t *s, ssize_t size, const uv_buf_t *buffer);
static void give_buffer(uv_handle_t *h, size_t size, uv_buf_t *buffer);

static void
ask(struct client *c, struct request *r)
{
	struct wire *w = c->listener->wire;

	timer_stop(&c->timer);
	w->counts.requests++;
	c->in_work = c->asking = true;
	engine_ask(w->engine, &c->session, r, on_answer, c);
	c->asking = false;
}

/* Takes requests until one must be waited for; returns the bytes taken. */
static size_t
feed(struct client *c, const char *bytes, size_t size)
{
	struct wire *w = c->listener->wire;
	size_t taken = 0, used;
	struct request *r;
	const char *error;

	while (taken < size && !is_busy(c) && !c->closing) {
		switch (parser_take(&c->parser, bytes + taken, size - taken,
		    &used, &r, &error)) {
		case PARSED_REQUEST:
			ask(c, r);
			break;
		case PARSED_MORE:
			if (timer_running(&c->timer))
				break;
			c->timer.fire = too_slow;
			timer_start(&c->timer, w->clock, WIRE_PARTIAL_MS);
			break;
		case PARSED_ERROR:
			complain(c, &w->counts.protocol_errors, error);
			break;
		}
		taken += used;
	}
	return taken;
}

static void
put_aside(struct client *c, const char *bytes, size_t size)
{
	c->aside = xmalloc(size);
	memcpy(c->aside, bytes, size);
	c->aside_at = 0;
	c->aside_size = (unsigned)size;
	uv_read_stop(&c->uv.stream);
}

static void
read_on(struct client *c)
{
	if (uv_read_start(&c->uv.stream, give_buffer, on_read) < 0)
		client_close(c);
}

static void
take_aside(struct timer *t)
{
	struct client *c = of_timer(t);
	char *bytes = c->aside;

	c->aside = NULL; /* client_close() must not free what is being read */
	c->aside_at += (unsigned)feed(
	    c, bytes + c->aside_at, c->aside_size - c->aside_at);
	if (!c->closing && c->aside_at < c->aside_size) {
		c->aside = bytes;
		return;
	}
	free(bytes);
	if (!c->closing)
		read_on(c);
}

/* An answer is on its way to the client, all of it. */
static void
go_on(struct client *c)
{
	struct wire *w = c->listener->wire;

	if (c->asking)
		return; /* feed() goes on */
	if (c->ended || w->closing) {
		client_close(c);
	} else if (c->aside) {
		c->timer.fire = take_aside;
		timer_start(&c->timer, w->clock, 0);
	}
}

static void
on_written(uv_write_t *write, int status)
{
	struct client *c = write->data;

	free(write); /* the head of struct rest */
	c->writing = false;
	if (status < 0)
		client_close(c);
	else
		go_on(c);
}

static void
write_rest(struct client *c, const char *text, size_t size)
{
	struct rest *rest = xmalloc(sizeof(*rest));
	uv_buf_t buffer = uv_buf_init(rest->text, (unsigned)size);

	memcpy(rest->text, text, size);
	rest->write.data = c;
	c->writing = true;
	if (uv_write(&rest->write, &c->uv.stream, &buffer, 1, on_written) < 0) {
		free(rest);
		client_close(c);
	}
}

static void
on_answer(void *data, const struct decision *d)
{
	struct client *c = data;
	char reply[REPLY_BYTES];
	uv_buf_t buffer = uv_buf_init(reply, (unsigned)reply_write(reply, d));
	int n;

	c->in_work = false;
	if (c->closing)
		return;
	n = uv_try_write(&c->uv.stream, &buffer, 1);
	if (n < 0 && n != UV_EAGAIN) {
		client_close(c); /* it did not wait for the answer */
		return;
	}
	if (n < 0)
		n = 0;
	/* At the end nobody waits for one who does not take his answer. */
	if ((size_t)n < buffer.len && !c->listener->wire->closing)
		write_rest(c, reply + n, buffer.len - (size_t)n);
	else
		go_on(c);
}

static void
give_buffer(uv_handle_t *h, size_t size, uv_buf_t *buffer)
{
	struct client *c = h->data;
	struct wire *w = c->listener->wire;

	(void)size;
	arena_expect(); /* while the system reads */
	*buffer = uv_buf_init(w->buffer, sizeof(w->buffer));
}

static void
on_read(uv_stream_t *s, ssize_t size, const uv_buf_t *buffer)
{
	struct client *c = s->data;
	size_t taken;

	if (size == 0)
		return; /* EAGAIN */
	if (size < 0) {
		/* One who only has no more to say still hears its answer. */
		c->ended = true;
		if (size != UV_EOF || !is_busy(c))
			client_close(c);
		return;
	}
	taken = feed(c, buffer->base, (size_t)size);
	if (!c->closing && taken < (size_t)size)
		put_aside(c, buffer->base + taken, (size_t)size - taken);
}

/* The handle takes the descriptor over, unless this fails. */
static int
open_handle(struct client *c, uv_loop_t *loop, int fd)
{
	if (c->listener->is_unix) {
		uv_pipe_init(loop, &c->uv.pipe, 0);
		return uv_pipe_open(&c->uv.pipe, fd);
	}
	uv_tcp_init(loop, &c->uv.tcp);
	return uv_tcp_open(&c->uv.tcp, fd);
}

void
client_open(struct listener *l, int fd)
{
	struct wire *w = l->wire;
	struct client *c = xcalloc(1, sizeof(*c));

	c->listener = l;
	l->holders++;
	w->handles++;
	c->at = &w->clients;
	c->next = w->clients;
	if (c->next)
		c->next->at = &c->next;
	w->clients = c;
	c->uv.handle.data = c; /* uv_..._init() leaves it */
	if (open_handle(c, w->loop, fd) == 0) {
		read_on(c);
	} else {
		close(fd);
		client_close(c);
	}
}

void
client_finish_all(struct wire *w)
{
	/* Nobody leaves the list before his close callback. */
	for (struct client *c = w->clients; c; c = c->next)
		if (!c->in_work)
			client_close(c);
}
