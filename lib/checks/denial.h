/*
 * denial - senders that a recipient's lists do not want
 *
 * Lists of the server, the domain and the mailbox are looked at together, as
 * one entry decides; which check says so depends on whose list it stands in.
 * A recipient's lists are asked for that recipient alone.
 */
#ifndef CHECKS_DENIAL_H
#define CHECKS_DENIAL_H

#include "engine/check.h"

/* Asks what Redis has about the sender, if it has a list at all: in `slot`. */
void denial_ask(const struct request *req, const struct facts *facts,
    struct questions *qs, unsigned slot);

/* Refuses with `reply` when what denies is of a level from `widest` to
 * `narrowest`. */
struct verdict denial_judge(const struct request *req,
    const struct facts *facts, unsigned slot, enum level widest,
    enum level narrowest, enum reply_name reply);

#endif
