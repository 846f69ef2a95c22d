/*
 * listener - accept, and what to do when that fails
 *
 * We accept by ourselves: without descriptors libuv accepts and closes, and
 * Postfix would sleep for a second; here the connection waits in the backlog
 * until there is room.
 */
#include "wire/inner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"

enum {
	ACCEPT_TURN = 64, /* connections before others have their turn */
	PAUSE_MS = 100,
	WARNINGS = 10, /* a minute and listener */
	MINUTE_MS = 60 * 1000
};

static void
pause_accepting(struct listener *l, int error)
{
	if (!l->failing)
		log_error("cannot accept on %s: %s; connections wait", l->item,
		    uv_strerror(error));
	l->failing = true;
	uv_poll_stop(&l->poll);
	timer_start(&l->pause, l->wire->clock, PAUSE_MS);
}

static void
welcome(struct listener *l, int fd)
{
	if (wire_enter(l->wire))
		client_open(l, fd);
	else
		close(fd);
}

static void
accept_all(uv_poll_t *poll, int status, int events)
{
	struct listener *l = poll->data;

	(void)events;
	if (status < 0) {
		pause_accepting(l, status);
		return;
	}
	for (int i = 0; i < ACCEPT_TURN; i++) {
		const int fd = accept4(
		    l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			welcome(l, fd);
		} else if (errno == EAGAIN) {
			if (l->failing)
				log_info("accepting again on %s", l->item);
			l->failing = false;
			return;
		} else if (errno != ECONNABORTED && errno != EINTR) {
			pause_accepting(l, -errno);
			return;
		}
	}
}

static void
start(struct listener *l)
{
	uv_poll_start(&l->poll, UV_READABLE, accept_all);
}

static void
try_again(struct timer *t)
{
	struct listener *l = (struct listener *)((char *)t -
	    offsetof(struct listener, pause));

	start(l);
}

static int
open_socket(struct listener *l, const struct conf *conf, const char **why)
{
	if (l->inherited >= 0)
		return socket_inherited(l->inherited, why);
	if (strncmp(l->item, "unix:", 5) == 0)
		return socket_unix(l->item + 5, conf, &l->file, why);
	if (strncmp(l->item, "inet:", 5) == 0)
		return socket_inet(l->item + 5, why);
	*why = "not unix:PATH, inet:ADDRESS:PORT or systemd";
	return UV_EINVAL;
}

static int
failed(const char *item, int rc, const char *why)
{
	log_error(
	    "cannot listen on '%s': %s", item, why ? why : uv_strerror(rc));
	return rc;
}

int
listener_keep(struct listener *l, const struct conf *conf)
{
	const char *why = NULL;
	const int rc = l->file.path ? socket_permit(l->file.path, conf, &why)
				    : 0;

	return rc < 0 ? failed(l->item, rc, why) : 0;
}

static void
serve(struct listener *l)
{
	struct wire *w = l->wire;
	char name[SOCKET_NAME];

	socket_name(l->fd, name);
	l->is_unix = strncmp(name, "unix:", 5) == 0;
	l->next = w->listeners;
	w->listeners = l;
	l->holders = 1;
	w->handles++;
	uv_poll_init(w->loop, &l->poll, l->fd);
	l->poll.data = l;
	l->pause.fire = try_again;
	start(l);
	log_info("listening on %s", name);
}

struct listener *
listener_open(struct wire *w, const char *item, int inherited,
    const struct conf *conf, int *rc)
{
	struct listener *l = xcalloc(1, sizeof(*l));
	const char *why = NULL;

	l->wire = w;
	l->item = xstrdup(item);
	l->inherited = inherited;
	l->fd = *rc = open_socket(l, conf, &why);
	if (*rc == UV_EADDRINUSE && way_clear(w, item, conf))
		l->fd = *rc = open_socket(l, conf, &why);
	if (*rc < 0) {
		failed(item, *rc, why);
		free(l->item);
		free(l);
		return NULL;
	}
	*rc = 0;
	serve(l);
	return l;
}

void
listener_drop(struct listener *l)
{
	if (--l->holders > 0)
		return;
	free(l->item);
	free(l);
}

static void
poll_closed(uv_handle_t *handle)
{
	struct listener *l = handle->data;
	struct wire *w = l->wire;

	listener_drop(l);
	wire_handle_closed(w);
}

void
listener_close(struct listener *l)
{
	struct listener **at = &l->wire->listeners;

	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	timer_stop(&l->pause);
	uv_close((uv_handle_t *)&l->poll, poll_closed);
	close(l->fd);
	socket_file_clear(&l->file);
}

void
listener_warn(struct listener *l, int fd, const char *what)
{
	const uint64_t now = clock_ms(l->wire->clock);
	char peer[SOCKET_NAME];

	if (!l->warned || now - l->warned_ms >= MINUTE_MS) {
		if (l->unsaid)
			log_warning("%s: %u more clients broke the protocol",
			    l->item, l->unsaid);
		l->warned_ms = now;
		l->warned = l->unsaid = 0;
	}
	if (++l->warned > WARNINGS) {
		l->unsaid++;
		return;
	}
	socket_peer(fd, peer);
	log_warning("%s: client %s closed: %s", l->item, peer, what);
}
