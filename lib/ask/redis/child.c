/*
 * child - started, watched, started again, ended
 */
#include "ask/redis/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ask/redis/directory.h"
#include "ask/redis/server.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"

enum {
	LOOK_MS = 20, /* at one left over, whether it is gone */
	/* Between SIGTERM and SIGKILL. What Redis has acknowledged it has
	 * written, unless the disk is slow: killed, it loses two seconds at
	 * most, and we must end in 5 s in all. */
	CLOSE_MS = 900,
	LEFT_MS = 10 * 1000, /* the same for one left over */
	FIRST_MS = 100, /* before it is started again, doubling */
	LONGEST_MS = 30 * 1000,
	STEADY_MS = 60 * 1000 /* after this long the waits begin anew */
};

struct child {
	struct clock *clock;
	struct directory directory;
	char program[PATH_MAX];
	int64_t memory;
	uv_signal_t signal; /* SIGCHLD */
	uv_poll_t output; /* of what it says; [0] of the pipe */
	int pipe[2];
	struct timer timer; /* what it is for: its `fire` */
	pid_t pid; /* 0: not running */
	pid_t left; /* one of a policyd that is gone */
	uint64_t since_ms; /* when it was started, or told to end */
	uint64_t wait_ms;
	char line[256]; /* the last it said */
	size_t line_size;
	bool line_ended;
	bool closing;
	unsigned handles; /* not closed yet */
	void (*closed)(void *data);
	void *data;
};

#define OF(member, p)                                                          \
	((struct child *)((char *)(p)-offsetof(struct child, member)))

static void
later(struct child *c, void (*fire)(struct timer *), uint64_t ms)
{
	c->timer.fire = fire;
	timer_start(&c->timer, c->clock, ms);
}

static void
take_byte(struct child *c, char byte)
{
	if (c->line_ended)
		c->line_size = 0;
	c->line_ended = byte == '\n';
	if (!c->line_ended) {
		if (c->line_size < sizeof(c->line) - 1)
			c->line[c->line_size++] = byte;
		return;
	}
	c->line[c->line_size] = '\0';
	log_debug("redis-server: %s", c->line);
}

/* Its log is ours at level debug; the last line tells why it ended. */
static void
read_output(struct child *c)
{
	char bytes[4096];
	ssize_t size;

	while ((size = read(c->pipe[0], bytes, sizeof(bytes))) > 0)
		for (ssize_t i = 0; i < size; i++)
			take_byte(c, bytes[i]);
}

static void
on_output(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	read_output(poll->data);
}

static void start_again(struct timer *timer);

static void
start(struct child *c)
{
	c->since_ms = clock_ms(c->clock);
	c->pid = server_start(c->program, &c->directory, c->memory, c->pipe[1]);
	if (c->pid < 0) {
		log_error(
		    "redis: cannot start %s: %s", c->program, strerror(errno));
		c->pid = 0;
		later(c, start_again, LONGEST_MS);
		return;
	}
	directory_note(&c->directory, c->pid);
	log_info("redis: started %s on %s", c->program, c->directory.socket);
}

static void
start_again(struct timer *timer)
{
	start(OF(timer, timer));
}

static void
on_handle_closed(uv_handle_t *handle)
{
	struct child *c = handle->data;
	void (*closed)(void *) = c->closed;
	void *data = c->data;

	if (--c->handles > 0)
		return;
	close(c->pipe[0]);
	close(c->pipe[1]);
	directory_close(&c->directory);
	free(c);
	closed(data);
}

static void
close_handles(struct child *c)
{
	timer_stop(&c->timer);
	uv_close((uv_handle_t *)&c->signal, on_handle_closed);
	uv_close((uv_handle_t *)&c->output, on_handle_closed);
}

static void
report_end(struct child *c, int status)
{
	if (WIFSIGNALED(status))
		log_warning("redis: %s ended by signal %d", c->program,
		    WTERMSIG(status));
	else
		log_warning("redis: %s ended with status %d: %s", c->program,
		    WEXITSTATUS(status), c->line);
}

static void
ended(struct child *c, int status)
{
	c->pid = 0;
	directory_note(&c->directory, 0);
	read_output(c);
	c->line[c->line_size] = '\0';
	if (c->closing) {
		close_handles(c);
		return;
	}
	report_end(c, status);
	if (clock_ms(c->clock) - c->since_ms >= STEADY_MS || !c->wait_ms)
		c->wait_ms = FIRST_MS;
	later(c, start_again, c->wait_ms);
	c->wait_ms = 2 * c->wait_ms < LONGEST_MS ? 2 * c->wait_ms : LONGEST_MS;
}

/* Other parts have children of their own: look at ours alone. */
static void
on_signal(uv_signal_t *signal, int number)
{
	struct child *c = signal->data;
	int status;
	(void)number;

	if (c->pid && waitpid(c->pid, &status, WNOHANG) == c->pid)
		ended(c, status);
}

static void
kill_it(struct timer *timer)
{
	struct child *c = OF(timer, timer);

	log_warning("redis: %s does not end, killed", c->program);
	kill(c->pid, SIGKILL);
}

/* It ends by itself as a rule, with the policyd that started it. */
static void
look_for_left(struct timer *timer)
{
	struct child *c = OF(timer, timer);
	const pid_t left = directory_left(&c->directory);

	if (!left) {
		start(c);
		return;
	}
	if (c->left != left) {
		log_warning("redis: ending redis-server %ld, left over in %s",
		    (long)left, c->directory.path);
		c->left = left;
		c->since_ms = clock_ms(c->clock);
		kill(left, SIGTERM);
	} else if (clock_ms(c->clock) - c->since_ms >= LEFT_MS) {
		kill(left, SIGKILL);
	}
	later(c, look_for_left, LOOK_MS);
}

static bool
set_up(struct child *c, uv_loop_t *loop)
{
	if (pipe2(c->pipe, O_CLOEXEC) < 0) {
		log_error(
		    "redis: cannot start %s: %s", c->program, strerror(errno));
		return false;
	}
	/* Ours does not wait; its own does, that no line is torn. */
	fcntl(c->pipe[0], F_SETFL, O_NONBLOCK);
	uv_signal_init(loop, &c->signal);
	uv_poll_init(loop, &c->output, c->pipe[0]);
	c->signal.data = c->output.data = c;
	c->handles = 2;
	uv_signal_start(&c->signal, on_signal, SIGCHLD);
	uv_poll_start(&c->output, UV_READABLE, on_output);
	return true;
}

struct child *
child_open(
    uv_loop_t *loop, struct clock *clock, const char *directory, int64_t memory)
{
	struct child *c = xcalloc(1, sizeof(*c));

	c->clock = clock;
	c->memory = memory;
	if (!server_find(c->program)) {
		log_error("redis: there is no redis-server to run: install "
			  "it, or name a server in section redis");
		free(c);
		return NULL;
	}
	if (!directory_open(&c->directory, directory)) {
		free(c);
		return NULL;
	}
	if (!set_up(c, loop)) {
		directory_close(&c->directory);
		free(c);
		return NULL;
	}
	look_for_left(&c->timer);
	return c;
}

void
child_resize(struct child *c, int64_t memory)
{
	c->memory = memory;
}

void
child_close(struct child *c, void (*closed)(void *data), void *data)
{
	c->closing = true;
	c->closed = closed;
	c->data = data;
	if (!c->pid) {
		close_handles(c);
		return;
	}
	kill(c->pid, SIGTERM);
	later(c, kill_it, CLOSE_MS);
}
