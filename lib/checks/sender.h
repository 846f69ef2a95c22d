/*
 * sender - the one behind the many names of a sender
 *
 * Who keeps a record by sender must not take the same one for a new one each
 * time: mailing lists number their return addresses, forwarders and bounce
 * protection wrap them in a dated signature, campaigns carry a fresh token in
 * each message and some in each attempt. What is left when all that is folded
 * is still an address a person can read.
 */
#ifndef CHECKS_SENDER_H
#define CHECKS_SENDER_H

struct arena;

/* Lower case, "local@domain", the domain as the DNS has it (base/idn.h); what
 * came without a domain stays without. "<>" for the null sender. What is a
 * number or a token is "#". */
const char *sender_canonical(struct arena *a, const char *sender);

#endif
