/*
 * share - how many of its clients does a list list?
 *
 * Counts different ones, each by its first answer, from a beginning on: an
 * hour at most, or SHARE_MOST of them; then it begins anew.
 */
#ifndef DNSBL_SHARE_H
#define DNSBL_SHARE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	SHARE_LEAST = 200, /* fewer say nothing */
	SHARE_MOST = 1000,
	SHARE_SLOTS = 2048,
	SHARE_MS = 3600 * 1000
};

/* Embed it, and clear it first. */
struct share {
	uint64_t seen[SHARE_SLOTS]; /* 0: free */
	unsigned count, listed;
	uint64_t since_ms;
};

void share_clear(struct share *s, uint64_t now_ms);

/* `number` is a hash of the client with a seed that no stranger knows. */
void share_note(struct share *s, uint64_t number, bool listed, uint64_t now_ms);

/* Of enough clients more than `percent` are listed. */
bool share_above(const struct share *s, unsigned percent);

#endif
