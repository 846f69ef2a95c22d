/*
 * conf - what the administrator asked for
 *
 * A configuration is read whole, checked whole and never changed afterwards.
 * A request keeps a reference to the one it began with; a reload makes a new
 * one beside it. Where a value comes from, its range and its default stand in
 * the table of lib/conf/options.c; here are only the places.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "conf/replies.h"

struct address;
struct dnsbl; /* conf/dnsbl.h */
struct lookups; /* conf/lookup.h */
struct suffixes; /* base/suffix.h */
struct stamps; /* conf/stamp.h */

enum mode { MODE_OFF, MODE_OBSERVE, MODE_ENFORCE };
enum on_failure {
	FAILURE_ACCEPT,
	FAILURE_DEFER,
	FAILURE_LOCAL /* rate's: each policyd counts for itself */
};

/* Whose settings they are; the narrower wins. */
enum level { LEVEL_SERVER, LEVEL_DOMAIN, LEVEL_MAILBOX };

/* What every check has. */
struct policy {
	enum mode mode;
	enum on_failure on_failure;
	enum level decided_by; /* narrower ones have no say */
};

/* So many within so long; a count of 0 is no limit. */
struct rate {
	int64_t count, seconds;
};

/* Each of them holds; no two have the same seconds, none a count of 0. */
enum { RATES = 3 };
struct rates {
	size_t count;
	const struct rate *items;
};

/* Seconds each, or PERMANENT, which only the last can be. */
enum { PERMANENT = -1 };
struct times {
	size_t count;
	const int64_t *items;
};

enum access_default { ACCESS_GRANT, ACCESS_DENY };
enum abuse_services { SERVICES_TOGETHER, SERVICES_APART };
enum account_word { ACCOUNT_ENABLED, ACCOUNT_DENIED, ACCOUNT_DISABLED };
enum submission_required { REQUIRED_ON_PORTS, REQUIRED_ALWAYS };
enum login_match { LOGIN_MAILBOX, LOGIN_DOMAIN };
enum spoof_who { SPOOF_ANYONE, SPOOF_AUTHENTICATED, SPOOF_PRIVILEGED };
enum remote_to { REMOTE_ANYWHERE, REMOTE_LOCAL, REMOTE_DOMAIN };
enum dnsbl_action { DNSBL_REFUSES, DNSBL_MARKS };
enum sender_domain_require { REQUIRE_MX, REQUIRE_RESOLVABLE };
enum spf_action { SPF_ACCEPTS, SPF_REFUSES };
enum greylist_key { GREYLIST_TRIPLET, GREYLIST_PAIR, GREYLIST_CLIENT };
enum greylist_identity { IDENTITY_NETWORK, IDENTITY_NAME, IDENTITY_SPF };

enum rate_kind {
	RATE_MESSAGES,
	RATE_RECIPIENTS,
	RATE_BYTES,
	RATE_KINDS, /* those above have a limit for each owner */
	RATE_NETWORKS = RATE_KINDS, /* that a login comes from */
	RATE_REFUSED, /* recipients that it was refused */
	RATE_METERS
};
enum rate_domain { DOMAIN_OVERRIDES, DOMAIN_ADDS };
enum rate_settle { SETTLE_END_OF_MESSAGE, SETTLE_RCPT };

struct list {
	size_t count;
	const char *const *items;
};

/* Lists in the DNS, see conf/dnsbl.h. */
struct dnsbls {
	size_t count;
	const struct dnsbl *items;
};

/* What follows from the numbers of greylisting: conf/terms.h. */
struct greylist_terms {
	char text[64];
	unsigned size;
};

/* What the server, a domain and a mailbox can each set; the narrower wins. */
struct settings {
	/* These four are the server's alone: a client is met before anybody
	 * knows whom it writes to. */
	struct {
		struct policy policy;
		enum access_default preset; /* for those not listed */
	} access;
	struct {
		struct policy policy;
	} ban;
	struct {
		struct policy policy;
		int64_t failures; /* more than so many are too many */
		int64_t window, listed; /* seconds */
		enum abuse_services services;
		int64_t cap; /* addresses listed at a time; 0: no limit */
	} abuse;
	struct {
		struct policy policy;
		int64_t server, address; /* at a time; 0: no limit */
		struct rate rate; /* of one address */
		int64_t lease; /* seconds */
	} connections;

	/* Of a login, but for submission and address, which a stranger meets.
	 */
	struct {
		struct policy policy;
		enum account_word state;
	} account;
	struct {
		struct policy policy;
		struct list ports, contexts; /* the server's */
		enum submission_required required; /* of the recipient */
	} submission;
	struct {
		struct policy policy;
		bool literals, smtputf8;
	} address; /* the server's */
	struct {
		struct policy policy;
		enum login_match match;
		const struct lookups *addresses;
		const struct lookups *owners, *groups,
		    *exempt; /* the server's */
		bool null_sender; /* the server's */
	} login;
	struct {
		struct policy policy;
		enum spoof_who who;
	} spoof; /* of the sender */
	struct {
		struct policy policy;
		int64_t inbound; /* bytes, of the recipient; 0: no limit */
		int64_t outbound; /* bytes, of the login; 0: no limit */
	} size;
	struct {
		struct policy policy;
		bool catch_all;
	} mailbox; /* of the recipient */
	struct {
		struct policy policy;
		bool unknown;
	} relay; /* the server's */
	struct {
		struct policy policy;
		enum remote_to to;
	} remote;
	struct {
		struct policy policy;
		const struct lookups *senders;
	} deny_domain, deny_user; /* of the recipient */
	struct {
		struct policy policy;
		int64_t limit; /* of one message; 0: none */
	} recipients;

	struct {
		struct policy policy;
		int64_t reporters; /* so many are enough */
		int64_t window, listed; /* seconds */
		int64_t domains; /* of reporters, to list it for all */
	} spam_source;
	struct {
		struct policy policy;
		enum dnsbl_action action;
		int64_t threshold; /* a score from which on one is listed */

		/* The server's. */
		const char *header; /* of marked mail */
		struct dnsbls clients, helos, senders;
		int64_t deadline_ms; /* for the answer of a list */
		int64_t probe; /* seconds; 0: never */
		struct list unprobed; /* zones that never are, in any case */
		int64_t suspend_above; /* percent of clients; 0: never */
		int64_t suspend_time; /* seconds */
	} dnsbl;
	struct {
		struct policy policy;
		enum sender_domain_require require;
	} sender_domain; /* the server's */
	struct {
		struct policy policy;
		enum spf_action fail, softfail, temperror, permerror;
		const struct lookups *forwarders;
		const char *local_policy, *guess; /* records; "": none */
		bool received; /* tells the result in a header */
	} spf;
	struct {
		struct policy policy;
		enum greylist_key key;
		enum greylist_identity identity; /* the best one looked for */
		bool bypass_spf, only_suspicious;
		int64_t delay; /* these four in seconds */
		int64_t retry_window;
		int64_t memory;
		int64_t known_memory;
		int64_t ipv4_bits, ipv6_bits;
		int64_t known_after; /* passes; 0: never */
		int64_t fresh_limit; /* records a network and hour; 0: none */
		struct greylist_terms terms; /* all of these numbers */
		const struct lookups *allow_clients;
		const struct lookups *allow_senders;
		const struct lookups *allow_recipients;

		/* The server's. */
		int64_t spf_wait_ms;
		int64_t local_memory; /* seconds; 0: none */
	} greylist;
	struct {
		struct policy policy;
		struct rates mailbox[RATE_METERS]; /* of a login, by kind */
		struct rates domain[RATE_KINDS]; /* of all of its domain */
		enum rate_domain domain_limits; /* beside the mailbox' */
		int64_t warn; /* percent of a limit; 0: never */

		/* The server's. */
		struct rates server[RATE_KINDS]; /* of all logins */
		struct rates inbound[RATE_KINDS], trusted[RATE_KINDS]; /* of a
			client that has not logged in */
		enum rate_settle settle;
		int64_t lease; /* seconds */
	} rate;
};

struct conf_redis {
	struct list servers; /* "host:port", "unix:/path"; none: own child */
	const char *user, *password, *password_file;
	int64_t database;
	int64_t deadline_ms; /* for one answer */
	int64_t connect_ms; /* from connect to ready */
	int64_t max_in_flight; /* questions */
	int64_t max_bytes; /* unsent */
	int64_t child_memory; /* bytes, of the own child */
};

/* The name servers. */
struct conf_dns {
	struct list servers; /* "address:port"; none: resolv.conf's */
	int64_t deadline_ms; /* for one answer */
	int64_t max_in_flight; /* questions */
	int64_t cache; /* bytes */
};

/* What follows from offences: bans that last longer each time. */
struct conf_strikes {
	struct times ladder;
	int64_t memory; /* seconds */
};

/* Of one mailbox that somebody tries passwords for. */
struct conf_account {
	int64_t lockout; /* failures; 0: never */
	int64_t window, locked; /* seconds */
};

/* Who is told at once, besides the log. */
struct conf_events {
	const char *command; /* run for each; "": none */
	const char *url; /* JSON is posted there; "": none */
	int64_t timeout; /* seconds, of either */
};

struct conf_http {
	const char *listen; /* "address:port"; "": not at all */
	const char *token, *token_file;
};

struct conf {
	const char *path; /* "" when none was read */
	struct list listen;
	int64_t socket_mode; /* of unix sockets, e.g. 0660 */
	const char *socket_group; /* "" keeps ours */
	int64_t max_clients;
	const char *user; /* to run as when started by root; "": stay */
	const char *state_directory;
	const char *prefix; /* of every key */
	const char *service; /* %{service} in replies */
	const char *host; /* %{host} in replies; never empty */
	int64_t deadline_ms; /* of a request */
	bool reply_ids;
	enum log_target log_target;
	enum log_level log_level;
	const struct lookups *trusted; /* client networks of our own */
	const struct lookups *allow_clients; /* skip the checks marked * */
	const struct lookups *local_domains, *mailboxes, *aliases;
	const char *realm; /* the domain of logins without one; "" none */
	const struct suffixes *suffixes; /* NULL: those that libpsl has */
	struct conf_redis redis;
	struct conf_dns dns;
	struct conf_strikes strikes;
	struct conf_account account;
	struct conf_http http;
	struct conf_events events;
	struct reply replies[REPLY_COUNT];
	struct settings settings; /* the server's */
};

/* Called once for each thing wrong, in the order of lines: what it is, and the
 * nearest right word. `line` 0: no line applies. */
typedef void conf_complain(
    void *data, const char *file, int line, const char *text);

/* Reads `path`; NULL gives the defaults. NULL when anything was wrong, and
 * then `complain` was called. The caller holds a reference. */
struct conf *conf_read(const char *path, conf_complain *complain, void *data);

/* The same from memory (tests, fuzzing); `name` stands for the path. What
 * would read a further file (a table, a password) is an error. */
struct conf *conf_parse(
    const char *text, const char *name, conf_complain *complain, void *data);

/*
 * The same text with the tables as their files are now. What else it was read
 * from is not looked at: policyd.conf may be half edited, and who reads it may
 * not be root any more. NULL when a table is wrong, and then `complain` was
 * called.
 */
struct conf *conf_again(
    const struct conf *c, conf_complain *complain, void *data);

/* The files of its tables. */
const struct stamps *conf_files(const struct conf *c);

/* The line that sets this option of the server; 0: none does. */
int conf_line(const struct conf *c, const char *section, const char *name);

struct conf *conf_ref(struct conf *c);
void conf_unref(struct conf *c); /* NULL is fine */

/*
 * The settings that hold for a mailbox: the server's, overlaid by its
 * domain's, overlaid by its own. `address` is "user@domain"; letter case and
 * a +extension do not matter. Never NULL; lives as long as `c`.
 */
const struct settings *conf_settings(const struct conf *c, const char *address);

#endif
