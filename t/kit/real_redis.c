/*
 * real_redis - fork, exec, and a blocking client
 */
#include "kit/real_redis.h"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OPTIONS = 64, START_MS = 60000, STEP_MS = 2 };

bool
real_redis_init(struct real_redis *r)
{
	*r = (struct real_redis){ .directory = "/tmp/policyd-redis.XXXXXX" };
	if (system("command -v redis-server >/dev/null") != 0)
		return false;
	if (!mkdtemp(r->directory))
		abort();
	snprintf(r->socket, sizeof(r->socket), "%s/s", r->directory);
	snprintf(r->server, sizeof(r->server), "unix:%s", r->socket);
	return true;
}

static void
exec_server(const struct real_redis *r, const char *const *options)
{
	const char *args[OPTIONS] = { "redis-server", "--port", "0",
		"--unixsocket", r->socket, "--dir", r->directory, "--save", "",
		"--appendonly", "yes", "--daemonize", "no" };
	size_t n = 13;
	const int null = open("/dev/null", O_RDWR);

	while (options && *options && n < OPTIONS - 1)
		args[n++] = *options++;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	execvp(args[0], (char *const *)args);
	_exit(127);
}

static bool
answers(const struct real_redis *r)
{
	redisContext *c = redisConnectUnix(r->socket);
	redisReply *reply = c && !c->err ? redisCommand(c, "PING") : NULL;
	const bool yes = reply && strncmp(reply->str, "LOADING", 7) != 0;

	if (reply)
		freeReplyObject(reply);
	if (c)
		redisFree(c);
	return yes;
}

void
real_redis_start(struct real_redis *r, const char *const *options)
{
	r->pid = fork();
	if (r->pid == 0)
		exec_server(r, options);
	for (int ms = 0; ms < START_MS; ms += STEP_MS) {
		if (answers(r))
			return;
		usleep(STEP_MS * 1000);
	}
	fprintf(stderr, "# redis-server does not start\n");
	abort();
}

void
real_redis_signal(const struct real_redis *r, int signal)
{
	kill(r->pid, signal);
}

void
real_redis_kill(struct real_redis *r)
{
	if (r->pid > 0) {
		kill(r->pid, SIGKILL);
		waitpid(r->pid, NULL, 0);
	}
	r->pid = 0;
}

void
real_redis_clear(struct real_redis *r)
{
	char command[128];

	real_redis_kill(r);
	snprintf(command, sizeof(command), "rm -rf '%s'", r->directory);
	if (system(command) != 0)
		fprintf(stderr, "# cannot remove %s\n", r->directory);
}

static void
describe(char *text, size_t size, const redisReply *reply)
{
	if (!reply)
		snprintf(text, size, "(lost)");
	else if (reply->type == REDIS_REPLY_INTEGER)
		snprintf(text, size, "%lld", reply->integer);
	else if (reply->type == REDIS_REPLY_ARRAY && reply->elements > 0)
		describe(text, size, reply->element[reply->elements - 1]);
	else
		snprintf(text, size, "%s", reply->str ? reply->str : "");
}

const char *
real_redis_do(const struct real_redis *r, const char *format, ...)
{
	static char text[1024];
	redisContext *c = redisConnectUnix(r->socket);
	redisReply *reply;
	va_list ap;

	if (!c || c->err) {
		fprintf(stderr, "# cannot reach %s\n", r->socket);
		abort();
	}
	va_start(ap, format);
	reply = redisvCommand(c, format, ap);
	va_end(ap);
	describe(text, sizeof(text), reply);
	if (reply)
		freeReplyObject(reply);
	redisFree(c);
	return text;
}
