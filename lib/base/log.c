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

enum {
	LINE_SIZE = 4096 + 64,
	HEAD_SIZE = 64, /* what stands around a line: time, level, LF */
	BUFFER_SIZE = 1024 * 1024, /* then lines are dropped */
	PIECE = 4096 /* PIPE_BUF: what POLLOUT promises to take at once */
};

static struct {
	enum log_target target;
	enum log_level level;
	bool journal; /* <priority> prefixes */
	bool regular; /* a file: writing does not wait for a reader */
	char *buffer;
	size_t used;
	uint64_t dropped, reported;
	void (*take)(enum log_level, const char *, void *);
	void *take_data;
} state = { .target = LOG_TO_STDERR, .level = LEVEL_INFO };

static const struct {
	int priority;
	const char *prefix; /* for the journal, see sd-daemon(3) */
	const char *name;
} levels[] = {
	[LEVEL_ERROR] = { 3, "<3>", "error: " },
	[LEVEL_WARNING] = { 4, "<4>", "warning: " },
	[LEVEL_INFO] = { 6, "<6>", "info: " },
	[LEVEL_DEBUG] = { 7, "<7>", "debug: " },
};

void
log_open(const char *name, enum log_target target, enum log_level level)
{
	struct stat st;

	log_flush();
	if (state.target == LOG_TO_SYSLOG)
		closelog();
	state.target = target;
	state.level = level;
	state.journal = getenv("JOURNAL_STREAM") != NULL;
	state.regular = fstat(STDERR_FILENO, &st) == 0 && S_ISREG(st.st_mode);
	if (target == LOG_TO_SYSLOG)
		openlog(name, LOG_PID | LOG_NDELAY, LOG_MAIL);
}

void
log_close(void)
{
	log_flush();
	free(state.buffer);
	state.buffer = NULL;
	state.used = 0;
	if (state.target == LOG_TO_SYSLOG)
		closelog();
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

void
log_flush(void)
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

/* localtime_r() is dear: once a second is enough. */
static const char *
stamp(void)
{
	static time_t last;
	static char text[32];
	const time_t now = time(NULL);

	if (now != last) {
		struct tm tm;

		localtime_r(&now, &tm);
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S ", &tm);
		last = now;
	}
	return text;
}

static void
put(const char *text)
{
	const size_t size = strlen(text);

	memcpy(state.buffer + state.used, text, size);
	state.used += size;
}

static void
to_stderr(enum log_level level, const char *text)
{
	if (!state.buffer)
		state.buffer = malloc(BUFFER_SIZE);
	if (!state.buffer ||
	    HEAD_SIZE + strlen(text) > BUFFER_SIZE - state.used) {
		state.dropped++;
		return;
	}
	if (state.journal) {
		put(levels[level].prefix);
	} else {
		put(stamp());
		put(levels[level].name);
	}
	put(text);
	put("\n");
	if (level <= LEVEL_WARNING)
		log_flush();
}

void
log_line(enum log_level level, const char *text)
{
	if (level > state.level)
		return;
	if (state.take)
		state.take(level, text, state.take_data);
	else if (state.target == LOG_TO_SYSLOG)
		syslog(levels[level].priority, "%s", text);
	else if (state.target == LOG_TO_STDERR)
		to_stderr(level, text);
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
	log_line(level, text);
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
