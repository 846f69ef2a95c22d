/*
 * policyctl_grey - greylist records as they stand in Redis
 *
 *	grey:{IDENTITY}:SENDER:RECIPIENT  first=T last=T tries=N passed=T, or in
 *	                                  another order
 *	known:{IDENTITY}                  last=T passes=N since=T, fresh=N
 *	                                  hour=T, or both
 *
 * lib/checks/greylist.lua writes them; the parts behind the identity depend on
 * the option greylist.key.
 */
#ifndef POLICYD_POLICYCTL_GREY_H
#define POLICYD_POLICYCTL_GREY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

struct arena;
struct conf;
struct ctl;
struct door;
struct settings;

/* "name=1 other=2": the number of that name; false when it has none. */
bool grey_number(const char *value, const char *name, int64_t *number);

struct grey_record {
	const char *key;
	const char *identity;
	const char *sender, *recipient; /* NULL: not in the key */
	bool readable; /* else only the key and `ttl` hold */
	int64_t first, last, tries;
	int64_t passed; /* 0: not yet */
	int64_t may_pass; /* when a retry is let in; of one not passed yet */
	const struct settings *set; /* of the recipient; of such a one */
	int64_t ttl; /* seconds; -1: for ever */
};

enum grey_state { GREY_ANY, GREY_FRESH, GREY_PASSED };

/* Which records are meant; {0}: all. Texts are as people write them. */
struct selection {
	bool by_network;
	struct network network; /* identities that lie in it */
	const char *identity; /* exactly this one */
	const char *other; /* or this one */
	const char *sender, *recipient; /* an address, or a domain */
	enum grey_state state;
	bool optional; /* no right to SCAN is no trouble */
};

/* Told of each; false ends the walk. The record is gone afterwards. */
typedef bool grey_told(void *data, const struct grey_record *r);

/* True when the walk got to its end or was ended, false without Redis or its
 * leave. */
bool grey_walk(struct ctl *ctl, struct door *d, const struct selection *s,
    grey_told *told, void *data);

/* By its identity alone: does `s` mean it? */
bool grey_means(const struct selection *s, const char *identity);

/* What an administrator calls an identity: a domain, in any script; an address
 * counts as its network, under the server's settings. */
const char *grey_identity(struct ctl *ctl, const char *text);

#endif
