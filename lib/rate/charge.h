/*
 * charge - which way a charge goes
 *
 * One that advances cover is charged here (advance.h); most others are plain
 * commands (plain.h), with more of those that are charged again and again, and
 * noted in the journal; all others are rate.lua. What plain commands have
 * charged too much is given back, and rate.lua decides.
 */
#ifndef RATE_CHARGE_H
#define RATE_CHARGE_H

#include "base/pool.h"
#include "rate/teller.h"

/* Embed it. */
struct charging {
	struct teller *teller;
	unsigned nodes; /* that share limits, ours included */
	uint64_t covered; /* questions, by advances */
	struct pool passing;
};

void charge_init(struct charging *c, struct teller *teller);
void charge_clear(struct charging *c); /* nothing may be in flight */

/* True: advances covered all of it, and it is charged. */
bool charge_known(struct charging *c, const struct asked *w);

/* One of which that is not so, at `now` (Unix seconds). */
void charge_ask(struct charging *c, const struct question *q,
    const struct asked *w, int64_t now, struct ticket *t);

/* rate.lua decides, or settles. */
void charge_script(
    struct charging *c, const struct question *q, struct ticket *t);

#endif
