/*
 * policyctl_deny - the deny lists of domains and mailboxes
 *
 * The keys are those of scope/scope.h.
 */
#ifndef POLICYD_POLICYCTL_DENY_H
#define POLICYD_POLICYCTL_DENY_H

#include <jansson.h>

#include "scope/scope.h"

struct arena;
struct ctl;
struct door;

/* Of a domain or of a mailbox. */
enum level deny_level(const char *address);

/* "denied", "allowed, forced" */
const char *deny_words(const struct deny_match *m);

/* Why the list of an address is not looked at; NULL when it is. */
const char *deny_idle(
    struct ctl *ctl, struct door *d, struct arena *a, const char *address);

int run_deny_list(struct ctl *ctl, int argc, char **argv);
int run_deny_show(struct ctl *ctl, int argc, char **argv);
int run_deny_change(struct ctl *ctl, int argc, char **argv); /* add, del */
int run_deny_clear(struct ctl *ctl, int argc, char **argv);

#endif
