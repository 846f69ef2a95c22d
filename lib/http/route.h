/*
 * route - which route a request means, and whether it may have it
 */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include "http/http.h"

/* Either a route, or why not. */
struct admission {
	const struct http_route *route; /* NULL: there is none of that path */
	enum http_method method; /* 0: one that nobody has */
	int status; /* 0: come in */
	const char *text; /* of a refusal */
	const char *parts[HTTP_PARTS]; /* of the path */
	const char *allow; /* with 405: the methods there are */
};

/* `path` is as it was sent, `token` is the configured one, `given` the
 * Authorization header or NULL. The answer lives in `a`. */
struct admission route_admit(struct arena *a, const struct http_route *routes,
    const char *path, const char *method, const char *token, const char *given);

#endif
