/*
 * policyctl_standing - how a client's identity stands with the greylist
 *
 * What it has passed, and the mails of it that were put off and have not come
 * back late enough. No record names a client: they are those of everybody who
 * counts as this identity.
 */
#ifndef POLICYD_POLICYCTL_STANDING_H
#define POLICYD_POLICYCTL_STANDING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policyctl_grey.h"
#include "policyctl_identity.h"

struct address;
struct ctl;
struct door;
struct lists;

struct standing {
	struct identity identity; /* its name NULL: there is none */
	bool searched; /* false: Redis does not let us look for records */
	size_t waiting; /* records that still keep a mail out */
	struct grey_record latest; /* of them, if there are any */
};

/* Of both, in one walk: their `identity.name` says whose, that of `other` may
 * be NULL. Mails that policyd would let in by now, from this client with that
 * host name, do not wait. Lives as long as the arena of `ctl`; the door as for
 * waiting_ask(). False without Redis. */
bool standings_fetch(struct standing *s, struct standing *other,
    struct ctl *ctl, struct door *d, struct lists *lists,
    const struct address *client, const char *host);

/* Nothing, and null, when there is none. */
void standing_print(const struct standing *s, int64_t now);
json_t *standing_json(const struct standing *s, int64_t now);

/* The latest mail that waits, of either. NULL: none. */
const struct grey_record *standing_later(
    const struct standing *s, const struct standing *other);

#endif
