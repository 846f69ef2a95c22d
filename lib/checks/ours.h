/*
 * ours - whether a recipient is one of ours, as far as anybody can say; and
 * whether a client is
 *
 * Postfix makes an address without a domain one of its own: nobody else can
 * say anything about it.
 */
#ifndef CHECKS_OURS_H
#define CHECKS_OURS_H

#include "engine/check.h"

enum ours {
	OURS_NO,
	OURS_YES,
	OURS_UNTOLD, /* there is no table of such things */
	OURS_LOST /* Redis would have to say, and scope->loss why it does not */
};

/* The recipient's domain is one of local_domains. */
enum ours ours_domain(const struct request *req);

/* And the address is a mailbox, or an alias, or its domain takes all. Not ours
 * when the domain is not. */
enum ours ours_address(const struct request *req);

/* The client is this host. */
bool ours_client(const struct request *req);

#endif
