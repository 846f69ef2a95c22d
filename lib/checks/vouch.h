/*
 * vouch - the domain that says a client is one of its own
 *
 * It is the one whose SPF record the client passes: of the sender or, when
 * there is none, of the name in HELO. A record that everybody passes vouches
 * for nobody, and neither do the records of ours that the check spf may add.
 */
#ifndef CHECKS_VOUCH_H
#define CHECKS_VOUCH_H

#include "engine/check.h"

struct vouch;

/* For questions in the slots from `slot` on. In the request's arena. */
struct vouch *vouch_new(const struct request *req, unsigned slot);

/* Asks what is still missing; nothing when the check spf asks already. */
void vouch_ask(struct vouch *v, const struct request *req,
    const struct facts *facts, struct questions *qs);

/* By what is known now; NULL: no domain. In lower case and ASCII; of a name in
 * HELO, which is one host's, the organisation. A NULL `v` has not asked. */
const char *vouch_domain(const struct vouch *v, const struct request *req,
    const struct facts *facts);

#endif
