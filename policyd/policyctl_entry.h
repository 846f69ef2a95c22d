/*
 * policyctl_entry - what is kept about a client, as it stands in Redis
 *
 * The keys and fields are told in lib/register/register.h and lists.h.
 */
#ifndef POLICYD_POLICYCTL_ENTRY_H
#define POLICYD_POLICYCTL_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct conf;
struct node;
struct shelf;

/* A name, encoded, and a time: who reported a client, or a domain that it is
 * listed for. */
struct mark {
	const char *name;
	int64_t at;
};

struct entry {
	const struct shelf *shelf;
	const char *client; /* or pattern, of a list */
	const char *service; /* of abuse that is counted apart, else NULL */
	const char *key; /* of a register, else NULL */
	int64_t since; /* or first seen; 0: not known */
	int64_t until; /* FOREVER; 0: counted, and not listed */
	const char *by, *reason; /* "": nobody said */
	int64_t level; /* of a ban */
	int64_t failures, last; /* of abuse; last also of spam */
	const char *users; /* of abuse, encoded, with blanks between */
	const char *times; /* of abuse, with blanks between */
	int64_t everywhere; /* of spam: listed for all domains until */
	size_t reporter_count, domain_count; /* of spam */
	struct mark *reporters, *domains;
};

/* From HGETALL of its key; false when that is none of this shelf's. */
bool entry_of_hash(struct entry *e, struct arena *a, const struct conf *conf,
    const struct shelf *s, const char *key, const struct node *hash);

/* From a field of a list. */
void entry_of_record(struct entry *e, struct arena *a, const struct shelf *s,
    const char *pattern, const char *record);

/* It holds at `now`. */
bool entry_holds(const struct entry *e, int64_t now);

#endif
