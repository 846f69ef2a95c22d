/*
 * breaker - opens, waits longer and longer, closes
 */
#include "ask/redis/breaker.h"

#include <stddef.h>

/* xorshift64*: the jitter need not be unpredictable, only different. */
static uint64_t
random_number(struct breaker *b)
{
	b->seed ^= b->seed >> 12;
	b->seed ^= b->seed << 25;
	b->seed ^= b->seed >> 27;
	return b->seed * 2685821657736338717u >> 32;
}

/* Three quarters to five quarters of it. */
static uint64_t
spread(struct breaker *b, uint64_t ms)
{
	return ms * 3 / 4 + random_number(b) % (ms / 2 + 1);
}

static void
wait(struct breaker *b)
{
	uint64_t ms = BREAKER_FIRST_MS;

	for (unsigned i = 0; i < b->tries && ms < BREAKER_LONGEST_MS; i++)
		ms *= 2;
	if (ms > BREAKER_LONGEST_MS)
		ms = BREAKER_LONGEST_MS;
	b->tries++;
	timer_start(&b->timer, b->clock, spread(b, ms));
}

static void
fire(struct timer *timer)
{
	struct breaker *b = (void *)((char *)timer -
	    offsetof(struct breaker, timer));

	b->try_again(b);
}

void
breaker_init(struct breaker *b, struct clock *clock, uint64_t seed,
    void (*try_again)(struct breaker *))
{
	*b = (struct breaker){ .try_again = try_again,
		.clock = clock,
		.timer.fire = fire,
		.open = true,
		.seed = seed | 1 };
	timer_start(&b->timer, clock, 0);
}

void
breaker_stop(struct breaker *b)
{
	timer_stop(&b->timer);
}

void
breaker_good(struct breaker *b)
{
	timer_stop(&b->timer);
	b->open = false;
	b->lost = b->tries = 0;
}

void
breaker_answered(struct breaker *b)
{
	b->lost = 0;
}

bool
breaker_trip(struct breaker *b)
{
	if (b->open)
		return false;
	b->open = true;
	wait(b);
	return true;
}

bool
breaker_lost(struct breaker *b)
{
	return ++b->lost >= BREAKER_LOST && breaker_trip(b);
}

void
breaker_failed(struct breaker *b)
{
	if (b->open && !timer_running(&b->timer))
		wait(b);
}
