/*
 * policyctl_rehearsal - requests go through policyd's own engine and checks,
 * dry
 *
 * Scripts run with EVALSHA_RO, and Redis itself refuses them any write.
 */
#ifndef POLICYD_POLICYCTL_REHEARSAL_H
#define POLICYD_POLICYCTL_REHEARSAL_H

#include "engine/engine.h"

struct arena;
struct ctl;
struct door;
struct lists;
struct rehearsal;
struct script;
struct zones;

/* What the door must have been opened with. */
const struct script *const *rehearsal_scripts(struct arena *a);

/* Of these checks; takes the reference to `lists` over, which may be NULL. The
 * door has a store, if in trouble. */
struct rehearsal *rehearsal_open(struct ctl *ctl, struct door *d,
    const struct check *const *some, struct lists *lists);

/* Takes over the request and its arena. `done` is told by rehearsal_wait(), if
 * not at once. */
void rehearsal_ask(struct rehearsal *r, struct request *req,
    engine_explained *done, void *data);
void rehearsal_wait(struct rehearsal *r);

/* Of DNS lists, what they are believed. */
const struct zones *rehearsal_zones(const struct rehearsal *r);

void rehearsal_close(struct rehearsal *r);

#endif
