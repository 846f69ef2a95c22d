/*
 * policyctl_redis - Redis for a program that has nothing else to do
 *
 * Commands go out together and the loop runs until all of them are answered
 * or lost.
 */
#ifndef POLICYD_POLICYCTL_REDIS_H
#define POLICYD_POLICYCTL_REDIS_H

#include <uv.h>

#include "ask/ask.h"

struct arena;
struct clock;
struct ctl;
struct door;

/* What Redis said, a copy: a text, a number, or a list of these. */
enum node_kind { NODE_NIL, NODE_TEXT, NODE_NUMBER, NODE_ERROR, NODE_LIST };

struct node {
	enum node_kind kind;
	const char *text; /* of TEXT and ERROR, else ""; never NULL */
	int64_t number;
	size_t count; /* of LIST */
	struct node *items;
};

enum { ORDER_WORDS = 8 };

/* One command: fill in the words, read the rest after door_ask(). */
struct order {
	size_t count;
	struct word words[ORDER_WORDS];
	struct node reply;
	enum loss loss; /* LOSS_NONE: `reply` holds */
};

/* Waits until Redis is ready or cannot be had, and returns a door in any
 * case. `scripts` as for redis_open(). */
struct door *door_open(struct ctl *ctl, const struct script *const *scripts);
void door_close(struct door *d); /* NULL is fine */

/* Why Redis cannot be had; NULL when it can. */
const char *door_trouble(const struct door *d);
const char *door_where(const struct door *d);

uv_loop_t *door_loop(struct door *d);
struct clock *door_clock(struct door *d);
struct store *door_store(struct door *d); /* NULL: it cannot be tried */

/* One turn of the loop. */
void door_turn(struct door *d);

/* Asks all, waits for all; replies live in `a`. False when any was lost. */
bool door_ask(
    struct door *d, struct arena *a, struct order *orders, size_t count);

/* Words of an order, from texts; the last one NULL. */
void order_words(struct order *o, const char *word, ...)
    __attribute__((sentinel));

/* The same for questions: scripts, of those the door was opened with. */
bool door_question(struct door *d, struct arena *a,
    const struct question *questions, struct answer *answers, size_t count);

/* Unix seconds of Redis' clock, by which it ends what it keeps; of our own
 * when Redis cannot be had. */
int64_t door_now(struct door *d);

/* No use to go on: what Redis said. */
void door_spoil(struct door *d, const char *trouble);

#endif
