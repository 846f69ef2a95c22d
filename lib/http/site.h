/*
 * site - what the routes look at, and the routes
 *
 * Configuration, store and lists are the engine's, as they are at the moment.
 */
#ifndef HTTP_SITE_H
#define HTTP_SITE_H

#include <stdbool.h>
#include <stdint.h>

#include "http/http.h"

struct check;
struct engine;
struct events;
struct local;
struct recent;
struct script;
struct sizes;
struct dns;
struct wire;
struct zones;

/* What was read from files, and is in force. */
struct site_files {
	int64_t read; /* Unix seconds */
	bool broken; /* as the files are now, they cannot be used */
};

struct site {
	struct clock *clock;
	struct engine *engine;
	const struct check *const *checks;
	const struct wire *wire;
	const struct local *local;
	const struct recent *recent;
	const struct http *http;
	const struct sizes *sizes;
	const struct events *events; /* NULL: none is told */
	struct dns *dns; /* NULL: no name servers are asked */
	const struct zones *zones; /* NULL: nor DNS lists */
	int64_t started; /* Unix seconds */
	struct site_files conf, tables; /* tables are looked up in */
	bool stopping;
};

/* The data of each route is a struct site. */
extern const struct http_route site_routes[];

/* What they ask besides lib/register's, NULL-terminated. */
extern const struct script *const site_scripts[];

void serve_metrics(struct http_request *req, void *site);
void serve_alive(struct http_request *req, void *site);
void serve_ready(struct http_request *req, void *site);
void serve_auth_policy(struct http_request *req, void *site);
void serve_deny_list(struct http_request *req, void *site);
void serve_deny_entry(struct http_request *req, void *site);
void serve_spam_report(struct http_request *req, void *site);

#endif
