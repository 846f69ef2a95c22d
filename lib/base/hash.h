/*
 * hash - a number for some bytes, eight at a time
 *
 * For tables in memory and for telling things apart within a process. Begin
 * with a number that strangers do not know, and they cannot make two things
 * look alike. Not for what is kept or sent: it differs between machines.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* `begin` may be the hash of what stands before. The size counts too, so that
 * "ab" and "c" are not "a" and "bc". */
uint64_t hash_bytes(uint64_t begin, const void *bytes, size_t size);
uint64_t hash_text(uint64_t begin, const char *text);

/* Such a number to begin with, each time another one. */
uint64_t hash_seed(void);

#endif
