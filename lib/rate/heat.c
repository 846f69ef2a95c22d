/*
 * heat - counted by the second, or not for ten of them
 */
#include "rate/heat.h"

bool
heat_rises(struct heat *h, uint64_t now)
{
	const uint32_t ms = (uint32_t)now;

	if (h->denied && (int32_t)(h->since - ms) > 0)
		return false;
	if (h->denied || h->count == 0 || ms - h->since >= HEAT_MS)
		*h = (struct heat){ .since = ms };
	if (h->count < HEAT_MOST)
		h->count++;
	return h->count > HEAT_HOT;
}

void
heat_denied(struct heat *h, uint64_t now)
{
	h->denied = true;
	h->since = (uint32_t)now + HEAT_DENIED_MS;
}
