/*
 * named - whom a transaction has named so far, each once
 *
 * A recipient may be named twice, and several lists of Postfix may ask about
 * it. A check charges something for each that it is asked about; of those that
 * were accepted here is the set.
 */
#ifndef CHECKS_NAMED_H
#define CHECKS_NAMED_H

#include "engine/check.h"

struct named;

/* What a check charges: its first member. */
struct named_one {
	struct named_one *next[2]; /* in the set */
	uint64_t number; /* a hash of its name */
	const char *name; /* NULL: nobody */
	struct named *set;
	bool is_in; /* the set */
};

/* Those of the requests before; NULL when none charged anything. */
struct named *named_before(const struct facts *f);

/* The same of all that settle() is told of. */
struct named *named_all(void *const *data, size_t count);

/* Who was named so, or NULL. No set is fine. */
struct named_one *named_find(
    struct named *set, const struct facts *f, const char *name);
bool named_has(struct named *set, const struct facts *f, const char *name);
int64_t named_count(const struct named *set);

/* `one` lives in charge_arena(), and is yet to be charged. */
void named_make(const struct facts *f, struct named *before,
    struct named_one *one, const char *name);

#endif
