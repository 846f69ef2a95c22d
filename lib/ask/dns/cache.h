/*
 * cache - what the DNS said, until it says so no more
 *
 * By type and name; bounded by the bytes it holds, the longest unused goes
 * first. Negative answers are kept as long as their zone says, lost ones for a
 * moment, so that a dead server is not asked with each request.
 */
#ifndef ASK_DNS_CACHE_H
#define ASK_DNS_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ask/ask.h"
#include "ask/dns/message.h"

struct cache;
struct clock;

enum { CACHE_LOST_MS = 5000, CACHE_LONGEST = 86400 /* seconds */ };

struct cached {
	enum dns_outcome outcome; /* DNS_FAILED: it was lost */
	enum loss loss; /* why, then */
	struct word records; /* as dns_pack() has them */
};

/* `seed` is a number that no stranger knows; `most` is bytes. */
struct cache *cache_new(struct clock *clock, uint64_t seed, size_t most);
void cache_free(struct cache *c);
void cache_limit(struct cache *c, size_t most);

/* A number for a type and a name, for this table and others. */
uint64_t cache_number(
    const struct cache *c, enum dns_type type, const char *name);

/* How long an answer with this TTL holds. A moment at least: those who ask in
 * the same moment are many. */
uint64_t cache_holds_ms(uint32_t seconds);

/* False when nothing is known. What is found is good until the next call. */
bool cache_find(
    struct cache *c, enum dns_type type, const char *name, struct cached *out);

/* In place of what was known. Nothing is kept with a `ttl_ms` of 0, or that
 * takes more than a quarter of all bytes. */
void cache_put(struct cache *c, enum dns_type type, const char *name,
    const struct cached *what, uint64_t ttl_ms);

/* Forgets all: other servers may say something else. */
void cache_clear(struct cache *c);

size_t cache_count(const struct cache *c);
size_t cache_bytes(const struct cache *c);

#endif
