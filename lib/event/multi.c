/*
 * multi - curl_multi_socket_action() and what it calls back
 */
#include "event/multi.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"

struct multi {
	const struct libcurl *curl;
	uv_loop_t *loop;
	struct clock *clock;
	CURLM *handle;
	struct timer timer, end;
	unsigned handles; /* sockets not closed yet, and one for us */
	multi_ended *ended;
	void (*closed)(void *data);
	void *data;
};

struct polled {
	uv_poll_t poll;
	struct multi *multi;
	curl_socket_t fd;
};

static void
tell_ended(struct multi *m)
{
	CURLMsg *message;
	int left;

	while ((message = m->curl->multi_info_read(m->handle, &left)) != NULL) {
		CURL *easy = message->easy_handle;
		const CURLcode how = message->data.result;
		void *data = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		m->curl->multi_remove_handle(m->handle, easy);
		m->curl->easy_getinfo(easy, CURLINFO_PRIVATE, &data);
		m->ended(data, easy, how);
	}
}

static void
act(struct multi *m, curl_socket_t fd, int what)
{
	int running;

	m->curl->multi_socket_action(m->handle, fd, what, &running);
	tell_ended(m);
}

static void
on_timer(struct timer *t)
{
	act((struct multi *)((char *)t - offsetof(struct multi, timer)),
	    CURL_SOCKET_TIMEOUT, 0);
}

static int
set_timer(CURLM *handle, long ms, void *data)
{
	struct multi *m = data;

	(void)handle;
	if (ms < 0)
		timer_stop(&m->timer);
	else
		timer_start(&m->timer, m->clock, (uint64_t)ms);
	return 0;
}

static void
on_event(uv_poll_t *poll, int status, int events)
{
	struct polled *p = poll->data;
	int what = status < 0 ? CURL_CSELECT_ERR : 0;

	if (events & UV_READABLE)
		what |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		what |= CURL_CSELECT_OUT;
	act(p->multi, p->fd, what);
}

static void
let_go(struct multi *m)
{
	void (*closed)(void *) = m->closed;
	void *data = m->data;

	if (--m->handles > 0)
		return;
	free(m);
	closed(data);
}

static void
on_closed(uv_handle_t *handle)
{
	struct polled *p = handle->data;
	struct multi *m = p->multi;

	free(p);
	let_go(m);
}

static struct polled *
begin_to_poll(struct multi *m, curl_socket_t fd)
{
	struct polled *p = xcalloc(1, sizeof(*p));

	p->multi = m;
	p->fd = fd;
	uv_poll_init_socket(m->loop, &p->poll, fd);
	p->poll.data = p;
	m->handles++;
	m->curl->multi_assign(m->handle, fd, p);
	return p;
}

static int
set_poll(CURL *easy, curl_socket_t fd, int what, void *data, void *known)
{
	struct polled *p = known;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (p)
			uv_close((uv_handle_t *)&p->poll, on_closed);
		return 0;
	}
	if (!p)
		p = begin_to_poll(data, fd);
	if (what != CURL_POLL_OUT)
		events |= UV_READABLE;
	if (what != CURL_POLL_IN)
		events |= UV_WRITABLE;
	uv_poll_start(&p->poll, events, on_event);
	return 0;
}

struct multi *
multi_new(const struct libcurl *curl, uv_loop_t *loop, struct clock *clock,
    multi_ended *ended)
{
	struct multi *m;

	if (curl->global_init(CURL_GLOBAL_DEFAULT) != 0)
		return NULL;
	m = xcalloc(1, sizeof(*m));
	m->curl = curl;
	m->loop = loop;
	m->clock = clock;
	m->handles = 1;
	m->ended = ended;
	m->timer.fire = on_timer;
	m->handle = curl->multi_init();
	m->curl->multi_setopt(m->handle, CURLMOPT_SOCKETFUNCTION, set_poll);
	m->curl->multi_setopt(m->handle, CURLMOPT_SOCKETDATA, m);
	m->curl->multi_setopt(m->handle, CURLMOPT_TIMERFUNCTION, set_timer);
	m->curl->multi_setopt(m->handle, CURLMOPT_TIMERDATA, m);
	m->curl->multi_setopt(m->handle, CURLMOPT_MAXCONNECTS, 4L);
	return m;
}

void
multi_add(struct multi *m, CURL *easy)
{
	m->curl->multi_add_handle(m->handle, easy);
}

void
multi_remove(struct multi *m, CURL *easy)
{
	m->curl->multi_remove_handle(m->handle, easy);
}

/* Outside of what has called us: it looks whether another one has ended. */
static void
end(struct timer *t)
{
	struct multi *m = (struct multi *)((char *)t -
	    offsetof(struct multi, end));

	m->curl->multi_cleanup(m->handle);
	timer_stop(&m->timer);
	m->curl->global_cleanup();
	let_go(m);
}

void
multi_free(struct multi *m, void (*closed)(void *data), void *data)
{
	m->closed = closed;
	m->data = data;
	m->end.fire = end;
	timer_start(&m->end, m->clock, 0);
}
