/*
 * advance - what may be charged without asking Redis, as it has agreed before
 *
 * Of a meter that is charged again and again more is charged in Redis than was
 * asked for. What is more stands there like the charge itself, open until the
 * same lease ends, and is taken here from then on. What was sent of it is
 * gathered, and what was not sent comes back to it.
 *
 * So a meter in Redis never has less than was sent; what it has too much is
 * bounded: no advance is taken above half of a limit or near a warning, and
 * all policyd together have an eighth of it at most. Who comes nearer asks for
 * each charge, and has given back what he had before. Nobody has one for longer
 * than a second without asking again: then it may be the half of others.
 *
 * Here is only the book; who keeps it (ahead.h) asks and tells Redis.
 */
#ifndef RATE_ADVANCE_H
#define RATE_ADVANCE_H

#include "base/table.h"
#include "rate/asked.h"
#include "rate/heat.h"

enum {
	ADVANCE_MOST = 10000, /* some 250 bytes each */
	ADVANCE_PART = 8, /* of a limit they are together, at most */
	ADVANCE_MS = 600 /* then what is left is given back */
};

/* Thousands are charged in turn: what each charge looks at is together. */
struct advance {
	struct link link;
	int64_t left; /* there is */
	int64_t taken; /* of it, since `since`; to know how much it needs */
	int64_t sent; /* and Redis has not been told */
	int64_t end; /* of the lease */
	int64_t warn, limit; /* for which it was granted */
	bool used; /* since it was seen */
	bool over; /* nothing is taken any more */
	bool spare; /* some of it was given back */
	struct word key;

	int64_t most; /* that there may be left */
	int64_t seconds; /* the window */
	int64_t asking; /* Redis for so much; 0: nothing is on its way */
	int64_t got; /* at `since` */
	uint64_t since;
	uint64_t seen; /* when Redis was told; its owner's */
	struct advance *prev, *next; /* the longest unseen first */
	char text[];
};

/* Embed it. */
struct advances {
	uint64_t seed;
	struct table table;
	struct advance *first, *last; /* the longest unseen first */
	unsigned count;
};

void advances_init(struct advances *all);
void advances_clear(struct advances *all);

/* NULL: there is none. */
struct advance *advance_find(const struct advances *all, struct word key);

/* The charge of `m` under a lease that ends then can be taken out of it. */
bool advance_covers(
    const struct advance *a, const struct asked_meter *m, int64_t end);
void advance_take(struct advance *a, int64_t n);

/* The settlement of `m` can be left to it. */
bool advance_holds(
    const struct advance *a, const struct asked_meter *m, int64_t now);
void advance_settle(struct advance *a, const struct asked_meter *m);

/* What is left may be so much more. */
bool advance_has_room(const struct advance *a, int64_t n);

/* It is not of this lease, or was granted for another limit, or Redis may not
 * know of it: it goes back before there is another one. */
bool advance_is_old(
    const struct advance *a, const struct asked_meter *m, int64_t end);

/* Nothing is left of it, and Redis was told of what was sent. How much it needs
 * is still known. */
void advance_empty(struct advance *a);

/* Redis is about to be asked for a charge of `m` at `now` (ms), and there is no
 * old one: how much more to ask for; 0: nothing. `nodes` policyd share its
 * limit; `heat` is the meter's. Then one of the next two must follow. */
int64_t advance_wish(struct advances *all, const struct asked_meter *m,
    int64_t end, unsigned nodes, struct heat *heat, uint64_t now);

/* What it may come to in Redis with that. */
int64_t advance_bound(const struct asked_meter *m);

/* It was granted at `now`. False: this is not asked for any more. */
bool advance_got(struct advances *all, struct word key, int64_t end, int64_t n,
    uint64_t now);

/* It was not: it may be asked for again. */
void advance_missed(
    struct advances *all, struct word key, int64_t end, int64_t n);

/* Puts it behind all others. */
void advance_seen(struct advances *all, struct advance *a, uint64_t now);

/* Takes it out of the book and frees it. */
void advance_remove(struct advances *all, struct advance *a);

#endif
