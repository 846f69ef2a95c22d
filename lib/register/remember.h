/*
 * remember - bans that are known stay in force without Redis
 *
 * A store in front of a store: it lets every question through and looks at the
 * answers to register_read(). A client that was banned is remembered until its
 * ban ends (at most 24 hours after it was last seen); when an answer to the
 * same question is lost, the ban is put into it, with the age logged once a
 * minute; what else is known of the client stays lost. Bounded; the oldest goes
 * first.
 */
#ifndef REGISTER_REMEMBER_H
#define REGISTER_REMEMBER_H

#include "ask/ask.h"

struct clock;
struct remember;

enum { REMEMBER_MOST = 100000 };

struct remember *remember_new(struct clock *clock, struct store *inner);
struct store *remember_store(struct remember *r);
void remember_free(struct remember *r); /* nothing may be in flight */

#endif
