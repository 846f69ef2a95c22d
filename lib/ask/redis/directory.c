/*
 * directory - a lock, a socket, a pid
 */
#include "ask/redis/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

bool
directory_socket(const char *path, char socket[SOCKET_PATH])
{
	const int size = snprintf(socket, SOCKET_PATH, "%s/redis.sock", path);

	if (size >= 0 && size < SOCKET_PATH)
		return true;
	log_error("redis: state directory '%s': the name of the socket in it "
		  "would be longer than %d bytes",
	    path, SOCKET_PATH - 1);
	return false;
}

/* With what is missing above it. */
static int
make_directory(const char *path)
{
	char part[PATH_MAX];

	for (const char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(p - path), path);
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return -1;
	}
	return mkdir(path, 0700) < 0 && errno != EEXIST ? -1 : 0;
}

static int
open_in(const struct directory *d, const char *name, int flags)
{
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/%s", d->path, name);
	return open(path, flags | O_CLOEXEC, 0600);
}

static bool
take_lock(const struct directory *d)
{
	if (flock(d->lock, LOCK_EX | LOCK_NB) == 0)
		return true;
	log_error("redis: state directory '%s': %s", d->path,
	    errno == EWOULDBLOCK ? "another policyd runs its Redis here"
				 : strerror(errno));
	return false;
}

bool
directory_open(struct directory *d, const char *path)
{
	*d = (struct directory){ .lock = -1 };
	if (make_directory(path) < 0 || !realpath(path, d->path)) {
		log_error("redis: cannot use state directory '%s': %s", path,
		    strerror(errno));
		return false;
	}
	d->lock = open_in(d, "lock", O_RDWR | O_CREAT);
	if (d->lock < 0) {
		/* Often root's, who ran policyd before there was a `user`. */
		log_error("redis: cannot open '%s/lock': %s", d->path,
		    strerror(errno));
		return false;
	}
	if (take_lock(d) && directory_socket(d->path, d->socket))
		return true;
	directory_close(d);
	return false;
}

void
directory_close(struct directory *d)
{
	if (d->lock >= 0)
		close(d->lock);
	d->lock = -1;
}

void
directory_note(const struct directory *d, pid_t pid)
{
	const int fd = open_in(d, "redis.pid", O_WRONLY | O_CREAT | O_TRUNC);

	if (fd < 0)
		return; /* then it cannot be found when we are killed */
	if (pid)
		dprintf(fd, "%ld\n", (long)pid);
	close(fd);
}

static size_t
read_all(int fd, char *text, size_t size)
{
	ssize_t n = -1;

	if (fd >= 0) {
		n = read(fd, text, size - 1);
		close(fd);
	}
	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

/* Process numbers are used again: it must be a server on this very socket,
 * which redis-server shows among its arguments. */
static bool
runs_here(const struct directory *d, pid_t pid)
{
	char path[64], text[4096];
	size_t size;

	snprintf(path, sizeof(path), "/proc/%ld/cmdline", (long)pid);
	size = read_all(open(path, O_RDONLY | O_CLOEXEC), text, sizeof(text));
	for (size_t i = 0; i < size; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	return strstr(text, "-server") && strstr(text, d->socket);
}

pid_t
directory_left(const struct directory *d)
{
	char text[32];
	pid_t pid;

	read_all(open_in(d, "redis.pid", O_RDONLY), text, sizeof(text));
	pid = (pid_t)strtol(text, NULL, 10);
	return pid > 1 && runs_here(d, pid) ? pid : 0;
}
