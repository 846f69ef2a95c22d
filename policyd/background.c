/*
 * background - fork, and a pipe on which the child says that it is ready
 */
#include "background.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

static void
wait_for_child(pid_t pid, int fd)
{
	char byte;
	int status;

	if (read(fd, &byte, 1) == 1)
		_exit(0);
	if (waitpid(pid, &status, 0) == pid && WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	_exit(EX_SOFTWARE);
}

/* What a service manager meant for our parent is ours: it is the same policyd
 * to it. */
static void
inherit(const char *variable, pid_t parent)
{
	const char *text = getenv(variable);
	char own[24];

	if (!text || strtol(text, NULL, 10) != parent)
		return;
	snprintf(own, sizeof(own), "%ld", (long)getpid());
	setenv(variable, own, 1);
}

int
background_fork(void)
{
	const pid_t parent = getpid();
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid < 0) {
		close(fds[0]);
		close(fds[1]);
		return -1;
	}
	if (pid > 0) {
		close(fds[1]);
		wait_for_child(pid, fds[0]);
	}
	close(fds[0]);
	inherit("LISTEN_PID", parent);
	inherit("WATCHDOG_PID", parent);
	setsid();
	return fds[1];
}

void
background_ready(int fd)
{
	int null;

	if (fd < 0)
		return;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		if (null > STDERR_FILENO)
			close(null);
	}
	(void)!write(fd, "r", 1);
	close(fd);
}
