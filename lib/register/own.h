/*
 * own - the addresses of this host; within lib/register only
 */
#ifndef REGISTER_OWN_H
#define REGISTER_OWN_H

#include <stdbool.h>

struct arena;
struct network;
struct own;

/* Of all interfaces, as they are now. */
const struct own *own_addresses(struct arena *a);

/* True when one of them lies in `n`, or `n` within what counts as the same
 * client: what is held against an IPv6 /64 is held against all of it. */
bool own_meets(const struct own *own, const struct network *n);

#endif
