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

/* charge.lua may be asked. */
bool plain_may_charge(struct plain *p, const struct asked *w);

/* Asks it; `t` hears what it says. `w` is needed no longer, its keys are until
 * then. */
void plain_charge(struct store *s, const struct asked *w, struct ticket *t);

#endif
