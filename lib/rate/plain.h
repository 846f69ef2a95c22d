/*
 * plain - of which meters a step of their window has begun
 *
 * Mostly somebody has sent already in that step. Whose settlement went by
 * rate.lua knows that it has begun, until it ends or PLAIN_SECONDS are over:
 * then that script is asked again, lets the key live on, and takes away the
 * leases at which nothing is open. Until then there is less to do, at half the
 * cost or less: a charge that stays below all warnings is charge.lua, and many
 * settlements together are settle.lua (batch.h).
 *
 * None of this is known of a Redis that was away, for it may have begun anew
 * with what it had saved: then a step that had begun has not.
 */
#ifndef RATE_PLAIN_H
#define RATE_PLAIN_H

#include "base/text.h"
#include "rate/asked.h"

struct plain;

enum {
	PLAIN_SECONDS = 300,
	PLAIN_MOST = 8 /* meters of a charge */
};

struct plain *plain_new(void);
void plain_free(struct plain *p);

/* rate.lua was asked this, and has answered. */
void plain_learn(struct plain *p, const struct asked *w);

/* Another Redis is asked from now on, or the same after it was lost. */
void plain_forget(struct plain *p);

/* The step of that meter has begun. */
bool plain_begun(struct plain *p, struct word key, int64_t now);

/* charge.lua may be asked for this one at `now`, with a lease until `end`: all
 * of it opens that, and its key does not end before, as it was given two
 * windows when its step was found to have begun. */
bool plain_may_charge(
    struct plain *p, const struct asked_meter *m, int64_t now, int64_t end);

/* What it is asked. */
struct plain_meter {
	struct word key;
	int64_t amount, warn;
};

/* Embed it in what waits for the answer. */
struct plain_charge {
	struct question question;
	char lease[sizeof("open:") + TEXT_DIGITS];
	char amounts[PLAIN_MOST * 2 * (TEXT_DIGITS + 1)];
};

/* Asks; the keys must live until the answer. */
void plain_charge(struct plain_charge *c, struct store *s,
    const struct plain_meter *meters, unsigned count, int64_t end,
    struct ticket *t);

#endif
