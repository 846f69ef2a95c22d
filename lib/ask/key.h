/*
 * key - names of keys in Redis, readable and unambiguous
 *
 * PREFIX + NAME + ":{" TAG "}" + ":" PART ... Each component is lower-cased;
 * `%`, `:`, `{`, `}`, blanks, control bytes and all that is not ASCII are
 * percent-encoded, so that no stranger can write a separator, a second tag
 * (which chooses the slot of a cluster) or an escape sequence for the reader's
 * terminal. A component over 256 bytes keeps its head and ends in `~` and 16
 * hex digits of a hash of the whole.
 */
#ifndef ASK_KEY_H
#define ASK_KEY_H

#include "ask/ask.h"

struct arena;

enum { KEY_COMPONENT = 256 };

/* `tag` NULL: a key without one. `parts` may be NULL when `count` is 0. */
struct word key_make(struct arena *a, const char *prefix, const char *name,
    const char *tag, const char *const *parts, size_t count);

/* The key NAME with all that `key` has behind its own name: tag and parts.
 * `key` is one that key_make() made with a tag, under the same prefix. */
struct word key_twin(
    struct arena *a, const char *prefix, const char *name, struct word key);

/* The component as key_make() writes it, for those who search for keys. */
const char *key_component(struct arena *a, const char *text);

/* Back again: what was encoded is decoded; a hash stays a hash. */
const char *key_decode(struct arena *a, const char *component);

#endif
