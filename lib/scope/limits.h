/*
 * limits - of what stands in Redis; within lib/scope only
 *
 * scope.lua has the first two: it sends one more, so that it is seen.
 */
#ifndef SCOPE_LIMITS_H
#define SCOPE_LIMITS_H

enum {
	FIELDS = 256, /* of a hash */
	VALUE_SIZE = 8192, /* of a value */
	ENTRY_SIZE = 320 /* of an entry of a deny list */
};

#endif
