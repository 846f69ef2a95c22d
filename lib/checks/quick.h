/*
 * quick - most of what greylist.lua is asked, without a script
 *
 * A store in front of a store: it lets every question through but those of
 * greylist.lua, and for these asks first what nearly always decides, in two
 * plain commands. One gives the record that is there, and writes a stranger's
 * in the same step when there is none; the other gives what is known of the
 * identity. Who has passed within the hour passes; who comes for the first
 * time, from an identity without a past, is new. That costs Redis half of what
 * the script does, or a third (t/bench/scripts.py), and the answer is the same.
 * Whatever else they tell, the script is asked as well: two round trips for
 * those who try again, once for each record and hour.
 *
 * - Where the identity has a past, what was written of a stranger is deleted
 *   again: of one that is known, and of others in front of the script.
 * - What is new may have to be counted, or has to wait for nothing, or only
 *   looks, or is asked before the time of Redis is known: then it is the script
 *   alone.
 * - When a command fails (no memory, somebody else's value) the script is
 *   asked, which knows what to do about it; when there is no answer, there is
 *   none.
 */
#ifndef CHECKS_QUICK_H
#define CHECKS_QUICK_H

#include "ask/ask.h"

struct quick;

/* The inner store must live as long. */
struct quick *quick_new(struct store *inner);
struct store *quick_store(struct quick *q);
void quick_free(struct quick *q); /* nothing may be in flight */

#endif
