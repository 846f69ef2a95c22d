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
#include "spf/spf.h"

enum { NAMES = 2 * SPF_QUESTIONS }; /* a domain's record, and one of ours */

struct name_asked;

/* Begin with {0}. */
struct names {
	unsigned slot; /* of the first; the others follow */
	unsigned count, room;
	enum loss loss; /* of the last one that is lost */
	struct name_asked *items;
};

/* What is known; DNS_FAILED when it is lost. NULL: not asked yet, or no answer
 * yet. Lives in `a`. */
const struct dns_message *names_get(struct names *n, struct arena *a,
    const struct facts *facts, enum dns_type type, const char *name);

/* Asks for it, once a transaction, unless it was asked. False when there were
 * NAMES. */
bool names_ask(struct names *n, struct questions *qs, enum dns_type type,
    const char *name);

#endif
