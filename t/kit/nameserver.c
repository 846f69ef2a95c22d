/*
 * nameserver - a child with two pipes, and a directory for its files
 */
#include "kit/nameserver.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static FILE *
open_file(const struct nameserver *n, const char *name, const char *mode)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", n->directory, name);
	return fopen(path, mode);
}

static void
become(const struct nameserver *n, const int in[2], const int out[2])
{
	char zone[128], log[128];

	snprintf(zone, sizeof(zone), "%s/zone", n->directory);
	snprintf(log, sizeof(log), "%s/log", n->directory);
	dup2(in[0], 0);
	dup2(out[1], 1);
	close(in[1]);
	close(out[0]);
	execl("t/kit/nameserver.py", "nameserver.py", zone, log, (char *)NULL);
	_exit(127);
}

void
nameserver_start(struct nameserver *n, const char *zone)
{
	int in[2], out[2];
	FILE *f;

	snprintf(n->directory, sizeof(n->directory), "/tmp/nameserver.XXXXXX");
	if (!mkdtemp(n->directory) || pipe(in) < 0 || pipe(out) < 0)
		abort();
	f = open_file(n, "zone", "w");
	fputs(zone, f);
	fclose(f);
	n->pid = fork();
	if (n->pid == 0)
		become(n, in, out);
	close(in[0]);
	close(out[1]);
	n->in = in[1];
	f = fdopen(out[0], "r");
	if (fscanf(f, "ready %63s", n->address) != 1)
		abort();
	fclose(f);
}

void
nameserver_stop(struct nameserver *n)
{
	char path[128];

	kill(n->pid, SIGCONT); /* if a test has stopped it and failed */
	close(n->in); /* which ends it */
	waitpid(n->pid, NULL, 0);
	snprintf(path, sizeof(path), "%s/zone", n->directory);
	unlink(path);
	snprintf(path, sizeof(path), "%s/log", n->directory);
	unlink(path);
	rmdir(n->directory);
}

unsigned
nameserver_asked(const struct nameserver *n, const char *question)
{
	FILE *f = open_file(n, "log", "r");
	char line[512];
	unsigned count = 0;

	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		count += strcmp(line, question) == 0;
	}
	if (f)
		fclose(f);
	return count;
}
