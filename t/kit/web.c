/*
 * web - the smallest world an HTTP server can live in
 */
#include "kit/web.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "kit/suite.h"

enum { PATIENCE_MS = 60 * 1000, QUIET_TURNS = 20, BEGINS = 1767225600 };

static void
keep_line(enum log_level level, const char *text, void *data)
{
	struct web *w = data;
	const size_t size = strlen(text);

	(void)level;
	w->log = xrealloc(w->log, w->log_size + size + 2);
	memcpy(w->log + w->log_size, text, size);
	strcpy(w->log + w->log_size + size, "\n");
	w->log_size += size + 1;
}

struct web *
web_open(void)
{
	struct web *w = xcalloc(1, sizeof(*w));

	signal(SIGPIPE, SIG_IGN);
	log_redirect(keep_line, w);
	assert_int_equal(uv_loop_init(&w->loop), 0);
	w->clock = clock_new_virtual(BEGINS);
	w->conf.http.listen = "127.0.0.1:0";
	w->conf.http.token = "sesame";
	return w;
}

uint16_t
web_port(const struct web *w)
{
	const char *at = w->log, *last = NULL;

	while (at && (at = strstr(at, "listening on inet:127.0.0.1:")))
		last = at++;
	assert_non_null(last);
	return (uint16_t)atoi(last + 28);
}

void
web_serve(struct web *w, const struct http_route *routes, void *data)
{
	w->http = http_new(&w->loop, w->clock, routes, data);
	assert_non_null(w->http);
	assert_int_equal(http_listen(w->http, &w->conf), 0);
	w->port = web_port(w);
}

/* Nothing is slept through: there is always something ready, or the loop is
 * given a moment of real time to become so. */
static void
turn_once(struct web *w)
{
	const struct timespec moment = { .tv_nsec = 50 * 1000 };

	uv_run(&w->loop, UV_RUN_NOWAIT);
	clock_turn(w->clock, 0);
	nanosleep(&moment, NULL);
}

void
web_turn(struct web *w)
{
	for (int i = 0; i < QUIET_TURNS; i++)
		turn_once(w);
}

void
web_later(struct web *w, uint64_t ms)
{
	web_turn(w);
	clock_turn(w->clock, ms);
	web_turn(w);
}

static void
note_closed(void *data)
{
	struct web *w = data;

	w->closed = true;
	w->http = NULL;
}

void
web_stop(struct web *w)
{
	http_close(w->http, note_closed, w);
	w->stopped = true;
}

void
web_close_http(struct web *w)
{
	if (!w->http)
		return;
	if (!w->stopped)
		web_stop(w);
	for (int i = 0; i < 1000 && !w->closed; i++)
		turn_once(w);
	assert_true(w->closed);
}

void
web_close(struct web *w)
{
	web_close_http(w);
	uv_run(&w->loop, UV_RUN_DEFAULT);
	assert_int_equal(clock_next(w->clock), -1);
	assert_int_equal(uv_loop_close(&w->loop), 0);
	clock_free(w->clock);
	log_redirect(NULL, NULL);
	arena_pool_clear();
	free(w->log);
	free(w);
}

int
web_connect(struct web *w)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(w->port) };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd >= 0 && connect(fd, (struct sockaddr *)&in, sizeof(in)) < 0) {
		close(fd);
		return -1;
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

/* What does not fit is not what we test; a server that has closed is. */
void
web_send(int fd, const void *bytes, size_t size)
{
	if (send(fd, bytes, size, MSG_NOSIGNAL) < 0)
		assert_true(
		    errno == EPIPE || errno == ECONNRESET || errno == EAGAIN);
}

void
web_say(int fd, const char *text)
{
	web_send(fd, text, strlen(text));
}

/* The size of the whole reply when its headers are there, else 0. */
static size_t
whole(struct web *w)
{
	const char *end = strstr(w->heard, "\r\n\r\n");
	const char *size = strcasestr(w->heard, "\r\ncontent-length:");

	if (!end)
		return 0;
	w->status = atoi(w->heard + strlen("HTTP/1.1 "));
	w->body = end + 4;
	return (size_t)(w->body - w->heard) +
	    (size < end ? strtoul(size + 17, NULL, 10) : 0);
}

/* To the byte, as a second reply may stand behind the first. */
int
web_hears(struct web *w, int fd)
{
	const uint64_t until = uv_hrtime() + PATIENCE_MS * 1000000ull;
	size_t got = 0, all = 0;

	w->status = 0;
	w->body = "";
	memset(w->heard, 0, sizeof(w->heard));
	while ((all == 0 || got < all) && uv_hrtime() < until) {
		const size_t want = all ? all - got : 1;
		const ssize_t n = recv(fd, w->heard + got, want, MSG_DONTWAIT);

		if (n == 0 || (n < 0 && errno != EAGAIN))
			break;
		if (n < 0)
			turn_once(w);
		got += n > 0 ? (size_t)n : 0;
		if (all == 0)
			all = whole(w);
	}
	return w->status;
}

bool
web_hears_end(struct web *w, int fd)
{
	const uint64_t until = uv_hrtime() + PATIENCE_MS * 1000000ull;
	char bytes[512];
	ssize_t n;

	do {
		turn_once(w);
		n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	} while ((n > 0 || (n < 0 && errno == EAGAIN)) && uv_hrtime() < until);
	return n == 0 || (n < 0 && errno == ECONNRESET);
}

bool
web_hears_nothing(struct web *w, int fd)
{
	char byte;

	web_turn(w);
	return recv(fd, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

void
web_ask(int fd, const char *method, const char *path, const char *token,
    const char *body)
{
	char head[1024];

	snprintf(head, sizeof(head),
	    "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %zu\r\n"
	    "%s%s%s\r\n",
	    method, path, strlen(body), token ? "Authorization: Bearer " : "",
	    token ? token : "", token ? "\r\n" : "");
	web_say(fd, head);
	web_say(fd, body);
}

int
web_once(struct web *w, const char *method, const char *path, const char *token,
    const char *body)
{
	const int fd = web_connect(w);

	web_ask(fd, method, path, token, body);
	web_hears(w, fd);
	close(fd);
	return w->status;
}

unsigned
web_logged(const struct web *w, const char *text)
{
	unsigned count = 0;

	for (const char *at = w->log; at && (at = strstr(at, text)); at++)
		count++;
	return count;
}
