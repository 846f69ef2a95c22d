/*
 * channel - a poll handle for each socket of c-ares, one timer for all
 */
#include "ask/dns/channel.h"

/* 1.34 would rather have ares_get_servers_csv() */
#define CARES_NO_DEPRECATED
#include <ares.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/time.h>

#include "base/arena.h"
#include "base/clock.h"

/* Seven seconds together, each try twice as long as the one before. Since 1.32
 * the first one is five times as long as the server takes on average, at least
 * 250 ms, the others may be half as long, and an answer to a try that is over
 * is not heard. So it takes more of them to hear of a slow name. */
#if ARES_VERSION >= 0x012000
enum { TRY_MS = 250, TRIES = 5, LONGEST_TRY_MS = 4000 };
#else
enum { TRY_MS = 1000, TRIES = 3 };
#endif

enum { EDNS_BYTES = 1232 };

struct watch {
	struct watch *next;
	struct channel *channel;
	uv_poll_t poll;
	ares_socket_t fd;
};

struct channel {
	ares_channel ares;
	uv_loop_t *loop;
	struct clock *clock;
	struct timer timer;
	struct watch *watches;
	void (*heard)(void *data); /* or NULL */
	void *hearer;
	unsigned closing; /* handles, and one for the channel itself */
	void (*closed)(void *data);
	void *data;
};

static void
release(struct channel *c)
{
	void (*closed)(void *) = c->closed;
	void *data = c->data;

	if (--c->closing > 0)
		return;
	free(c);
	closed(data);
}

/* c-ares' next time-out, at least a millisecond away: it cuts to whole ones,
 * and a zero would turn the loop until the rest has passed. */
static void
arm(struct channel *c)
{
	struct timeval tv;
	uint64_t ms;

	if (!ares_timeout(c->ares, NULL, &tv)) {
		timer_stop(&c->timer);
		return;
	}
	ms = (uint64_t)tv.tv_sec * 1000 + (uint64_t)tv.tv_usec / 1000;
	timer_start(&c->timer, c->clock, ms > 0 ? ms : 1);
}

static void
on_timer(struct timer *t)
{
	struct channel *c = (void *)((char *)t -
	    offsetof(struct channel, timer));

	ares_process_fd(c->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	arm(c);
}

/* Not by looking into it (MSG_PEEK): that would take away the error of a socket
 * that c-ares is to learn of. */
static bool
has_data(ares_socket_t fd)
{
	int bytes = 0;

	return ioctl(fd, FIONREAD, &bytes) == 0 && bytes > 0;
}

/* The watch may be closed, and its socket's number used again, when c-ares
 * returns. */
static void
on_event(uv_poll_t *poll, int status, int events)
{
	const struct watch *w = poll->data;
	struct channel *c = w->channel;
	const ares_socket_t fd = w->fd;

	if (status < 0)
		events = UV_READABLE | UV_WRITABLE;
	if (c->heard && (events & UV_READABLE) && has_data(fd))
		c->heard(c->hearer);
	ares_process_fd(c->ares, events & UV_READABLE ? fd : ARES_SOCKET_BAD,
	    events & UV_WRITABLE ? fd : ARES_SOCKET_BAD);
	arm(c);
}

static void
on_closed(uv_handle_t *handle)
{
	struct watch *w = handle->data;
	struct channel *c = w->channel;

	free(w);
	release(c);
}

static struct watch *
watch(struct channel *c, ares_socket_t fd)
{
	struct watch *w = xcalloc(1, sizeof(*w));

	if (uv_poll_init(c->loop, &w->poll, fd) < 0) {
		free(w); /* the question's time-out will tell */
		return NULL;
	}
	w->poll.data = w;
	w->channel = c;
	w->fd = fd;
	w->next = c->watches;
	c->watches = w;
	c->closing++;
	return w;
}

static void
unwatch(struct watch **at)
{
	struct watch *w = *at;

	*at = w->next;
	uv_poll_stop(&w->poll);
	uv_close((uv_handle_t *)&w->poll, on_closed);
}

static void
on_socket(void *data, ares_socket_t fd, int readable, int writable)
{
	struct channel *c = data;
	struct watch **at = &c->watches, *w;

	while (*at && (*at)->fd != fd)
		at = &(*at)->next;
	if (!readable && !writable) {
		if (*at)
			unwatch(at);
		return;
	}
	w = *at ? *at : watch(c, fd);
	if (w)
		uv_poll_start(&w->poll,
		    (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0),
		    on_event);
}

static int
open_ares(struct channel *c, const char *servers)
{
	struct ares_options options = { .flags = ARES_FLAG_EDNS,
		.ednspsz = EDNS_BYTES,
		.timeout = TRY_MS,
		.tries = TRIES,
		.sock_state_cb = on_socket,
		.sock_state_cb_data = c };
	int which = ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS |
	    ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
	int rc;

#if ARES_VERSION >= 0x012000
	options.maxtimeout = LONGEST_TRY_MS;
	which |= ARES_OPT_MAXTIMEOUTMS;
#endif
#ifdef ARES_OPT_QUERY_CACHE
	which |= ARES_OPT_QUERY_CACHE; /* the cache is ours */
#endif
	rc = ares_init_options(&c->ares, &options, which);

	if (rc != ARES_SUCCESS || !servers)
		return rc;
	rc = ares_set_servers_ports_csv(c->ares, servers);
	if (rc != ARES_SUCCESS)
		ares_destroy(c->ares);
	return rc;
}

struct channel *
channel_new(uv_loop_t *loop, struct clock *clock, const char *servers,
    const char **error)
{
	struct channel *c = xcalloc(1, sizeof(*c));
	int rc;

	c->loop = loop;
	c->clock = clock;
	c->timer.fire = on_timer;
	c->closing = 1;
	if ((rc = ares_library_init(ARES_LIB_INIT_ALL)) == ARES_SUCCESS) {
		if ((rc = open_ares(c, servers)) == ARES_SUCCESS)
			return c;
		ares_library_cleanup();
	}
	*error = ares_strerror(rc);
	free(c);
	return NULL;
}

void
channel_listen(struct channel *c, void (*heard)(void *data), void *data)
{
	c->heard = heard;
	c->hearer = data;
}

static void
name_server(const struct ares_addr_port_node *s, FILE *to)
{
	const int port = s->udp_port ? s->udp_port : 53;
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(s->family, &s->addr, text, sizeof(text));
	fprintf(to, s->family == AF_INET6 ? "[%s]:%d%s" : "%s:%d%s", text, port,
	    s->next ? "," : "");
}

void
channel_servers(const struct channel *c, char *out, size_t size)
{
	struct ares_addr_port_node *all = NULL, *s;
	FILE *to = fmemopen(out, size, "w");

	*out = '\0';
	if (!to)
		return;
	if (ares_get_servers_ports(c->ares, &all) == ARES_SUCCESS)
		for (s = all; s; s = s->next)
			name_server(s, to);
	fclose(to);
	if (all)
		ares_free_data(all);
}

struct ares_channeldata *
channel_ares(struct channel *c)
{
	return c->ares;
}

void
channel_asked(struct channel *c)
{
	arm(c);
}

void
channel_free(struct channel *c, void (*closed)(void *data), void *data)
{
	c->closed = closed;
	c->data = data;
	timer_stop(&c->timer);
	ares_destroy(c->ares);
	ares_library_cleanup();
	while (c->watches)
		unwatch(&c->watches);
	release(c);
}
