/*
 * unsettled - does Postfix tell how messages end
 *
 * What rate charges counts when END-OF-MESSAGE has passed. A Postfix that asks
 * policyd in smtpd_recipient_restrictions only never says so: everything would
 * be given back, and no limit ever reached. One service of a master.cf may, and
 * another one not: so what is looked at is whether most of an hour was given
 * back. Clients give up now and then, but rarely after a recipient.
 */
#ifndef CHECKS_UNSETTLED_H
#define CHECKS_UNSETTLED_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"

/* How many transactions must have ended so, and how often somebody is told. */
enum { UNSETTLED_MANY = 50, UNSETTLED_SECONDS = 3600 };

struct unsettled {
	uint64_t committed, released; /* when this hour began */
	int64_t since, told; /* Unix seconds; 0: not yet */
};

/* `rate` counts what that check has charged. */
void unsettled_begin(struct unsettled *u, const struct check_counts *rate);

/* True when an administrator should be told now. */
bool unsettled_look(struct unsettled *u, const struct check_counts *rate,
    const struct conf *conf, int64_t now);

#endif
