/*
 * options - the table
 *
 * Presets and sentences are those of conf/policyd.conf and its manual.
 */
#include "conf/options.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "conf/syntax.h"

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

static const char *const targets[] = { "stderr", "syslog", NULL };
static const char *const levels[] = { "error", "warning", "info", "debug",
	NULL };
static const char *const modes[] = { "off", "observe", "enforce", NULL };
static const char *const failures[] = { "accept", "defer", NULL };
static const char *const defaults[] = { "grant", "deny", NULL };
static const char *const services[] = { "together", "apart", NULL };
static const char *const greylist_keys[] = { "triplet", "pair", "client",
	NULL };

// clang-format off
#define CONF(field) .of = OF_CONF, .at = offsetof(struct conf, field)
#define SETTINGS(field) .of = OF_SETTINGS, .at = offsetof(struct settings, field)
#define SERVER(field) CONF(settings.field)
#define REPLY(field) .of = OF_REPLY, .at = offsetof(struct reply, field)

/* What every check has: how far it goes, and what it says without an answer;
 * WHERE is SETTINGS or SERVER. */
#define POLICY(WHERE, check, mode_preset, failure_preset) \
	{ #check, "mode", OPTION_CHOICE, WHERE(check.policy.mode), \
	    .words = modes, .preset = mode_preset, \
	    .text = "What the check does: nothing at all, judge and log " \
		"without refusing, or refuse." }, \
	{ #check, "on_failure", OPTION_CHOICE, \
	    WHERE(check.policy.on_failure), \
	    .words = failures, .preset = failure_preset, \
	    .text = "What becomes of a request that the check cannot judge " \
		"because Redis or the DNS does not answer." }

const struct option options[] = {
	{ "", "listen", OPTION_LIST, CONF(listen),
	    .most = 64, .check = syntax_listener,
	    .preset = "{ \"inet:127.0.0.1:10040\" }",
	    .text = "Where Postfix finds policyd." },
	{ "", "socket_mode", OPTION_MODE, CONF(socket_mode),
	    .most = 0777,
	    .preset = "0660",
	    .text = "The permissions of unix sockets." },
	{ "", "socket_group", OPTION_STRING, CONF(socket_group),
	    .most = 64,
	    .preset = "\"\"",
	    .text = "The group of unix sockets; empty keeps that of policyd." },
	{ "", "max_clients", OPTION_NUMBER, CONF(max_clients),
	    .least = 1, .most = 1000000,
	    .preset = "10000",
	    .text = "How many connections of Postfix are served at a time." },
	{ "", "user", OPTION_STRING, CONF(user),
	    .most = 64,
	    .preset = "\"\"",
	    .text = "The user to become when root starts policyd; empty stays "
		"root." },
	{ "", "state_directory", OPTION_STRING, CONF(state_directory),
	    .least = 1, .most = 4000, .check = syntax_path,
	    .preset = "\"/var/lib/policyd\"",
	    .text = "Where the own redis-server keeps its data." },
	{ "", "prefix", OPTION_STRING, CONF(prefix),
	    .least = 1, .most = 64, .check = syntax_prefix,
	    .preset = "\"policyd:\"",
	    .text = "What every key in Redis begins with." },
	{ "", "service", OPTION_STRING, CONF(service),
	    .least = 1, .most = 64, .check = syntax_printable,
	    .preset = "\"ESMTP Service\"",
	    .text = "What replies call this service where they say "
		"%{service}." },
	{ "", "host", OPTION_STRING, CONF(host),
	    .most = 255, .check = syntax_printable,
	    .preset = "\"\"",
	    .text = "What replies call this host where they say %{host}; empty "
		"is its own name." },
	{ "", "deadline", OPTION_MILLISECONDS, CONF(deadline_ms),
	    .least = 100, .most = 60 * 1000,
	    .preset = "5s",
	    .text = "How long a request may take; then checks that still wait "
		"for an answer do what their on_failure says." },
	{ "", "reply_ids", OPTION_YESNO, CONF(reply_ids),
	    .preset = "no",
	    .text = "Whether a refusal ends with the short name under which "
		"the log has it." },
	{ "", "trusted", OPTION_LOOKUPS, CONF(trusted),
	    .most = 10000,
	    .preset = "{ \"127.0.0.0/8\", \"::1\" }",
	    .text = "Our own clients, which no check for strangers meets." },

	{ "log", "target", OPTION_CHOICE, CONF(log_target),
	    .words = targets, .preset = "stderr",
	    .text = "Where the log goes." },
	{ "log", "level", OPTION_CHOICE, CONF(log_level),
	    .words = levels, .preset = "info",
	    .text = "What is logged; each level includes the ones before." },

	{ "allow", "clients", OPTION_LOOKUPS, CONF(allow_clients),
	    .most = 10000,
	    .preset = "{}",
	    .text = "Clients that the checks against bad clients leave "
		"alone." },

	{ "redis", "servers", OPTION_LIST, CONF(redis.servers),
	    .most = 1, .check = syntax_server,
	    .preset = "{}",
	    .text = "The Redis to use; without one, policyd runs a private "
		"redis-server in its state_directory." },
	{ "redis", "user", OPTION_STRING, CONF(redis.user),
	    .most = 256,
	    .preset = "\"\"",
	    .text = "The user to log in as; empty is Redis' default user." },
	{ "redis", "password", OPTION_SECRET, CONF(redis.password),
	    .most = 1024,
	    .preset = "\"\"",
	    .text = "The password to log in with; empty does not log in." },
	{ "redis", "password_file", OPTION_STRING, CONF(redis.password_file),
	    .most = 4000,
	    .preset = "\"\"",
	    .text = "A file that holds the password instead." },
	{ "redis", "database", OPTION_NUMBER, CONF(redis.database),
	    .most = 65535,
	    .preset = "0",
	    .text = "The number of the database." },
	{ "redis", "deadline", OPTION_MILLISECONDS, CONF(redis.deadline_ms),
	    .least = 10, .most = 30 * 1000,
	    .preset = "500ms",
	    .text = "How long one answer of Redis may take." },
	{ "redis", "connect_timeout", OPTION_MILLISECONDS,
	    CONF(redis.connect_ms),
	    .least = 10, .most = 60 * 1000,
	    .preset = "1s",
	    .text = "How long it may take to connect and log in." },
	{ "redis", "max_in_flight", OPTION_NUMBER, CONF(redis.max_in_flight),
	    .least = 1, .most = 1000000,
	    .preset = "4096",
	    .text = "How many questions may wait for an answer; further ones "
		"fail at once." },
	{ "redis", "max_bytes", OPTION_SIZE, CONF(redis.max_bytes),
	    .least = 64 << 10, .most = 1 << 30,
	    .preset = "2M",
	    .text = "How much may wait to be sent; further questions fail at "
		"once." },
	{ "redis", "child_memory", OPTION_SIZE, CONF(redis.child_memory),
	    .least = 16 << 20, .most = (int64_t)1 << 40,
	    .preset = "256M",
	    .text = "How much memory the own redis-server may use for data." },

	{ "strikes", "ladder", OPTION_TIMES, CONF(strikes.ladder),
	    .least = 1, .most = 16,
	    .preset = "{ \"15m\", \"1h\", \"6h\", \"permanent\" }",
	    .text = "How long the first, second and each further offence bans "
		"a client; the last holds for all that follow." },
	{ "strikes", "memory", OPTION_SECONDS, CONF(strikes.memory),
	    .least = 60, .most = 1000 * DAY,
	    .preset = "30d",
	    .text = "How long after the last offence its client is still at "
		"the step where it was." },

	{ "account", "lockout", OPTION_NUMBER, CONF(account.lockout),
	    .most = 1000000,
	    .preset = "0",
	    .text = "How many failed logins lock a mailbox; 0 is never." },
	{ "account", "window", OPTION_SECONDS, CONF(account.window),
	    .least = 1, .most = 30 * DAY,
	    .preset = "1h",
	    .text = "The time within which they count." },
	{ "account", "locked", OPTION_SECONDS, CONF(account.locked),
	    .least = 1, .most = 30 * DAY,
	    .preset = "1h",
	    .text = "How long a mailbox is locked." },

	{ "http", "listen", OPTION_STRING, CONF(http.listen),
	    .most = 64, .check = syntax_http,
	    .preset = "\"127.0.0.1:10041\"",
	    .text = "Where metrics, health, Dovecot's auth policy and spam "
		"reports are served; empty serves nobody." },
	{ "http", "token", OPTION_SECRET, CONF(http.token),
	    .most = 1024,
	    .preset = "\"\"",
	    .text = "What a client must know that writes; empty lets nobody "
		"write." },
	{ "http", "token_file", OPTION_STRING, CONF(http.token_file),
	    .most = 4000,
	    .preset = "\"\"",
	    .text = "A file that holds the token instead." },

	POLICY(SERVER, access, "enforce", "accept"),
	{ "access", "default", OPTION_CHOICE, SERVER(access.preset),
	    .words = defaults, .preset = "grant",
	    .text = "What becomes of clients that are not on the access list: "
		"the list denies, or it grants." },

	POLICY(SERVER, ban, "enforce", "accept"),

	POLICY(SERVER, abuse, "enforce", "accept"),
	{ "abuse", "failures", OPTION_NUMBER, SERVER(abuse.failures),
	    .least = 1, .most = 1000,
	    .preset = "10",
	    .text = "How many failed logins a client may have; more list "
		"it." },
	{ "abuse", "window", OPTION_SECONDS, SERVER(abuse.window),
	    .least = 1, .most = 30 * DAY,
	    .preset = "1h",
	    .text = "The time within which they count." },
	{ "abuse", "listed", OPTION_SECONDS, SERVER(abuse.listed),
	    .least = 1, .most = 30 * DAY,
	    .preset = "1h",
	    .text = "How long after its last failed login a client is "
		"listed." },
	{ "abuse", "services", OPTION_CHOICE, SERVER(abuse.services),
	    .words = services, .preset = "together",
	    .text = "Whether failed logins at SMTP, IMAP and POP3 count "
		"together, or each service has a register of its own." },
	{ "abuse", "cap", OPTION_NUMBER, SERVER(abuse.cap),
	    .most = 100000000,
	    .preset = "0",
	    .text = "How many clients are listed at a time; one more takes "
		"off the one that would end first; 0 is no limit." },

	POLICY(SERVER, connections, "off", "accept"),
	{ "connections", "server", OPTION_NUMBER, SERVER(connections.server),
	    .most = 1000000,
	    .preset = "32",
	    .text = "How many sessions of strangers this host serves at a "
		"time; 0 is no limit." },
	{ "connections", "address", OPTION_NUMBER, SERVER(connections.address),
	    .most = 1000000,
	    .preset = "0",
	    .text = "How many sessions a client may have at a time, on all "
		"hosts; 0 is no limit." },
	{ "connections", "rate", OPTION_RATE, SERVER(connections.rate),
	    .most = 1000000,
	    .preset = "\"200/1m\"",
	    .text = "How many sessions a client may begin within a time; more "
		"are an offence; 0 is no limit." },
	{ "connections", "lease", OPTION_SECONDS, SERVER(connections.lease),
	    .least = 10, .most = DAY,
	    .preset = "15m",
	    .text = "How long a session counts of which nobody told that it "
		"is over." },

	POLICY(SETTINGS, spam_source, "enforce", "accept"),
	{ "spam_source", "reporters", OPTION_NUMBER,
	    SETTINGS(spam_source.reporters),
	    .least = 1, .most = 100,
	    .preset = "3",
	    .text = "How many users must report a client." },
	{ "spam_source", "window", OPTION_SECONDS,
	    SETTINGS(spam_source.window),
	    .least = 60, .most = 30 * DAY,
	    .preset = "24h",
	    .text = "The time within which they count." },
	{ "spam_source", "listed", OPTION_SECONDS,
	    SETTINGS(spam_source.listed),
	    .least = 60, .most = 30 * DAY,
	    .preset = "24h",
	    .text = "How long a client is listed." },
	{ "spam_source", "domains", OPTION_NUMBER,
	    SETTINGS(spam_source.domains),
	    .least = 1, .most = 100,
	    .preset = "2",
	    .text = "Of how many domains the users must be to list a client "
		"for everybody; fewer list it for their own domain." },

	POLICY(SETTINGS, greylist, "enforce", "accept"),
	{ "greylist", "key", OPTION_CHOICE, SETTINGS(greylist.key),
	    .words = greylist_keys, .preset = "triplet",
	    .text = "What is remembered: the network with sender and recipient, "
		"with the sender, or alone." },
	{ "greylist", "delay", OPTION_SECONDS, SETTINGS(greylist.delay),
	    .least = 1, .most = DAY,
	    .preset = "5m",
	    .text = "How long a stranger is put off." },
	{ "greylist", "retry_window", OPTION_SECONDS,
	    SETTINGS(greylist.retry_window),
	    .least = 2, .most = 30 * DAY,
	    .preset = "24h",
	    .text = "How long after the first attempt a retry is still one; "
		"later it counts as a new first attempt." },
	{ "greylist", "memory", OPTION_SECONDS, SETTINGS(greylist.memory),
	    .least = 1, .most = 1000 * DAY,
	    .preset = "36d",
	    .text = "How long one that has passed is remembered after its last "
		"mail." },
	{ "greylist", "known_memory", OPTION_SECONDS,
	    SETTINGS(greylist.known_memory),
	    .least = 1, .most = 1000 * DAY,
	    .preset = "36d",
	    .text = "How long a known network is remembered after its last "
		"mail." },
	{ "greylist", "ipv4_bits", OPTION_NUMBER, SETTINGS(greylist.ipv4_bits),
	    .least = 8, .most = 32,
	    .preset = "24",
	    .text = "How many bits of an IPv4 address make its network." },
	{ "greylist", "ipv6_bits", OPTION_NUMBER, SETTINGS(greylist.ipv6_bits),
	    .least = 16, .most = 128,
	    .preset = "64",
	    .text = "How many bits of an IPv6 address make its network." },
	{ "greylist", "known_after", OPTION_NUMBER,
	    SETTINGS(greylist.known_after),
	    .most = 1000,
	    .preset = "5",
	    .text = "How often a network must have passed, counted at most "
		"once an hour, to be known and not put off any more; 0 is "
		"never." },
	{ "greylist", "fresh_limit", OPTION_NUMBER,
	    SETTINGS(greylist.fresh_limit),
	    .most = 1000000,
	    .preset = "1000",
	    .text = "How many new records a network may cause in an hour; "
		"further strangers are put off and not remembered; 0 is no "
		"limit." },
	{ "greylist", "allow_clients", OPTION_LOOKUPS,
	    SETTINGS(greylist.allow_clients),
	    .most = 10000,
	    .preset = "{}",
	    .text = "Clients that are not put off." },
	{ "greylist", "allow_senders", OPTION_LOOKUPS,
	    SETTINGS(greylist.allow_senders),
	    .most = 10000,
	    .preset = "{}",
	    .text = "Senders that are not put off." },
	{ "greylist", "allow_recipients", OPTION_LOOKUPS,
	    SETTINGS(greylist.allow_recipients),
	    .most = 10000,
	    .preset = "{}",
	    .text = "Recipients for whose mail nobody is put off." },

	{ "reply", "code", OPTION_CODE, REPLY(code),
	    .least = 400, .most = 599,
	    .text = "The code: 4xx to be tried again, 5xx for good." },
	{ "reply", "enhanced", OPTION_STRING, REPLY(enhanced),
	    .least = 5, .most = 9,
	    .text = "The enhanced status code (RFC 3463); its first number is "
		"that of the code." },
	{ "reply", "text", OPTION_STRING, REPLY(text),
	    .least = 1, .most = REPLY_TEXT,
	    .text = "The text." },
};
// clang-format on

const size_t option_count = sizeof(options) / sizeof(options[0]);

const char *
option_name(const struct option *o, char out[OPTION_NAME])
{
	snprintf(out, OPTION_NAME, "%s%s%s", o->section,
	    o->section[0] ? "." : "", o->name);
	return out;
}

const struct option *
option_find(const char *section, const char *name)
{
	for (size_t i = 0; i < option_count; i++)
		if (strcmp(options[i].section, section) == 0 &&
		    strcmp(options[i].name, name) == 0)
			return &options[i];
	return NULL;
}

const void *
option_base(const struct option *o, const struct conf *c)
{
	return o->of == OF_SETTINGS ? (const void *)&c->settings : c;
}

/* True when row `i` stands in another section than row `j`. */
static bool
apart(size_t i, size_t j)
{
	return j >= option_count ||
	    strcmp(options[i].section, options[j].section) != 0;
}

char *
option_presets(struct arena *a)
{
	size_t size;
	char *text, *copy;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		abort(); /* as xmalloc() does */
	for (size_t i = 0; i < option_count && options[i].preset; i++) {
		if (options[i].section[0] && apart(i, i - 1))
			fprintf(f, "%s {\n", options[i].section);
		fprintf(f, "%s = %s\n", options[i].name, options[i].preset);
		if (options[i].section[0] && apart(i, i + 1))
			fprintf(f, "}\n");
	}
	fclose(f);
	copy = arena_memdup(a, text, size);
	free(text);
	return copy;
}
