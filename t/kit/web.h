/*
 * web - an HTTP server on a free port, and clients before it
 *
 * Real sockets, on a loop that runs only while a test waits for something;
 * time is virtual. A client sends bytes and hears bytes, so that it can be as
 * odd as it likes.
 */
#ifndef KIT_WEB_H
#define KIT_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "conf/conf.h"
#include "http/http.h"

struct clock;

enum { WEB_HEARD = 256 * 1024 };

struct web {
	uv_loop_t loop;
	struct clock *clock;
	struct http *http;
	struct conf conf; /* of what http_listen() reads */
	uint16_t port;
	bool stopped, closed;
	char *log;
	size_t log_size;
	char heard[WEB_HEARD]; /* the last reply, headers and body */
	int status; /* of it; 0: the connection ended without one */
	const char *body;
};

/* The log is kept from now on, and the clock made. */
struct web *web_open(void);
void web_serve(struct web *w, const struct http_route *routes, void *data);

/* http_close(), not waiting for it. */
void web_stop(struct web *w);

/* Closes the server, if there is one, and checks that nothing is left. What
 * else lives on the clock must be gone. */
void web_close_http(struct web *w);
void web_close(struct web *w);

/* Where it listens; the log tells. */
uint16_t web_port(const struct web *w);

int web_connect(struct web *w);
void web_send(int fd, const void *bytes, size_t size);
void web_say(int fd, const char *text);

/* The next reply on that connection, whole, to `status` and `body`. */
int web_hears(struct web *w, int fd);
bool web_hears_end(struct web *w, int fd);
bool web_hears_nothing(struct web *w, int fd);

/* A request as a well-behaved client writes it. `token` NULL: none. */
void web_ask(int fd, const char *method, const char *path, const char *token,
    const char *body);

/* The same on a connection of its own; the status. */
int web_once(struct web *w, const char *method, const char *path,
    const char *token, const char *body);

/* The loop turns until it is quiet; and `ms` pass. */
void web_turn(struct web *w);
void web_later(struct web *w, uint64_t ms);

unsigned web_logged(const struct web *w, const char *text);

#endif
