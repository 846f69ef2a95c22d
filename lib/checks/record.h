/*
 * record - what greylist.lua reads and writes, where it is simple
 *
 * Of a question to that script: what its two keys are, what it would write of a
 * stranger, and what it would say of what stands there, when it would say so
 * without a closer look.
 */
#ifndef CHECKS_RECORD_H
#define CHECKS_RECORD_H

#include <stdbool.h>

#include "ask/ask.h"

enum { RECORD_KEY = 160, RECORD_LINE = 64 };

/* A stranger is written down and no more: not counted, and not only looked at;
 * the time is known, and the identity's key has no more than RECORD_KEY bytes.
 */
bool record_is_plain(const struct question *q);

/* For one that is plain; the words are the question's. What is written has at
 * most RECORD_KEY or RECORD_LINE bytes, and its size is returned. */
struct word record_key_of(const struct question *q);
struct word record_window_of(const struct question *q); /* seconds */
size_t record_of_stranger(const struct question *q, char *line);
size_t record_identity_key(const struct question *q, char *key);

/* Under the record's key: it was let in within the hour. */
bool record_is_recent(const struct question *q, const struct value *record);

/* Under the identity's: it is known, and was seen within the hour. */
bool record_is_known(const struct question *q, const struct value *identity);

/* The same: it has no past but new records, and there may be another. */
bool record_has_room(const struct question *q, const struct value *identity);

#endif
