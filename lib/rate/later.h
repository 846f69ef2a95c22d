/*
 * later - who need not wait is told all the same, and not from inside asking
 */
#ifndef RATE_LATER_H
#define RATE_LATER_H

#include "ask/ask.h"
#include "base/clock.h"

struct told_later;

/* Embed it. */
struct later {
	struct clock *clock;
	struct timer moment;
	struct told_later *first, **last;
};

void later_init(struct later *l, struct clock *clock);
void later_clear(struct later *l); /* nobody may wait */

/* In a moment `t` hears that number. */
void later_tell(struct later *l, struct ticket *t, int64_t number);

/* The answer that is a number; it may be read, but not copied as a struct. */
void later_answer(struct answer *out, int64_t number);

#endif
