/*
 * hash - each eight bytes are multiplied, and the product is folded
 *
 * The high half of a product depends on all bits of both factors. One
 * multiplication for eight bytes instead of one for each, as FNV has it: a
 * request has a hundred and fifty to be looked at.
 */
#include "base/hash.h"

#include <string.h>

static uint64_t
mix(uint64_t a, uint64_t b)
{
	/* Odd, and half of its bits set: the golden ratio. */
	const unsigned __int128 product = (unsigned __int128)(a ^ b) *
	    0x9e3779b97f4a7c15u;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t
hash_bytes(uint64_t begin, const void *bytes, size_t size)
{
	const unsigned char *at = bytes;
	uint64_t hash = begin, word;
	size_t left;

	for (left = size; left >= sizeof(word); left -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		hash = mix(hash, word);
		at += sizeof(word);
	}
	word = 0;
	memcpy(&word, at, left);
	return mix(mix(hash, word), size);
}

uint64_t
hash_text(uint64_t begin, const char *text)
{
	return hash_bytes(begin, text, strlen(text));
}
