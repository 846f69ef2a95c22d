/*
 * policyctl_seen - has this text been there before?
 *
 * Of each only a number is kept, 32 bytes at most: millions are no matter. Two
 * texts of ten million look the same once in 300,000 runs.
 */
#ifndef POLICYD_POLICYCTL_SEEN_H
#define POLICYD_POLICYCTL_SEEN_H

#include <stdbool.h>

struct seen;

struct seen *seen_new(void);
void seen_free(struct seen *s); /* NULL is fine */

/* True when it was. */
bool seen_before(struct seen *s, const char *text);

#endif
