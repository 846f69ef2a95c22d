/*
 * record - the terms of an SPF record (RFC 7208, 12)
 */
#ifndef SPF_RECORD_H
#define SPF_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "spf/spf.h"

enum spf_kind {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_MECH_A,
	SPF_MECH_MX,
	SPF_MECH_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS
};

struct spf_term {
	enum spf_kind kind;
	enum spf_result result; /* of a match: its qualifier */
	const char *text; /* as it stands there */
	const char *spec; /* domain-spec, with macros; NULL: the domain */
	struct address address; /* of ip4 and ip6 */
	unsigned bits4, bits6; /* prefix lengths; of ip4 and ip6 one holds */
};

struct spf_terms {
	size_t count;
	struct spf_term *items;
	const char *redirect; /* domain-spec; NULL: none */
	const char *redirect_text; /* the whole modifier */
};

/* True when it begins with the version and a space, or is nothing else (4.5).
 */
bool record_is_spf(const struct spf_record *r);

/* NULL when all of it is right, else what is not (4.6: then nothing of it
 * counts). What is returned lives in `a` or for ever. */
const char *record_parse(
    struct arena *a, const struct spf_record *r, struct spf_terms *out);

#endif
