/*
 * put - an entry of a register or list, as somebody says it is
 *
 * By hand, or from what another Redis had. Nothing follows from it: no strike,
 * no ban, no index.
 */
#ifndef REGISTER_PUT_H
#define REGISTER_PUT_H

#include <stdbool.h>
#include <stdint.h>

#include "ask/ask.h"

struct arena;

/* As they stand in Redis; what no value of ours has (control bytes, all that
 * is not ASCII, ";") becomes "?". */
struct put_field {
	const char *name, *value;
};

enum { PUT_FIELDS = 14 };

/* Fields of the hash `key`, which Redis forgets at `ends`, Unix seconds or
 * FOREVER. Its other fields stay. `mark` is that of the client whose entry it
 * is, NULL for a list. The answer is 1 when something is different now, else
 * 0. */
struct question put_fields(struct arena *a, const char *key, const char *mark,
    int64_t ends, const struct put_field *fields, size_t count);

extern const struct script script_put;

#endif
