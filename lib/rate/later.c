/*
 * later - a list of those who wait for the clock to run
 */
#include "rate/later.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

struct told_later {
	struct told_later *next;
	struct ticket *asker;
	int64_t number;
};

/* Most of an answer is room for values. */
void
later_answer(struct answer *out, int64_t number)
{
	memset(out, 0, offsetof(struct answer, values[1]));
	out->state = KNOWN;
	out->count = 1;
	out->values[0].number = number;
	out->values[0].is_number = true;
}

/* Who is told may ask again: that is for the next time. */
static void
tell(struct timer *timer)
{
	struct later *l = (struct later *)((char *)timer -
	    offsetof(struct later, moment));
	struct told_later *t = l->first, *next;

	l->first = NULL;
	l->last = &l->first;
	for (; t; t = next) {
		struct answer a;

		later_answer(&a, t->number);
		next = t->next;
		t->asker->answered(t->asker, &a);
		free(t);
	}
}

void
later_init(struct later *l, struct clock *clock)
{
	l->clock = clock;
	l->moment.fire = tell;
	l->first = NULL;
	l->last = &l->first;
}

void
later_clear(struct later *l)
{
	timer_stop(&l->moment);
}

void
later_tell(struct later *l, struct ticket *asker, int64_t number)
{
	struct told_later *t = xmalloc(sizeof(*t));

	*t = (struct told_later){ NULL, asker, number };
	*l->last = t;
	l->last = &t->next;
	if (!timer_running(&l->moment))
		timer_start(&l->moment, l->clock, 0);
}
