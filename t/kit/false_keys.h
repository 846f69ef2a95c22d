/*
 * false_keys - the keys of the false Redis
 *
 * A list sorted by name: there are few enough that this will do. A string is
 * a hash with one nameless field, a sorted set one whose values are scores, in
 * their order.
 */
#ifndef KIT_FALSE_KEYS_H
#define KIT_FALSE_KEYS_H

#include "ask/ask.h"

struct field {
	struct field *next; /* in the order they came in */
	struct word name, value;
};

enum key_kind { KEY_STRING, KEY_HASH, KEY_ZSET };

struct key {
	struct key *next;
	struct word name;
	enum key_kind kind;
	int64_t expires_ms; /* 0: never */
	struct field *fields;
};

struct keys {
	struct key *first;
};

void keys_clear(struct keys *k);

/* Forgets what is over. */
void keys_expire(struct keys *k, int64_t now_ms);

struct key *keys_find(const struct keys *k, struct word name);
struct key *keys_make(struct keys *k, struct word name, enum key_kind kind);
void keys_remove(struct keys *k, struct key *key);

/* `key` may be NULL: it has no fields. */
struct field *key_field(const struct key *key, struct word name);
/* True when the field is new. Copies both. */
bool key_put(struct key *key, struct word name, struct word value);
/* False when there is no such field. A key without fields is still there. */
bool key_drop(struct key *key, struct word name);
void key_empty(struct key *key);

bool word_equal(struct word a, struct word b);

#endif
