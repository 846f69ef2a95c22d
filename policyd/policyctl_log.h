/*
 * policyctl_log - who changed what, for the log of mail
 *
 * It is where syslog(3) puts what the mail system says, whatever the target of
 * the daemon's log is: an administrator's terminal is no log.
 */
#ifndef POLICYD_POLICYCTL_LOG_H
#define POLICYD_POLICYCTL_LOG_H

#include <stddef.h>

struct arena;
struct line;

/* "alice@mx1": who runs us; behind sudo(8), who called it. One word. */
const char *author(struct arena *a);

/* The same from its parts. */
const char *author_of(struct arena *a, const char *sudo_user, const char *login,
    unsigned user, const char *host);

/* "change register=ban action=add by=alice@mx1" and `fields`, which may be
 * empty. */
void log_change(const char *what, const char *action, const char *by,
    const struct line *fields);

#endif
