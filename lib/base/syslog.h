/*
 * syslog - a line to the system's log, without waiting
 *
 * syslog(3) waits when the reader does not keep up, and Linux lets no more
 * than ten lines wait by default: a syslogd that hangs would stop us, and
 * Postfix with us.
 */
#ifndef BASE_SYSLOG_H
#define BASE_SYSLOG_H

#include <stdbool.h>
#include <stddef.h>

/* Sends one line to the socket `path`, over `*fd`, which is opened when it is
 * -1 and again when nobody is at its other end. False: it was not taken, try
 * again later. */
bool syslog_send(int *fd, const char *path, const char *line, size_t size);

#endif
