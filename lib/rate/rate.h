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
 *     current   what was sent since then, and what is open, here or in the
 *               journal
 *     previous  what was sent in the window before
 *     earlier   so much of that counts, or less by now
 *     steps     what was sent by twentieths of a window, see rate.lua
 *     open:END  charged for longer than a moment, and to be settled until then
 *     grant     "N UNTIL": so much more, by hand, until then
 *     warned, refused   when somebody was told last
 *
 * What counts is what was sent within the last window, whenever it is looked
 * at: all steps that lie within it, the one it began in as a whole. So no more
 * than the limit ever passes within a window, and it is free again a twentieth
 * later at most. Previous windows are for the reader. What is open counts, too.
 *
 * What was charged a moment ago stands in the journal of all policyd, the hash
 * policyd:open, see journal.h.
 *
 * Networks of a login are no such sum: policyd:rate:{DOMAIN}:USER:networks/1h:T
 * are HyperLogLogs, one for each half of a window, T its beginning.
 * What was granted, and when somebody was told, stands in the hash without T.
 *
 * Every key ends by itself: two windows after its last use, or with the last
 * lease or grant if that is later.
 *
 * Here are the questions and what their answers say. They live in the arena
 * that was given, where the keys must stay until the answer; they are for
 * local_store(), behind which somebody writes their words when Redis is asked
 * (asked.h). A question has keys of several tags when limits
 * of several owners hold: all or nothing is charged, which one script can
 * promise and several cannot.
 */
#ifndef RATE_RATE_H
#define RATE_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "rate/meter.h"

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
struct question *rate_charge(struct arena *a, const struct meters *m,
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
struct question *rate_settle(struct arena *a, const struct meters *m,
    const struct amounts *sent, const struct rate_open *open, size_t count,
    int64_t now);

/* The keys of the journal, and of what was taken from it (reap.h). */
#define RATE_JOURNAL "open"
struct word rate_journal(struct arena *a, const char *prefix);
struct word rate_taken(struct arena *a, const char *prefix);

extern const struct script *const rate_scripts[];

#endif
