/*
 * span - reading a line from its beginning; within lib/feed only
 *
 * Each takes what it names off the front of `s`, or leaves `s` as it was and
 * returns false.
 */
#ifndef FEED_SPAN_H
#define FEED_SPAN_H

#include <string.h>

#include "feed/maillog.h"

static inline size_t
span_size(struct span s)
{
	return (size_t)(s.end - s.at);
}

static inline bool
span_begins(struct span s, const char *text, size_t size)
{
	return span_size(s) >= size && memcmp(s.at, text, size) == 0;
}

static inline bool
take(struct span *s, const char *text)
{
	const size_t size = strlen(text);

	if (!span_begins(*s, text, size))
		return false;
	s->at += size;
	return true;
}

static inline bool
span_is(struct span s, const char *text)
{
	return span_size(s) == strlen(text) &&
	    memcmp(s.at, text, span_size(s)) == 0;
}

/* The bytes before the first `text`, which is taken too. */
bool take_until(struct span *s, const char *text, struct span *before);

/* All bytes at the front that stand in `set` (a NUL never does). */
struct span take_all(struct span *s, const char *set);

/* Decimal, at most 9 digits. */
bool take_number(struct span *s, unsigned *out);

/* Where the last `text` begins; NULL without one. */
const char *span_last(struct span s, const char *text);

/* The whole span as an address. */
bool span_address(struct span s, struct address *out);

#endif
