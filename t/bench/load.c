/*
 * load - asks a policy service as many Postfix processes do
 *
 *     load [-c connections] [-s seconds] [-w what] [-k known] [-f first] [-e]
 *         [-p server-pid] [-r redis-pid] SOCKET
 *
 * Each connection has one request in flight and sends the next when the answer
 * has come, as smtpd(8) does. What is asked (-w):
 *
 *     prepare   each of the known triplets once, whatever is answered
 *     new       triplets never sent before, numbered from `first`
 *     known     the known triplets in turn
 *     mixed     nine known ones, then a new one
 *     unlisted  clients never seen before, from `first`: they pass
 *     listed    the known ones, one here and one there: 451 4.7.0
 *     sent      messages of the known ones in turn, who have logged in, and
 *               pass: RCPT and END-OF-MESSAGE of each
 *     idle      as new, one request a connection, IN_FLIGHT at a time; then
 *               all of them wait
 *
 * Each answer is checked: a new triplet is greylisted, a known one passes; -e:
 * an echo lets all pass. The first tenth of the time warms up and does not
 * count. Prints one line of name=value words: all that was answered, the
 * words of stats.h, CPU microseconds a request of the server and of Redis,
 * resident memory.
 */
#include "request.h"
#include "stats.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { REPLY_SIZE = 1024, EVENTS = 256, IN_FLIGHT = 128 };

enum what { PREPARE, NEW, KNOWN, MIXED, UNLISTED, LISTED, SENT, IDLE, WHATS };

static const char *const names[WHATS] = { "prepare", "new", "known", "mixed",
	"unlisted", "listed", "sent", "idle" };

enum { STRIDE = 7919 }; /* no neighbours in Redis' memory */

struct connection {
	int fd;
	bool is_new; /* the triplet asked about */
	bool at_end; /* of the message: the same again */
	uint64_t message; /* the last one begun here */
	uint64_t asked; /* on now_ns()' scale */
	char reply[REPLY_SIZE];
	size_t reply_size;
};

struct load {
	const char *path;
	unsigned connections;
	double seconds;
	enum what what;
	bool echo;
	uint64_t known, first;
	pid_t server, redis;

	int epoll;
	uint64_t sent, answered, fresh; /* requests; new triplets */
	uint64_t messages; /* begun */
	struct connection *all;
	struct waits *waits;
	struct stats stats;
	uint64_t server_ns, redis_ns; /* CPU */
};

static void
fail(const char *what, const char *why)
{
	fprintf(stderr, "load: %s: %s\n", what, why);
	exit(1);
}

/* The number of the next triplet. */
static uint64_t
next_number(struct load *l, bool *is_new)
{
	*is_new = l->what == NEW || l->what == UNLISTED || l->what == IDLE ||
	    (l->what == MIXED && l->sent % 10 == 9);
	if (*is_new)
		return l->first + l->fresh++;
	if (l->what == LISTED)
		return l->sent * STRIDE % l->known;
	return (l->sent - l->fresh) % l->known;
}

static size_t
write_triplet(struct load *l, struct connection *c, char *request)
{
	const uint64_t number = next_number(l, &c->is_new);

	return request_write(request, number, l->first + l->sent);
}

/* Each connection ends its message before it begins another. */
static size_t
write_sent(struct load *l, struct connection *c, char *request)
{
	const bool at_end = c->at_end;

	if (!at_end)
		c->message = l->messages++;
	c->at_end = !at_end;
	return request_write_sent(
	    request, c->message % l->known, l->first + c->message, at_end);
}

static void
ask(struct load *l, struct connection *c)
{
	char request[REQUEST_SIZE];
	const size_t size = l->what == SENT ? write_sent(l, c, request)
					    : write_triplet(l, c, request);

	l->sent++;
	c->reply_size = 0;
	c->asked = now_ns();
	if (write(c->fd, request, size) != (ssize_t)size)
		fail("write", strerror(errno));
}

/* What the answer begins with. */
static const char *
right_answer(const struct load *l, const struct connection *c)
{
	if (l->what == LISTED)
		return "action=451 4.7.0 ";
	if (c->is_new && l->what != UNLISTED && !l->echo)
		return "action=451 4.7.1 ";
	return "action=DUNNO\n\n";
}

static void
check(const struct load *l, const struct connection *c)
{
	const char *right = right_answer(l, c);

	if (l->what != PREPARE && strncmp(c->reply, right, strlen(right)) != 0)
		fail(c->is_new ? "a new triplet was told"
			       : "a known triplet was told",
		    c->reply);
}

/* True when the answer is complete. */
static bool
take(struct connection *c)
{
	const ssize_t n = read(
	    c->fd, c->reply + c->reply_size, REPLY_SIZE - 1 - c->reply_size);

	if (n <= 0)
		fail("read", n < 0 ? strerror(errno) : "closed by the server");
	c->reply_size += (size_t)n;
	c->reply[c->reply_size] = '\0';
	return c->reply_size > 2 &&
	    strcmp(c->reply + c->reply_size - 2, "\n\n") == 0;
}

static void
answered(struct load *l, struct connection *c)
{
	stats_add(&l->stats, &l->waits[c - l->all], now_ns() - c->asked);
	check(l, c);
	l->answered++;
}

static uint64_t
cpu_of(pid_t pid)
{
	return pid ? cpu_ns(pid) : 0;
}

static void
begin(struct load *l)
{
	memset(l->waits, 0, l->connections * sizeof(*l->waits));
	l->server_ns = cpu_of(l->server);
	l->redis_ns = cpu_of(l->redis);
	stats_begin(&l->stats);
}

static void
end(struct load *l)
{
	l->stats.ended = now_ns();
	l->server_ns = cpu_of(l->server) - l->server_ns;
	l->redis_ns = cpu_of(l->redis) - l->redis_ns;
}

/* Asks and takes answers until `deadline`, or until `limit` were asked, and
 * leaves nothing in flight. */
static void
turn(struct load *l, uint64_t deadline, uint64_t limit)
{
	const bool idle = l->what == IDLE;
	const unsigned begin_with = idle && l->connections > IN_FLIGHT
	    ? IN_FLIGHT
	    : l->connections;
	struct epoll_event events[EVENTS];

	for (unsigned i = 0; i < begin_with && l->sent < limit; i++)
		ask(l, &l->all[i]);
	while (l->answered < l->sent) {
		const int n = epoll_wait(l->epoll, events, EVENTS, 10000);
		const bool more = now_ns() < deadline;

		if (n == 0)
			fail("read", "no answer for ten seconds");
		for (int i = 0; i < n; i++) {
			struct connection *c = events[i].data.ptr;

			if (!take(c))
				continue;
			answered(l, c);
			if (more && l->sent < limit)
				ask(l, idle ? &l->all[l->sent] : c);
		}
	}
}

static void
run(struct load *l)
{
	const uint64_t time = (uint64_t)(l->seconds * 1e9);

	if (l->what == PREPARE || l->what == IDLE) {
		begin(l);
		turn(
		    l, UINT64_MAX, l->what == IDLE ? l->connections : l->known);
	} else {
		turn(l, now_ns() + time / 10, UINT64_MAX);
		begin(l);
		turn(l, now_ns() + time, UINT64_MAX);
	}
	end(l);
}

static void
connect_one(struct load *l, struct connection *c)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", l->path);
	c->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof(to)) ||
	    epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &ev) < 0)
		fail(l->path, strerror(errno));
}

static void
connect_all(struct load *l)
{
	l->epoll = epoll_create1(0);
	l->all = calloc(l->connections, sizeof(*l->all));
	l->waits = calloc(l->connections, sizeof(*l->waits));
	if (l->epoll < 0 || !l->all || !l->waits)
		fail("start", strerror(errno));
	for (unsigned i = 0; i < l->connections; i++)
		connect_one(l, &l->all[i]);
}

static void
print(struct load *l)
{
	const double n = (double)l->stats.count * 1e3;

	printf("answered=%llu ", (unsigned long long)l->answered);
	stats_print(&l->stats, l->waits, l->connections);
	if (l->server)
		printf(" cpu=%.2f rss=%ld", (double)l->server_ns / n,
		    rss_kib(l->server));
	if (l->redis)
		printf(" redis=%.2f", (double)l->redis_ns / n);
	printf("\n");
}

static enum what
what_of(const char *name)
{
	enum what w = 0;

	while (w < WHATS && strcmp(names[w], name) != 0)
		w++;
	return w;
}

static bool
read_options(struct load *l, int argc, char **argv)
{
	int opt;

	while ((opt = getopt(argc, argv, "c:s:w:k:f:ep:r:")) != -1)
		switch (opt) {
		case 'c':
			l->connections = (unsigned)atoi(optarg);
			break;
		case 's':
			l->seconds = atof(optarg);
			break;
		case 'w':
			l->what = what_of(optarg);
			break;
		case 'k':
			l->known = strtoull(optarg, NULL, 10);
			break;
		case 'f':
			l->first = strtoull(optarg, NULL, 10);
			break;
		case 'e':
			l->echo = true;
			break;
		case 'p':
			l->server = atoi(optarg);
			break;
		case 'r':
			l->redis = atoi(optarg);
			break;
		default:
			return false;
		}
	l->path = argv[optind];
	return optind + 1 == argc && l->connections && l->known &&
	    l->what != WHATS;
}

int
main(int argc, char **argv)
{
	static struct load load = { .connections = 1,
		.seconds = 1,
		.what = NEW,
		.known = 2000,
		.first = 2000 };

	if (!read_options(&load, argc, argv)) {
		fprintf(stderr,
		    "usage: load [-c connections] [-s seconds] "
		    "[-w prepare|new|known|mixed|sent|idle] [-k known] "
		    "[-f first] "
		    "[-e] [-p pid] [-r redis-pid] SOCKET\n");
		return 64;
	}
	connect_all(&load);
	run(&load);
	print(&load);
	return 0;
}
