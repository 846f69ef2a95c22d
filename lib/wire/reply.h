/*
 * reply - a decision to bytes
 */
#ifndef WIRE_REPLY_H
#define WIRE_REPLY_H

#include <stddef.h>

struct decision;

enum { REPLY_BYTES = 1024 };

/* Writes "action=...\n\n", NUL-terminated; returns its length. DUNNO unless
 * refused, never OK: OK would skip the restrictions that stop relaying; or
 * PREPEND with a header, which goes on like DUNNO. When refused "CODE X.Y.Z
 * text" in printable ASCII on one line, never without a text: Postfix takes a
 * bare code for a permit. */
size_t reply_write(char out[REPLY_BYTES], const struct decision *d);

#endif
