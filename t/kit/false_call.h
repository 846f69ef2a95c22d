/*
 * false_call - one command under way; within false_*.c only
 */
#ifndef KIT_FALSE_CALL_H
#define KIT_FALSE_CALL_H

#include <stdbool.h>

#include "kit/false_commands.h"
#include "kit/false_keys.h"

struct call {
	struct keys *keys;
	struct arena *arena;
	int64_t now_ms;
	const struct word *words;
	size_t count;
};

/* One row a command. */
struct command {
	const char *name;
	size_t least, most; /* words */
	enum { READS, GROWS, FREES } does; /* the last two write */
	bool all_keys; /* every word behind the name is one */
	struct resp (*run)(const struct call *);
};

/* Each ends with a row without a name. */
extern const struct command false_hashes[], false_logs[], false_zsets[];

extern const char call_wrong_type[], call_no_integer[], call_syntax[];

/* True for that word in any letters. */
bool call_is(struct word w, const char *text);
bool call_number(struct word w, int64_t *n);

struct resp call_integer(int64_t n);
struct resp call_error(const char *text);
struct resp call_status(const char *text);
struct resp call_bytes(const struct call *c, struct word text);
struct resp call_value(const struct call *c, const struct field *f); /* nil */
struct resp call_array(const struct call *c, size_t room);
void call_push(struct resp *list, struct resp item);

/* The key of the first word, and false when it is of another kind. */
bool call_key(const struct call *c, enum key_kind kind, struct key **k);

/* The same, made when it is not there; NULL when it is of another kind. */
struct key *call_make(const struct call *c, enum key_kind kind);

/* A key that has become empty is none. */
void call_done(const struct call *c, struct key *k);

/* Adds to a field that is 0 when missing. */
struct resp call_add(
    const struct call *c, enum key_kind kind, struct word field, int64_t by);

#endif
