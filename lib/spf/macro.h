/*
 * macro - %{...} in a domain-spec (RFC 7208, 7)
 */
#ifndef SPF_MACRO_H
#define SPF_MACRO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"

struct arena;

/* NULL, or what is wrong: with a macro-string, and with a domain-spec, which
 * must end like a name or in a macro. Letters that only explanations may have
 * (c, r, t) are wrong in both. */
const char *macro_string_wrong(const char *text);
const char *macro_domain_wrong(const char *text);

/* Whether %{p} stands in it: then its value must be found first. `text` is
 * right. */
bool macro_needs_name(const char *text);

struct macro_values {
	struct address client;
	const char *sender; /* user@domain, always with both */
	const char *domain; /* <domain> */
	const char *helo;
	const char *name; /* validated, of the client; "unknown" */
};

/* A name: without a dot at its end, and with no more than 253 bytes: too many
 * labels go from the left (7.3); a lone one that is longer is no name, but it
 * stays. `text` is right. In `a`. */
const char *macro_expand(
    struct arena *a, const char *text, const struct macro_values *v);

#endif
