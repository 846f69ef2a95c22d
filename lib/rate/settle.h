/*
 * settle - what need not be asked of rate.lua when something is over
 *
 * What stands in the journal is only struck out; an advance takes up what was
 * charged in it; of a lease Redis is told with others.
 */
#ifndef RATE_SETTLE_H
#define RATE_SETTLE_H

#include "rate/teller.h"

/* True: all of it is settled, and Redis will be told. False: rate.lua must be
 * asked, and nothing was done. `now` is Unix seconds. */
bool settle_known(struct teller *t, const struct asked *w, int64_t now);

#endif
