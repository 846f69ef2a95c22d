/*
 * sizes - how many clients stand in each register, asked now and then
 *
 * Whoever looks at the metrics gets what was heard last: no scrape asks Redis.
 */
#ifndef HTTP_SIZES_H
#define HTTP_SIZES_H

#include <stdint.h>

#include "register/register.h"

struct site;
struct sizes;

enum { SIZES = REGISTER_BAN + 1, SIZES_EVERY_MS = 15 * 1000 };

extern const struct script script_sizes;

/* Looks at once, and then every SIZES_EVERY_MS. */
struct sizes *sizes_new(const struct site *site);
void sizes_free(struct sizes *s); /* answers under way are forgotten */

/* -1: not known. */
int64_t sizes_of(const struct sizes *s, enum register_name which);

#endif
