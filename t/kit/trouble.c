/*
 * trouble - begun, and over
 */
#include "kit/trouble.h"

#include "kit/torn.h"

static void
break_some(const struct site *s)
{
	for (unsigned i = 0; i < s->count; i++)
		if (torn_dice(s->seed, 2))
			torn_break(s->lines[i]);
}

static void
refuse(const struct site *s, enum loss loss, bool all)
{
	for (unsigned i = 0; i < s->count; i++)
		if (all || torn_dice(s->seed, 2))
			torn_refuse(s->lines[i], loss);
}

void
trouble_begin(const struct site *s, enum trouble what)
{
	if (what == FULL)
		false_redis_mood(s->redis, MOOD_FULL);
	if (what == REPLICA)
		false_redis_mood(s->redis, MOOD_REPLICA);
	if (what == BUSY)
		refuse(s, LOSS_BUSY, false);
	if (what == DOWN)
		refuse(s, LOSS_DOWN, false);
	if (what == REFUSED)
		false_redis_lose(s->redis, LOSS_REFUSED);
	if (what == SLOW)
		false_redis_delay(s->redis, 1 + torn_dice(s->seed, 15));
	if (what == HUNG)
		false_redis_delay(s->redis, 600);
	if (what == BROKEN)
		break_some(s);
}

void
trouble_end(const struct site *s)
{
	false_redis_mood(s->redis, MOOD_WELL);
	false_redis_delay(s->redis, 0);
	false_redis_lose(s->redis, LOSS_NONE);
	refuse(s, LOSS_NONE, true);
}
