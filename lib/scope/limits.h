/*
 * limits - of what is read from Redis; within lib/scope only
 *
 * scope.lua has the same numbers: it sends one more, so that it is seen.
 */
#ifndef SCOPE_LIMITS_H
#define SCOPE_LIMITS_H

enum {
	FIELDS = 256, /* of a hash */
	VALUE_SIZE = 8192, /* of a value */
	MAILBOX_SIZE = 320, /* syntax_mailbox() takes no longer ones */
};

#endif
