/*
 * alias - where an address leads to; within lib/scope only
 */
#ifndef SCOPE_ALIAS_H
#define SCOPE_ALIAS_H

#include <stddef.h>

struct arena;

struct targets {
	size_t count; /* 0: it is no alias */
	const char *const *items; /* as scope_address() has them */
};

/*
 * As in virtual(5): addresses with commas or blanks between them. "@domain" is
 * the same user there, a name alone one of the same domain. An address that
 * stands for itself is no alias because of that.
 */
struct targets alias_targets(
    struct arena *a, const char *address, const char *text);

#endif
