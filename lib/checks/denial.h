/*
 * denial - senders that a recipient's lists do not want
 *
 * Lists of the server, the domain and the mailbox are looked at together, as
 * one entry decides; which check says so depends on whose list it stands in.
 * A recipient's lists are asked for that recipient alone. A list of which one
 * wants to see what it would do changes nothing: where one of the two checks is
 * enforced, what the other one only observes is not looked at.
 */
#ifndef CHECKS_DENIAL_H
#define CHECKS_DENIAL_H

#include "engine/check.h"

/* Asks what Redis has about the sender, if it has a list at all: in `slot`. */
void denial_ask(const struct request *req, const struct facts *facts,
    struct questions *qs, unsigned slot);

/* One of the two: its slot, and of which levels are the lists that it has a
 * say for. */
struct denial {
	const struct check *check;
	unsigned slot;
	enum level widest, narrowest;
	enum reply_name reply;
};

struct verdict denial_judge(const struct denial *d, const struct request *req,
    const struct facts *facts);

#endif
