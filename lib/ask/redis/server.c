/*
 * server - fork and exec
 *
 * Not uv_spawn(): the child has to say, between fork and exec, that it wants
 * to end with us.
 */
#include "ask/redis/server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ask/redis/directory.h"

static bool
find_in(char program[PATH_MAX], const char *path, const char *name)
{
	for (const char *end; *path; path = *end ? end + 1 : end) {
		end = strchrnul(path, ':');
		snprintf(program, PATH_MAX, "%.*s/%s", (int)(end - path), path,
		    name);
		if (*program == '/' && access(program, X_OK) == 0)
			return true;
	}
	return false;
}

bool
server_find(char program[PATH_MAX])
{
	static const char *const names[] = { "redis-server", "valkey-server" };
	static const char places[] = "/usr/bin:/usr/local/bin:/usr/sbin:"
				     "/usr/local/sbin:/opt/redis/bin";
	const char *path = getenv("PATH");

	for (size_t i = 0; i < 2; i++)
		if (find_in(program, path ? path : "", names[i]) ||
		    find_in(program, places, names[i]))
			return true;
	return false;
}

/* A terminal's Ctrl-C is for us: we end it when all is answered. */
static void
leave_parent(pid_t parent, int output)
{
	const int null = open("/dev/null", O_RDONLY);
	sigset_t none;

	setsid();
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(077);
	dup2(null, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	close_range(STDERR_FILENO + 1, ~0u, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(0); /* it ended before we asked to be told */
}

pid_t
server_start(
    const char *program, const struct directory *d, int64_t memory, int output)
{
	char bytes[24];
	// clang-format off
	const char *const args[] = { program,
		"--port", "0",
		"--unixsocket", d->socket,
		"--unixsocketperm", "700",
		"--dir", d->path,
		"--daemonize", "no",
		"--databases", "1",
		"--maxclients", "64",
		"--maxmemory", bytes,
		"--maxmemory-policy", "noeviction", /* or strangers for ever */
		"--save", "",
		"--appendonly", "yes",
		"--appendfsync", "everysec",
		"--aof-use-rdb-preamble", "yes",
		"--hash-max-listpack-value", "256", /* as we write them */
		"--disable-thp", "yes",
		NULL };
	// clang-format on
	const pid_t parent = getpid();
	sigset_t all, before;
	pid_t pid;

	snprintf(bytes, sizeof(bytes), "%lld", (long long)memory);
	/* Until exec our handlers are the child's, and would take a SIGTERM
	 * that is meant for it. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid != 0) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		return pid;
	}
	leave_parent(parent, output);
	/* Its Lua compares texts by this; other orders take ten times as long.
	 */
	setenv("LC_ALL", "C", 1);
	execv(program, (char *const *)args);
	dprintf(STDERR_FILENO, "cannot run %s: %s\n", program, strerror(errno));
	_exit(127);
}
