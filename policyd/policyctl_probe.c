/*
 * policyctl_probe - one request over a socket that waits for a bounded time
 */
#include "policyctl_probe.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* No stage: policyd answers at once and touches nothing. */
static const char question[] = "request=smtpd_access_policy\n"
			       "protocol_state=\n\n";
static const char good_answer[] = "action=DUNNO\n\n";

struct place {
	struct sockaddr_storage address;
	socklen_t size;
};

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Keeps the first reason. */
static bool
give_up(struct probe *p, const char *what, const char *reason)
{
	if (!*p->error)
		snprintf(p->error, sizeof(p->error), "%s: %s", what, reason);
	return false;
}

static bool
find_unix(struct probe *p, struct place *at, const char *path)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&at->address;

	if (strlen(path) >= sizeof(un->sun_path))
		return give_up(p, path, "the path is too long");
	un->sun_family = AF_UNIX;
	strcpy(un->sun_path, path);
	at->size = sizeof(*un);
	return true;
}

/* ADDRESS:PORT, [ADDRESS]:PORT. To connect to 0.0.0.0 or :: is to connect to
 * this host. */
static bool
find_inet(struct probe *p, struct place *at, const char *where)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	const char *colon = strrchr(where, ':'), *from = where;
	char host[256];
	struct addrinfo *found;
	size_t size;
	int rc;

	if (!colon)
		return give_up(p, where, "no port");
	size = (size_t)(colon - where);
	if (size >= 2 && where[0] == '[' && colon[-1] == ']') {
		from++;
		size -= 2;
	}
	snprintf(host, sizeof(host), "%.*s", (int)size, from);
	rc = getaddrinfo(host, colon + 1, &hints, &found);
	if (rc != 0)
		return give_up(p, where, gai_strerror(rc));
	memcpy(&at->address, found->ai_addr, found->ai_addrlen);
	at->size = found->ai_addrlen;
	freeaddrinfo(found);
	return true;
}

static bool
find(struct probe *p, struct place *at, const char *listen)
{
	if (!strncmp(listen, "unix:", 5))
		return find_unix(p, at, listen + 5);
	if (!strncmp(listen, "inet:", 5))
		return find_inet(p, at, listen + 5);
	return give_up(p, listen, "neither inet: nor unix:");
}

static const char *
reason(void)
{
	return errno == EAGAIN || errno == EINPROGRESS ? "no answer in time"
						       : strerror(errno);
}

/* Reads until the answer is as long as a good one, or ends. */
static bool
read_answer(struct probe *p, int fd)
{
	char answer[sizeof(good_answer)] = "";
	size_t used = 0;

	while (used < sizeof(answer) - 1) {
		const ssize_t n = recv(
		    fd, answer + used, sizeof(answer) - 1 - used, 0);

		if (n < 0 && errno == EINTR)
			continue; /* newer libuv's io_uring does that */
		if (n < 0)
			return give_up(p, "read", reason());
		if (n == 0)
			return give_up(p, "read", "closed without an answer");
		used += (size_t)n;
	}
	if (strcmp(answer, good_answer) != 0)
		return give_up(p, "answer", "it is not action=DUNNO");
	return true;
}

static bool
converse(struct probe *p, int fd, const struct place *at, int64_t timeout_ms)
{
	const struct timeval limit = { timeout_ms / 1000,
		timeout_ms % 1000 * 1000 };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, (const struct sockaddr *)&at->address, at->size) < 0)
		return give_up(p, "connect", reason());
	if (send(fd, question, strlen(question), MSG_NOSIGNAL) < 0)
		return give_up(p, "write", reason());
	return read_answer(p, fd);
}

void
probe_daemon(struct probe *p, const char *listen, int64_t timeout_ms)
{
	struct place at = { 0 };
	const int64_t start = now_us();
	int fd;

	*p = (struct probe){ 0 };
	if (!find(p, &at, listen))
		return;
	fd = socket(at.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		give_up(p, "socket", strerror(errno));
		return;
	}
	p->well = converse(p, fd, &at, timeout_ms);
	p->us = now_us() - start;
	close(fd);
}
