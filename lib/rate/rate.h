/*
 * rate - how much was sent within a time, counted exactly
 *
 * A meter counts one kind of thing (messages, recipients, bytes) of one owner
 * within one length of time, its window; a limit may hold for it. Each is a
 * hash that a person can read:
 *
 *     policyd:rate:{DOMAIN}:USER:messages/1h     of a mailbox
 *     policyd:rate:{DOMAIN}:messages/1h          of all mailboxes of a domain
 *     policyd:rate:{(server)}:messages/1h        of all who log in
 *     policyd:rate:{ADDRESS}:inbound:messages/1h of a client, or :trusted:
 *
 *     window    when the current window began: Unix seconds, a multiple of its
 *               length, so that a day's begins at midnight UTC
 *     current   what was sent since then
 *     previous  what was sent in the window before
 *     steps     the same by twentieths of a window, see rate.lua
 *     used      so much counts, or less by now
 *     open:END  of it, charged, and to be settled until then
 *     grant     "N UNTIL": so much more, by hand, until then
 *     warned, refused   when somebody was told last
 *
 * What counts is what was sent within the last window, whenever it is looked
 * at: all steps that lie within it, the one it began in as a whole. So no more
 * than the limit ever passes within a window, and it is free again a twentieth
 * later at most. Previous windows are for the reader. What is open counts, too.
 *
 * Networks of a login are no such sum: policyd:rate:{DOMAIN}:USER:networks/1h:T
 * are HyperLogLogs, one for each half of a window, T its beginning.
 * What was granted, and when somebody was told, stands in the hash without T.
 *
 * Every key ends by itself: two windows after its last use, or with the last
 * lease or grant if that is later.
 *
 * Here are the questions and what their answers say. Words of questions live
 * in the arena that was given. A question has keys of several tags when limits
 * of several owners hold: all or nothing is charged, which one script can
 * promise and several cannot.
 */
#ifndef RATE_RATE_H
#define RATE_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "ask/ask.h"
#include "conf/conf.h"

struct arena;

enum rate_owner {
	OWNER_MAILBOX,
	OWNER_DOMAIN,
	OWNER_SERVER,
	OWNER_INBOUND,
	OWNER_TRUSTED,
	OWNER_COUNT
};

const char *rate_kind_name(enum rate_kind k); /* "messages" */
const char *rate_owner_name(enum rate_owner o); /* "mailbox" */

/* "messages/1h": kind and window, as it stands in a key and in logs. */
const char *rate_meter_name(struct arena *a, enum rate_kind k, int64_t seconds);

struct meter {
	enum rate_kind kind;
	enum rate_owner owner;
	struct rate limit; /* its count 0: counts, and holds nobody up */
	int64_t warn; /* percent of the limit; 0: never */
	struct word key; /* of RATE_NETWORKS without its time */
};

/* `domain` and `user` as a scope has them, in lower case; of a client `domain`
 * is its address (register_client()); NULL where the owner has none. A login
 * without a domain, or with one that is none, has the tag {(none)}. */
struct word rate_key(struct arena *a, const char *prefix, enum rate_owner owner,
    const char *domain, const char *user, enum rate_kind kind, int64_t seconds);

/* The most meters of a question: all that one login's limits can be. */
enum { METERS = RATES * (RATE_METERS + 2 * RATE_KINDS) };

struct meters {
	unsigned count;
	const struct meter *items;
};

/* How much of each kind; that of networks has no meaning. */
struct amounts {
	int64_t of[RATE_METERS];
};

/*
 * May so much more be sent? If every limit allows it, all meters are charged;
 * else none is. A meter whose kind has amount 0 is looked at only by the kind
 * RATE_REFUSED: one that is over its limit refuses. `lease` is how many seconds
 * the charge stays open; 0 counts it at once. `network` (NULL without a meter
 * of networks) is added to those of the login whatever becomes of the rest.
 * `now` is Redis' time as store_time() has it, or 0. With `dry`, only looks.
 * `alone`: without Redis this policyd may count by itself, see local.h.
 */
struct question rate_charge(struct arena *a, const struct meters *m,
    const struct amounts *n, int64_t lease, const char *network, int64_t now,
    bool dry, bool alone);

struct rate_result {
	bool charged; /* else refused, and nothing was charged */
	int64_t lease; /* when it ends; 0: nothing is open in Redis */

	/* Of the meter that refuses, or else of one that warns. */
	const struct meter *meter; /* NULL: neither */
	int64_t used; /* without this charge when refused, with it when not */
	int64_t limit; /* with what was granted */
	int64_t next; /* seconds until so much is free, when nobody settles
		anything; its window when it never is; 0 when charged */
	bool first; /* nobody was told of it within its window: an event */

	enum loss alone; /* counted by this policyd itself, because of that */
};

/* False when `a` is not an answer to rate_charge() of these meters. Of several
 * meters that refuse it tells of the one for which one has to wait longest. */
bool rate_result(
    const struct answer *a, const struct meters *m, struct rate_result *out);

/*
 * What was charged is over: `sent` counts, what is open is taken back. Of each
 * lease how much was charged with it. With no `open` it only counts; what was
 * counted at once is taken off again with amounts below 0.
 * Nothing is ever held up here. Sums that do not fit one question are left to
 * their leases.
 */
struct rate_open {
	int64_t lease; /* 0: by this policyd alone */
	struct amounts n;
};
struct question rate_settle(struct arena *a, const struct meters *m,
    const struct amounts *sent, const struct rate_open *open, size_t count,
    int64_t now);

/* -- for administrators -- */

/* The same meters, looked at: a state for each, in their order. */
struct question rate_look(struct arena *a, const struct meters *m, int64_t now);
struct rate_state {
	int64_t used, open; /* open is part of used */
	int64_t window, current, previous;
	int64_t granted, granted_until; /* 0: nothing */
	int64_t next; /* seconds until one more is free; 0: now */
};
bool rate_state(
    const struct answer *a, const struct meters *m, struct rate_state *out);

/* So much more until then (Unix seconds), in place of what was granted; 0 takes
 * that back. */
struct question rate_grant(
    struct arena *a, const struct meter *m, int64_t n, int64_t until);

/* What was counted is forgotten; what is open stays, and grants do unless
 * `all`. Answer: how many meters there were. */
struct question rate_reset(struct arena *a, const struct meters *m, bool all);

extern const struct script *const rate_scripts[];

#endif
