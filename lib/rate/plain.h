/*
 * plain - of which meters a step of their window has begun
 *
 * Mostly somebody has sent already in that step. Whose settlement went by
 * rate.lua knows that it has begun, until its last second or PLAIN_SECONDS are
 * over: then that script is asked again, lets the key live on, and takes away
 * the leases at which nothing is open. Until then there is less to do, at a
 * quarter of the cost or less: a charge that stays below all warnings is one
 * HINCRBY a meter, and its settlement mostly nothing (journal.h); where there
 * is no room for that, or more is charged beforehand (advance.h), these are two
 * and one (batch.h).
 *
 * These commands charge first and judge then, by what they answer. What was too
 * much is given back by who asked, and right behind it he asks rate.lua. So of
 * many who are too much at once the first may see the others' and be refused,
 * but the last does not: all that fits is charged. It is `current` before it is
 * `open` or noted: should rate.lua sum up in between, or the connection break,
 * it counts as sent, which is too much, not too little. Whoever was not far
 * from a warning, or not there, is not tried again until another step is known
 * to have begun.
 *
 * A key that somebody deletes at that moment is there again, without an end:
 * giving back sets one, and so does what a settlement of it leaves to rate.lua.
 * Should the connection break, too, the next charge does.
 *
 * More meters than PLAIN_COMMANDS are more words than a question has room for:
 * they are charge.lua, which does the same within Redis.
 *
 * None of this is known of a Redis that was away, for it may have begun anew
 * with what it had saved: then a step that had begun has not.
 */
#ifndef RATE_PLAIN_H
#define RATE_PLAIN_H

#include "base/text.h"
#include "rate/asked.h"
#include "rate/heat.h"

struct plain;

enum {
	PLAIN_SECONDS = 300,
	PLAIN_MOST = 8, /* meters of a charge */
	PLAIN_COMMANDS = 4 /* of one without a script */
};

struct plain *plain_new(void);
void plain_free(struct plain *p);

/* rate.lua was asked to settle this, and has answered. */
void plain_learn(
    struct plain *p, const struct asked *w, const struct answer *a);

/* Another Redis is asked from now on, or the same after it was lost. */
void plain_forget(struct plain *p);

/* The step of that meter has begun. Here and below times are Unix seconds. */
bool plain_begun(struct plain *p, struct word key, int64_t now);

struct plain_step {
	int64_t earlier; /* so much counts of the window before */
	int64_t until; /* it is known to last, until its last second */
};

/* This one may be charged so at `now`, with a lease until `end`: all of it
 * opens that, and its key does not end before, as it was given two windows when
 * its step was found to have begun. */
bool plain_may_charge(struct plain *p, const struct asked_meter *m, int64_t now,
    int64_t end, struct plain_step *step);

/* Of one that may be or was charged so; it is there until anything is asked or
 * answered. NULL: it is not known any more. */
struct heat *plain_heat(struct plain *p, struct word key);

/* One meter of a charge: if all stay below their warnings, each is charged so
 * much, and `more` besides where it stays below `bound` with that. */
struct plain_meter {
	struct word key;
	int64_t seconds, amount, warn;
	int64_t more, bound; /* 0: nothing */
	struct plain_step step;
	bool noted; /* in the journal: it opens no lease */
};

/* Embed it in what waits for the answer. */
struct plain_charge {
	unsigned count;
	struct plain_meter meters[PLAIN_MOST];
	struct question question;
	char lease[sizeof("open:") + TEXT_DIGITS];
	char amounts[PLAIN_MOST * 2 * (TEXT_DIGITS + 1)];
};

/* Asks; the meters are there, and their keys must live until the answer. */
void plain_charge(
    struct plain_charge *c, struct store *s, int64_t end, struct ticket *t);

/* What a known answer says of each meter. */
struct plain_said {
	bool fits; /* the charge does */
	bool fits_more;
	int64_t current, open; /* so much was added to each */
};

/* True when all fit. Those that do not are not plain for a while, but for those
 * that charge.lua was asked of: it does not tell which. */
bool plain_charged(struct plain *p, const struct plain_charge *c,
    const struct answer *a, struct plain_said said[PLAIN_MOST]);

#endif
