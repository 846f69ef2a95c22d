/*
 * resolve - from a host name to its addresses
 *
 * c-ares on libuv's loop. Nothing here waits; /etc/hosts is looked at first.
 */
#ifndef ASK_DNS_RESOLVE_H
#define ASK_DNS_RESOLVE_H

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/histogram.h"

struct resolver;

/* `servers` are the name servers, "address:port" with commas; NULL: those of
 * the system. They must live as long. */
struct resolver *resolver_new(
    uv_loop_t *loop, struct clock *clock, const char *servers);

/* Lookups of names still under way are told. `closed`, if not NULL, is called
 * when handles and memory are gone; never from inside this. */
void resolver_free(struct resolver *r, void (*closed)(void *data), void *data);

enum { LOOKUP_ADDRESSES = 8 };

/* Embed it, give it `found`, look something up. */
struct lookup {
	/* Told once, and never from inside resolver_lookup(): `count`
	 * addresses, or 0 and a text that says why. */
	void (*found)(struct lookup *, const struct address *addresses,
	    size_t count, const char *error);

	struct lookup_work *work; /* NULL when none is under way */
};

/* `host` may be an address in numbers: it is its own answer. */
void resolver_lookup(struct resolver *r, struct lookup *l, const char *host,
    uint64_t deadline_ms);

/* `found` will not be called. Fine when none is under way. */
void lookup_cancel(struct lookup *l);

/* Lookups of names so far. */
struct lookup_counts {
	struct histogram times; /* to the answer of c-ares, good or bad */
	uint64_t lost; /* without one when its deadline came */
};
const struct lookup_counts *resolver_counts(const struct resolver *r);

#endif
