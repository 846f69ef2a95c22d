/*
 * keys - words of questions about an address; within lib/scope only
 */
#ifndef SCOPE_KEYS_H
#define SCOPE_KEYS_H

#include "ask/ask.h"

struct arena;
struct conf;

/* The next of KEYS: what is set for a domain or mailbox, and its deny list. */
void keys_settings(struct question *q, struct arena *a, const struct conf *conf,
    const char *address);
void keys_denied(struct question *q, struct arena *a, const struct conf *conf,
    const char *address);

/* Both, in this order. */
void keys_all(struct question *q, struct arena *a, const struct conf *conf,
    const char *address);

/* What all of these begin with, behind the prefix, and no other key of ours;
 * ends with NULL. Redis compares each key that anybody writes with each. */
extern const char *const keys_beginnings[];

/* The address that such a key is about, and whether that can be told from it.
 * NULL: it is none of them. */
const char *keys_address(struct arena *a, const char *prefix, const char *key);
bool keys_named(struct word key);

/* The next of ARGV. */
void keys_word(struct question *q, const char *word);
void keys_number(struct question *q, struct arena *a, uint64_t number);

#endif
