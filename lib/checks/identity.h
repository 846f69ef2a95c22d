/*
 * identity - whom a client counts as
 *
 * Large senders retry from a neighbouring address, so a record by address
 * would never match. What is known about the client is preferred in this
 * order: the domain whose SPF record it passed, the organisation of its
 * verified host name, its network. Only the last is known yet; the others
 * come with the request once the checks exist that find them out, and whoever
 * keeps records by identity need not change.
 */
#ifndef CHECKS_IDENTITY_H
#define CHECKS_IDENTITY_H

struct request;

/* "192.0.2.0/24", "2001:db8::/64"; "unknown" when the client has no address.
 * Lives as long as the request. */
const char *identity_of(const struct request *req);

#endif
