/*
 * forms_dovecot - what Dovecot's login and auth processes say
 *
 * The login process tells the end of a connection, how many logins failed in
 * it, and the client behind the user:
 *
 *     Disconnected: Connection closed (auth failed, 3 attempts in 9 secs):
 *         user=<bob>, method=PLAIN, rip=192.0.2.1, lip=198.51.100.1, TLS
 *
 * The auth process, when it is told to (auth_verbose), tells each failure:
 *
 *     passwd-file(bob,192.0.2.1,<session>): Password mismatch
 *
 * In both the user's name may be made up to look like what follows it. What
 * follows is Dovecot's own, so the address is looked for from the end.
 */
#include "feed/forms.h"
#include "feed/span.h"

/* Order of login_log_format_elements: user=<%u> first. With the user behind
 * the address, the last address could be a part of its name. */
static bool
take_user_and_client(struct span s, struct event *e)
{
	static const char rip[] = ", rip=";
	const char *last = span_last(s, rip);
	struct span address;

	if (!take(&s, "user=<") || !last)
		return false;
	e->user = (struct span){ s.at, last };
	if (!take_until(&s, ">, ", &e->user))
		return false;
	address = (struct span){ last + sizeof(rip) - 1, s.end };
	address.end = memchr(address.at, ',', span_size(address));
	return address.end && span_address(address, &e->client);
}

static bool
read_failed(struct span rest, struct event *e)
{
	struct span own, reason;

	if (!take_until(&rest, ": user=<", &own))
		return false;
	rest.at -= sizeof("user=<") - 1;
	if (!take_until(&own, "(auth failed, ", &reason) ||
	    !take_number(&own, &e->attempts) || !take(&own, " attempts"))
		return false;
	return e->attempts > 0 && take_user_and_client(rest, e);
}

static bool
read_succeeded(struct span rest, struct event *e)
{
	return take_user_and_client(rest, e);
}

const struct form login_forms[] = {
	{ "Disconnected", EVENT_LOGIN_FAILED, read_failed },
	{ "Aborted login", EVENT_LOGIN_FAILED, read_failed },
	{ "Login aborted", EVENT_LOGIN_FAILED, read_failed }, /* 2.4 */
	{ "Login: ", EVENT_LOGIN_SUCCEEDED, read_succeeded },
	{ NULL },
};

/* How a line of the auth process ends when a password was wrong. One that
 * shows the password ends with that, which is the client's: it is none. */
static const char *const ends[] = {
	"): Password mismatch",
	"): unknown user",
	("): pam_authenticate() failed: Authentication failure "
	 "(Password mismatch?)"),
};

static bool
take_end(struct span *s)
{
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		const size_t size = strlen(ends[i]);

		if (span_size(*s) < size ||
		    memcmp(s->end - size, ends[i], size) != 0)
			continue;
		s->end -= size;
		return true;
	}
	return false;
}

/* "passwd-file(USER,ADDRESS" or "sql(USER,ADDRESS,<SESSION>" is left. Only
 * Dovecot's own logins have a session; which of IMAP and POP3 is not told. */
static bool
read_auth(struct span rest, struct event *e)
{
	struct span inside, address;
	const char *comma;

	if (!take_end(&rest))
		return false;
	take_all(&rest, "abcdefghijklmnopqrstuvwxyz0123456789-_");
	if (!take(&rest, "("))
		return false;
	inside = rest;
	comma = span_last(inside, ",");
	if (comma && inside.end - comma > 2 && comma[1] == '<' &&
	    inside.end[-1] == '>') {
		inside.end = comma;
		comma = span_last(inside, ",");
		e->service = SERVICE_IMAP;
	}
	if (!comma)
		return false;
	e->user = (struct span){ inside.at, comma };
	address = (struct span){ comma + 1, inside.end };
	return span_address(address, &e->client);
}

const struct form auth_forms[] = {
	{ "", EVENT_LOGIN_FAILED, read_auth },
	{ NULL },
};
