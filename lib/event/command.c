/*
 * command - spawn, listen, end in time
 */
#include "event/command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"

struct run {
	struct command *command;
	const struct notice *notice; /* NULL: nothing runs here */
	uv_process_t process;
	uv_poll_t output; /* what it says */
	struct timer timer; /* its time; then SIGTERM's */
	bool overdue, told;
	unsigned handles; /* not closed yet: `output`, then `process` */
	int fd; /* of `output` */
	unsigned lines;
	size_t heard; /* bytes */
	size_t size;
	char line[COMMAND_LINE + 1];
};

struct command {
	struct outlet outlet; /* first */
	uv_loop_t *loop;
	char *program;
	uint64_t timeout_ms;
	struct run runs[OUTLET_AT_ONCE];
};

#define OF(member, p) ((struct run *)((char *)(p)-offsetof(struct run, member)))

/* -- what it says -- */

static void
say_line(struct run *r)
{
	struct line l;

	r->line[r->size] = '\0';
	r->size = 0;
	if (++r->lines > COMMAND_LINES)
		return;
	line_clear(&l);
	line_add(&l, "events: command says");
	line_field(&l, "text", r->line);
	if (r->lines == COMMAND_LINES)
		line_add(&l, ", and more");
	log_line(LEVEL_INFO, &l);
}

static void
take_byte(struct run *r, char byte)
{
	if (byte == '\n')
		say_line(r);
	else if (r->size < COMMAND_LINE)
		r->line[r->size++] = byte;
}

static bool
hear(struct run *r)
{
	char bytes[4096];
	const ssize_t size = read(r->fd, bytes, sizeof(bytes));

	for (ssize_t i = 0; i < size; i++)
		take_byte(r, bytes[i]);
	r->heard += size > 0 ? (size_t)size : 0;
	/* Nobody can say anything more, or it has been more than enough. */
	if (size == 0 || r->heard >= COMMAND_HEARD)
		uv_poll_stop(&r->output);
	return size > 0 && r->heard < COMMAND_HEARD;
}

static void
can_be_heard(uv_poll_t *output, int status, int events)
{
	(void)status;
	(void)events;
	hear(output->data);
}

/* -- its end -- */

static void
closed(uv_handle_t *handle)
{
	struct run *r = handle->data;
	const struct notice *n = r->notice;

	if (--r->handles > 0)
		return;
	close(r->fd);
	r->notice = NULL;
	outlet_done(&r->command->outlet, n, r->told);
}

static void
close_handles(struct run *r)
{
	timer_stop(&r->timer);
	if (r->handles == 2)
		uv_close((uv_handle_t *)&r->process, closed);
	uv_close((uv_handle_t *)&r->output, closed);
}

static void
report_end(const struct run *r, int64_t status, int number)
{
	const char *event = r->notice->event;

	if (r->overdue)
		log_warning("events: command took too long for %s, and was "
			    "ended",
		    event);
	else if (number != 0)
		log_warning(
		    "events: command for %s ended by signal %d", event, number);
	else if (status != 0)
		log_warning("events: command for %s ended with status %lld",
		    event, (long long)status);
}

/* What it has left in the background may go on, unless time was over. */
static void
ended(uv_process_t *process, int64_t status, int number)
{
	struct run *r = process->data;

	if (r->overdue)
		kill(-process->pid, SIGKILL);
	while (hear(r))
		;
	if (r->size > 0)
		say_line(r);
	report_end(r, status, number);
	r->told = status == 0 && number == 0 && !r->overdue;
	close_handles(r);
}

static void
kill_it(struct timer *t)
{
	kill(-OF(timer, t)->process.pid, SIGKILL);
}

static void
time_is_over(struct timer *t)
{
	struct run *r = OF(timer, t);

	r->overdue = true;
	kill(-r->process.pid, SIGTERM);
	r->timer.fire = kill_it;
	timer_start(&r->timer, r->command->outlet.clock, COMMAND_KILL_MS);
}

/* -- its beginning -- */

/* The whole notice is in the pipe before anybody reads: it is far smaller than
 * one, and nobody need wait for a program that does not care. */
static int
full_pipe(const struct notice *n, int *fd)
{
	int fds[2];
	ssize_t written;

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	written = write(fds[1], n->text, n->size);
	close(fds[1]);
	if (written != (ssize_t)n->size) {
		close(fds[0]);
		return UV_ENOBUFS;
	}
	fcntl(fds[0], F_SETFL, 0); /* a program expects to wait */
	*fd = fds[0];
	return 0;
}

static int
spawn(struct run *r, int input, int output)
{
	const char *event = r->notice->event;
	char variable[64];
	char *args[] = { r->command->program, (char *)event, NULL };
	char *environment[] = { "PATH=/usr/local/sbin:/usr/local/bin:"
				"/usr/sbin:/usr/bin:/sbin:/bin",
		variable, NULL };
	uv_stdio_container_t files[] = {
		{ .flags = UV_INHERIT_FD, .data.fd = input },
		{ .flags = UV_INHERIT_FD, .data.fd = output },
		{ .flags = UV_INHERIT_FD, .data.fd = output },
	};
	const uv_process_options_t options = { .exit_cb = ended,
		.file = r->command->program,
		.args = args,
		.env = environment,
		.cwd = "/",
		.flags = UV_PROCESS_DETACHED,
		.stdio = files,
		.stdio_count = 3 };

	snprintf(variable, sizeof(variable), "POLICYD_EVENT=%s", event);
	/* None of ours is without it; what we were started with may be. */
	close_range(STDERR_FILENO + 1, ~0u, CLOSE_RANGE_CLOEXEC);
	return uv_spawn(r->command->loop, &r->process, &options);
}

/* What we could not hear would fill its pipe, and wait for us. */
static int
begin_to_hear(struct run *r)
{
	const int rc = uv_poll_init(r->command->loop, &r->output, r->fd);

	if (rc < 0)
		return rc;
	r->handles = 1;
	r->output.data = r;
	return uv_poll_start(&r->output, UV_READABLE, can_be_heard);
}

static int
run_with(struct run *r, int input)
{
	int fds[2], rc;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	r->fd = fds[0];
	rc = begin_to_hear(r);
	if (rc == 0) {
		r->handles = 2;
		r->process.data = r;
		rc = spawn(r, input, fds[1]);
	}
	close(fds[1]);
	if (r->handles == 0)
		close(r->fd);
	else if (rc < 0)
		close_handles(r);
	return rc;
}

static void
begin(struct run *r, const struct notice *n)
{
	struct command *c = r->command;
	int input = -1, rc;

	*r = (struct run){ .command = c, .notice = n };
	r->timer.fire = time_is_over;
	timer_start(&r->timer, c->outlet.clock, c->timeout_ms);
	rc = full_pipe(n, &input);
	if (rc == 0) {
		rc = run_with(r, input);
		close(input);
	}
	if (rc < 0)
		log_error("events: cannot run '%s' for %s: %s", c->program,
		    n->event, uv_strerror(rc));
	if (r->handles > 0)
		return; /* they are told to close, or it runs */
	timer_stop(&r->timer);
	r->notice = NULL;
	outlet_done(&c->outlet, n, false);
}

/* There are as many as may be under way. */
static void
start(struct outlet *o, const struct notice *n)
{
	struct command *c = (struct command *)o;
	size_t i = 0;

	while (c->runs[i].notice)
		i++;
	begin(&c->runs[i], n);
}

/* Who cannot even be killed is not waited for. */
static void
stop(struct outlet *o)
{
	struct command *c = (struct command *)o;

	for (size_t i = 0; i < OUTLET_AT_ONCE; i++) {
		struct run *r = &c->runs[i];

		if (!r->notice || uv_is_closing((uv_handle_t *)&r->output))
			continue;
		log_warning("events: command for %s is ended, as policyd stops",
		    r->notice->event);
		kill(-r->process.pid, SIGKILL);
		close_handles(r);
	}
}

static void
free_command(struct outlet *o)
{
	struct command *c = (struct command *)o;
	void (*told)(void *) = o->closed;
	void *data = o->closed_data;

	free(c->program);
	free(c);
	told(data);
}

struct outlet *
command_new(uv_loop_t *loop, struct clock *clock)
{
	struct command *c = xcalloc(1, sizeof(*c));

	c->loop = loop;
	c->outlet.name = "command";
	c->outlet.clock = clock;
	c->outlet.start = start;
	c->outlet.stop = stop;
	c->outlet.free = free_command;
	c->program = xstrdup("");
	for (size_t i = 0; i < OUTLET_AT_ONCE; i++)
		c->runs[i].command = c;
	outlet_init(&c->outlet);
	return &c->outlet;
}

void
command_configure(
    struct outlet *o, const char *program, int64_t timeout_seconds)
{
	struct command *c = (struct command *)o;

	free(c->program);
	c->program = xstrdup(program);
	c->timeout_ms = (uint64_t)timeout_seconds * 1000;
	outlet_switch(o, *program != '\0');
}

const char *
command_check(const char *program)
{
	struct stat st;

	if (stat(program, &st) < 0)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "is no file";
	return access(program, X_OK) < 0 ? strerror(errno) : NULL;
}
