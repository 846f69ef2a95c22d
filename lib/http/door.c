/*
 * door - a listening socket on the loop
 */
#include "http/door.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "wire/socket.h"

enum { PAUSE_MS = 100 };

struct door {
	struct door_owner *owner;
	struct clock *clock;
	char *where;
	int fd;
	uv_poll_t poll;
	struct timer pause; /* no descriptor was left */
	bool open, failing;
};

static void accept_all(uv_poll_t *poll, int status, int events);

static void
rest(struct door *d)
{
	uv_poll_stop(&d->poll);
	d->open = false;
}

static void
start(struct door *d)
{
	uv_poll_start(&d->poll, UV_READABLE, accept_all);
	d->open = true;
}

static void
pause_accepting(struct door *d, int error)
{
	if (!d->failing)
		log_error("cannot accept on %s: %s; connections wait", d->where,
		    uv_strerror(error));
	d->failing = true;
	rest(d);
	timer_start(&d->pause, d->clock, PAUSE_MS);
}

static void
try_again(struct timer *t)
{
	start((struct door *)((char *)t - offsetof(struct door, pause)));
}

/* The owner may close us when it is told. */
static void
accept_all(uv_poll_t *poll, int status, int events)
{
	struct door *d = poll->data;
	struct sockaddr_storage who = { 0 };
	socklen_t size = sizeof(who);
	int fd;

	(void)events;
	if (status < 0) {
		pause_accepting(d, status);
		return;
	}
	fd = accept4(d->fd, (struct sockaddr *)&who, &size,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
			pause_accepting(d, -errno);
		return;
	}
	d->failing = false;
	if (!d->owner->came(d->owner, fd, (struct sockaddr *)&who, size))
		rest(d);
}

struct door *
door_open(uv_loop_t *loop, struct clock *clock, const char *where,
    struct door_owner *owner, int *rc)
{
	const char *why = NULL;
	struct door *d;
	char name[SOCKET_NAME];

	*rc = socket_inet(where, &why);
	if (*rc < 0) {
		log_error("cannot listen on '%s' for http: %s", where,
		    why ? why : uv_strerror(*rc));
		return NULL;
	}
	d = xcalloc(1, sizeof(*d));
	d->owner = owner;
	d->clock = clock;
	d->where = xstrdup(where);
	d->fd = *rc;
	d->pause.fire = try_again;
	uv_poll_init(loop, &d->poll, d->fd);
	d->poll.data = d;
	start(d);
	socket_name(d->fd, name);
	log_info("listening on %s for http", name);
	*rc = 0;
	return d;
}

bool
door_is(const struct door *d, const char *where)
{
	return strcmp(d->where, where) == 0;
}

void
door_room(struct door *d)
{
	if (!d->open && !timer_running(&d->pause))
		start(d);
}

static void
poll_closed(uv_handle_t *handle)
{
	struct door *d = handle->data;
	struct door_owner *owner = d->owner;

	free(d->where);
	free(d);
	owner->closed(owner);
}

void
door_close(struct door *d)
{
	timer_stop(&d->pause);
	uv_close((uv_handle_t *)&d->poll, poll_closed);
	close(d->fd);
}
