/*
 * idn - domains in all scripts, as the DNS knows them (IDNA2008, RFC 5890)
 *
 * Under SMTPUTF8 a domain may come as it is read, bücher.example, or as it is
 * asked for, xn--bcher-kva.example. It is one domain: who compares domains, or
 * makes keys of them, takes the second form, which is ASCII. Letters are mapped
 * as in UTS #46, not in its transitional way: straße.example is not
 * strasse.example.
 */
#ifndef BASE_IDN_H
#define BASE_IDN_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum { IDN_SIZE = 256 }; /* of what idn_convert() writes, at most */

/* Whether all of it is ASCII: then there is nothing to convert. */
bool idn_is_ascii(const char *text);

/* In lower case, without a dot at its end; `out`, of `size` bytes, may be
 * `domain` itself. False when it is no domain in any script, or there is no
 * room: then `out` is as it was. */
bool idn_convert(char *out, size_t size, const char *domain);

/* The same in `a`; `domain` itself when it is ASCII, NULL when it is none. */
const char *idn_ascii(struct arena *a, const char *domain);

/* The same with the domain of user@domain, @domain, .domain or domain: what
 * cannot be converted stays, and so does what has neither "@" nor ".". */
const char *idn_address(struct arena *a, const char *text);

/* In place; `size` is the room there is for `text`. */
void idn_replace(char *text, size_t size);

#endif
