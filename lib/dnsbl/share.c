/*
 * share - a table of numbers with open places
 */
#include "dnsbl/share.h"

#include <string.h>

void
share_clear(struct share *s, uint64_t now_ms)
{
	memset(s, 0, sizeof(*s));
	s->since_ms = now_ms;
}

/* Its place, or a free one. */
static uint64_t *
place(struct share *s, uint64_t number)
{
	size_t i = number % SHARE_SLOTS;

	while (s->seen[i] != 0 && s->seen[i] != number)
		i = (i + 1) % SHARE_SLOTS;
	return &s->seen[i];
}

void
share_note(struct share *s, uint64_t number, bool listed, uint64_t now_ms)
{
	uint64_t *at;

	if (s->count == SHARE_MOST || now_ms - s->since_ms > SHARE_MS)
		share_clear(s, now_ms);
	number += number == 0;
	at = place(s, number);
	if (*at == number)
		return;
	*at = number;
	s->count++;
	s->listed += listed;
}

bool
share_above(const struct share *s, unsigned percent)
{
	return s->count >= SHARE_LEAST && s->listed * 100 > percent * s->count;
}
