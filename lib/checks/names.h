/*
 * names - what a check wants to know of the DNS
 *
 * Its questions, found again by type and name: a check that goes step by step
 * asks for what it lacks, and goes on when it is there. Names are the same in
 * any case, with or without a dot at their end.
 */
#ifndef CHECKS_NAMES_H
#define CHECKS_NAMES_H

#include "ask/dns/words.h"
#include "engine/check.h"

enum { NAMES = 160 }; /* all that RFC 7208 allows, and some */

struct names {
	unsigned slot; /* of the first; the others follow */
	unsigned count;
	enum loss loss; /* of the last one that is lost */
	struct {
		enum dns_type type;
		const char *name; /* lower case, without a dot at its end */
		const struct dns_message *message; /* NULL: not looked at yet */
	} items[NAMES];
};

/* What is known; DNS_FAILED when it is lost. NULL: not asked yet, or no answer
 * yet. Lives in `a`. */
const struct dns_message *names_get(struct names *n, struct arena *a,
    const struct facts *facts, enum dns_type type, const char *name);

/* Asks for it, once a transaction, unless it was asked. False when there were
 * too many. */
bool names_ask(struct names *n, struct questions *qs, enum dns_type type,
    const char *name);

#endif
