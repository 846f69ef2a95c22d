/*
 * settle - what need not be asked of rate.lua when something is over
 *
 * What stands in the journal is only struck out; an advance takes up what was
 * charged in it; of a lease Redis is told with others. Where that will not do
 * for all of it, rate.lua is asked of what does not stand in the journal, as
 * whoever asks does not know how much that is.
 */
#ifndef RATE_SETTLE_H
#define RATE_SETTLE_H

#include "rate/teller.h"

/* True: all of it is settled, and Redis will be told. False: rate.lua must be
 * asked of all of it, and nothing was done. `now` is Unix seconds. */
bool settle_known(struct teller *t, const struct asked *w, int64_t now);

#endif
