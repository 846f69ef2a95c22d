/*
 * closed - a store that has nothing to say any more
 *
 * Stands in for the real one when that is gone and there are still some who
 * ask: requests under way, charges to give back. Each is told LOST, down, in
 * the next turn of the loop.
 */
#ifndef ASK_CLOSED_H
#define ASK_CLOSED_H

#include "ask/ask.h"

struct clock;
struct closed;

struct closed *closed_new(struct clock *clock);
struct store *closed_store(struct closed *c);
void closed_free(struct closed *c); /* nothing may be open; NULL is fine */

#endif
