/*
 * http - a small HTTP/1.1 server for what asks and is not Postfix
 *
 * Routes are a table; a route answers at once or later, when Redis has told
 * it something, and the loop never waits. Meant for the loopback address: what
 * changes anything wants the token of the configuration, and bodies, headers,
 * times and connections are bounded whoever asks.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct arena;
struct clock;
struct conf;
struct http;

enum http_method {
	HTTP_GET = 1 << 0, /* HEAD too */
	HTTP_POST = 1 << 1,
	HTTP_PUT = 1 << 2,
	HTTP_DELETE = 1 << 3
};

enum { HTTP_PARTS = 2 };

enum {
	HTTP_BODY = 64 * 1024, /* bytes of a request's body */
	HTTP_MEMORY = 16 * 1024, /* of a connection, for headers */
	HTTP_CONNECTIONS = 256, /* further ones wait in the backlog */
	HTTP_REQUEST_MS = 10 * 1000, /* for a body to come, a reply to leave */
	HTTP_IDLE_MS = 60 * 1000 /* until the next request */
};

/* Lives until its answer has left. */
struct http_request {
	struct arena *arena; /* lives as long */
	enum http_method method;
	const char *parts[HTTP_PARTS]; /* that stood for each "*" of the path,
					  decoded */
	const char *body; /* a NUL stands behind it, and maybe in it */
	size_t size;
};

struct http_route {
	const char *path; /* "*" between slashes takes whatever is there */
	unsigned methods; /* enum http_method, or-ed */
	bool secret; /* only for who knows the token */
	/* Leads to one http_reply(), now or later. */
	void (*serve)(struct http_request *req, void *data);
};

/* Of "?name=value", decoded; "" when there is none. While `serve` runs. */
const char *http_query(const struct http_request *req, const char *name);

/* `text` lives in the request's arena or for ever; so does `type`. */
void http_reply(
    struct http_request *req, int status, const char *type, const char *text);

/* `routes` end with a NULL path. NULL, logged, when it cannot be. */
struct http *http_new(uv_loop_t *loop, struct clock *clock,
    const struct http_route *routes, void *data);

/* Listens where `conf` says, and takes its token, from now on; connections
 * that came through a former address stay. 0, or a negative UV_E... when it
 * cannot be opened: then it was logged, and the one before still is. */
int http_listen(struct http *h, const struct conf *conf);

/* Requests that wait for Redis are answered, all else ends. `closed` is told
 * when all is gone, and so is `h`. */
void http_close(struct http *h, void (*closed)(void *data), void *data);

struct http_counts {
	unsigned connections; /* now */
	uint64_t accepted, requests;
	uint64_t refused; /* answered with a 4xx */
	uint64_t slow; /* closed: too slow, or idle for long */
};
const struct http_counts *http_counts(const struct http *h);

#endif
