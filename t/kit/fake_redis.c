/*
 * fake_redis - poll(), and the part of RESP that clients speak
 */
#include "kit/fake_redis.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { WORDS = 32 };

struct command {
	const char *words[WORDS];
	size_t sizes[WORDS];
	size_t count;
};

static void
check(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	abort();
}

/* Bytes of the first whole command, 0 when there is none. */
static size_t
parse(struct command *c, char *bytes, size_t size)
{
	char *p = bytes, *const end = bytes + size, *line;

	if (!memchr(p, '\n', size))
		return 0;
	c->count = strtoul(p + 1, &line, 10);
	check(*p == '*' && c->count <= WORDS, "not a command");
	p = line + 2;
	for (size_t i = 0; i < c->count; i++) {
		if (p >= end || !memchr(p, '\n', (size_t)(end - p)))
			return 0;
		c->sizes[i] = strtoul(p + 1, &line, 10);
		if ((size_t)(end - line) < c->sizes[i] + 4)
			return 0;
		c->words[i] = line + 2;
		p = line + 2 + c->sizes[i] + 2;
	}
	for (size_t i = 0; i < c->count; i++)
		((char *)c->words[i])[c->sizes[i]] = '\0';
	return (size_t)(p - bytes);
}

static void
note(struct fake_redis *f, const char *command)
{
	size_t i = 0;

	while (f->seen[i].command[0] &&
	    strcasecmp(f->seen[i].command, command) != 0)
		i++;
	snprintf(f->seen[i].command, sizeof(f->seen[i].command), "%s", command);
	f->seen[i].count++;
}

static void
note_words(struct fake_redis *f, const struct command *c)
{
	if (strncmp(c->words[0], "EVALSHA", 7) == 0 ||
	    strcmp(c->words[0], "SCRIPT") == 0)
		return;
	for (size_t i = 0; i < c->count; i++) {
		const size_t used = strlen(f->log);

		snprintf(f->log + used, sizeof(f->log) - used, "%s%s",
		    c->words[i], i + 1 < c->count ? " " : "\n");
	}
}

/* CLIENT has a second word that says what it is. */
static const char *
name_of(const struct command *c, char name[32])
{
	const bool two = c->count > 1 && strcmp(c->words[0], "CLIENT") == 0;

	snprintf(name, 32, "%s%s%s", c->words[0], two ? " " : "",
	    two ? c->words[1] : "");
	return name;
}

static const char *
find_rule(struct fake_redis *f, const char *command)
{
	for (size_t i = 0; i < FAKE_RULES && f->rules[i].command; i++) {
		const struct fake_rule *r = &f->rules[i];

		if (strcasecmp(r->command, command) == 0 &&
		    (!r->times || f->applied[i] < r->times)) {
			f->applied[i]++;
			return r->reply;
		}
	}
	return NULL;
}

static const char *
healthy(const struct command *c, const char *name, char *text, size_t size)
{
	if (strcmp(name, "ROLE") == 0)
		return "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n";
	if (strcmp(name, "SCRIPT") == 0)
		return "$40\r\n0123456789012345678901234567890123456789\r\n";
	if (strcmp(name, "CLIENT ID") == 0)
		return ":7\r\n";
	if (strcmp(name, "SUBSCRIBE") == 0)
		return "*3\r\n$9\r\nsubscribe\r\n"
		       "$20\r\n__redis__:invalidate\r\n:1\r\n";
	if (strcmp(name, "UNSUBSCRIBE") == 0)
		return "*3\r\n$11\r\nunsubscribe\r\n"
		       "$20\r\n__redis__:invalidate\r\n:0\r\n";
	if (strcmp(name, "PING") == 0)
		return "*2\r\n$4\r\npong\r\n$0\r\n\r\n";
	if (strncmp(name, "EVALSHA", 7) == 0) {
		snprintf(text, size, "*2\r\n:1\r\n$%zu\r\n%s\r\n",
		    c->sizes[c->count - 1], c->words[c->count - 1]);
		return text;
	}
	return "+OK\r\n";
}

static void
hang_up(struct fake_client *client)
{
	close(client->fd);
	free(client->bytes);
	*client = (struct fake_client){ .fd = -1 };
}

/* False: closed. A client that is gone is no error. */
static bool
say(struct fake_client *client, const char *reply)
{
	if (strcmp(reply, FAKE_CLOSE) == 0) {
		hang_up(client);
		return false;
	}
	if (send(client->fd, reply, strlen(reply), MSG_NOSIGNAL) < 0)
		hang_up(client);
	return client->fd >= 0;
}

static void
say_to_all(struct fake_redis *f, const char *text)
{
	for (size_t i = 0; i < FAKE_CLIENTS; i++)
		if (f->clients[i].fd >= 0 && f->clients[i].subscribed)
			say(&f->clients[i], text);
}

/* What follows from a command for others. */
static void
effect(struct fake_redis *f, struct fake_client *client,
    const struct command *c, const char *reply)
{
	char text[512];

	if (strcmp(c->words[0], "SUBSCRIBE") == 0 && *reply == '*')
		client->subscribed = true;
	if (strcmp(c->words[0], "UNSUBSCRIBE") == 0)
		client->subscribed = false;
	if (strcmp(c->words[0], "EVALSHA") != 0 || c->count < 4)
		return;
	snprintf(text, sizeof(text),
	    "*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n"
	    "*1\r\n$%zu\r\n%s\r\n",
	    c->sizes[3], c->words[3]);
	say_to_all(f, text);
}

static void
answer(struct fake_redis *f, struct fake_client *client)
{
	struct command c;
	size_t used, done = 0;

	while (
	    (used = parse(&c, client->bytes + done, client->size - done)) > 0) {
		char text[256], name[32];
		const char *reply;

		note(f, name_of(&c, name));
		note_words(f, &c);
		reply = find_rule(f, name);
		if (!reply)
			reply = healthy(&c, name, text, sizeof(text));
		if (!say(client, reply))
			return;
		effect(f, client, &c, reply);
		done += used;
	}
	memmove(client->bytes, client->bytes + done, client->size - done);
	client->size -= done;
}

static void
take(struct fake_redis *f, struct fake_client *client)
{
	ssize_t n;

	n = recv(client->fd, client->bytes + client->size,
	    FAKE_BYTES - client->size, 0);
	if (n <= 0) {
		hang_up(client);
		return;
	}
	client->size += (size_t)n;
	answer(f, client);
}

static void
greet(struct fake_redis *f)
{
	const char *reply;
	size_t i = 0;

	while (i < FAKE_CLIENTS && f->clients[i].fd >= 0)
		i++;
	check(i < FAKE_CLIENTS, "too many clients");
	f->clients[i].fd = accept(f->listener, NULL, NULL);
	f->clients[i].bytes = malloc(FAKE_BYTES + 1);
	f->clients[i].subscribed = false;
	note(f, "connect");
	if ((reply = find_rule(f, "connect")) != NULL)
		say(&f->clients[i], reply);
}

static void *
run(void *data)
{
	struct fake_redis *f = data;

	for (;;) {
		struct pollfd fds[FAKE_CLIENTS + 2];

		fds[0] = (struct pollfd){ f->wake[0], POLLIN, 0 };
		fds[1] = (struct pollfd){ f->listener, POLLIN, 0 };
		for (size_t i = 0; i < FAKE_CLIENTS; i++)
			fds[i + 2] = (struct pollfd){ f->clients[i].fd, POLLIN,
				0 };
		poll(fds, FAKE_CLIENTS + 2, -1);
		if (fds[0].revents)
			return NULL;
		pthread_mutex_lock(&f->mutex);
		for (size_t i = 0; i < FAKE_CLIENTS; i++)
			if (fds[i + 2].revents && f->clients[i].fd >= 0)
				take(f, &f->clients[i]);
		if (fds[1].revents)
			greet(f);
		pthread_mutex_unlock(&f->mutex);
	}
}

static void
listen_unix(struct fake_redis *f)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	strcpy(f->directory, "/tmp/policyd-fake.XXXXXX");
	check(mkdtemp(f->directory) != NULL, "mkdtemp");
	snprintf(a.sun_path, sizeof(a.sun_path), "%s/s", f->directory);
	snprintf(f->server, sizeof(f->server), "unix:%s", a.sun_path);
	f->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	check(bind(f->listener, (struct sockaddr *)&a, sizeof(a)) == 0, "bind");
}

static void
listen_tcp(struct fake_redis *f)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(a);

	f->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	check(bind(f->listener, (struct sockaddr *)&a, sizeof(a)) == 0, "bind");
	getsockname(f->listener, (struct sockaddr *)&a, &size);
	f->port = ntohs(a.sin_port);
	snprintf(f->server, sizeof(f->server), "127.0.0.1:%u", f->port);
}

void
fake_redis_start(struct fake_redis *f, bool tcp, const struct fake_rule *rules)
{
	*f = (struct fake_redis){ 0 };
	for (size_t i = 0; i < FAKE_CLIENTS; i++)
		f->clients[i].fd = -1;
	if (tcp)
		listen_tcp(f);
	else
		listen_unix(f);
	check(listen(f->listener, 64) == 0, "listen");
	check(pipe(f->wake) == 0, "pipe");
	pthread_mutex_init(&f->mutex, NULL);
	fake_redis_rules(f, rules);
	check(pthread_create(&f->thread, NULL, run, f) == 0, "thread");
}

void
fake_redis_stop(struct fake_redis *f)
{
	check(write(f->wake[1], "x", 1) == 1, "write");
	pthread_join(f->thread, NULL);
	for (size_t i = 0; i < FAKE_CLIENTS; i++)
		if (f->clients[i].fd >= 0)
			hang_up(&f->clients[i]);
	close(f->listener);
	close(f->wake[0]);
	close(f->wake[1]);
	pthread_mutex_destroy(&f->mutex);
	if (*f->directory) {
		unlink(f->server + 5);
		rmdir(f->directory);
	}
}

void
fake_redis_rules(struct fake_redis *f, const struct fake_rule *rules)
{
	pthread_mutex_lock(&f->mutex);
	memset(f->rules, 0, sizeof(f->rules));
	memset(f->applied, 0, sizeof(f->applied));
	for (size_t i = 0; rules && rules[i].command; i++)
		f->rules[i] = rules[i];
	pthread_mutex_unlock(&f->mutex);
}

void
fake_redis_say(struct fake_redis *f, const char *text)
{
	pthread_mutex_lock(&f->mutex);
	say_to_all(f, text);
	pthread_mutex_unlock(&f->mutex);
}

unsigned
fake_redis_seen(struct fake_redis *f, const char *command)
{
	unsigned count = 0;

	pthread_mutex_lock(&f->mutex);
	for (size_t i = 0; f->seen[i].command[0]; i++)
		if (strcasecmp(f->seen[i].command, command) == 0)
			count = f->seen[i].count;
	pthread_mutex_unlock(&f->mutex);
	return count;
}

const char *
fake_redis_log(struct fake_redis *f)
{
	static char text[sizeof(f->log)];

	pthread_mutex_lock(&f->mutex);
	memcpy(text, f->log, sizeof(text));
	pthread_mutex_unlock(&f->mutex);
	return text;
}
