/*
 * plain - charges and settlements as they mostly are
 *
 * Mostly somebody has sent already in that step of a meter's window. Whose
 * settlement went by rate.lua knows that the step has begun, until it ends or
 * PLAIN_SECONDS are over: then that script is asked again, lets the key live
 * on, and takes away the leases at which nothing is open. Until then there is
 * less to do, at half the cost or less:
 *
 * A charge that stays below all warnings is a shorter script, charge.lua.
 *
 * A settlement of all that was charged is two HINCRBY a meter. Nobody promises
 * that these run together. So what was sent is counted before it is no longer
 * open: in between a meter has too much, never too little. Where one of them
 * did not run, or its answer is not what it should be, for somebody has deleted
 * the key, rate.lua is asked for the rest.
 *
 * None of this is known of a Redis that was away, for it may have begun anew
 * with what it had saved: then a step that had begun has not.
 */
#ifndef RATE_PLAIN_H
#define RATE_PLAIN_H

#include "rate/asked.h"

struct plain;

enum { PLAIN_SECONDS = 300 };

struct plain *plain_new(void);
void plain_free(struct plain *p);

/* The script was asked this, and has answered. */
void plain_learn(struct plain *p, const struct asked *w);

/* Another Redis is asked from now on, or the same after it was lost. */
void plain_forget(struct plain *p);

/* Settles what `q` asks, which is `w`; `t` is told as if the script had been
 * asked. False: it has to be. */
bool plain_settle(struct plain *p, struct store *s, const struct question *q,
    const struct asked *w, struct ticket *t);

/* The same of a charge. */
bool plain_charge(struct plain *p, struct store *s, const struct question *q,
    const struct asked *w, struct ticket *t);

#endif
