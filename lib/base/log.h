/*
 * log - lines for the administrator
 *
 * The one thing that is reached from everywhere. A line is one event, in
 * logfmt where it carries data. Nothing in it can start a new line: control
 * bytes are escaped here, whatever the caller passed.
 *
 * Lines are kept until log_flush(), which the loop calls once a turn, so that
 * a busy daemon writes many with one system call. Errors are flushed at once.
 * A reader that does not keep up costs lines, which are counted and reported,
 * and never time.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* Not LOG_...: those names are macros of syslog.h. */
enum log_level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_INFO, LEVEL_DEBUG };
enum log_target { LOG_TO_STDERR, LOG_TO_SYSLOG, LOG_TO_NOWHERE };

/* `name` is what syslog shows. Under systemd (JOURNAL_STREAM) lines on
 * standard error carry <priority> prefixes, on a terminal or file times. */
void log_open(const char *name, enum log_target target, enum log_level level);
void log_close(void);
void log_flush(void);

/* Some lines were not taken: flush again soon. */
bool log_waits(void);

enum log_level log_level(void);

/* Lines dropped since the start. */
uint64_t log_dropped(void);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A whole line that is already escaped. */
struct line;
void log_line(enum log_level level, const struct line *l);

/* Tests and policyctl: every line goes to `take` instead; NULL ends it. */
void log_redirect(
    void (*take)(enum log_level, const char *text, void *data), void *data);

#endif
