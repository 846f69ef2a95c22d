/*
 * log - a buffer, flushed without ever waiting for the reader
 */
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/syslog.h"
#include "base/text.h"

enum {
	LINE_SIZE = 4096 + 64,
	HEAD_SIZE = 128, /* what stands around a line: time, name, level, LF */
	NAME_SIZE = 32,
	BUFFER_SIZE = 1024 * 1024, /* then lines are dropped */
	PIECE = 4096 /* PIPE_BUF: what POLLOUT promises to take at once */
};

static struct {
	enum log_target target;
	enum log_level level;
	bool journal; /* <priority> prefixes */
	bool regular; /* a file: writing does not wait for a reader */
	char name[NAME_SIZE]; /* for syslog */
	int syslog; /* its socket, -1 when closed */
	time_t stamped; /* the second that `stamp` tells */
	char stamp[NAME_SIZE];
	size_t stamp_size;
	char *buffer;
	size_t used;
	uint64_t dropped, reported;
	void (*take)(enum log_level, const char *, void *);
	void *take_data;
} state = { .target = LOG_TO_STDERR, .level = LEVEL_INFO, .syslog = -1 };

static const struct {
	int priority;
	char prefix[3]; /* for the journal, see sd-daemon(3) */
	unsigned char name_size;
	char name[12];
} levels[] = {
#define NAME(text) sizeof(text) - 1, text
	[LEVEL_ERROR] = { 3, "<3>", NAME("error: ") },
	[LEVEL_WARNING] = { 4, "<4>", NAME("warning: ") },
	[LEVEL_INFO] = { 6, "<6>", NAME("info: ") },
	[LEVEL_DEBUG] = { 7, "<7>", NAME("debug: ") },
#undef NAME
};

/* What is left was not for the next target. */
static void
drop_all(void)
{
	for (size_t i = 0; i < state.used; i++)
		state.dropped += state.buffer[i] == '\n';
	state.used = 0;
}

static void
close_syslog(void)
{
	if (state.syslog >= 0)
		close(state.syslog);
	state.syslog = -1;
}

void
log_open(const char *name, enum log_target target, enum log_level level)
{
	struct stat st;

	log_flush();
	if (target != state.target) {
		close_syslog();
		drop_all();
	}
	state.target = target;
	state.level = level;
	state.journal = getenv("JOURNAL_STREAM") != NULL;
	state.regular = fstat(STDERR_FILENO, &st) == 0 && S_ISREG(st.st_mode);
	state.stamped = 0;
	snprintf(state.name, sizeof(state.name), "%s", name);
}

void
log_close(void)
{
	log_flush();
	close_syslog();
	free(state.buffer);
	state.buffer = NULL;
	state.used = 0;
	state.target = LOG_TO_STDERR;
}

enum log_level
log_level(void)
{
	return state.level;
}

uint64_t
log_dropped(void)
{
	return state.dropped;
}

void
log_redirect(void (*take)(enum log_level, const char *, void *), void *data)
{
	state.take = take;
	state.take_data = data;
}

/* A slow reader of a pipe must not stop the loop: ask before each piece. */
static bool
can_write(void)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };

	return state.regular || (poll(&p, 1, 0) == 1 && (p.revents & POLLOUT));
}

/* Each gives the number of bytes that are gone. */
static size_t
flush_stderr(void)
{
	size_t done = 0;

	while (done < state.used && can_write()) {
		size_t size = state.used - done;
		ssize_t n;

		if (size > PIECE && !state.regular)
			size = PIECE;
		n = write(STDERR_FILENO, state.buffer + done, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

static size_t
flush_syslog(void)
{
	size_t done = 0;

	while (done < state.used) {
		const char *line = state.buffer + done;
		const char *end = memchr(line, '\n', state.used - done);
		const size_t size = (size_t)(end - line);

		if (!syslog_send(&state.syslog, _PATH_LOG, line, size))
			break;
		done += size + 1;
	}
	return done;
}

void
log_flush(void)
{
	const size_t done = state.target == LOG_TO_SYSLOG ? flush_syslog()
							  : flush_stderr();

	if (done > 0) {
		memmove(state.buffer, state.buffer + done, state.used - done);
		state.used -= done;
	}
	if (state.used == 0 && state.dropped > state.reported) {
		const uint64_t lost = state.dropped - state.reported;

		state.reported = state.dropped;
		log_warning("log: %llu lines were dropped, the reader was too "
			    "slow",
		    (unsigned long long)lost);
	}
}

bool
log_waits(void)
{
	return state.used > 0;
}

/* localtime_r() is dear: once a second is enough. */
static const char *
stamp(const char *format)
{
	const time_t now = time(NULL);

	if (now != state.stamped) {
		struct tm tm;

		localtime_r(&now, &tm);
		state.stamp_size = strftime(
		    state.stamp, sizeof(state.stamp), format, &tm);
		state.stamped = now;
	}
	return state.stamp;
}

static void
put_bytes(const char *bytes, size_t size)
{
	memcpy(state.buffer + state.used, bytes, size);
	state.used += size;
}

/* As syslog(3) has it. */
static void
put_syslog_head(enum log_level level)
{
	char head[HEAD_SIZE];

	snprintf(head, sizeof(head),
	    "<%d>%s%s[%ld]: ", LOG_MAIL | levels[level].priority,
	    stamp("%b %e %H:%M:%S "), state.name, (long)getpid());
	put_bytes(head, strlen(head));
}

static void
put_head(enum log_level level)
{
	if (state.target == LOG_TO_SYSLOG) {
		put_syslog_head(level);
	} else if (state.journal) {
		put_bytes(levels[level].prefix, sizeof(levels->prefix));
	} else {
		stamp("%Y-%m-%d %H:%M:%S ");
		put_bytes(state.stamp, state.stamp_size);
		put_bytes(levels[level].name, levels[level].name_size);
	}
}

static void
add_line(enum log_level level, const char *text, size_t size)
{
	if (!state.buffer)
		state.buffer = malloc(BUFFER_SIZE);
	if (!state.buffer || HEAD_SIZE + size > BUFFER_SIZE - state.used) {
		state.dropped++;
		return;
	}
	put_head(level);
	put_bytes(text, size);
	put_bytes("\n", 1);
	if (level <= LEVEL_WARNING)
		log_flush();
}

static void
tell(enum log_level level, const char *text, size_t size)
{
	if (state.take)
		state.take(level, text, state.take_data);
	else if (state.target != LOG_TO_NOWHERE)
		add_line(level, text, size);
}

void
log_line(enum log_level level, const struct line *l)
{
	if (level <= state.level)
		tell(level, l->text, l->used);
}

static void
format_line(enum log_level level, const char *format, va_list ap)
{
	char text[LINE_SIZE];

	if (level > state.level)
		return;
	vsnprintf(text, sizeof(text), format, ap);
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	tell(level, text, strlen(text));
}

#define LEVEL_FUNCTION(name, level)                                            \
	void name(const char *format, ...)                                     \
	{                                                                      \
		va_list ap;                                                    \
                                                                               \
		va_start(ap, format);                                          \
		format_line(level, format, ap);                                \
		va_end(ap);                                                    \
	}

LEVEL_FUNCTION(log_error, LEVEL_ERROR)
LEVEL_FUNCTION(log_warning, LEVEL_WARNING)
LEVEL_FUNCTION(log_info, LEVEL_INFO)
LEVEL_FUNCTION(log_debug, LEVEL_DEBUG)
