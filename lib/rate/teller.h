/*
 * teller - what Redis is told when the time has come
 *
 * It keeps the advances (advance.h), tells Redis what was sent of each, and
 * gives back what nobody uses; it gathers the settlements of others with that
 * (batch.h). What Redis does not take so is asked of rate.lua.
 */
#ifndef RATE_TELLER_H
#define RATE_TELLER_H

#include "base/clock.h"
#include "rate/advance.h"
#include "rate/batch.h"

struct plain;

enum { TELLER_MS = 400 }; /* an advance is looked at so often */

/* Embed it. */
struct teller {
	struct clock *clock;
	struct store *inner, *outer;
	struct plain *plain;
	struct advances advances;
	struct batch batch;
	struct timer walk;
	uint64_t lost_ms; /* when that was logged last; 0: never */
	unsigned unsure; /* settlements that the log does not tell of yet */
	unsigned asked; /* of rate.lua, in flight */
	bool own; /* one of these is on its way through `outer` */
};

/* `inner` is Redis, `outer` whoever is in front of it and knows what to do when
 * a settlement is lost. `plain` must live as long. */
void teller_init(struct teller *t, struct clock *clock, struct store *inner,
    struct store *outer, struct plain *plain);
void teller_clear(struct teller *t); /* nothing may be in flight */

/* It is Redis from now on. */
void teller_use(struct teller *t, struct store *inner);

/* Redis is another one, or was away and may have begun anew with less than it
 * had: what was taken of an advance stays open there, or is not. */
void teller_forget(struct teller *t);

/* A question was lost like this. */
void teller_lost(struct teller *t, enum loss loss);

/* Soon. */
void teller_tell(struct teller *t, const struct settlement *s);

/* It is no longer used. */
void teller_give_up(struct teller *t, struct advance *a);

/* At once, of all the meters that are asked about. */
void teller_give_up_all(struct teller *t, const struct question *q);

/* There is an advance; its owner is the one who was granted it. */
void teller_granted(struct teller *t);

/* Tells all; true when that is done. */
bool teller_finish(struct teller *t);

#endif
