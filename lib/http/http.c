/*
 * http - the server: connections, and libmicrohttpd's life
 *
 * This and exchange.c are what sees libmicrohttpd. Its epoll descriptor is
 * watched by our loop, and it runs when that is readable or when it wants to.
 * Connections are accepted in door.c. Times are our clock's: its own bound only
 * silence, so that a byte every minute would keep a request open for ever; a
 * socket whose time is over is shut down, and libmicrohttpd finds out by
 * itself.
 *
 * A connection whose request waits for Redis is suspended. libmicrohttpd ends
 * the process when it is stopped meanwhile, so that is never done.
 */
#include "http/http.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/log.h"
#include "conf/conf.h"
#include "http/exchange.h"

#define OF(p, type, member) ((type *)((char *)(p)-offsetof(type, member)))

/* -- connections -- */

static void
out_of_time(struct timer *t)
{
	struct connection *c = OF(t, struct connection, time);

	c->http->counts.slow++;
	shutdown(c->fd, SHUT_RDWR);
}

static void
connected(void *data, struct MHD_Connection *mhd, void **context,
    enum MHD_ConnectionNotificationCode what)
{
	struct http *h = data;
	struct connection *c = *context;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		*context = c = xcalloc(1, sizeof(*c));
		c->http = h;
		c->fd = MHD_get_connection_info(
		    mhd, MHD_CONNECTION_INFO_CONNECTION_FD)
			    ->connect_fd;
		c->time.fire = out_of_time;
		timer_start(&c->time, h->clock, HTTP_REQUEST_MS);
		h->counts.accepted++;
		h->counts.connections++;
		return;
	}
	timer_stop(&c->time);
	free(c);
	*context = NULL;
	h->counts.connections--;
}

/* -- running libmicrohttpd -- */

static void
handle_closed(struct http *h)
{
	if (--h->handles > 0)
		return;
	h->closed(h->closed_data);
	free(h->token);
	free(h);
}

static void
poll_closed(uv_handle_t *poll)
{
	handle_closed(poll->data);
}

/* Nothing waits any more. The poll goes first: the descriptor is closed. */
static void
finish(struct http *h)
{
	timer_stop(&h->again);
	uv_close((uv_handle_t *)&h->poll, poll_closed);
	MHD_stop_daemon(h->mhd);
	h->mhd = NULL;
}

static void
run(struct http *h)
{
	unsigned long long ms;

	MHD_run(h->mhd);
	h->entering = 0;
	if (MHD_get_timeout(h->mhd, &ms) == MHD_YES)
		timer_start(&h->again, h->clock, ms);
	if (h->door && h->counts.connections < HTTP_CONNECTIONS)
		door_room(h->door);
	if (h->closing && h->waiting == 0)
		finish(h);
}

static void
run_again(struct timer *t)
{
	run(OF(t, struct http, again));
}

static void
readable(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	run(poll->data);
}

/* Owners are embedded. */
static bool
came(struct door_owner *owner, int fd, const struct sockaddr *who,
    socklen_t size)
{
	struct http *h = OF(owner, struct http, owner);

	h->entering++;
	MHD_add_connection(h->mhd, fd, who, size); /* closes it when it fails */
	timer_start(&h->again, h->clock, 0);
	return h->counts.connections + h->entering < HTTP_CONNECTIONS;
}

static void
door_closed(struct door_owner *owner)
{
	handle_closed(OF(owner, struct http, owner));
}

/* What strangers do wrong; the log escapes it. */
static void
complain(void *data, const char *format, va_list ap)
{
	char text[512];
	(void)data;

	vsnprintf(text, sizeof(text), format, ap);
	text[strcspn(text, "\n")] = '\0';
	log_debug("http: %s", text);
}

static struct MHD_Daemon *
start_mhd(struct http *h)
{
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET |
		MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG,
	    0, NULL, NULL, exchange_handle, h,
	    /* First, so that what follows complains there. */
	    MHD_OPTION_EXTERNAL_LOGGER, complain, NULL,
	    MHD_OPTION_URI_LOG_CALLBACK, exchange_new, h,
	    MHD_OPTION_NOTIFY_COMPLETED, exchange_completed, NULL,
	    MHD_OPTION_NOTIFY_CONNECTION, connected, h,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_MEMORY,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS + 1,
	    MHD_OPTION_CONNECTION_TIMEOUT, 0u, MHD_OPTION_STRICT_FOR_CLIENT, 1,
	    MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
}

struct http *
http_new(uv_loop_t *loop, struct clock *clock, const struct http_route *routes,
    void *data)
{
	struct http *h = xcalloc(1, sizeof(*h));

	h->clock = clock;
	h->routes = routes;
	h->data = data;
	h->token = xstrdup("");
	h->again.fire = run_again;
	h->owner = (struct door_owner){ came, door_closed };
	h->mhd = start_mhd(h);
	if (!h->mhd) {
		log_error("cannot start libmicrohttpd: %m");
		free(h->token);
		free(h);
		return NULL;
	}
	uv_poll_init(loop, &h->poll,
	    MHD_get_daemon_info(h->mhd, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd);
	h->poll.data = h;
	h->handles = 1;
	uv_poll_start(&h->poll, UV_READABLE, readable);
	return h;
}

static void
close_door(struct http *h)
{
	if (h->door)
		door_close(h->door);
	h->door = NULL;
}

int
http_listen(struct http *h, const struct conf *conf)
{
	const char *where = conf->http.listen;
	struct door *door;
	int rc;

	free(h->token);
	h->token = xstrdup(conf->http.token);
	if (!*where) {
		close_door(h);
		return 0;
	}
	if (h->door && door_is(h->door, where))
		return 0;
	door = door_open(h->poll.loop, h->clock, where, &h->owner, &rc);
	if (!door)
		return rc;
	h->handles++;
	close_door(h);
	h->door = door;
	return 0;
}

void
http_close(struct http *h, void (*closed)(void *data), void *data)
{
	h->closing = true;
	h->closed = closed;
	h->closed_data = data;
	close_door(h);
	if (h->waiting == 0)
		finish(h);
}

const struct http_counts *
http_counts(const struct http *h)
{
	return &h->counts;
}
