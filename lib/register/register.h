/*
 * register - facts about a client address, kept in Redis with an end
 *
 * The abuse register (failed logins), the register of spam sources (reports
 * by users), bans, the strikes that lead to them, and how many connections an
 * address has open. Feeds, checks and policyctl write here; each write is one
 * script, so that two who write at once cannot lose a fact. A client is an
 * IPv4 address or an IPv6 /64.
 *
 *     policyd:client:{CLIENT}   "1" while it has one of the next three: a mark
 *     policyd:abuse:{CLIENT}    hash failures first last until users times seen
 *                               (:smtp, :imap, :pop3 behind it when apart)
 *     policyd:spam:{CLIENT}     hash reporter -> time, and until[:DOMAIN]
 *     policyd:ban:{CLIENT}      hash reason by since until level
 *     policyd:strikes:{CLIENT}  hash count last history
 *     policyd:conn:{CLIENT}     zset lease -> end
 *     policyd:pace:{CLIENT}     hash window current previous struck
 *     policyd:index:NAME        zset CLIENT -> until, one for abuse, spam, ban
 *
 * A history is "at=T what=strike|ban|lift level=N until=T by=WHO reason=TEXT",
 * the last twenty, with "; " between them; until may be "permanent".
 *
 * Here are the questions and what their answers say; sending them is the
 * caller's. Words of questions live in the arena that was given.
 */
#ifndef REGISTER_REGISTER_H
#define REGISTER_REGISTER_H

#include "ask/ask.h"
#include "base/address.h"
#include "conf/conf.h"

struct arena;

/* "192.0.2.1", "2001:db8::/64": whom an address counts as, as
 * address_client_bits() has it. */
const char *register_client(struct arena *a, const struct address *address);

/* Back again, to the first address of an IPv6 /64; false when it is none. */
bool register_client_parse(const char *client, struct address *out);

enum register_service { SERVICE_SMTP, SERVICE_IMAP, SERVICE_POP3 };

/* -- reading: one question for all registers -- */

/* For a client without a mark, which is nearly all, it costs Redis one look-up.
 * `domain` is the recipient's ("" when none is known yet). */
struct question register_read(struct arena *a, const struct conf *conf,
    const struct address *client, const char *domain);

/* The same for another service than SMTP. */
struct question register_read_for(struct arena *a, const struct conf *conf,
    const struct address *client, const char *domain,
    enum register_service service);

/* What it answered. Times are Unix seconds; an `until` of 0 is no entry. */
enum { FOREVER = PERMANENT };
struct register_entry {
	bool banned;
	int64_t ban_since, ban_until; /* FOREVER: permanent */
	int64_t ban_level; /* rung of the ladder, from 1; 0: by hand */
	const char *ban_reason, *ban_by;

	int64_t abuse_until; /* listed until; 0: not listed */
	int64_t abuse_failures, abuse_last;

	int64_t spam_until; /* listed for this recipient's domain or for all */
	int64_t spam_reporters;
};

/* False when `a` is not an answer to register_read(). One that was lost may
 * still tell of a ban that is remembered, and then of nothing else. */
bool register_entry(const struct answer *a, struct register_entry *out);

/* -- writing -- */

/* A failed login. `hash` is Dovecot's pwhash: the same wrong password of the
 * same user does not count again; "" when unknown, and then it counts.
 * `failures` of one session may come at once. */
struct failure {
	const char *user, *hash;
	enum register_service service;
	unsigned failures;
};
struct question register_failure(struct arena *a, const struct conf *conf,
    const struct address *client, const struct failure *f);

/* An offence: climbs the ladder and bans, or is only written down when a ban
 * is in force. `reason` is one word or a few. */
struct question register_strike(struct arena *a, const struct conf *conf,
    const struct address *client, const char *reason, const char *by);

/* A user's report that `client` sent spam to him; `own` are his settings. */
struct question register_spam(struct arena *a, const struct conf *conf,
    const struct address *client, const char *reporter,
    const struct settings *own);

/* By hand: `seconds` FOREVER is permanent. */
struct question register_ban(struct arena *a, const struct conf *conf,
    const struct address *client, int64_t seconds, const char *reason,
    const char *by);

enum register_name { REGISTER_ABUSE, REGISTER_SPAM, REGISTER_BAN };
const char *register_name(enum register_name n);

/* Takes the entry off; strikes and their history stay. */
struct question register_lift(struct arena *a, const struct conf *conf,
    const struct address *client, enum register_name which, const char *by);

/* What a write did. */
struct register_result {
	bool counted; /* a failure or report that is new */
	bool listed, banned; /* by this write: worth a line in the log */
	int64_t failures; /* or reporters */
	int64_t until; /* of the listing, or of what was written; 0: none */
	int64_t ban_until; /* FOREVER; 0: none */
	int64_t level;
};
bool register_result(const struct answer *a, struct register_result *out);

/* After a write that listed, banned or lifted (`until` 0): keeps the index. It
 * answers which clients are over abuse.cap, those that would end first: each
 * is to be lifted. register_write() does all of that. */
struct question register_index(struct arena *a, const struct conf *conf,
    enum register_name which, const struct address *client, int64_t until);

/* -- connections -- */

/* A session begins: takes a lease and counts. `lease` names it ("PORT@NODE");
 * one that is refused anyway counts only: "". A lease ends by itself after
 * connections.lease: a killed policyd leaves nothing behind, and a session that
 * lasts longer is no longer counted. With `dry`, only looks. */
struct question register_connect(struct arena *a, const struct conf *conf,
    const struct address *client, const char *lease, bool dry);
struct question register_disconnect(struct arena *a, const struct conf *conf,
    const struct address *client, const char *lease); /* "": the oldest */
struct register_load {
	int64_t open; /* leases, this one included when it was taken */
	int64_t rate; /* connections of the last window */
	bool flood; /* the rate was passed for the first time in its window */
	bool taken; /* the lease is ours: settle it; else it is refused */
	int64_t ban_until, level; /* by the flood: tell register_index() */
};
bool register_load(const struct answer *a, struct register_load *out);

/* All scripts of this room, NULL-terminated. */
extern const struct script *const register_scripts[];

#endif
