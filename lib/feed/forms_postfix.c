/*
 * forms_postfix - what smtpd says
 *
 * The client is always NAME[ADDRESS], or NAME[ADDRESS]:PORT, and stands before
 * everything that the client could have made up. NAME has been verified: it is
 * a host name or "unknown", and has no brackets.
 */
#include "feed/forms.h"
#include "feed/span.h"

#define DIGITS "0123456789"
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static const char name_bytes[] = CAPITALS "abcdefghijklmnopqrstuvwxyz" DIGITS
					  "._-";
static const char address_bytes[] = DIGITS "abcdefABCDEF.:";

/* Whatever is behind the address is up to the caller. */
static bool
take_client(struct span *s, struct event *e)
{
	struct span rest = *s, address;

	e->name = take_all(&rest, name_bytes);
	if (e->name.at == e->name.end || !take(&rest, "["))
		return false;
	address = take_all(&rest, address_bytes);
	if (!take(&rest, "]") || !span_address(address, &e->client))
		return false;
	if (span_size(rest) > 1 && rest.at[0] == ':' && rest.at[1] != ' ') {
		rest.at++;
		take_all(&rest, DIGITS);
	}
	*s = rest;
	return true;
}

static bool
read_client_alone(struct span rest, struct event *e)
{
	return take_client(&rest, e) && rest.at == rest.end;
}

/* -- ends of sessions -- */

/* " ehlo=2 auth=1/3": how many of how many went well. */
static bool
take_tally(struct span *s, struct span *name, struct tally *t)
{
	struct span rest = *s;

	if (!take(&rest, " "))
		return false;
	*name = take_all(&rest, "abcdefghijklmnopqrstuvwxyz_");
	if (!take(&rest, "=") || !take_number(&rest, &t->good))
		return false;
	t->all = t->good;
	if (take(&rest, "/") &&
	    (!take_number(&rest, &t->all) || t->good > t->all))
		return false;
	*s = rest;
	return true;
}

static bool
read_disconnect(struct span rest, struct event *e)
{
	struct span name;
	struct tally t;

	if (!take_client(&rest, e))
		return false;
	while (take_tally(&rest, &name, &t)) {
		if (span_is(name, "auth"))
			e->auth = t;
		else if (span_is(name, "rcpt"))
			e->rcpt = t;
		else if (span_is(name, "unknown"))
			e->unknown = t;
	}
	return rest.at == rest.end;
}

static const struct {
	const char *command;
	enum event_stage stage;
} stages[] = {
	{ "AUTH", STAGE_AUTH },
	{ "RCPT", STAGE_RCPT },
	{ "VRFY", STAGE_RCPT }, /* asks the same thing */
	{ "UNKNOWN", STAGE_UNKNOWN },
};

/* "RCPT from NAME[ADDRESS]", "DATA (13 bytes) from NAME[ADDRESS]" */
static bool
take_stage(struct span *s, struct event *e)
{
	const struct span command = take_all(s, CAPITALS "-");
	struct span size;

	e->stage = STAGE_OTHER;
	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++)
		if (span_is(command, stages[i].command))
			e->stage = stages[i].stage;
	if (take(s, " ("))
		return take_until(s, ") ", &size);
	return take(s, " ");
}

static bool
take_stage_and_client(struct span *s, struct event *e)
{
	return take_stage(s, e) && take(s, "from ") && take_client(s, e);
}

static bool
read_stage(struct span rest, struct event *e)
{
	return take_stage_and_client(&rest, e) && rest.at == rest.end;
}

/* -- what is not SMTP -- */

static bool
read_pipelining(struct span rest, struct event *e)
{
	return take_stage_and_client(&rest, e) && take(&rest, ": ");
}

static bool
read_command(struct span rest, struct event *e)
{
	return take_client(&rest, e) && take(&rest, ": ");
}

/* -- logins -- */

/* Reasons that are the server's own: nobody can help a lost Dovecot. */
static const char *const troubles[] = {
	"Connection lost to authentication server",
	"Can't connect to authentication server",
	"Temporary authentication failure",
	"Internal authentication failure",
	"generic failure", /* Cyrus: no saslauthd, no database */
	"remote authentication server unavailable",
	"no memory available",
};

static bool
is_trouble(struct span reason)
{
	for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++)
		if (take(&reason, troubles[i]))
			return true;
	return false;
}

/* "REASON, sasl_username=USER". The reason is the server's: the first such
 * words are its own, later ones the user's. */
static void
read_reason(struct span rest, struct event *e)
{
	if (take_until(&rest, ", sasl_username=", &e->reply)) {
		if (!span_is(rest, "(unavailable)"))
			e->user = rest;
	} else {
		e->reply = rest;
	}
	if (is_trouble(e->reply)) {
		e->kind = EVENT_LOGIN_UNTESTED;
		e->attempts = 0;
	}
}

/* A mechanism is a word of the client's, but a word. */
static bool
read_login_failed(struct span rest, struct event *e)
{
	struct span mechanism;

	if (!take_client(&rest, e) || !take(&rest, ": SASL ") ||
	    !take_until(&rest, " ", &mechanism))
		return false;
	if (span_is(rest, "authentication aborted"))
		return true;
	if (!take(&rest, "authentication failed: "))
		return false;
	read_reason(rest, e);
	return true;
}

/* "3 from NAME[ADDRESS] for service ..." */
static bool
read_limit(struct span rest, struct event *e)
{
	unsigned count;

	return take_number(&rest, &count) && take(&rest, " from ") &&
	    take_client(&rest, e) && take(&rest, " for service ");
}

/* -- behind a queue id, or NOQUEUE -- */

static bool
take_queue_id(struct span *s)
{
	take_all(s, name_bytes);
	return take(s, ": ");
}

static bool
read_login_succeeded(struct span rest, struct event *e)
{
	struct span method;

	if (!take_queue_id(&rest) || !take(&rest, "client=") ||
	    !take_client(&rest, e) || !take(&rest, ", sasl_method=") ||
	    !take_until(&rest, ", sasl_username=", &method))
		return false;
	e->user = rest;
	return true;
}

/* Refusals of those who guess: no such mailbox, no relay for strangers. A
 * 450 may also be an address verification under way, which is no guess. */
static const struct {
	const char *begin, *text;
} refusals[] = {
	{ "550 5.1.1 <", ">: " },
	{ "450 4.1.1 <", ">: Recipient address rejected: User unknown in " },
	{ "554 5.7.1 <", ">: Relay access denied; from=<" },
};

static bool
is_guess(struct span reply)
{
	struct span before;

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (take(&reply, refusals[i].begin))
			return take_until(&reply, refusals[i].text, &before);
	return false;
}

static bool
read_refused(struct span rest, struct event *e)
{
	if (!take_queue_id(&rest) || !take(&rest, "reject: ") ||
	    !(take(&rest, "RCPT from ") || take(&rest, "VRFY from ")) ||
	    !take_client(&rest, e) || !take(&rest, ": "))
		return false;
	e->reply = rest;
	return is_guess(rest);
}

/* The last two begin with a queue id: they come behind those that do not. */
const struct form postfix_forms[] = {
	{ "connect from ", EVENT_CONNECT, read_client_alone },
	{ "disconnect from ", EVENT_DISCONNECT, read_disconnect },
	{ "lost connection after ", EVENT_LOST, read_stage },
	{ "timeout after ", EVENT_LOST, read_stage },
	{ "too many errors after ", EVENT_TOO_MANY_ERRORS, read_stage },
	{ "improper command pipelining after ", EVENT_PIPELINING,
	    read_pipelining },
	{ "warning: non-SMTP command from ", EVENT_NON_SMTP_COMMAND,
	    read_command },
	{ "warning: AUTH command rate limit exceeded: ", EVENT_LOGIN_UNTESTED,
	    read_limit },
	{ "warning: ", EVENT_LOGIN_FAILED, read_login_failed },
	{ "", EVENT_LOGIN_SUCCEEDED, read_login_succeeded },
	{ "", EVENT_REFUSED, read_refused },
	{ NULL },
};
