/*
 * policyctl_census - how many keys of which register, as far as time allows
 */
#ifndef POLICYD_POLICYCTL_CENSUS_H
#define POLICYD_POLICYCTL_CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct door;

enum { CENSUS_REGISTERS = 32, CENSUS_NODES = 64 };

struct census {
	bool complete; /* else the numbers are "at least" */
	size_t count;
	struct {
		const char *name;
		uint64_t keys;
	} registers[CENSUS_REGISTERS];
	size_t node_count;
	const char *nodes[CENSUS_NODES]; /* their keys */
};

/* Looks at keys under `prefix` for at most `limit_ms`. Texts live in `a`. */
void census_take(struct census *c, struct door *d, struct arena *a,
    const char *prefix, uint64_t limit_ms);

#endif
