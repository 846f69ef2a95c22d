/*
 * policyctl_seen - an open table of numbers, half full at most
 */
#include "policyctl_seen.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/hash.h"

enum { FIRST = 1024 };

struct seen {
	uint64_t begin;
	size_t size, used; /* a power of two */
	uint64_t *numbers; /* 0: free */
};

struct seen *
seen_new(void)
{
	struct seen *s = xcalloc(1, sizeof(*s));

	s->begin = hash_seed();
	s->size = FIRST;
	s->numbers = xcalloc(s->size, sizeof(*s->numbers));
	return s;
}

void
seen_free(struct seen *s)
{
	if (!s)
		return;
	free(s->numbers);
	free(s);
}

/* Where it is, or would be. */
static uint64_t *
place(const struct seen *s, uint64_t number)
{
	size_t at = number & (s->size - 1);

	while (s->numbers[at] && s->numbers[at] != number)
		at = (at + 1) & (s->size - 1);
	return &s->numbers[at];
}

static void
grow(struct seen *s)
{
	struct seen larger = {
		.begin = s->begin, .size = 2 * s->size, .used = s->used
	};

	larger.numbers = xcalloc(larger.size, sizeof(*larger.numbers));
	for (size_t i = 0; i < s->size; i++)
		if (s->numbers[i])
			*place(&larger, s->numbers[i]) = s->numbers[i];
	free(s->numbers);
	*s = larger;
}

bool
seen_before(struct seen *s, const char *text)
{
	const uint64_t hash = hash_text(s->begin, text),
		       number = hash ? hash : 1;
	uint64_t *at = place(s, number);

	if (*at)
		return true;
	*at = number;
	if (2 * ++s->used > s->size)
		grow(s);
	return false;
}
