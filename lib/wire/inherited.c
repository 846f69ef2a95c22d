/*
 * inherited - listening sockets that systemd opened for us
 *
 * They let an unprivileged daemon listen inside Postfix' queue directory, and
 * a restart refuses nobody: connections wait in the socket's backlog.
 */
#include "wire/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

static int
number(const char *variable)
{
	const char *text = getenv(variable);

	return text ? atoi(text) : 0;
}

/* LISTEN_PID is another's when our parent passed its environment on. */
int
socket_inherited_count(void)
{
	return number("LISTEN_PID") == (int)getpid() ? number("LISTEN_FDS") : 0;
}

/* LISTEN_FDNAMES is a list of names with colons between them. */
bool
socket_inherited_is(int fd, const char *name)
{
	const char *at = getenv("LISTEN_FDNAMES");
	size_t size;

	if (!*name)
		return true;
	for (; at && fd > INHERITED_FIRST; fd--)
		if ((at = strchr(at, ':')))
			at++;
	if (!at)
		return false;
	size = strcspn(at, ":");
	return size == strlen(name) && memcmp(at, name, size) == 0;
}

static bool
is(int fd, int option, int wanted)
{
	int value = -1;
	socklen_t size = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 &&
	    value == wanted;
}

int
socket_inherited(int fd, const char **why)
{
	int copy, flags;

	if (!is(fd, SO_TYPE, SOCK_STREAM) || !is(fd, SO_ACCEPTCONN, 1)) {
		*why = "what was handed over is no listening stream socket";
		return UV_EINVAL;
	}
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (copy < 0)
		return -errno;
	flags = fcntl(copy, F_GETFL);
	if (flags < 0 || fcntl(copy, F_SETFL, flags | O_NONBLOCK) < 0) {
		const int rc = -errno;

		close(copy);
		return rc;
	}
	return copy;
}
