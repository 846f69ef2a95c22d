/*
 * maillog - one line of the mail log, and what it tells about a client
 *
 * Lines of Postfix' smtpd and of Dovecot, behind the header of syslog (the
 * classic one, RFC 3339 times, RFC 5424), of journalctl -o short or short-iso,
 * of Dovecot's own log, or behind none at all (journalctl -o cat).
 *
 * Much of a line is the client's choice: its login, its HELO, addresses, even
 * what it sent instead of SMTP. A form is therefore anchored: it begins where
 * the program's own words begin, and the client stands in it before, or at a
 * fixed distance behind, all that a stranger can write. What does not fit to
 * the last byte that matters is no event.
 */
#ifndef FEED_MAILLOG_H
#define FEED_MAILLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "register/register.h"

/* A part of the line; it lives as long as that. */
struct span {
	const char *at, *end;
};

enum event_kind {
	EVENT_NONE, /* the line tells nothing about a client */
	EVENT_CONNECT,
	EVENT_LOGIN_FAILED,
	EVENT_LOGIN_UNTESTED, /* the server could not, or would not, look */
	EVENT_LOGIN_SUCCEEDED,
	EVENT_REFUSED, /* a recipient; `reply` says why */
	EVENT_TOO_MANY_ERRORS, /* Postfix has had enough */
	EVENT_NON_SMTP_COMMAND, /* "GET / HTTP/1.1" */
	EVENT_PIPELINING, /* talked before it was its turn */
	EVENT_LOST, /* connection lost, or timeout */
	EVENT_DISCONNECT,
	EVENT_KINDS
};

/* Who wrote the line; of a failed login, several may. */
enum event_source { BY_POSTFIX, BY_LOGIN_PROCESS, BY_AUTH_PROCESS };

/* After which command. */
enum event_stage { STAGE_OTHER, STAGE_AUTH, STAGE_RCPT, STAGE_UNKNOWN };

/* "auth=1/3": one of three went well. */
struct tally {
	unsigned good, all;
};

struct event {
	enum event_kind kind;
	enum event_source source;
	enum register_service service;
	enum event_stage stage;
	struct address client;
	struct span name; /* its verified host name, "unknown", or empty */
	struct span host; /* the server's, as the log has it, or empty */
	unsigned pid; /* of smtpd: one session at a time; 0: not known */
	int64_t time; /* Unix seconds; 0: the line has none */
	struct span user; /* of a login; may be empty */
	struct span reply; /* what was said to the client */
	unsigned attempts; /* failed logins that the line stands for */
	struct tally auth, rcpt, unknown; /* of EVENT_DISCONNECT */
};

/* "login_failed"; one word. */
const char *event_kind_name(enum event_kind kind);

/* False, and EVENT_NONE, when there is nothing to tell. `line` has no newline
 * and may hold any other bytes. `now` (Unix seconds) is for headers that do
 * not tell the year; local times are those of TZ. */
bool maillog_read(
    const char *line, size_t size, int64_t now, struct event *out);

#endif
