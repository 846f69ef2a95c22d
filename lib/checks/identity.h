/*
 * identity - whom a client counts as
 *
 * Large senders retry from another address, often of another network, so a
 * record by address would never match. What is known about the client is
 * preferred in this order: the domain that vouches for it by SPF, the
 * organisation that its verified name belongs to, its network. Organisations
 * and domains are one kind of identity: whether a host of example.com, or one
 * that may send for it.
 */
#ifndef CHECKS_IDENTITY_H
#define CHECKS_IDENTITY_H

#include <stdbool.h>

#include "conf/conf.h"

struct address;
struct request;

struct identity {
	const char *name; /* "example.com", "192.0.2.0/24"; see below */
	enum greylist_identity by;
};

const char *identity_by(enum greylist_identity by); /* "spf", "name" ... */

/* The first that holds, of those that greylist.identity allows; `domain`
 * vouches for the client, or is NULL. Lives as long as the request. */
struct identity identity_of(const struct request *req, const char *domain);

/* "192.0.2.0/24", "2001:db8::/64"; "unknown" when the client has no address. */
struct identity identity_network(const struct request *req);

/* The organisation of a host, by a name that is not generic; else NULL. */
const char *identity_organisation(const struct request *req, const char *host);

#endif
