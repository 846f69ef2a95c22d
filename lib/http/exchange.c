/*
 * exchange - from the first line of a request until its reply has left
 */
#include "http/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "http/route.h"

#define OF(p, type, member) ((type *)((char *)(p)-offsetof(type, member)))

enum { WARN_MS = 60 * 1000 };

static const char too_much[] = "that is too much";

/* A request, until its reply has left. */
struct exchange {
	struct http_request request;
	struct http *http;
	struct connection *connection;
	struct MHD_Connection *mhd;
	const char *path; /* as it was sent, without its query */
	const struct http_route *route;
	char *body;
	bool begun; /* all of its headers have come */
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
admit(struct exchange *x, const char *method)
{
	const struct admission ad = route_admit(x->request.arena,
	    x->http->routes, x->path, method, x->http->token,
	    MHD_lookup_connection_value(
		x->mhd, MHD_HEADER_KIND, "Authorization"));

	x->route = ad.route;
	x->request.method = ad.method;
	memcpy(x->request.parts, ad.parts, sizeof(ad.parts));
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

/* libmicrohttpd would hand over the path decoded: then a slash in an address
 * looks like one between the parts. */
void *
exchange_new(void *http, const char *uri, struct MHD_Connection *mhd)
{
	struct arena *a = arena_new_small();
	struct exchange *x = arena_alloc(a, sizeof(*x));

	x->request.arena = a;
	x->request.body = "";
	x->path = arena_memdup(a, uri, strcspn(uri, "?"));
	x->http = http;
	x->mhd = mhd;
	x->connection = MHD_get_connection_info(
	    mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
			    ->socket_context;
	return x;
}

/* Its headers have come. */
static void
begin(struct exchange *x, const char *method)
{
	x->begun = true;
	timer_start(&x->connection->time, x->http->clock, HTTP_REQUEST_MS);
	x->http->counts.requests++;
	admit(x, method);
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
enum MHD_Result
exchange_handle(void *http, struct MHD_Connection *mhd, const char *path,
    const char *method, const char *version, const char *bytes, size_t *size,
    void **context)
{
	struct exchange *x = *context;
	(void)http;
	(void)mhd;
	(void)path;
	(void)version;

	if (!x->begun) {
		begin(x, method);
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

void
exchange_completed(void *data, struct MHD_Connection *mhd, void **context,
    enum MHD_RequestTerminationCode why)
{
	struct exchange *x = *context;
	(void)data;
	(void)mhd;
	(void)why;

	if (!x)
		return;
	if (x->begun)
		timer_start(&x->connection->time, x->http->clock, HTTP_IDLE_MS);
	*context = NULL;
	arena_release(x->request.arena);
}
