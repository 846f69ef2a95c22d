/*
 * socket - socket, bind, chmod, listen
 */
#include "wire/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include "base/arena.h"
#include "conf/conf.h"

enum { TYPE = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC };

/* One who connects tells a living socket from a stale one. A full backlog
 * (EAGAIN) is a sign of life. */
static int
remove_stale(const struct sockaddr_un *name, const char **why)
{
	const struct sockaddr *address = (const struct sockaddr *)name;
	struct stat st;
	int fd, rc = 0;

	if (lstat(name->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode)) {
		*why = "there is a file of that name, and it is no socket";
		return UV_EEXIST;
	}
	fd = socket(AF_UNIX, TYPE, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, address, sizeof(*name)) == 0 || errno == EAGAIN) {
		*why = "another process listens there";
		rc = UV_EADDRINUSE;
	} else if (errno != ECONNREFUSED || unlink(name->sun_path) < 0) {
		rc = -errno;
	}
	close(fd);
	return rc;
}

static int
find_group(const char *name, gid_t *gid)
{
	struct group *group;

	*gid = (gid_t)-1; /* chown(2): leave it */
	if (!*name)
		return 0;
	group = getgrnam(name);
	if (!group)
		return UV_EINVAL;
	*gid = group->gr_gid;
	return 0;
}

int
socket_permit(const char *path, const struct conf *conf, const char **why)
{
	gid_t gid;

	if (find_group(conf->socket_group, &gid) < 0) {
		*why = "there is no group of the name in socket_group";
		return UV_EINVAL;
	}
	if (chown(path, (uid_t)-1, gid) < 0) {
		if (errno == EPERM)
			*why = "policyd is not in socket_group";
		return -errno;
	}
	return chmod(path, (mode_t)conf->socket_mode) < 0 ? -errno : 0;
}

/* Born closed to all others; socket_permit() opens it. */
static int
bind_unix(int fd, const struct sockaddr_un *name)
{
	const mode_t before = umask(0177);
	int rc = 0;

	if (bind(fd, (const struct sockaddr *)name, sizeof(*name)) < 0)
		rc = -errno;
	umask(before);
	return rc;
}

/* Remembers which file it is. */
static void
note_file(struct socket_file *file, const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return;
	file->path = xstrdup(path);
	file->device = st.st_dev;
	file->inode = st.st_ino;
}

int
socket_unix(const char *path, const struct conf *conf, struct socket_file *file,
    const char **why)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd, rc;

	if (!*path || strlen(path) >= sizeof(name.sun_path)) {
		*why = "the path must have 1 to 107 bytes";
		return UV_EINVAL;
	}
	strcpy(name.sun_path, path);
	if ((rc = remove_stale(&name, why)) < 0)
		return rc;
	fd = socket(AF_UNIX, TYPE, 0);
	if (fd < 0)
		return -errno;
	if ((rc = bind_unix(fd, &name)) < 0)
		goto failed;
	note_file(file, path);
	if ((rc = socket_permit(path, conf, why)) < 0)
		goto failed;
	if (listen(fd, SOCKET_BACKLOG) == 0)
		return fd;
	rc = -errno;
failed:
	socket_file_clear(file);
	close(fd);
	return rc;
}

void
socket_file_clear(struct socket_file *file)
{
	struct stat st;

	if (file->path && lstat(file->path, &st) == 0 &&
	    st.st_dev == file->device && st.st_ino == file->inode)
		unlink(file->path);
	free(file->path);
	file->path = NULL;
}

/* Splits "host:port" or "[host]:port" and reads both as numbers. */
static int
parse_inet(const char *where, struct sockaddr_storage *address)
{
	const char *colon = strrchr(where, ':');
	char host[64], *end;
	size_t size;
	long port;

	if (!colon || colon[1] < '0' || colon[1] > '9')
		return UV_EINVAL;
	port = strtol(colon + 1, &end, 10);
	size = (size_t)(colon - where);
	if (*end || port > 65535 || size >= sizeof(host) || size < 2)
		return UV_EINVAL;
	memcpy(host, where, size);
	host[size] = '\0';
	if (host[0] != '[')
		return uv_ip4_addr(
		    host, (int)port, (struct sockaddr_in *)address);
	if (host[size - 1] != ']')
		return UV_EINVAL;
	host[size - 1] = '\0';
	return uv_ip6_addr(host + 1, (int)port, (struct sockaddr_in6 *)address);
}

/* What an accepted socket inherits on Linux need not be set on each. */
static void
set_options(int fd, int family)
{
	const int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	/* [::] beside 0.0.0.0 */
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
}

int
socket_inet(const char *where, const char **why)
{
	struct sockaddr_storage address;
	int fd;

	if (parse_inet(where, &address) < 0) {
		*why = "not ADDRESS:PORT or [ADDRESS]:PORT";
		return UV_EINVAL;
	}
	fd = socket(address.ss_family, TYPE, 0);
	if (fd < 0)
		return -errno;
	set_options(fd, address.ss_family);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, SOCKET_BACKLOG) < 0) {
		const int rc = -errno;

		close(fd);
		return rc;
	}
	return fd;
}

static bool
is_inet(const char *item, struct sockaddr_storage *address)
{
	return strncmp(item, "inet:", 5) == 0 &&
	    parse_inet(item + 5, address) >= 0;
}

static bool
overlap_4(const struct sockaddr_in *a, const struct sockaddr_in *b)
{
	const in_addr_t any = htonl(INADDR_ANY);

	return a->sin_port == b->sin_port &&
	    (a->sin_addr.s_addr == b->sin_addr.s_addr ||
		a->sin_addr.s_addr == any || b->sin_addr.s_addr == any);
}

static bool
overlap_6(const struct sockaddr_in6 *a, const struct sockaddr_in6 *b)
{
	return a->sin6_port == b->sin6_port &&
	    (IN6_ARE_ADDR_EQUAL(&a->sin6_addr, &b->sin6_addr) ||
		IN6_IS_ADDR_UNSPECIFIED(&a->sin6_addr) ||
		IN6_IS_ADDR_UNSPECIFIED(&b->sin6_addr));
}

bool
socket_overlap(const char *one, const char *other)
{
	struct sockaddr_storage a = { 0 }, b = { 0 };

	if (!is_inet(one, &a) || !is_inet(other, &b) ||
	    a.ss_family != b.ss_family)
		return false;
	if (a.ss_family == AF_INET)
		return overlap_4((void *)&a, (void *)&b);
	return overlap_6((void *)&a, (void *)&b);
}

static void
write_name(const struct sockaddr_storage *address, char *out, size_t size)
{
	char host[64] = "";

	if (address->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)address;

		uv_ip4_name(in, host, sizeof(host));
		snprintf(out, size, "%s:%u", host, ntohs(in->sin_port));
	} else if (address->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in = (const void *)address;

		uv_ip6_name(in, host, sizeof(host));
		snprintf(out, size, "[%s]:%u", host, ntohs(in->sin6_port));
	} else {
		const struct sockaddr_un *un = (const void *)address;

		/* A path of full length has no NUL behind it. */
		snprintf(
		    out, size, "%.*s", (int)sizeof(un->sun_path), un->sun_path);
	}
}

void
socket_name(int fd, char out[SOCKET_NAME])
{
	struct sockaddr_storage address = { 0 };
	socklen_t size = sizeof(address);

	getsockname(fd, (struct sockaddr *)&address, &size);
	strcpy(out, address.ss_family == AF_UNIX ? "unix:" : "inet:");
	write_name(&address, out + 5, SOCKET_NAME - 5);
}

void
socket_peer(int fd, char out[SOCKET_NAME])
{
	struct sockaddr_storage address = { 0 };
	socklen_t size = sizeof(address);
	struct ucred who = { 0 };

	getpeername(fd, (struct sockaddr *)&address, &size);
	if (address.ss_family != AF_UNIX) {
		write_name(&address, out, SOCKET_NAME);
		return;
	}
	size = sizeof(who);
	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size);
	snprintf(out, SOCKET_NAME, "pid %d", (int)who.pid);
}
