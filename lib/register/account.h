/*
 * account - mailboxes that somebody tries passwords for
 *
 * account.lockout failed logins of one mailbox within account.window, from
 * wherever and at whichever service, lock it for account.locked. A network
 * from which its owner has logged in within 30 days is not locked out, and
 * the same wrong password counts once.
 *
 *     policyd:account:{USER}   hash failures before since last tries until
 *                              networks disabled disabled_by disabled_at
 *
 * Whoever sets `disabled` (to a word why) keeps everybody out, for good.
 * Each of these facts an administrator can take back.
 */
#ifndef REGISTER_ACCOUNT_H
#define REGISTER_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "ask/ask.h"

struct address;
struct arena;
struct conf;

/* A client is known by its network: the /24 or the /64. */
struct question account_read(struct arena *a, const struct conf *conf,
    const char *user, const struct address *client);

/* `hash` of the wrong password is Dovecot's pwhash, "" when unknown. */
struct question account_failed(struct arena *a, const struct conf *conf,
    const char *user, const struct address *client, const char *hash);

struct question account_good(struct arena *a, const struct conf *conf,
    const char *user, const struct address *client);

enum account_change {
	ACCOUNT_UNLOCK, /* its lock and its failures go */
	ACCOUNT_FORGET, /* the networks of its owner go */
	ACCOUNT_DISABLE, /* nobody logs in, until */
	ACCOUNT_ENABLE
};

/* The word of it: "unlock". */
const char *account_change_name(enum account_change change);

/* An administrator's; `reason` and `by` are kept while it is disabled. */
struct question account_change(struct arena *a, const struct conf *conf,
    enum account_change change, const char *user, const char *reason,
    const char *by);

struct account_state {
	int64_t locked_until; /* for this client; 0: not locked */
	int64_t failures;
	bool known; /* its owner was there */
	bool disabled;
	bool changed; /* locked by this write, or by an administrator's
			 something is different now: worth a line in the log */
};

/* False when `answer` is not one to these questions. */
bool account_state(const struct answer *answer, struct account_state *out);

/* Of such an answer: why and by whom it is disabled, "" when nobody said. As
 * long as the answer. */
const char *account_reason(const struct answer *answer);
const char *account_by(const struct answer *answer);

extern const struct script script_account;

#endif
