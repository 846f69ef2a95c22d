/*
 * torn - a connection of its own, on which time passes between two commands
 *
 * In front of a false Redis, which runs all plain commands of a question in one
 * step: here each is asked alone, some chance of milliseconds later. What
 * others ask runs in between. Answers come in the order of the questions; when
 * one command is lost, the question is, and the rest is not asked.
 */
#ifndef KIT_TORN_H
#define KIT_TORN_H

#include "ask/ask.h"

struct clock;
struct torn;

/* `seed` is shared with whoever else leaves something to chance. */
struct torn *torn_new(struct clock *clock, struct store *inner, unsigned *seed);
void torn_free(struct torn *t); /* all must have been answered */
struct store *torn_store(struct torn *t);

/* Who asked has died: what was not asked yet never is, nor what he asks from
 * now on. False: nothing was on its way. */
bool torn_cut(struct torn *t);

/* Each question from now on is lost like this, at once and not behind those
 * that are on their way, as is one too many, or of a breaker that is open.
 * LOSS_NONE ends it. */
void torn_refuse(struct torn *t, enum loss loss);

/* What is asked from now on is on its way until it is not held any more. */
void torn_hold(struct torn *t, bool held);

/* The connection breaks, and there is another one when all that was on its way
 * has been told so. */
void torn_break(struct torn *t);

/* One of so many; the seed is another one then. */
unsigned torn_dice(unsigned *seed, unsigned sides);

#endif
