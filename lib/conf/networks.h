/*
 * networks - which of very many networks has an address
 */
#ifndef CONF_NETWORKS_H
#define CONF_NETWORKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address;
struct arena;
struct network;
struct networks;

/* What a match leads to; the lowest rank wins. */
struct entry {
	uint64_t rank;
	const char *value;
};

struct networks *networks_new(struct arena *a);

/* Of equal networks the first counts. */
void networks_add(
    struct networks *n, const struct network *net, struct entry entry);

/* Matches whatever is *not* in `net`. */
void networks_add_outside(
    struct networks *n, const struct network *net, struct entry entry);

/* NULL without a match. */
const struct entry *networks_find(
    const struct networks *n, const struct address *a);

#endif
