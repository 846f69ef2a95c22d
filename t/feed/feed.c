/*
 * What becomes of a mail log: which failures are counted, who is listed, who
 * is banned, and what happens when Redis is not there.
 */
#include "feed/feed.h"

#include <inttypes.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "feed/samples.h"
#include "feed/writes.h"
#include "kit/false_redis.h"
#include "kit/suite.h"
#include "register/lists_build.h"
#include "register/refusals.h"

enum { MINUTE = 60, HOUR = 3600 };
enum { LOG_SIZE = 256 * 1024 };

struct feeding {
	struct arena *arena;
	struct clock *clock;
	struct false_redis *redis;
	struct conf *conf;
	struct feed *feed;
	char log[LOG_SIZE];
	char found[LOG_SIZE]; /* by everything() */
};

static void
keep_log(enum log_level level, const char *text, void *data)
{
	struct feeding *g = data;
	const size_t used = strlen(g->log);

	(void)level;
	snprintf(g->log + used, sizeof(g->log) - used, "%s\n", text);
}

static void
complain(void *data, const char *file, int line, const char *text)
{
	(void)data;
	fail_msg("%s:%d: %s", file, line, text);
}

static struct feeding *
begin(const char *conf, enum feed_logins logins)
{
	const struct feed_rules rules = { logins, FEED_ERRORS, FEED_SCANS };
	struct feeding *g = calloc(1, sizeof(*g));

	g->arena = arena_new();
	g->clock = clock_new_virtual(SAMPLES_NOW);
	g->redis = false_redis_new(g->clock);
	g->conf = conf_parse(conf, "test", complain, NULL);
	g->feed = feed_new(
	    g->clock, false_redis_store(g->redis), g->conf, &rules, NULL, NULL);
	feed_lists(g->feed, lists_new(SAMPLES_NOW));
	log_redirect(keep_log, g);
	return g;
}

/* Whatever waits. */
static void
leave(struct feeding *g)
{
	log_redirect(NULL, NULL);
	feed_free(g->feed);
	false_redis_free(g->redis);
	clock_free(g->clock);
	conf_unref(g->conf);
	arena_release(g->arena);
	free(g);
}

static void
end(struct feeding *g)
{
	assert_int_equal(feed_waiting(g->feed), 0);
	leave(g);
}

static void line(struct feeding *g, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Of smtpd 9, without a time: it is now. */
static void
line(struct feeding *g, const char *format, ...)
{
	char text[1024], whole[1100];
	va_list ap;
	int64_t now = clock_unix(g->clock);
	time_t then = (time_t)now;
	struct tm tm;
	char when[32];

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	strftime(
	    when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&then, &tm));
	snprintf(whole, sizeof(whole), "%s mx postfix/%s", when, text);
	feed_line(g->feed, whole, strlen(whole));
}

static void
fail_login(struct feeding *g, const char *client)
{
	line(g,
	    "smtpd[9]: warning: unknown[%s]: SASL LOGIN authentication failed: "
	    "authentication failure, sasl_username=bob",
	    client);
}

static void
file(struct feeding *g, const char *name)
{
	struct sample_lines lines = samples_open(name);

	while (samples_next(&lines))
		feed_line(g->feed, lines.line, lines.size);
	samples_close(&lines);
}

static void
settle(struct feeding *g)
{
	clock_turn(g->clock, 5 * WRITES_RETRY_MS);
}

static const char *
field(struct feeding *g, const char *key, const char *name)
{
	const struct resp r = false_redis_command(g->redis, g->arena,
	    (const char *const[]){ "HGET", key, name, NULL });

	return r.kind == RESP_STRING
	    ? arena_memdup(g->arena, r.text.text, r.text.size)
	    : "";
}

/* " abuse:CLIENT=FAILURES ban:CLIENT=REASON" */
static void
tell_key(void *data, const char *key)
{
	static const struct {
		const char *name, *field;
	} known[] = { { "abuse:{", "failures" }, { "ban:{", "reason" } };
	struct feeding *g = data;
	const char *at = strchr(key, ':') + 1;
	const size_t used = strlen(g->found);

	for (size_t i = 0; i < 2; i++) {
		const size_t size = strlen(known[i].name);

		if (strncmp(at, known[i].name, size) != 0)
			continue;
		snprintf(g->found + used, sizeof(g->found) - used,
		    "%s%.*s%.*s=%s", used ? " " : "", (int)size - 1, at,
		    (int)strcspn(at + size, "}"), at + size,
		    field(g, key, known[i].field));
	}
}

static const char *
everything(struct feeding *g)
{
	settle(g);
	*g->found = '\0';
	false_redis_keys(g->redis, tell_key, g);
	return g->found;
}

static unsigned
logged(const struct feeding *g, const char *text)
{
	unsigned count = 0;

	for (const char *at = g->log; (at = strstr(at, text)); at++)
		count++;
	return count;
}

/* -- the samples -- */

struct sample_row {
	const char *name, *file;
	const char *found;
};

static const struct sample_row sample_rows[] = {
	{ "limits of Postfix' own are no offence",
	    "anvil-recipient-message-auth-rate-limits", "" },
	{ "two failures are two",
	    "dovecot-sasl-failed-unknown-then-success.postfix",
	    "abuse:203.0.113.5=2" },
	{ "Dovecot's auth process is not asked by default",
	    "dovecot-sasl-failed-unknown-then-success.dovecot", "" },
	{ "who is slowed down has done nothing",
	    "dovecot-sasl-tarpit-3s.postfix", "" },
	{ "a connection that is lost is no offence",
	    "lost-connection-at-each-stage", "" },
	{ "a timeout is no offence", "timeout-after-ehlo-and-data", "" },
	{ "our own refusals are no offence", "noqueue-policy-service-replies",
	    "" },
	{ "one attempt to relay is no harvest", "noqueue-relay-access-denied",
	    "" },
	{ "a harvest that Postfix ended is a strike",
	    "noqueue-user-unknown-harvest-too-many-errors",
	    "ban:203.0.113.11=harvest" },
	{ "a login that failed four ways",
	    "sasl-failed-cyrus-login-and-lost-connection",
	    "abuse:203.0.113.6=4" },
	{ "failures are not counted again at the end of the session",
	    "sasl-failed-cyrus-plain", "abuse:203.0.113.5=3" },
	{ "odd user names are counted", "sasl-failed-odd-usernames",
	    "abuse:203.0.113.9=3" },
	{ "that Postfix gave up after failed logins is no strike more",
	    "sasl-failed-until-too-many-errors", "abuse:203.0.113.7=5" },
	{ "a good login is nothing to note", "sasl-succeeded", "" },
	{ "unknown commands until Postfix gave up are a strike",
	    "too-many-errors-unknown-commands", "ban:203.0.113.10=commands" },
};

static void
sample(void **state)
{
	const struct sample_row *row = *state;
	struct feeding *g = begin("", LOGINS_OWN);

	file(g, row->file);
	assert_string_equal(everything(g), row->found);
	end(g);
}

static void
two_that_tell_of_one_failure_count_once(void **state)
{
	static const enum feed_logins whose[] = { LOGINS_OWN, LOGINS_AUTH,
		LOGINS_NONE };
	static const char *const found[] = { "abuse:203.0.113.5=2",
		"abuse:203.0.113.5=2", "" };

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct feeding *g = begin("", whose[i]);

		file(g, "dovecot-sasl-failed-unknown-then-success.postfix");
		file(g, "dovecot-sasl-failed-unknown-then-success.dovecot");
		assert_string_equal(everything(g), found[i]);
		end(g);
	}
}

/* -- failed logins -- */

static void
the_eleventh_failure_lists_and_is_logged(void **state)
{
	struct feeding *g = begin("", LOGINS_OWN);

	(void)state;
	for (int i = 0; i < 10; i++)
		fail_login(g, "192.0.2.7");
	settle(g);
	assert_int_equal(logged(g, "listed"), 0);
	fail_login(g, "192.0.2.7");
	assert_string_equal(
	    everything(g), "abuse:192.0.2.7=11 ban:192.0.2.7=abuse");
	assert_int_equal(logged(g,
			     "register listed client=192.0.2.7 register=abuse "
			     "why=\"failed logins\" failures=11 until="),
	    1);
	assert_int_equal(
	    logged(g, "register banned client=192.0.2.7 register=ban"), 1);
	end(g);
}

static void
failures_that_come_together_are_one_question(void **state)
{
	struct feeding *g = begin("", LOGINS_OWN);
	const unsigned before = false_redis_asked(g->redis);

	(void)state;
	for (int i = 0; i < 10; i++)
		fail_login(g, "192.0.2.7");
	settle(g);
	assert_int_equal(false_redis_asked(g->redis) - before, 1);
	assert_string_equal(everything(g), "abuse:192.0.2.7=10");
	end(g);
}

static void
attempts_of_sessions_that_end_together_add_up(void **state)
{
	static const char text[] =
	    "imap-login: Disconnected (auth failed, 3 attempts in 9 secs): "
	    "user=<bob>, method=PLAIN, rip=192.0.2.7, lip=198.51.100.1";
	struct feeding *g = begin("", LOGINS_OWN);

	(void)state;
	feed_line(g->feed, text, strlen(text));
	feed_line(g->feed, text, strlen(text));
	assert_string_equal(everything(g), "abuse:192.0.2.7=6");
	end(g);
}

static void
a_session_whose_warnings_were_filtered_counts_at_its_end(void **state)
{
	struct feeding *g = begin("", LOGINS_OWN);

	(void)state;
	line(g, "smtpd[9]: connect from unknown[192.0.2.7]");
	line(g, "smtpd[9]: disconnect from unknown[192.0.2.7] auth=0/5");
	assert_string_equal(everything(g), "abuse:192.0.2.7=5");
	end(g);
}

static void
a_session_whose_beginning_was_not_seen_counts_its_warnings_only(void **state)
{
	struct feeding *g = begin("", LOGINS_OWN);

	(void)state;
	line(g, "smtpd[9]: disconnect from unknown[192.0.2.7] auth=0/5");
	assert_string_equal(everything(g), "");
	end(g);
}

static void
a_login_that_the_connection_was_lost_in_has_not_failed(void **state)
{
	struct feeding *g = begin("", LOGINS_OWN);

	(void)state;
	line(g, "smtpd[9]: connect from unknown[192.0.2.7]");
	line(g, "smtpd[9]: lost connection after AUTH from unknown[192.0.2.7]");
	line(g, "smtpd[9]: disconnect from unknown[192.0.2.7] auth=0/1");
	assert_string_equal(everything(g), "");
	end(g);
}

static void
a_dead_auth_server_lists_nobody(void **state)
{
	struct feeding *g = begin("", LOGINS_OWN);

	(void)state;
	for (int i = 0; i < 50; i++) {
		line(g, "smtpd[9]: connect from unknown[192.0.2.7]");
		line(g,
		    "smtpd[9]: warning: unknown[192.0.2.7]: SASL PLAIN "
		    "authentication failed: Connection lost to authentication "
		    "server");
		line(
		    g, "smtpd[9]: disconnect from unknown[192.0.2.7] auth=0/1");
	}
	assert_string_equal(everything(g), "");
	end(g);
}

static void
a_login_that_we_refused_ourselves_does_not_count(void **state)
{
	struct feeding *g = begin("", LOGINS_OWN);

	(void)state;
	for (int i = 0; i < 50; i++) {
		line(g, "smtpd[9]: connect from unknown[192.0.2.7]");
		line(g,
		    "smtpd[9]: warning: unknown[192.0.2.7]: SASL PLAIN "
		    "authentication failed: %s, sasl_username=bob",
		    login_refusals[i % LOGIN_REFUSALS]);
		line(
		    g, "smtpd[9]: disconnect from unknown[192.0.2.7] auth=0/1");
	}
	assert_string_equal(everything(g), "");
	assert_int_equal(feed_counts(g->feed).own, 50);
	end(g);
}

static void
who_pretends_to_have_been_refused_has_failed_all_the_same(void **state)
{
	struct feeding *g = begin("", LOGINS_OWN);

	(void)state;
	line(g,
	    "smtpd[9]: warning: unknown[192.0.2.7]: SASL PLAIN authentication "
	    "failed: x, sasl_username=%s",
	    login_refusals[LOGIN_BANNED]);
	assert_string_equal(everything(g), "abuse:192.0.2.7=1");
	end(g);
}

static void
sessions_of_different_hosts_are_different(void **state)
{
	static const char *const lines[] = {
		"2026-11-21T16:41:00Z mx1 postfix/smtpd[9]: "
		"connect from unknown[192.0.2.7]",
		"2026-11-21T16:41:00Z mx2 postfix/smtpd[9]: "
		"connect from unknown[192.0.2.8]",
		"2026-11-21T16:41:00Z mx2 postfix/smtpd[9]: warning: "
		"unknown[192.0.2.8]: SASL PLAIN authentication failed: x",
		"2026-11-21T16:41:00Z mx1 postfix/smtpd[9]: "
		"disconnect from unknown[192.0.2.7] auth=0/2",
	};
	struct feeding *g = begin("", LOGINS_OWN);

	(void)state;
	for (int i = 0; i < 4; i++)
		feed_line(g->feed, lines[i], strlen(lines[i]));
	assert_string_equal(
	    everything(g), "abuse:192.0.2.7=2 abuse:192.0.2.8=1");
	end(g);
}

static void
lines_of_yesterday_do_not_count_today(void **state)
{
	struct feeding *g = begin("", LOGINS_OWN);

	(void)state;
	clock_turn(g->clock, 1000 * (uint64_t)(2 * HOUR));
	file(g, "sasl-failed-until-too-many-errors");
	file(g, "too-many-errors-unknown-commands");
	assert_string_equal(everything(g), "");
	assert_int_equal(feed_counts(g->feed).old, 11);
	end(g);
}

static void
some_are_immune(void **state)
{
	static const struct list_record allowed = { "mail.example.net",
		"since=1 until=0 by=test reason=" };
	struct feeding *g = begin("trusted = { \"192.0.2.0/24\" }\n"
				  "allow { clients = { \"198.51.100.7\" } }\n",
	    LOGINS_OWN);
	struct lists *l = lists_new(SAMPLES_NOW);

	(void)state;
	lists_fill(l, LIST_ALLOW, &allowed, 1, SAMPLES_NOW);
	feed_lists(g->feed, l);
	fail_login(g, "127.0.0.1");
	fail_login(g, "192.0.2.7");
	fail_login(g, "198.51.100.7");
	line(g,
	    "smtpd[9]: warning: mail.example.net[203.0.113.1]: SASL "
	    "PLAIN authentication failed: x");
	assert_string_equal(everything(g), "");
	assert_int_equal(feed_counts(g->feed).immune, 4);
	end(g);
}

static void
an_IPv6_client_is_its_network(void **state)
{
	struct feeding *g = begin("", LOGINS_OWN);

	(void)state;
	fail_login(g, "2001:db8::1");
	fail_login(g, "2001:db8::2");
	settle(g);
	assert_string_equal(
	    field(g, "policyd:abuse:{2001%3adb8%3a%3a/64}", "failures"), "2");
	end(g);
}

/* 10,000 failures of 500 clients, beside each other. */
static void
brute_force_lists_exactly_those_with_more_than_ten(void **state)
{
	enum { CLIENTS = 500, FAILURES = 10000 };
	struct feeding *g = begin("", LOGINS_OWN);
	unsigned left[CLIENTS], total = 0, listed = 0;

	(void)state;
	for (unsigned i = 0; i < CLIENTS; i++)
		total += left[i] = 1 + i % 39;
	left[CLIENTS - 1] += FAILURES - total;
	for (unsigned round = 0, done = 0; done < FAILURES; round++) {
		for (unsigned i = 0; i < CLIENTS; i++) {
			char client[32];

			if (round >= left[i])
				continue;
			snprintf(client, sizeof(client), "203.0.%u.%u",
			    100 + i / 250, 1 + i % 250);
			fail_login(g, client);
			done++;
		}
		if (round % 8 == 7 || done == FAILURES)
			clock_turn(g->clock, 10000);
	}
	everything(g);
	for (unsigned i = 0; i < CLIENTS; i++) {
		char key[64], wanted[16];

		snprintf(key, sizeof(key), "policyd:abuse:{203.0.%u.%u}",
		    100 + i / 250, 1 + i % 250);
		snprintf(wanted, sizeof(wanted), "%u", left[i]);
		assert_string_equal(field(g, key, "failures"), wanted);
		assert_int_equal(
		    strcmp(field(g, key, "until"), "0") != 0, left[i] > 10);
		listed += left[i] > 10;
	}
	assert_int_equal(feed_counts(g->feed).failures, FAILURES);
	assert_int_equal(logged(g, "register listed"), listed);
	end(g);
}

/* -- strikes -- */

static void
refuse(struct feeding *g, unsigned pid, const char *client, const char *reply)
{
	line(g,
	    "smtpd[%u]: NOQUEUE: reject: RCPT from unknown[%s]: %s; "
	    "from=<> to=<x@example.com> proto=ESMTP helo=<x>",
	    pid, client, reply);
}

#define UNKNOWN_USER                                                           \
	"550 5.1.1 <x@example.com>: Recipient address rejected: User unknown " \
	"in local recipient table"

struct session_row {
	const char *name;
	unsigned guesses, refusals; /* of others' and of ours */
	const char *more; /* a line before the last, or NULL */
	const char *tallies;
	const char *found;
};

static const struct session_row session_rows[] = {
	{ "ten guesses are a harvest", 10, 0, NULL, "rcpt=0/10",
	    "ban:192.0.2.7=harvest" },
	{ "nine are not", 9, 0, NULL, "rcpt=0/9", "" },
	{ "fewer are, when Postfix gave up", 3, 0,
	    "too many errors after RCPT from unknown[192.0.2.7]", "rcpt=0/3",
	    "ban:192.0.2.7=harvest" },
	{ "that Postfix gave up over our refusals is none", 0, 20,
	    "too many errors after RCPT from unknown[192.0.2.7]", "rcpt=0/20",
	    "" },
	{ "a guess among many of our refusals is none", 3, 17,
	    "too many errors after RCPT from unknown[192.0.2.7]", "rcpt=0/20",
	    "" },
	{ "an old list of subscribers is none", 12, 0, NULL, "rcpt=88/100",
	    "" },
	{ "a user who logged in does not harvest", 12, 0,
	    "A1: client=unknown[192.0.2.7], sasl_method=PLAIN, "
	    "sasl_username=bob",
	    "rcpt=1/13", "" },
	{ "the end of the session tells of a login too", 12, 0, NULL,
	    "auth=1 rcpt=0/12", "" },
	{ "ten unknown commands are an offence", 0, 0, NULL, "unknown=0/10",
	    "ban:192.0.2.7=commands" },
	{ "nine are not, and one scan neither", 0, 0,
	    "warning: non-SMTP command from unknown[192.0.2.7]: GET /",
	    "unknown=0/9", "" },
	{ "that Postfix gave up after AUTH is no harvest", 3, 0,
	    "too many errors after AUTH from unknown[192.0.2.7]", "rcpt=0/3",
	    "" },
};

static void
session(void **state)
{
	const struct session_row *row = *state;
	struct feeding *g = begin("", LOGINS_OWN);
	char ours[256];

	snprintf(ours, sizeof(ours),
	    "451 4.7.1 <x@example.com>: Recipient address rejected: %s",
	    g->conf->replies[REPLY_GREYLISTED].text);
	line(g, "smtpd[9]: connect from unknown[192.0.2.7]");
	for (unsigned i = 0; i < row->refusals; i++)
		refuse(g, 9, "192.0.2.7", ours);
	for (unsigned i = 0; i < row->guesses; i++)
		refuse(g, 9, "192.0.2.7", UNKNOWN_USER);
	if (row->more)
		line(g, "smtpd[9]: %s", row->more);
	line(
	    g, "smtpd[9]: disconnect from unknown[192.0.2.7] %s", row->tallies);
	assert_string_equal(everything(g), row->found);
	end(g);
}

static void
our_own_refusal_is_no_guess_even_with_that_code(void **state)
{
	struct feeding *g = begin(
	    "reply \"ban\" { code = 550 enhanced = \"5.1.1\" "
	    "text = \"No such user, for %{ip} at least\" }",
	    LOGINS_OWN);

	(void)state;
	line(g, "smtpd[9]: connect from unknown[192.0.2.7]");
	for (int i = 0; i < 20; i++)
		refuse(g, 9, "192.0.2.7",
		    "550 5.1.1 <x@example.com>: Recipient address rejected: "
		    "No such user, for 192.0.2.7 at least");
	line(g, "smtpd[9]: too many errors after RCPT from unknown[192.0.2.7]");
	line(g, "smtpd[9]: disconnect from unknown[192.0.2.7] rcpt=0/20");
	assert_string_equal(everything(g), "");
	end(g);
}

static void
sessions_beside_each_other_are_one_strike(void **state)
{
	struct feeding *g = begin("", LOGINS_OWN);

	(void)state;
	for (unsigned pid = 1; pid <= 8; pid++)
		for (int i = 0; i < 10; i++)
			refuse(g, pid, "192.0.2.7", UNKNOWN_USER);
	for (unsigned pid = 1; pid <= 8; pid++) {
		line(g,
		    "smtpd[%u]: disconnect from unknown[192.0.2.7] rcpt=0/10",
		    pid);
		clock_turn(g->clock, 1000 * MINUTE);
	}
	assert_string_equal(everything(g), "ban:192.0.2.7=harvest");
	assert_string_equal(field(g, "policyd:ban:{192.0.2.7}", "level"), "1");
	end(g);
}

static void
scan(struct feeding *g, const char *tallies)
{
	line(g, "smtpd[9]: connect from unknown[192.0.2.7]");
	line(g,
	    "smtpd[9]: warning: non-SMTP command from "
	    "unknown[192.0.2.7]: GET / HTTP/1.1");
	line(g, "smtpd[9]: disconnect from unknown[192.0.2.7] %s", tallies);
}

static void
three_scans_within_an_hour_are_a_strike(void **state)
{
	struct feeding *g = begin("", LOGINS_OWN);

	(void)state;
	for (int i = 0; i < 4; i++) {
		scan(g, "unknown=0/1 commands=0/1");
		clock_turn(g->clock, 1000 * (uint64_t)(31 * MINUTE));
	}
	assert_string_equal(everything(g), "");
	for (int i = 0; i < 3; i++)
		scan(g, "unknown=0/1 commands=0/1");
	assert_string_equal(everything(g), "ban:192.0.2.7=scan");
	end(g);
}

static void
who_delivers_mail_does_not_scan(void **state)
{
	struct feeding *g = begin("", LOGINS_OWN);

	(void)state;
	for (int i = 0; i < 20; i++)
		scan(g, "ehlo=1 mail=2 rcpt=1 data=1 unknown=0/1");
	assert_string_equal(everything(g), "");
	end(g);
}

/* -- connections -- */

static void
ignore(struct ticket *t, const struct answer *a)
{
	(void)t;
	assert_int_equal(a->state, KNOWN);
}

static void
the_end_of_a_session_ends_its_lease(void **state)
{
	struct feeding *g = begin("connections { mode = enforce }", LOGINS_OWN);
	struct ticket ticket = { ignore };
	struct question q[3];
	struct address client;

	(void)state;
	address_parse(&client, "192.0.2.7");
	for (int i = 0; i < 3; i++) {
		q[i] = register_connect(g->arena, g->conf, &client,
		    arena_printf(g->arena, "%d@mx", i), false);
		store_ask(false_redis_store(g->redis), &q[i], &ticket);
	}
	settle(g);
	line(g, "smtpd[9]: disconnect from unknown[192.0.2.7] commands=0/0");
	line(g, "smtpd[8]: disconnect from unknown[192.0.2.7] commands=0/0");
	settle(g);
	assert_int_equal(false_redis_command(g->redis, g->arena,
			     (const char *const[]){
				 "ZCARD", "policyd:conn:{192.0.2.7}", NULL })
			     .number,
	    1);
	end(g);
}

/* -- Redis is away -- */

static void
what_happens_while_Redis_is_away_is_written_later_and_once(void **state)
{
	struct feeding *g = begin("", LOGINS_OWN);

	(void)state;
	false_redis_lose(g->redis, LOSS_DOWN);
	for (int i = 0; i < 12; i++) {
		fail_login(g, "192.0.2.7");
		clock_turn(g->clock, 1000 * (uint64_t)(2 * MINUTE));
	}
	assert_in_range(logged(g, "1 wait: down"), 20, 24); /* once a minute */
	false_redis_lose(g->redis, LOSS_NONE);
	assert_string_equal(
	    everything(g), "abuse:192.0.2.7=12 ban:192.0.2.7=abuse");
	assert_int_equal(feed_counts(g->feed).lost, 0);
	end(g);
}

static void
what_may_have_run_is_not_asked_again(void **state)
{
	struct feeding *g = begin("", LOGINS_OWN);

	(void)state;
	false_redis_delay(g->redis, 600);
	fail_login(g, "192.0.2.7");
	settle(g);
	false_redis_delay(g->redis, 0);
	assert_string_equal(everything(g), "abuse:192.0.2.7=1");
	assert_int_equal(feed_counts(g->feed).lost, 1);
	assert_int_equal(logged(g, "1 writes lost"), 1);
	end(g);
}

static void
what_waited_for_more_than_an_hour_is_dropped(void **state)
{
	struct feeding *g = begin("", LOGINS_OWN);

	(void)state;
	false_redis_lose(g->redis, LOSS_DOWN);
	fail_login(g, "192.0.2.7");
	clock_turn(g->clock, 1000 * (uint64_t)(HOUR + MINUTE));
	false_redis_lose(g->redis, LOSS_NONE);
	assert_string_equal(everything(g), "");
	assert_int_equal(feed_counts(g->feed).dropped, 1);
	end(g);
}

static void
the_queue_is_bounded_and_the_oldest_goes_first(void **state)
{
	struct feeding *g = begin("", LOGINS_OWN);

	(void)state;
	false_redis_lose(g->redis, LOSS_DOWN);
	for (unsigned i = 0; i < WRITES_PENDING + 100; i++) {
		char client[32];

		snprintf(client, sizeof(client), "203.%u.%u.%u", i >> 16,
		    i >> 8 & 255, i & 255);
		fail_login(g, client);
	}
	assert_int_equal(feed_waiting(g->feed), WRITES_PENDING);
	assert_int_equal(feed_counts(g->feed).dropped, 100);
	assert_int_equal(logged(g, "dropped"), 1);
	clock_turn(g->clock, 1000 * (uint64_t)MINUTE);
	assert_int_equal(logged(g, "99 dropped"), 1);
	clock_turn(g->clock, 1); /* nothing is in flight */
	leave(g);
}

/* -- a dry run -- */

static void
count_told(
    void *data, const struct feed_act *act, const struct register_result *r)
{
	unsigned *told = data;

	assert_null(r);
	*told += act->what == FEED_FAILURE ? act->count : 100;
}

static void
a_dry_run_tells_what_it_would_write(void **state)
{
	const struct feed_rules rules = { LOGINS_OWN, FEED_ERRORS, FEED_SCANS };
	struct feeding *g = begin("", LOGINS_OWN);
	unsigned told = 0;

	(void)state;
	feed_free(g->feed);
	g->feed = feed_new(g->clock, NULL, g->conf, &rules, count_told, &told);
	feed_lists(g->feed, lists_new(SAMPLES_NOW));
	file(g, "sasl-failed-until-too-many-errors");
	file(g, "too-many-errors-unknown-commands");
	feed_flush(g->feed);
	assert_int_equal(told, 105);
	assert_int_equal(false_redis_asked(g->redis), 0);
	end(g);
}

int
main(void)
{
	struct suite s = { 0 };

	setenv("TZ", "UTC", 1);
	SUITE_ROWS(&s, sample_rows, sample);
	SUITE_TEST(&s, two_that_tell_of_one_failure_count_once);
	SUITE_TEST(&s, the_eleventh_failure_lists_and_is_logged);
	SUITE_TEST(&s, failures_that_come_together_are_one_question);
	SUITE_TEST(&s, attempts_of_sessions_that_end_together_add_up);
	SUITE_TEST(
	    &s, a_session_whose_warnings_were_filtered_counts_at_its_end);
	SUITE_TEST(&s,
	    a_session_whose_beginning_was_not_seen_counts_its_warnings_only);
	SUITE_TEST(&s, a_login_that_the_connection_was_lost_in_has_not_failed);
	SUITE_TEST(&s, a_dead_auth_server_lists_nobody);
	SUITE_TEST(&s, a_login_that_we_refused_ourselves_does_not_count);
	SUITE_TEST(
	    &s, who_pretends_to_have_been_refused_has_failed_all_the_same);
	SUITE_TEST(&s, sessions_of_different_hosts_are_different);
	SUITE_TEST(&s, lines_of_yesterday_do_not_count_today);
	SUITE_TEST(&s, some_are_immune);
	SUITE_TEST(&s, an_IPv6_client_is_its_network);
	SUITE_TEST(&s, brute_force_lists_exactly_those_with_more_than_ten);
	SUITE_ROWS(&s, session_rows, session);
	SUITE_TEST(&s, our_own_refusal_is_no_guess_even_with_that_code);
	SUITE_TEST(&s, sessions_beside_each_other_are_one_strike);
	SUITE_TEST(&s, three_scans_within_an_hour_are_a_strike);
	SUITE_TEST(&s, who_delivers_mail_does_not_scan);
	SUITE_TEST(&s, the_end_of_a_session_ends_its_lease);
	SUITE_TEST(
	    &s, what_happens_while_Redis_is_away_is_written_later_and_once);
	SUITE_TEST(&s, what_may_have_run_is_not_asked_again);
	SUITE_TEST(&s, what_waited_for_more_than_an_hour_is_dropped);
	SUITE_TEST(&s, the_queue_is_bounded_and_the_oldest_goes_first);
	SUITE_TEST(&s, a_dry_run_tells_what_it_would_write);
	return suite_run(&s, "feed/feed");
}
