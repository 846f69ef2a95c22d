/*
 * front - a store in front of a store
 *
 * Who is one sees each question and what becomes of it, and does what it is
 * there for; all else is what the inner store says: its health, its time, what
 * it knows at once, how often it was away.
 */
#ifndef ASK_FRONT_H
#define ASK_FRONT_H

#include "ask/ask.h"

/* Embed it first. The inner store must live as long, and may be replaced. */
struct front {
	struct store store;
	struct store *inner;
};

/* `known` NULL: what the inner store knows. */
void front_init(struct front *f, struct store *inner,
    void (*ask)(struct store *, const struct question *, struct ticket *),
    bool (*known)(struct store *, const struct question *, struct answer *out));

#endif
