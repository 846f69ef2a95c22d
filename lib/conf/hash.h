/*
 * hash - from some bytes to a thing
 *
 * Filled once, by an administrator's files, and only read by strangers.
 * Nothing is taken out.
 */
#ifndef CONF_HASH_H
#define CONF_HASH_H

#include <stddef.h>

struct arena;
struct hash;

/* Lives in `a`. */
struct hash *hash_new(struct arena *a);

/* The place of a key's thing; NULL stands in a new one, and must not stay.
 * Good until the next hash_put(). */
void **hash_put(struct hash *h, const void *key, size_t size);

/* NULL when there is none. */
void *hash_get(const struct hash *h, const void *key, size_t size);

#endif
