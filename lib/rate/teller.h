/*
 * teller - what Redis is told when the time has come
 *
 * It keeps the advances (advance.h), tells Redis what was sent of each, and
 * gives back what nobody uses; it gathers the settlements of others with that
 * (batch.h), and keeps the journal of those that need none (journal.h). What
 * Redis does not take so is asked of rate.lua.
 */
#ifndef RATE_TELLER_H
#define RATE_TELLER_H

#include "base/clock.h"
#include "rate/advance.h"
#include "rate/batch.h"
#include "rate/journal.h"
#include "rate/reap.h"

struct plain;

enum { TELLER_MS = 400 }; /* an advance is looked at so often */

/* Embed it. */
struct teller {
	struct clock *clock;
	struct store *inner, *outer;
	struct plain *plain;
	struct advances advances;
	struct batch batch;
	struct journal journal;
	struct reap reap;
	struct timer walk;
	uint64_t lost_ms; /* when that was logged last; 0: never */
	unsigned unsure; /* settlements that the log does not tell of yet */
	unsigned asked; /* of rate.lua, in flight */
	unsigned absences; /* of Redis, that we have heard of */
	bool own; /* one of these is on its way through `outer` */
};

/* `inner` is Redis, `outer` whoever is in front of it and knows what to do when
 * a settlement is lost. `plain` must live as long. */
void teller_init(struct teller *t, struct clock *clock, struct store *inner,
    struct store *outer, struct plain *plain);
void teller_clear(struct teller *t); /* nothing may be in flight */

/* It is Redis from now on; the last one is told all that it has to know. */
void teller_use(struct teller *t, struct store *inner);

/* Was Redis away, and may have begun anew with less than it had? Then what was
 * taken of an advance stays open there, or is not. */
void teller_look(struct teller *t);

/* A question was lost like this. */
void teller_lost(struct teller *t, enum loss loss);

/* Soon. */
void teller_tell(struct teller *t, const struct settlement *s);

/* At once, and Redis sums up what counts: what was charged does not. */
void teller_take_back(struct teller *t, const struct settlement *s);

/* Soon, of a meter whose step is known to have begun. */
void teller_gather(struct teller *t, const struct settlement *s);

/* Redis has back what is left of it, which may be asked for again. */
void teller_return(struct teller *t, struct advance *a);

/* At once, of all the meters that are asked about. */
void teller_give_up_all(struct teller *t, const struct question *q);

/* That, at once; who is in front keeps a settlement that is lost. `a`, whose it
 * is, is released with the answer. */
void teller_ask(struct teller *t, struct arena *a, const struct question *q);

/* There is something to look after, or will be. */
void teller_watch(struct teller *t);

/* Tells all; true when that is done. */
bool teller_finish(struct teller *t);

#endif
