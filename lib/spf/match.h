/*
 * match - is the client one of these? the only place that knows libspf2
 *
 * The packaged libspf2 cannot be trusted with what strangers write: a record
 * can crash it, and long ones lose their end. So it never sees any. It is given
 * one mechanism in words of ours, "v=spf1 +mx:d.example/24", and finds our
 * answers under names of ours; addresses and prefix lengths are all that comes
 * from outside. And it takes microseconds for what is a comparison of bits: it
 * is asked when that has found somebody.
 */
#ifndef SPF_MATCH_H
#define SPF_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"

struct matcher;

/* Never NULL. */
struct matcher *matcher_new(void);
void matcher_free(struct matcher *m);

/* Whether `client` and one of `count` addresses have the first `bits` bits in
 * common; those of the other family are not like it. */
bool matcher_has(struct matcher *m, const struct address *client,
    const struct address *addresses, size_t count, unsigned bits);

#endif
