/*
 * policyctl_identity - what the greylist keeps of an identity as a whole
 */
#ifndef POLICYD_POLICYCTL_IDENTITY_H
#define POLICYD_POLICYCTL_IDENTITY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct ctl;
struct door;

/* What stands under an identity alone. */
struct identity {
	const char *name;
	bool known, counted; /* which of the two below there are */
	bool proven; /* passes are enough */
	int64_t passes, since, last, ttl;
	int64_t fresh, hour; /* new records, since then */
};

/* `i->name` says which. False without Redis. */
bool identity_fetch(struct ctl *ctl, struct door *d, struct identity *i);

void identity_print(const struct identity *i, int64_t now);

/* null when there is none. */
json_t *identity_known_json(const struct identity *i, int64_t now);
json_t *identity_fresh_json(const struct identity *i);

#endif
