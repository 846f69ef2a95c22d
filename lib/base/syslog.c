/*
 * syslog - one datagram a line
 */
#include "base/syslog.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int
open_socket(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(name.sun_path))
		return -1;
	strcpy(name.sun_path, path);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 &&
	    connect(fd, (struct sockaddr *)&name, sizeof(name)) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* What is too long for a datagram will never be taken: it counts as sent. */
static bool
sent(int fd, const char *line, size_t size)
{
	return send(fd, line, size, MSG_NOSIGNAL) >= 0 || errno == EMSGSIZE;
}

bool
syslog_send(int *fd, const char *path, const char *line, size_t size)
{
	if (*fd >= 0) {
		if (sent(*fd, line, size))
			return true;
		if (errno == EAGAIN || errno == ENOBUFS)
			return false;
		close(*fd); /* a syslogd that was restarted has a new socket */
	}
	*fd = open_socket(path);
	return *fd >= 0 && sent(*fd, line, size);
}
