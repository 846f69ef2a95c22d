/*
 * adapter - a poll handle for the socket, a prepare handle for the writes
 */
#include "ask/redis/adapter.h"

#include <fcntl.h>
#include <hiredis/async.h>
#include <stdio.h>

static void on_event(uv_poll_t *poll, int status, int events);

static void
poll_for(struct adapter *a, int events)
{
	if (events == a->events)
		return;
	a->events = events;
	uv_poll_start(&a->poll, events, on_event);
}

/* Read even after an error: only a read or a write tells hiredis its errno.
 * Either may end the context, and then `ac` is NULL. */
static void
on_event(uv_poll_t *poll, int status, int events)
{
	struct adapter *a = poll->data;

	if (status < 0) { /* libuv has stopped polling */
		events = UV_READABLE | UV_WRITABLE;
		a->events = 0;
	}
	if (a->ac && (events & UV_READABLE))
		redisAsyncHandleRead(a->ac);
	if (a->ac && (events & UV_WRITABLE))
		redisAsyncHandleWrite(a->ac);
}

static void
before_poll(uv_prepare_t *before)
{
	struct adapter *a = before->data;

	if (!a->queued || (a->events & UV_WRITABLE))
		return;
	a->queued = false;
	a->writing = true;
	redisAsyncHandleWrite(a->ac);
	a->writing = false;
}

static void
add_read(void *data)
{
	struct adapter *a = data;

	poll_for(a, a->events | UV_READABLE);
}

static void
del_read(void *data)
{
	struct adapter *a = data;

	poll_for(a, a->events & ~UV_READABLE);
}

/* Asked while writing, it means that the socket is full. */
static void
add_write(void *data)
{
	struct adapter *a = data;

	if (a->writing || !(a->ac->c.flags & REDIS_CONNECTED))
		poll_for(a, a->events | UV_WRITABLE);
	else
		a->queued = true;
}

static void
del_write(void *data)
{
	struct adapter *a = data;

	a->queued = false;
	if (a->events & UV_WRITABLE)
		poll_for(a, a->events & ~UV_WRITABLE);
}

static void
on_closed(uv_handle_t *handle)
{
	struct adapter *a = handle->data;

	if (--a->handles == 0)
		a->closed(a);
}

/* hiredis closes the socket behind this. */
static void
cleanup(void *data)
{
	struct adapter *a = data;
	redisAsyncContext *ac = a->ac;

	a->ac = NULL;
	a->queued = false;
	uv_poll_stop(&a->poll);
	uv_close((uv_handle_t *)&a->poll, on_closed);
	uv_close((uv_handle_t *)&a->before, on_closed);
	a->gone(a, ac->c.err ? ac->c.errstr : "");
}

static const char *
failed(struct adapter *a, redisAsyncContext *ac, const char *error)
{
	snprintf(a->error, sizeof(a->error), "%s", error);
	redisAsyncFree(ac);
	return a->error;
}

const char *
adapter_open(struct adapter *a, uv_loop_t *loop, const char *address,
    unsigned port, const char *path)
{
	redisAsyncContext *ac = path ? redisAsyncConnectUnix(path)
				     : redisAsyncConnect(address, (int)port);
	int rc;

	if (!ac)
		return "out of memory";
	if (ac->err)
		return failed(a, ac, ac->c.errstr);
	/* A private redis-server must not inherit it. */
	fcntl(ac->c.fd, F_SETFD, FD_CLOEXEC);
	if ((rc = uv_poll_init(loop, &a->poll, ac->c.fd)) < 0)
		return failed(a, ac, uv_strerror(rc));
	uv_prepare_init(loop, &a->before);
	uv_prepare_start(&a->before, before_poll);
	a->poll.data = a->before.data = a;
	a->handles = 2;
	a->ac = ac;
	ac->ev.data = a;
	ac->ev.addRead = add_read;
	ac->ev.delRead = del_read;
	ac->ev.addWrite = add_write;
	ac->ev.delWrite = del_write;
	ac->ev.cleanup = cleanup;
	return NULL;
}

size_t
adapter_unsent(const struct adapter *a)
{
	return a->ac ? sdslen(a->ac->c.obuf) : 0;
}

void
adapter_drop(struct adapter *a)
{
	if (a->ac)
		redisAsyncFree(a->ac);
}
