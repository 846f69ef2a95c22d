/*
 * plain - settlements that need no script
 *
 * Mostly all that was charged was sent, and somebody has sent already in that
 * step of a meter's window. Then a settlement is two HINCRBY a meter, a third
 * of what the script costs Redis. Whose settlement went by the script knows
 * that the step has begun, until it ends or PLAIN_SECONDS are over: then the
 * script is asked again, and takes away the leases at which nothing is open.
 *
 * Nobody promises that these commands run together. So what was sent is counted
 * before it is no longer open: in between a meter has too much, never too
 * little. Where one of them did not run, or its answer is not what it should
 * be, for somebody has deleted the key, the script is asked for the rest.
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

/* Settles what `q` asks, which is `w`; `t` is told as if the script had been
 * asked. False: it has to be. */
bool plain_settle(struct plain *p, struct store *s, const struct question *q,
    const struct asked *w, struct ticket *t);

#endif
