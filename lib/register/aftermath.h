/*
 * aftermath - what follows when a write has listed or banned somebody
 *
 * A line in the log when it is news; the client on the index of its register,
 * with its new end; and when that has more than it may (abuse.cap), whoever
 * would have left it first is lifted. Whoever writes to a register calls it
 * with what the write answered.
 */
#ifndef REGISTER_AFTERMATH_H
#define REGISTER_AFTERMATH_H

#include "register/register.h"

/* What was written. */
struct offence {
	enum register_name which; /* REGISTER_BAN: a strike */
	const char *why; /* "failed logins", "harvest" */
	const char *by; /* "feed" */
	const char *user; /* of the last login, reporter; "" when none */
};

/* Does nothing when there is no listing and no ban. Nobody need wait for the
 * answers; who wants to finds in `*waiting` (NULL is fine) how many are under
 * way. */
void aftermath(struct store *store, const struct conf *conf,
    const struct address *client, const struct register_result *r,
    const struct offence *o, unsigned *waiting);

#endif
