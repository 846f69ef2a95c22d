/*
 * socket - a listening descriptor from one item of `listen`
 *
 * We bind by ourselves: libuv cuts a long path silently, leaves the umask's
 * mode on a new socket and knows no group.
 */
#ifndef WIRE_SOCKET_H
#define WIRE_SOCKET_H

#include <stdbool.h>
#include <sys/types.h>

struct conf;

enum { SOCKET_BACKLOG = 4096, SOCKET_NAME = 160 };

/* A unix socket's name in the file system, to be removed only while it is
 * still ours. */
struct socket_file {
	char *path; /* NULL: none */
	dev_t device;
	ino_t inode;
};

/*
 * Each gives a listening, non-blocking descriptor or a negative UV_E..., and
 * then `*why` may say more than uv_strerror() does.
 */

/* A socket file without a listener is stale and replaced; a living one, or
 * anything else of that name, is an error. Mode and group are `conf`'s. */
int socket_unix(const char *path, const struct conf *conf,
    struct socket_file *file, const char **why);

/* Gives a socket file that mode and group; 0 or a negative UV_E... */
int socket_permit(const char *path, const struct conf *conf, const char **why);

/* "192.0.2.1:10040", "[2001:db8::1]:10040"; port 0 lets the system choose. */
int socket_inet(const char *where, const char **why);

/* A duplicate of one that was handed over: the original stays, so that its
 * number never means anything else and a reload can come back to it. */
int socket_inherited(int fd, const char **why);

/*
 * What systemd handed over (sd_listen_fds(3)) has the numbers from
 * INHERITED_FIRST on; returns how many there are. A name is given by
 * FileDescriptorName=; "" is any.
 */
enum { INHERITED_FIRST = 3 };
int socket_inherited_count(void);
bool socket_inherited_is(int fd, const char *name);

/* Removes the file if it is still ours. */
void socket_file_clear(struct socket_file *file);

/* Whether two of "inet:ADDRESS:PORT" cannot listen side by side. */
bool socket_overlap(const char *one, const char *other);

/* What it is bound to, as one writes it in policyd.conf; who is at the other
 * end ("192.0.2.1:4711", "pid 4711"). */
void socket_name(int fd, char out[SOCKET_NAME]);
void socket_peer(int fd, char out[SOCKET_NAME]);

#endif
