/*
 * shut - mailboxes that an administrator has closed
 *
 * A panel does it by account.state, in the settings of a domain or a mailbox;
 * policyctl account disable, in the register of logins. Verdicts tell which it
 * was under the same names, whichever check they come from.
 */
#ifndef CHECKS_SHUT_H
#define CHECKS_SHUT_H

#include "engine/check.h"

/* Asks the register, once a transaction. `login` is as its owner writes it. */
void shut_ask(const struct request *req, struct questions *qs, unsigned slot,
    const char *login);

/* mailbox, state, scope: of settings. */
void shut_by_settings(
    struct verdict *v, const struct request *req, const struct scope *s);

/* mailbox, state, by, reason: of the register, which `a` is from. */
void shut_by_register(
    struct verdict *v, const char *mailbox, const struct answer *a);

#endif
