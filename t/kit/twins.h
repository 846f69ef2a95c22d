/*
 * twins - the false Redis beside a real one
 *
 * No time passes in them. What a script takes for the time is handed to it, so
 * that days fit into a test of seconds.
 */
#ifndef KIT_TWINS_H
#define KIT_TWINS_H

#include "ask/ask.h"

enum { TWINS_SIZE = 8192, TWINS_NOON = 1732190400 };

struct twins;

/* Skips the test when there is no real one. `seed` begins all chances. */
struct twins *twins_begin(unsigned seed);
void twins_end(struct twins *t);

/* By chance, from 0 to below `sides`. */
unsigned twins_dice(struct twins *t, unsigned sides);

void twins_add(struct question *q, const char *word);

/* Asks both and expects the same answer, which is returned: "1,(nil),abc", or
 * "error". Some time passes in the real one, so after `what` "TTL" the numbers
 * may differ a little. */
const char *twins_same(
    struct twins *t, const char *what, const struct question *q);

/* Before a script: replaces its clock by the last of its arguments. */
extern const char twins_still_clock[];

/* Runs the command that its arguments are. */
extern const struct script twins_one_command;

#endif
