/*
 * hash - each eight bytes are multiplied, and the product is folded
 *
 * The high half of a product depends on all bits of both factors. One
 * multiplication for eight bytes instead of one for each, as FNV has it: a
 * request has a hundred and fifty to be looked at.
 */
#include "base/hash.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

static uint64_t
mix(uint64_t a, uint64_t b)
{
	/* Odd, and half of its bits set: the golden ratio. */
	const unsigned __int128 product = (unsigned __int128)(a ^ b) *
	    0x9e3779b97f4a7c15u;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t
word_at(const unsigned char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

static uint64_t
half_at(const unsigned char *at)
{
	uint32_t half;

	memcpy(&half, at, sizeof(half));
	return half;
}

/* The last eight bytes of all, or what there is: some of them for the second
 * time, but always as many. */
static uint64_t
last_word(const unsigned char *bytes, size_t size)
{
	if (size >= 8)
		return word_at(bytes + size - 8);
	if (size >= 4)
		return half_at(bytes) << 32 | half_at(bytes + size - 4);
	if (size == 0)
		return 0;
	return (uint64_t)bytes[0] << 16 | (uint64_t)bytes[size / 2] << 8 |
	    bytes[size - 1];
}

uint64_t
hash_bytes(uint64_t begin, const void *bytes, size_t size)
{
	const unsigned char *at = bytes;
	uint64_t hash = begin;

	for (size_t left = size; left > sizeof(hash); left -= sizeof(hash)) {
		hash = mix(hash, word_at(at));
		at += sizeof(hash);
	}
	return mix(mix(hash, last_word(bytes, size)), size);
}

uint64_t
hash_text(uint64_t begin, const char *text)
{
	return hash_bytes(begin, text, strlen(text));
}

/* A kernel that has no randomness yet, soon after it booted, is not waited for:
 * where we lie in memory and the nanoseconds are hard to guess, too. */
uint64_t
hash_seed(void)
{
	struct timespec now = { 0 };
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) == sizeof(seed))
		return seed;
	clock_gettime(CLOCK_REALTIME, &now);
	return hash_bytes((uintptr_t)&now, &now, sizeof(now));
}
