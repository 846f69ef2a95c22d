/*
 * meter - what is counted of whom within which time, and its key
 */
#ifndef RATE_METER_H
#define RATE_METER_H

#include <stdint.h>

#include "ask/ask.h"
#include "conf/conf.h"

struct arena;

enum rate_owner {
	OWNER_MAILBOX,
	OWNER_DOMAIN,
	OWNER_SERVER,
	OWNER_INBOUND,
	OWNER_TRUSTED,
	OWNER_COUNT
};

const char *rate_kind_name(enum rate_kind k); /* "messages" */
const char *rate_owner_name(enum rate_owner o); /* "mailbox" */

/* "messages/1h": kind and window, as it stands in a key and in logs. */
const char *rate_meter_name(struct arena *a, enum rate_kind k, int64_t seconds);

struct meter {
	enum rate_kind kind;
	enum rate_owner owner;
	struct rate limit; /* its count 0: counts, and holds nobody up */
	int64_t warn; /* percent of the limit; 0: never */
	struct word key; /* of RATE_NETWORKS without its time */
};

/* `domain` and `user` as a scope has them, in lower case; of a client `domain`
 * is its address (register_client()); NULL where the owner has none. A login
 * without a domain, or with one that is none, has the tag {(none)}. */
struct word rate_key(struct arena *a, const char *prefix, enum rate_owner owner,
    const char *domain, const char *user, enum rate_kind kind, int64_t seconds);

/* The same in two steps, for whoever has several: what all keys of an owner
 * begin with, and one of them. */
struct word rate_stem(struct arena *a, const char *prefix,
    enum rate_owner owner, const char *domain, const char *user);
struct word rate_key_of(
    struct arena *a, struct word stem, enum rate_kind kind, int64_t seconds);

/* The most meters of a question: all that one login's limits can be. */
enum { METERS = RATES * (RATE_METERS + 2 * RATE_KINDS) };

struct meters {
	unsigned count;
	const struct meter *items;
};

#endif
