/*
 * exchange - one request and its reply; within lib/http only
 *
 * And what the server is, which both see.
 */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include <microhttpd.h>
#include <uv.h>

#include "base/clock.h"
#include "http/door.h"
#include "http/http.h"

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

/* libmicrohttpd calls it with the path as it was sent, and hands what it
 * returns to the next two. */
void *exchange_new(void *http, const char *uri, struct MHD_Connection *mhd);

enum MHD_Result exchange_handle(void *http, struct MHD_Connection *mhd,
    const char *path, const char *method, const char *version,
    const char *bytes, size_t *size, void **context);
void exchange_completed(void *data, struct MHD_Connection *mhd, void **context,
    enum MHD_RequestTerminationCode why);

#endif
