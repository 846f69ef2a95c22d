/*
 * dns - the door to the name servers
 *
 * A store that answers questions of dns/words.h: it asks name servers through
 * c-ares, shares what is under way, and keeps answers as long as they hold. A
 * question is answered within its deadline, always; what comes later fills the
 * cache. When too many are under way, or nothing is heard of the servers any
 * more, new ones are lost at once.
 */
#ifndef ASK_DNS_DNS_H
#define ASK_DNS_DNS_H

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "ask/ask.h"
#include "conf/conf.h"

struct clock;
struct dns;

struct dns *dns_new(
    uv_loop_t *loop, struct clock *clock, const struct conf_dns *conf);
struct store *dns_store(struct dns *d);

/* From now on. When the servers are others, what is known is forgotten, and
 * questions under way end with the servers they were put to. */
void dns_configure(struct dns *d, const struct conf_dns *conf);

/* Questions still under way are told LOSS_DOWN, before `closed` is. Never from
 * inside this. */
void dns_free(struct dns *d, void (*closed)(void *data), void *data);

struct dns_counts {
	uint64_t asked, answered; /* of name servers, by them */
	uint64_t hits, shared; /* known, or asked already */
	uint64_t late, busy; /* not answered in time; too many in flight */
	uint64_t down; /* the servers are silent: not asked */
	uint64_t failed; /* SERVFAIL, REFUSED, nonsense, or nobody there */
	unsigned in_flight, most_in_flight; /* put to a server, no answer yet */
	size_t cached, bytes, most_bytes; /* of answers that are kept */
};
struct dns_counts dns_counts(const struct dns *d);

/* "address:port" with commas: those that are asked, so far as they are known
 * before the first question. */
void dns_servers(const struct dns *d, char *out, size_t size);

#endif
