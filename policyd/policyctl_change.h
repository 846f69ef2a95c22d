/*
 * policyctl_change - changing what is kept, many at a time
 */
#ifndef POLICYD_POLICYCTL_CHANGE_H
#define POLICYD_POLICYCTL_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ask/ask.h"
#include "base/address.h"
#include "register/register.h"

struct arena;
struct ctl;
struct door;
struct entry;
struct shelf;

enum { CHANGES = 64 }; /* of which one pass of questions is made */

/* One change, and what its answer was. */
struct change {
	struct question question;
	bool part; /* of the one before: does not count by itself */
	bool indexed; /* its register has an index to be told: */
	enum register_name kept;
	struct address address;
	int64_t until; /* for the index; 0 takes the client off; or: */
	bool until_told; /* by the answer, and then 0 is no entry at all */
	struct answer answer; /* after changes_do() */
	bool made; /* it made a difference */
};

/* Begin with ctl and door filled in. Words of questions live in `arena`, which
 * is new after changes_do(). */
struct changes {
	struct ctl *ctl;
	struct door *door;
	const char *by;
	struct arena *arena;
	size_t used;
	struct change list[CHANGES];
	int64_t made; /* changes that made a difference, of all passes */
};

void changes_start(struct changes *c, struct ctl *ctl, struct door *d);
void changes_end(struct changes *c); /* what was not done is forgotten */

/* Room for one more; those before are done when there was none. */
struct change *changes_next(struct changes *c);

/* Takes an entry off; a client, whether or not it has one. */
void changes_lift(struct changes *c, const struct entry *e);
void changes_lift_client(
    struct changes *c, enum register_name kept, const struct address *address);

/* Asks all, tells the indexes, forgets. False without Redis. */
bool changes_do(struct changes *c);

/* A door that waits longer than a mail can; `scripts` as for door_open(). */
struct door *patient_door(struct ctl *ctl, const struct script *const *scripts);

/* The same with all scripts of registers, lists, scopes and meters. */
struct door *register_door(struct ctl *ctl);

/* EX_OK, or says why Redis cannot be had and returns EX_UNAVAILABLE. */
int register_status(const struct door *d);

#endif
