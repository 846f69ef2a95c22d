/*
 * eight - eight bytes of a text at a time, in one number
 *
 * For what looks at each byte of each request. Questions are answered by not 0
 * for yes, so that several are one with `|`. None asks which byte it is, so
 * machines may have them in either order.
 */
#ifndef BASE_EIGHT_H
#define BASE_EIGHT_H

#include <stdint.h>
#include <string.h>

#define EIGHT_ONES (UINT64_MAX / 0xff)
#define EIGHT_HIGHEST (0x80 * EIGHT_ONES)

static inline uint64_t
eight_at(const char *text)
{
	uint64_t bytes;

	memcpy(&bytes, text, sizeof(bytes));
	return bytes;
}

static inline void
eight_put(char *out, uint64_t bytes)
{
	memcpy(out, &bytes, sizeof(bytes));
}

/* Capitals in lower case, other bytes as they are: of those that are capitals
 * the highest bit is found, and set two bits below. No byte carries into the
 * next, as its own highest bit is off. */
static inline uint64_t
eight_lower(uint64_t bytes)
{
	const uint64_t low = bytes & ~EIGHT_HIGHEST;
	const uint64_t from_a = low + (0x80 - 'A') * EIGHT_ONES;
	const uint64_t above_z = low + (0x7f - 'Z') * EIGHT_ONES;

	return bytes | (from_a & ~above_z & ~bytes & EIGHT_HIGHEST) >> 2;
}

/* Is one of them below `least` or above `most`, two of ASCII? Up to the first
 * that is nothing is borrowed or carried: it is seen, whatever that makes of
 * those behind. One over 0x7f keeps its highest bit in one sum or the other. */
static inline uint64_t
eight_outside(uint64_t bytes, char least, char most)
{
	const uint64_t below = bytes - (uint64_t)least * EIGHT_ONES;
	const uint64_t above = bytes + (uint64_t)(0x7f - most) * EIGHT_ONES;

	return (below | above) & EIGHT_HIGHEST;
}

/* Is one of them `c`? Where one is not ASCII, the answer may be yes. */
static inline uint64_t
eight_with(uint64_t bytes, char c)
{
	return ((bytes ^ (uint64_t)c * EIGHT_ONES) - EIGHT_ONES) &
	    EIGHT_HIGHEST;
}

#endif
