/*
 * evidence - what is kept about a client, and what a verdict tells of it
 *
 * The registers are read with one question, the same one for every check of a
 * request, so that it is asked once. Verdicts tell their evidence under the
 * same names, whatever check they come from.
 */
#ifndef CHECKS_EVIDENCE_H
#define CHECKS_EVIDENCE_H

#include "engine/check.h"
#include "register/lists.h"
#include "register/register.h"

/* Asks for the client's entry, once a transaction; a client without an address
 * has none. */
void evidence_ask(const struct request *req, const struct facts *facts,
    struct questions *qs, unsigned slot);

/* Reads the answer. False: it is not here, and `v` says so; of `e` there is at
 * most a ban that is remembered. Otherwise `v` is a pass, and `e` what is
 * known.
 */
bool evidence_of(const struct request *req, const struct facts *facts,
    unsigned slot, struct register_entry *e, struct verdict *v);

/* identity: whom the client counts as. */
void evidence_identity(struct verdict *v, const struct request *req);

/* until, and the wait that is left; an end that never comes is a word. */
void evidence_until(
    struct verdict *v, const struct request *req, int64_t until);

/* entry, since, until, wait, by, reason: of a list. */
void evidence_entry(
    struct verdict *v, const struct request *req, const struct list_entry *e);

#endif
