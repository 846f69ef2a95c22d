/*
 * http - the one file that sees libmicrohttpd
 *
 * Its epoll descriptor is watched by our loop, and it runs when that is
 * readable or when it wants to. Connections are accepted in door.c. Times are
 * our clock's: its own bound only silence, so that a byte every minute would
 * keep a request open for ever; a socket whose time is over is shut down, and
 * libmicrohttpd finds out by itself.
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
#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "http/door.h"
#include "http/route.h"

#define OF(p, type, member) ((type *)((char *)(p)-offsetof(type, member)))

enum { WARN_MS = 60 * 1000 };

static const char too_much[] = "that is too much";

struct http {
	struct clock *clock;
	const struct http_route *routes;
	void *data;
	struct MHD_Daemon *mhd;
	uv_poll_t poll; /* of libmicrohttpd's epoll descriptor */
	struct timer again; /* it wants to run */
	struct door_owner owner;
	struct door *door; /* NULL: not listening */
	char *token;
	uint64_t quiet_until; /* after a warning */
	unsigned waiting; /* suspended requests */
	unsigned handles; /* of libuv, not closed yet */
	bool closing;
	void (*closed)(void *data);
	void *closed_data;
	struct http_counts counts;
	unsigned entering; /* libmicrohttpd 1.0 tells of them when it runs */
};

struct connection {
	struct http *http;
	int fd;
	struct timer time;
};

/* A request, until its reply has left. */
struct exchange {
	struct http_request request;
	struct http *http;
	struct connection *connection;
	struct MHD_Connection *mhd;
	const struct http_route *route;
	char *body;
	bool served; /* the route has been told */
	bool suspended;
	int status; /* 0: no reply yet */
	const char *type, *text, *allow;
};

/* -- replies -- */

const char *
http_query(const struct http_request *req, const char *name)
{
	const struct exchange *x = OF(req, const struct exchange, request);
	const char *value = MHD_lookup_connection_value(
	    x->mhd, MHD_GET_ARGUMENT_KIND, name);

	return value ? value : "";
}

void
http_reply(
    struct http_request *req, int status, const char *type, const char *text)
{
	struct exchange *x = OF(req, struct exchange, request);
	struct http *h = x->http;

	x->status = status;
	x->type = type;
	x->text = text;
	if (!x->suspended)
		return;
	x->suspended = false;
	h->waiting--;
	MHD_resume_connection(x->mhd);
	timer_start(&h->again, h->clock, 0);
}

static void
refuse(struct exchange *x, int status, const char *text)
{
	http_reply(&x->request, status, "text/plain",
	    arena_printf(x->request.arena, "%s\n", text));
}

/* The headers of a reply to `x`. */
static void
add_headers(const struct exchange *x, struct MHD_Response *r)
{
	MHD_add_response_header(r, "Content-Type", x->type);
	MHD_add_response_header(r, "Cache-Control", "no-store");
	MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
	if (x->allow)
		MHD_add_response_header(r, "Allow", x->allow);
	if (x->status == MHD_HTTP_UNAUTHORIZED)
		MHD_add_response_header(r, "WWW-Authenticate", "Bearer");
	if (x->http->closing)
		MHD_add_response_header(r, "Connection", "close");
}

static enum MHD_Result
send_reply(struct exchange *x)
{
	struct http *h = x->http;
	/* It only reads from there. */
	struct MHD_Response *r = MHD_create_response_from_buffer(
	    strlen(x->text), (void *)(uintptr_t)x->text,
	    MHD_RESPMEM_PERSISTENT);
	enum MHD_Result rc;

	if (!r)
		return MHD_NO;
	if (x->status >= 400 && x->status < 500)
		h->counts.refused++;
	add_headers(x, r);
	rc = MHD_queue_response(x->mhd, (unsigned)x->status, r);
	MHD_destroy_response(r);
	timer_start(&x->connection->time, h->clock, HTTP_REQUEST_MS);
	return rc;
}

/* -- what is asked -- */

static void
warn_of_token(struct http *h, const struct exchange *x)
{
	const uint64_t now = clock_ms(h->clock);

	if (now < h->quiet_until)
		return;
	h->quiet_until = now + WARN_MS;
	log_warning(
	    "http: a request for %s without the right token", x->route->path);
}

static void
admit(struct exchange *x, const char *path, const char *method)
{
	const struct admission ad = route_admit(x->request.arena,
	    x->http->routes, path, method, x->http->token,
	    MHD_lookup_connection_value(
		x->mhd, MHD_HEADER_KIND, "Authorization"));

	x->route = ad.route;
	x->request.method = ad.method;
	x->allow = ad.allow;
	if (ad.status == MHD_HTTP_UNAUTHORIZED)
		warn_of_token(x->http, x);
	if (ad.status)
		refuse(x, ad.status, ad.text);
}

/* What is announced as too big is not waited for. */
static bool
announces_too_much(const struct exchange *x)
{
	const char *size = MHD_lookup_connection_value(
	    x->mhd, MHD_HEADER_KIND, "Content-Length");

	return size && strtoull(size, NULL, 10) > HTTP_BODY;
}

static struct exchange *
begin(struct http *h, struct MHD_Connection *mhd, const char *path,
    const char *method)
{
	struct arena *a = arena_new_small();
	struct exchange *x = arena_alloc(a, sizeof(*x));

	x->request.arena = a;
	x->request.body = "";
	x->http = h;
	x->mhd = mhd;
	x->connection = MHD_get_connection_info(
	    mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
			    ->socket_context;
	timer_start(&x->connection->time, h->clock, HTTP_REQUEST_MS);
	h->counts.requests++;
	admit(x, path, method);
	return x;
}

/* A reply is known before the body is: it is read all the same, so that the
 * connection stays usable. */
static void
take(struct exchange *x, const char *bytes, size_t size)
{
	if (x->status)
		return;
	if (x->request.size + size > HTTP_BODY) {
		refuse(x, MHD_HTTP_CONTENT_TOO_LARGE, too_much);
		return;
	}
	if (!x->body)
		x->request.body = x->body = arena_alloc(
		    x->request.arena, HTTP_BODY + 1);
	memcpy(x->body + x->request.size, bytes, size);
	x->request.size += size;
}

/* All of it has come. */
static void
serve(struct exchange *x)
{
	x->served = true;
	timer_stop(&x->connection->time);
	if (!x->status)
		x->route->serve(&x->request, x->http->data);
	if (x->status)
		return;
	x->suspended = true;
	x->http->waiting++;
	MHD_suspend_connection(x->mhd);
}

/* libmicrohttpd calls it for the headers, for each part of the body, at its
 * end, and once more when it was suspended. */
static enum MHD_Result
handle(void *data, struct MHD_Connection *mhd, const char *path,
    const char *method, const char *version, const char *bytes, size_t *size,
    void **context)
{
	struct exchange *x = *context;
	(void)version;

	if (!x) {
		*context = x = begin(data, mhd, path, method);
		if (!announces_too_much(x))
			return MHD_YES;
		refuse(x, MHD_HTTP_CONTENT_TOO_LARGE, too_much);
		return send_reply(x);
	}
	if (*size > 0) {
		take(x, bytes, *size);
		*size = 0;
		return MHD_YES;
	}
	if (!x->served)
		serve(x);
	return x->status ? send_reply(x) : MHD_YES;
}

static void
completed(void *data, struct MHD_Connection *mhd, void **context,
    enum MHD_RequestTerminationCode why)
{
	struct exchange *x = *context;
	(void)data;
	(void)mhd;
	(void)why;

	if (!x)
		return;
	timer_start(&x->connection->time, x->http->clock, HTTP_IDLE_MS);
	*context = NULL;
	arena_release(x->request.arena);
}

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
	    0, NULL, NULL, handle, h,
	    /* First, so that what follows complains there. */
	    MHD_OPTION_EXTERNAL_LOGGER, complain, NULL,
	    MHD_OPTION_NOTIFY_COMPLETED, completed, NULL,
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
