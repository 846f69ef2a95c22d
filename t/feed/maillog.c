/*
 * Lines of the mail log, and what they tell about a client.
 */
#include "feed/maillog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feed/samples.h"
#include "kit/suite.h"

/* "login_failed 192.0.2.7 smtp pid=9 user=[bob]"; "" for no event. */
static const char *
told(const char *line, size_t size)
{
	static const char *const services[] = { "smtp", "imap", "pop3" };
	static char text[512];
	char client[ADDRESS_TEXT];
	struct event e;

	if (!maillog_read(line, size, SAMPLES_NOW, &e))
		return "";
	snprintf(text, sizeof(text), "%s %s %s pid=%u user=[%.*s]",
	    event_kind_name(e.kind), address_text(&e.client, client),
	    services[e.service], e.pid, (int)(e.user.end - e.user.at),
	    e.user.at ? e.user.at : "");
	return text;
}

/* -- the samples, which are real -- */

struct total_row {
	const char *name, *file;
	const char *totals;
};

static const struct total_row total_rows[] = {
	{ "limits on connections at a time tell nothing more",
	    "anvil-connection-concurrency-limit",
	    "connect=3 connection_lost=2 disconnect=3" },
	{ "limits on connections in a time tell nothing more",
	    "anvil-connection-rate-limit", "connect=4 disconnect=4" },
	{ "a login that the rate limit stopped is no failed one",
	    "anvil-recipient-message-auth-rate-limits",
	    "connect=3 login_failed=1 login_untested=2 connection_lost=3 "
	    "disconnect=3" },
	{ "Dovecot tells two failures",
	    "dovecot-sasl-failed-unknown-then-success.dovecot",
	    "login_failed=2" },
	{ "Postfix tells the same two, and the success behind them",
	    "dovecot-sasl-failed-unknown-then-success.postfix",
	    "connect=1 login_failed=2 login_succeeded=1 disconnect=1" },
	{ "Dovecot's word about our own refusal is no failure",
	    "dovecot-sasl-refused-by-auth-policy.dovecot", "" },
	{ "for Postfix a refusal is a failed login; its reason tells",
	    "dovecot-sasl-refused-by-auth-policy.postfix",
	    "connect=1 login_failed=1 disconnect=1" },
	{ "a tarpit is no failure", "dovecot-sasl-tarpit-3s.dovecot", "" },
	{ "a login that was slowed down is none either",
	    "dovecot-sasl-tarpit-3s.postfix", "connect=1 disconnect=1" },
	{ "talking out of turn is seen", "improper-pipelining-and-bare-newline",
	    "connect=3 non_smtp_command=1 pipelining=2 disconnect=3" },
	{ "connections are lost at each stage", "lost-connection-at-each-stage",
	    "connect=6 connection_lost=6 disconnect=6" },
	{ "HTTP is no SMTP", "non-smtp-command",
	    "connect=1 non_smtp_command=1 disconnect=1" },
	{ "what a policy service answered is no guess",
	    "noqueue-policy-service-replies", "connect=1 disconnect=1" },
	{ "who wants to relay is guessing", "noqueue-relay-access-denied",
	    "connect=1 recipient_refused=1 disconnect=1" },
	{ "a harvest is seen", "noqueue-user-unknown-harvest-too-many-errors",
	    "connect=1 recipient_refused=5 too_many_errors=1 disconnect=1" },
	{ "an aborted login and an odd mechanism have failed",
	    "sasl-failed-cyrus-login-and-lost-connection",
	    "connect=1 login_failed=4 connection_lost=1 disconnect=1" },
	{ "SASL's own warnings do not count", "sasl-failed-cyrus-plain",
	    "connect=1 login_failed=3 disconnect=1" },
	{ "odd user names count once each", "sasl-failed-odd-usernames",
	    "connect=1 login_failed=3 connection_lost=1 disconnect=1" },
	{ "logins that fail until Postfix has had enough",
	    "sasl-failed-until-too-many-errors",
	    "connect=1 login_failed=5 too_many_errors=1 disconnect=1" },
	{ "a login that went well", "sasl-succeeded",
	    "connect=1 login_succeeded=1 disconnect=1" },
	{ "timeouts", "timeout-after-ehlo-and-data",
	    "connect=2 connection_lost=2 disconnect=2" },
	{ "a handshake that went wrong tells nothing", "tls-handshake-errors",
	    "connect=2 connection_lost=2 disconnect=2" },
	{ "unknown commands until Postfix has had enough",
	    "too-many-errors-unknown-commands",
	    "connect=1 too_many_errors=1 disconnect=1" },
	{ "an IMAP login tells its failures twice, of Dovecot's two processes",
	    "dovecot-imap-login", "login_failed=6 login_succeeded=1" },
};

static void
totals(void **state)
{
	const struct total_row *row = *state;
	struct sample_lines lines = samples_open(row->file);
	unsigned counts[EVENT_KINDS] = { 0 };
	char text[512] = "";
	struct event e;

	while (samples_next(&lines)) {
		maillog_read(lines.line, lines.size, SAMPLES_NOW, &e);
		counts[e.kind]++;
	}
	samples_close(&lines);
	for (int i = EVENT_NONE + 1; i < EVENT_KINDS; i++)
		if (counts[i])
			snprintf(text + strlen(text),
			    sizeof(text) - strlen(text), "%s%s=%u",
			    *text ? " " : "", event_kind_name(i), counts[i]);
	assert_string_equal(text, row->totals);
}

/* t/feed/maillog/events has one line for each line of the samples. */
static void
every_line_of_the_samples_tells_what_it_should(void **state)
{
	struct sample_lines wanted = samples_open("events");

	(void)state;
	for (size_t i = 0; i < sizeof(total_rows) / sizeof(total_rows[0]);
	     i++) {
		struct sample_lines lines = samples_open(total_rows[i].file);

		while (samples_next(&lines)) {
			assert_true(samples_next(&wanted));
			assert_string_equal(
			    told(lines.line, lines.size), wanted.line);
		}
		samples_close(&lines);
	}
	assert_false(samples_next(&wanted));
	samples_close(&wanted);
}

/* -- single lines -- */

struct line_row {
	const char *name, *line, *told;
	size_t size; /* 0: strlen */
};

#define H "Nov 21 16:27:15 mx postfix/smtpd[9]: "
#define SASL "unknown[192.0.2.7]: SASL LOGIN authentication failed: "
#define FAILED "login_failed 192.0.2.7 smtp pid=9 user=[bob]"
#define BOB "warning: " SASL "authentication failure, sasl_username=bob"
#define D "Nov 21 16:27:15 mx dovecot: "
#define AUTH_FAILED "(auth failed, 2 attempts in 9 secs): "
#define TAIL ", lip=198.51.100.1, TLS, session=<a/b+>"

// clang-format off
static const struct line_row line_rows[] = {
	/* headers */
	{ "the classic header", H BOB, FAILED },
	{ "a day of one digit", "Nov  1 16:27:15 mx postfix/smtpd[9]: " BOB,
	    FAILED },
	{ "microseconds", "Nov 21 16:27:15.123456 mx postfix/smtpd[9]: " BOB,
	    FAILED },
	{ "a time of RFC 3339",
	    "2026-11-21T16:27:15.123456+01:00 mx postfix/smtpd[9]: " BOB,
	    FAILED },
	{ "a time of journalctl -o short-iso",
	    "2026-11-21T16:27:15+0100 mx postfix/smtpd[9]: " BOB, FAILED },
	{ "a time with a blank", "2026-11-21 16:27:15 mx postfix/smtpd[9]: "
	    BOB, FAILED },
	{ "RFC 5424", "<20>1 2026-11-21T16:27:15Z mx postfix/smtpd 9 - - " BOB,
	    FAILED },
	{ "RFC 5424 with data and a byte order mark",
	    "<20>1 2026-11-21T16:27:15Z mx postfix/smtpd 9 ID "
	    "[a@1 b=\"x \\\"] y\"][c] \xef\xbb\xbf" BOB, FAILED },
	{ "a priority before the classic header", "<20>" H BOB, FAILED },
	{ "no header at all", BOB,
	    "login_failed 192.0.2.7 smtp pid=0 user=[bob]" },
	{ "a Postfix of another name",
	    "Nov 21 16:27:15 mx mx-in/submission/smtpd[9]: " BOB, FAILED },
	{ "a host that is an address",
	    "Nov 21 16:27:15 2001:db8::1 postfix/smtpd[9]: " BOB, FAILED },
	{ "another program's line is none of ours",
	    "Nov 21 16:27:15 mx sshd[9]: " BOB, "" },
	{ "an smtpd that is not Postfix' is none of ours",
	    "Nov 21 16:27:15 mx smtpd[9]: " BOB, "" },
	{ "a header without a time is none", "mx postfix/smtpd[9]: " BOB, "" },
	{ "a header that is cut off is none", "Nov 21 16:27:15 mx", "" },
	{ "a pid that is none", "Nov 21 16:27:15 mx postfix/smtpd[x]: " BOB,
	    "" },
	{ "structured data without an end is no header",
	    "<20>1 2026-11-21T16:27:15Z mx postfix/smtpd 9 - [a b=\"" BOB,
	    "" },
	{ "nothing", "", "" },

	/* clients */
	{ "a client with a name and a port",
	    H "warning: mail.example.net[192.0.2.7]:2525: SASL LOGIN "
	    "authentication failed: authentication failure, "
	    "sasl_username=bob", FAILED },
	{ "a client that speaks IPv6",
	    H "connect from unknown[2001:db8::7]",
	    "connect 2001:db8::7 smtp pid=9 user=[]" },
	{ "an IPv6 client with a port",
	    H "connect from unknown[2001:db8::7]:99",
	    "connect 2001:db8::7 smtp pid=9 user=[]" },
	{ "a mapped address is the IPv4 address in it",
	    H "connect from unknown[::ffff:192.0.2.7]",
	    "connect 192.0.2.7 smtp pid=9 user=[]" },
	{ "a client without an address", H "connect from unknown[unknown]",
	    "" },
	{ "an address that is none", H "connect from unknown[192.0.2.700]",
	    "" },
	{ "brackets without an end", H "connect from unknown[192.0.2.7", "" },
	{ "more than a connect", H "connect from unknown[192.0.2.7] x", "" },

	/* logins */
	{ "a user is the rest of the line",
	    H "warning: " SASL "x, sasl_username=a, sasl_username=b \"c\"",
	    "login_failed 192.0.2.7 smtp pid=9 "
	    "user=[a, sasl_username=b \"c\"]" },
	{ "a user that is not known",
	    H "warning: " SASL "x, sasl_username=(unavailable)",
	    "login_failed 192.0.2.7 smtp pid=9 user=[]" },
	{ "an older Postfix tells no user", H "warning: " SASL "UGFzc3dvcmQ6",
	    "login_failed 192.0.2.7 smtp pid=9 user=[]" },
	{ "a Dovecot that is away is nobody's failure",
	    H "warning: " SASL "Connection lost to authentication server",
	    "login_untested 192.0.2.7 smtp pid=9 user=[]" },
	{ "a saslauthd that is away is nobody's failure",
	    H "warning: " SASL "generic failure, sasl_username=bob",
	    "login_untested 192.0.2.7 smtp pid=9 user=[bob]" },
	{ "who says the server is away has failed all the same",
	    H "warning: " SASL "authentication failure, sasl_username="
	    "Connection lost to authentication server",
	    "login_failed 192.0.2.7 smtp pid=9 "
	    "user=[Connection lost to authentication server]" },
	{ "a success without a login is none",
	    H "46EF1A72180: client=unknown[192.0.2.7]", "" },
	{ "a success behind a long queue id",
	    H "4Zb3Yk1xQ8z9: client=unknown[192.0.2.7], sasl_method=PLAIN, "
	    "sasl_username=bob",
	    "login_succeeded 192.0.2.7 smtp pid=9 user=[bob]" },

	/* refusals */
	{ "an unknown mailbox behind a queue id",
	    H "46EF1A72180: reject: RCPT from a.example[192.0.2.7]: 550 5.1.1 "
	    "<x@example.com>: Recipient address rejected: User unknown in "
	    "virtual mailbox table; from=<> to=<x@example.com> proto=SMTP",
	    "recipient_refused 192.0.2.7 smtp pid=9 user=[]" },
	{ "an unknown mailbox that was asked for with VRFY",
	    H "NOQUEUE: reject: VRFY from a.example[192.0.2.7]: 550 5.1.1 "
	    "<x@example.com>: Recipient address rejected: User unknown",
	    "recipient_refused 192.0.2.7 smtp pid=9 user=[]" },
	{ "an unknown mailbox for now",
	    H "NOQUEUE: reject: RCPT from a.example[192.0.2.7]: 450 4.1.1 "
	    "<x@example.com>: Recipient address rejected: User unknown in "
	    "local recipient table; from=<>",
	    "recipient_refused 192.0.2.7 smtp pid=9 user=[]" },
	{ "a mailbox that is being verified is no guess",
	    H "NOQUEUE: reject: RCPT from a.example[192.0.2.7]: 450 4.1.1 "
	    "<x@example.com>: Recipient address rejected: unverified address: "
	    "Address verification in progress; from=<>", "" },
	{ "a client in a block list is no guess",
	    H "NOQUEUE: reject: RCPT from a.example[192.0.2.7]: 554 5.7.1 "
	    "Service unavailable; Client host [192.0.2.7] blocked using "
	    "dnsbl.example; from=<>", "" },
	{ "a warning instead of a refusal is none",
	    H "NOQUEUE: reject_warning: RCPT from a.example[192.0.2.7]: "
	    "550 5.1.1 <x@example.com>: Recipient address rejected: User "
	    "unknown in local recipient table; from=<>", "" },

	/* Dovecot */
	{ "logins that failed over IMAP",
	    D "imap-login: Disconnected " AUTH_FAILED "user=<bob>, "
	    "method=PLAIN, rip=192.0.2.7" TAIL,
	    "login_failed 192.0.2.7 imap pid=0 user=[bob]" },
	{ "logins that failed over POP3, in Dovecot's own log",
	    "Nov 21 16:27:15 pop3-login: Info: Aborted login " AUTH_FAILED
	    "user=<bob>, method=PLAIN, rip=192.0.2.7" TAIL,
	    "login_failed 192.0.2.7 pop3 pid=0 user=[bob]" },
	{ "logins that failed over Dovecot's submission",
	    D "submission-login: Disconnected: Connection closed " AUTH_FAILED
	    "user=<bob>, method=PLAIN, rip=192.0.2.7" TAIL,
	    "login_failed 192.0.2.7 smtp pid=0 user=[bob]" },
	{ "logins that failed in the words of Dovecot 2.4",
	    D "imap-login: Login aborted: Connection closed (auth failed, 1 "
	    "attempts in 2 secs) (auth_failed): user=<bob>, method=PLAIN, "
	    "rip=2001:db8::7" TAIL,
	    "login_failed 2001:db8::7 imap pid=0 user=[bob]" },
	{ "Dovecot without a header",
	    "imap-login: Disconnected " AUTH_FAILED "user=<bob>, "
	    "method=PLAIN, rip=192.0.2.7" TAIL,
	    "login_failed 192.0.2.7 imap pid=0 user=[bob]" },
	{ "who did not try has not failed",
	    D "imap-login: Disconnected (no auth attempts in 0 secs): "
	    "user=<>, rip=192.0.2.7" TAIL, "" },
	{ "a login over IMAP",
	    D "imap-login: Login: user=<bob>, method=PLAIN, rip=192.0.2.7"
	    TAIL,
	    "login_succeeded 192.0.2.7 imap pid=0 user=[bob]" },
	{ "a wrong password over IMAP, as the auth process tells it",
	    D "auth-worker(12): sql(bob,192.0.2.7,<a/b+>): Password mismatch",
	    "login_failed 192.0.2.7 imap pid=0 user=[bob]" },
	{ "a line that shows the password is none",
	    D "auth: sql(bob,192.0.2.7): Password mismatch "
	    "(given password: x)", "" },

	/* forgeries: what a client chose looks like the log's own words */
	{ "a user that looks like a line",
	    H "warning: " SASL "authentication failure, sasl_username="
	    "warning: x[198.51.100.1]: SASL LOGIN authentication failed",
	    "login_failed 192.0.2.7 smtp pid=9 user=[warning: "
	    "x[198.51.100.1]: SASL LOGIN authentication failed]" },
	{ "a user that looks like the end of a session",
	    H "warning: " SASL "x, sasl_username=]: disconnect from "
	    "x[198.51.100.1] auth=0/99",
	    "login_failed 192.0.2.7 smtp pid=9 user=[]: disconnect from "
	    "x[198.51.100.1] auth=0/99]" },
	{ "a user with an escaped newline",
	    H "warning: " SASL "x, sasl_username=a#012Nov 21 16:27:15 mx "
	    "postfix/smtpd[9]: connect from x[198.51.100.1]",
	    "login_failed 192.0.2.7 smtp pid=9 user=[a#012Nov 21 16:27:15 mx "
	    "postfix/smtpd[9]: connect from x[198.51.100.1]]" },
	{ "a mechanism that looks like a client",
	    H "warning: unknown[192.0.2.7]: SASL x[198.51.100.1]: "
	    "authentication failed: no mechanism available",
	    "login_failed 192.0.2.7 smtp pid=9 user=[]" },
	{ "a command that looks like a line",
	    H "warning: non-SMTP command from unknown[192.0.2.7]: x["
	    "198.51.100.1]: SASL LOGIN authentication failed: x",
	    "non_smtp_command 192.0.2.7 smtp pid=9 user=[]" },
	{ "a command out of turn that looks like a line",
	    H "improper command pipelining after EHLO from unknown[192.0.2.7]:"
	    " too many errors after RCPT from x[198.51.100.1]",
	    "pipelining 192.0.2.7 smtp pid=9 user=[]" },
	{ "a recipient that looks like a refusal of another client",
	    H "NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 451 4.7.1 "
	    "<\"x[198.51.100.1]: 550 5.1.1 <y\"@example.com>: Recipient "
	    "address rejected: Later; from=<> to=<y>", "" },
	{ "a HELO that looks like an unknown mailbox",
	    H "NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 450 4.7.1 "
	    "<x@example.com>: Recipient address rejected: Later; from=<> "
	    "to=<x@example.com> proto=SMTP helo=<x[198.51.100.1]: 550 5.1.1 "
	    "<y>: Recipient address rejected: User unknown>", "" },
	{ "a sender in another program's line",
	    "Nov 21 16:27:15 mx postfix/qmgr[9]: A: from=<" BOB ">", "" },
	{ "a sender that looks like a line, without a header",
	    "A: from=<" BOB ">", "" },
	{ "a message-id that looks like a line, in cleanup's",
	    "Nov 21 16:27:15 mx postfix/cleanup[9]: A: message-id=<x> mx "
	    "postfix/smtpd[9]: connect from x[198.51.100.1]", "" },
	{ "a Dovecot user that looks like an address",
	    D "imap-login: Disconnected " AUTH_FAILED "user=<a>, "
	    "method=PLAIN, rip=198.51.100.1, lip=x>, method=PLAIN, "
	    "rip=192.0.2.7" TAIL,
	    "login_failed 192.0.2.7 imap pid=0 user=[a]" },
	{ "a Dovecot user behind its address could forge one: it is not read",
	    D "imap-login: Disconnected " AUTH_FAILED "rip=192.0.2.7, "
	    "user=<a, rip=198.51.100.1, x>", "" },
	{ "a Dovecot user that looks like more attempts",
	    D "imap-login: Disconnected (no auth attempts in 0 secs): "
	    "user=<(auth failed, 9 attempts: user=<x>, method=PLAIN, "
	    "rip=192.0.2.7" TAIL, "" },
	{ "a user that looks like an address, of the auth process",
	    D "auth: passwd-file(a,198.51.100.1): Password mismatch,"
	    "192.0.2.7): Password mismatch",
	    "login_failed 192.0.2.7 smtp pid=0 "
	    "user=[a,198.51.100.1): Password mismatch]" },
	{ "a user with blanks makes no header of Dovecot's own log",
	    "Nov 21 16:27:15 imap(a auth: sql(b,198.51.100.1): Password "
	    "mismatch)<1><x>: Info: Logged out", "" },
	{ "bytes behind a NUL belong to the user",
	    H "warning: " SASL "x, sasl_username=bob\0\nconnect from "
	    "x[198.51.100.1]", FAILED,
	    sizeof(H "warning: " SASL "x, sasl_username=bob\0\nconnect from "
	    "x[198.51.100.1]") - 1 },
};
// clang-format on

static void
line(void **state)
{
	const struct line_row *row = *state;
	const size_t size = row->size ? row->size : strlen(row->line);

	/* An exact copy, so that a sanitizer sees who reads beyond it. */
	char *copy = malloc(size ? size : 1);

	memcpy(copy, row->line, size);
	assert_string_equal(told(copy, size), row->told);
	free(copy);
}

/* -- times -- */

struct time_row {
	const char *name, *line;
	int64_t time;
};

#define CONNECT " mx postfix/smtpd[9]: connect from unknown[192.0.2.7]"

static const struct time_row time_rows[] = {
	{ "a time without a zone is local", "Nov 21 16:27:15" CONNECT,
	    1795278435 },
	{ "a time without a year was in the last one",
	    "Dec 31 23:59:59" CONNECT, 1767225599 },
	{ "a clock that is ahead is not a year behind",
	    "Nov 22 00:00:00" CONNECT, 1795305600 },
	{ "a month that is none", "Nox 21 16:27:15" CONNECT, 0 },
	{ "a zone to the east", "2026-11-21T17:27:15+01:00" CONNECT,
	    1795278435 },
	{ "a zone to the west", "2026-11-21T11:57:15.5-0430" CONNECT,
	    1795278435 },
	{ "no zone but Greenwich", "2026-11-21T16:27:15Z" CONNECT, 1795278435 },
	{ "no line of the log has no time", "connect from unknown[192.0.2.7]",
	    0 },
};

static void
time_of(void **state)
{
	const struct time_row *row = *state;
	struct event e;

	assert_true(
	    maillog_read(row->line, strlen(row->line), SAMPLES_NOW, &e));
	assert_int_equal(e.time, row->time);
}

/* -- the end of a session -- */

static void
a_session_ends_with_what_went_well_of_how_many(void **state)
{
	static const char text[] = H
	    "disconnect from x.example[192.0.2.7] "
	    "ehlo=2 starttls=1 auth=1/3 mail=1 "
	    "rcpt=4/9 unknown=0/2 quit=1 commands=9/18";
	struct event e;

	(void)state;
	assert_true(maillog_read(text, strlen(text), SAMPLES_NOW, &e));
	assert_int_equal(e.auth.good, 1);
	assert_int_equal(e.auth.all, 3);
	assert_int_equal(e.rcpt.good, 4);
	assert_int_equal(e.rcpt.all, 9);
	assert_int_equal(e.unknown.all, 2);
	assert_memory_equal(e.name.at, "x.example", 9);
	assert_memory_equal(e.host.at, "mx ", 3);
}

static void
a_session_of_Dovecot_counts_its_attempts(void **state)
{
	static const char text[] = D "imap-login: Disconnected " AUTH_FAILED
				     "user=<bob>, rip=192.0.2.7" TAIL;
	struct event e;

	(void)state;
	assert_true(maillog_read(text, strlen(text), SAMPLES_NOW, &e));
	assert_int_equal(e.attempts, 2);
	assert_int_equal(e.source, BY_LOGIN_PROCESS);
}

int
main(void)
{
	struct suite s = { 0 };

	setenv("TZ", "UTC", 1);
	SUITE_ROWS(&s, total_rows, totals);
	SUITE_TEST(&s, every_line_of_the_samples_tells_what_it_should);
	SUITE_ROWS(&s, line_rows, line);
	SUITE_ROWS(&s, time_rows, time_of);
	SUITE_TEST(&s, a_session_ends_with_what_went_well_of_how_many);
	SUITE_TEST(&s, a_session_of_Dovecot_counts_its_attempts);
	return suite_run(&s, "feed/maillog");
}
