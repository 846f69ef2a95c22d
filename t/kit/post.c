/*
 * post - the smallest world a wire can live in
 */
#include "kit/post.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "kit/suite.h"

enum { PATIENCE_MS = 60 * 1000, QUIET_TURNS = 20 };

static const struct script script = { "test", "return 1" };

static void
ask(const struct request *req, const struct facts *facts, struct questions *qs)
{
	(void)facts;
	if (strncmp(req->sender, "wait", 4) == 0)
		ask_script(qs, 0,
		    (struct question){ .script = &script,
			.keys = 1,
			.count = 1,
			.words = { { req->sender, strlen(req->sender) } } });
}

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	struct verdict v = verdict_refuse(REPLY_GREYLISTED);

	(void)facts;
	if (strncmp(req->sender, "pass", 4) == 0)
		return verdict_pass();
	verdict_text(&v, "who", req->sender);
	return v;
}

static const struct check check = {
	.name = "test",
	.stages = AT_RCPT,
	.classes = INBOUND | AUTHENTICATED | TRUSTED,
	.tier = TIER_REGISTERS,
	.policy = offsetof(struct settings, greylist.policy),
	.ask = ask,
	.judge = judge,
};

static const struct check *const checks[] = { &check, NULL };

static void
keep_waiting(struct store *s, const struct question *q, struct ticket *t)
{
	struct post *p = (struct post *)((char *)s -
	    offsetof(struct post, store));

	(void)q;
	assert_true(p->waits < POST_WAITING);
	p->waiting[p->waits++] = t;
}

static void
keep_line(enum log_level level, const char *text, void *data)
{
	struct post *p = data;
	const size_t size = strlen(text);

	(void)level;
	p->log = xrealloc(p->log, p->log_size + size + 2);
	memcpy(p->log + p->log_size, text, size);
	strcpy(p->log + p->log_size + size, "\n");
	p->log_size += size + 1;
}

static void
complain(void *data, const char *file, int line, const char *text)
{
	(void)data;
	print_error("%s:%d: %s\n", file, line, text);
}

int
post_open(void **state)
{
	struct post *p = xcalloc(1, sizeof(*p));

	*state = p;
	signal(SIGPIPE, SIG_IGN);
	strcpy(p->directory, "/tmp/policyd-t-XXXXXX");
	if (!mkdtemp(p->directory) || uv_loop_init(&p->loop) < 0)
		return -1;
	snprintf(p->socket, sizeof(p->socket), "unix:%s/policy", p->directory);
	log_redirect(keep_line, p);
	p->store.ask = keep_waiting;
	p->clock = clock_new_virtual(1767225600);
	p->judging = conf_parse(
	    "reply \"greylisted\" { text = \"%{who} must wait\" }", "test",
	    complain, NULL);
	assert_non_null(p->judging);
	p->engine = engine_new(p->clock, checks, &p->store, p->judging);
	p->wire = wire_new(&p->loop, p->clock, p->engine);
	p->conf.socket_group = "";
	p->conf.socket_mode = 0660;
	p->conf.max_clients = 100;
	p->conf.listen.items = p->items;
	return 0;
}

static void
note_closed(void *data)
{
	struct post *p = data;

	p->closed++;
	p->wire = NULL;
}

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

int
post_close(void **state)
{
	struct post *p = *state;

	if (p->wire)
		wire_close(p->wire, note_closed, p);
	while (p->waits > 0)
		post_answer(p);
	uv_run(&p->loop, UV_RUN_DEFAULT);
	assert_int_equal(p->closed, 1);
	assert_int_equal(engine_in_work(p->engine), 0);
	assert_int_equal(clock_next(p->clock), -1);
	assert_int_equal(uv_loop_close(&p->loop), 0);
	engine_free(p->engine);
	conf_unref(p->judging);
	clock_free(p->clock);
	log_redirect(NULL, NULL);
	arena_pool_clear();
	nftw(p->directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(p->log);
	free(p);
	return 0;
}

int
post_listen(struct post *p, const char *item, ...)
{
	va_list ap;

	p->conf.listen.count = 0;
	va_start(ap, item);
	for (; item; item = va_arg(ap, const char *))
		p->items[p->conf.listen.count++] = item;
	va_end(ap);
	return wire_listen(p->wire, &p->conf);
}

/* The port behind the last "listening on inet:ADDRESS:" in the log. */
static uint16_t
port_of(const struct post *p, const char *item)
{
	const char *colon = strrchr(item, ':'), *at = p->log;
	char line[128];
	uint16_t port = (uint16_t)atoi(colon + 1);

	snprintf(line, sizeof(line), "listening on %.*s",
	    (int)(colon - item) + 1, item);
	for (; port == 0 && at && (at = strstr(at, line)); at++)
		port = (uint16_t)atoi(at + strlen(line));
	assert_int_not_equal(port, 0);
	return port;
}

int
post_connect(struct post *p, const char *item)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	const struct sockaddr *to = (void *)&un;
	socklen_t size = sizeof(un);
	int fd;

	if (strncmp(item, "unix:", 5) == 0) {
		strcpy(un.sun_path, item + 5);
	} else if (item[5] == '[') {
		in6.sin6_addr = in6addr_loopback;
		in6.sin6_port = htons(port_of(p, item));
		to = (void *)&in6;
		size = sizeof(in6);
	} else {
		in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		in.sin_port = htons(port_of(p, item));
		to = (void *)&in;
		size = sizeof(in);
	}
	fd = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, to, size) < 0) {
		close(fd);
		return -errno;
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

int
post_client(struct post *p)
{
	int fd;

	assert_int_equal(post_listen(p, p->socket, NULL), 0);
	fd = post_connect(p, p->socket);
	assert_true(fd >= 0);
	return fd;
}

void
post_send(int fd, const void *bytes, size_t size)
{
	assert_int_equal(write(fd, bytes, size), size);
}

void
post_ask(int fd, const char *sender)
{
	char text[256];
	const int size = snprintf(text, sizeof(text),
	    "request=smtpd_access_policy\nprotocol_state=RCPT\nsender=%s\n\n",
	    sender);

	post_send(fd, text, (size_t)size);
}

/* Nothing is slept through: there is always something ready, or the loop is
 * given a moment of real time to become so. */
static void
turn_once(struct post *p)
{
	const struct timespec moment = { .tv_nsec = 200 * 1000 };

	uv_run(&p->loop, UV_RUN_NOWAIT);
	clock_turn(p->clock, 0);
	nanosleep(&moment, NULL);
}

void
post_turn(struct post *p)
{
	for (int i = 0; i < QUIET_TURNS; i++)
		turn_once(p);
}

void
post_later(struct post *p, uint64_t ms)
{
	post_turn(p);
	clock_turn(p->clock, ms);
	post_turn(p);
}

/* Reads `size` bytes if they come in time; fewer at the end. */
static size_t
listen_for(struct post *p, int fd, char *out, size_t size)
{
	const uint64_t until = uv_hrtime() + PATIENCE_MS * 1000000ull;
	size_t got = 0;

	while (got < size && uv_hrtime() < until) {
		ssize_t n = recv(fd, out + got, size - got, MSG_DONTWAIT);

		if (n > 0)
			got += (size_t)n;
		else if (n == 0 || errno == ECONNRESET)
			break;
		else
			turn_once(p);
	}
	return got;
}

void
post_hears(struct post *p, int fd, const char *sender)
{
	char expected[512], heard[512] = "";

	if (strncmp(sender, "pass", 4) == 0)
		strcpy(expected, "action=DUNNO\n\n");
	else
		snprintf(expected, sizeof(expected),
		    "action=451 4.7.1 %s must wait\n\n", sender);
	listen_for(p, fd, heard, strlen(expected));
	assert_string_equal(heard, expected);
}

void
post_hears_nothing(struct post *p, int fd)
{
	char byte;

	post_turn(p);
	assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
}

void
post_hears_end(struct post *p, int fd)
{
	char byte;

	assert_int_equal(listen_for(p, fd, &byte, 1), 0);
	errno = 0;
	assert_true(recv(fd, &byte, 1, MSG_DONTWAIT) <= 0);
	assert_int_not_equal(errno, EAGAIN);
}

void
post_answer(struct post *p)
{
	const struct answer a = { .state = KNOWN,
		.count = 1,
		.values = { { .is_number = true, .number = 1 } } };
	struct ticket *t = p->waiting[0];

	assert_true(p->waits > 0);
	p->waits--;
	memmove(p->waiting, p->waiting + 1, p->waits * sizeof(t));
	t->answered(t, &a);
}

unsigned
post_said(const struct post *p, const char *text)
{
	unsigned count = 0;

	for (const char *at = p->log; at && (at = strstr(at, text)); at++)
		count++;
	return count;
}
