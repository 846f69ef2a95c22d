/*
 * maillog - which program wrote a line, and which forms it knows
 */
#include "feed/maillog.h"

#include "feed/forms.h"
#include "feed/header.h"
#include "feed/span.h"

static const char *const kinds[EVENT_KINDS] = {
	[EVENT_NONE] = "none",
	[EVENT_CONNECT] = "connect",
	[EVENT_LOGIN_FAILED] = "login_failed",
	[EVENT_LOGIN_UNTESTED] = "login_untested",
	[EVENT_LOGIN_SUCCEEDED] = "login_succeeded",
	[EVENT_REFUSED] = "recipient_refused",
	[EVENT_TOO_MANY_ERRORS] = "too_many_errors",
	[EVENT_NON_SMTP_COMMAND] = "non_smtp_command",
	[EVENT_PIPELINING] = "pipelining",
	[EVENT_LOST] = "connection_lost",
	[EVENT_DISCONNECT] = "disconnect",
};

const char *
event_kind_name(enum event_kind kind)
{
	return kinds[kind];
}

/* Dovecot's programs, whichever log they write to. managesieve looks after
 * scripts of a mailbox: it counts with IMAP. */
static const struct {
	const char *name;
	const struct form *forms;
	enum event_source source;
	enum register_service service;
} programs[] = {
	{ "imap-login", login_forms, BY_LOGIN_PROCESS, SERVICE_IMAP },
	{ "pop3-login", login_forms, BY_LOGIN_PROCESS, SERVICE_POP3 },
	{ "submission-login", login_forms, BY_LOGIN_PROCESS, SERVICE_SMTP },
	{ "managesieve-login", login_forms, BY_LOGIN_PROCESS, SERVICE_IMAP },
	{ "auth", auth_forms, BY_AUTH_PROCESS, SERVICE_SMTP },
	{ "auth-worker", auth_forms, BY_AUTH_PROCESS, SERVICE_SMTP },
};

enum { PROGRAMS = sizeof(programs) / sizeof(programs[0]) };

bool
forms_read(const struct form *forms, struct span message, struct event *e)
{
	for (; forms->begin; forms++) {
		struct span rest = message;

		if (!take(&rest, forms->begin))
			continue;
		e->kind = forms->kind;
		e->attempts = forms->kind == EVENT_LOGIN_FAILED;
		if (forms->read(rest, e))
			return true;
	}
	return false;
}

/* "postfix/smtpd", "postfix/smtps/smtpd", "mx-in/smtpd" */
static bool
is_smtpd(struct span program)
{
	static const char smtpd[] = "/smtpd";
	const size_t size = sizeof(smtpd) - 1;

	return span_size(program) > size &&
	    memcmp(program.end - size, smtpd, size) == 0;
}

static bool
read_dovecot(struct span program, struct span message, struct event *e)
{
	for (size_t i = 0; i < PROGRAMS; i++) {
		if (!span_is(program, programs[i].name))
			continue;
		e->source = programs[i].source;
		e->service = programs[i].service;
		e->pid = 0; /* of a process with many sessions */
		take(&message, "Info: ");
		return forms_read(programs[i].forms, message, e);
	}
	return false;
}

/* In syslog all of Dovecot is called dovecot, and the message begins with
 * the program: "imap-login: ", "auth-worker(123): ". */
static bool
read_dovecot_prefix(struct span message, struct event *e)
{
	struct span program;
	unsigned pid;

	program = take_all(&message, "abcdefghijklmnopqrstuvwxyz3-");
	if (take(&message, "(") &&
	    (!take_number(&message, &pid) || !take(&message, ")")))
		return false;
	return take(&message, ": ") && read_dovecot(program, message, e);
}

static bool
read_message(struct span program, struct span message, struct event *e)
{
	if (program.at == program.end)
		return forms_read(postfix_forms, message, e) ||
		    read_dovecot_prefix(message, e);
	if (is_smtpd(program))
		return forms_read(postfix_forms, message, e);
	if (span_is(program, "dovecot"))
		return read_dovecot_prefix(message, e);
	return read_dovecot(program, message, e);
}

bool
maillog_read(const char *line, size_t size, int64_t now, struct event *out)
{
	const struct span none = { line, line };
	struct span message = { line, line + size };
	struct header header;

	header_take(&message, &header);
	*out = (struct event){ .name = none, .user = none, .reply = none };
	out->host = header.host;
	out->pid = header.pid;
	if (!read_message(header.program, message, out)) {
		out->kind = EVENT_NONE;
		return false;
	}
	out->time = header_time(header.time, now);
	return true;
}
