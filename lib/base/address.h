/*
 * address - IP addresses and networks
 *
 * An IPv4-mapped IPv6 address (::ffff:192.0.2.1, RFC 4291 section 2.5.5.2) is
 * read as the IPv4 address it carries, so that nobody has two names.
 */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

enum { ADDRESS_TEXT = 48, NETWORK_TEXT = 52, ADDRESS_REVERSED = 64 };

struct address {
	unsigned char family; /* 0: none, 4 or 6 */
	unsigned char bytes[16]; /* network order; the rest is zero */
};

struct network {
	struct address base; /* host bits are zero */
	unsigned bits;
};

/* Plain text as Postfix sends it: no brackets, no scope. False, and family 0,
 * when it is not an address. */
bool address_parse(struct address *a, const char *text);

/* Writes at most ADDRESS_TEXT bytes; returns `out`; "" for family 0. */
const char *address_text(const struct address *a, char *out);

/* As names of the DNS have it: 7.2.0.192 and, of IPv6, all 32 digits. Writes at
 * most ADDRESS_REVERSED bytes; returns `out`; "" for family 0. */
const char *address_reversed(const struct address *a, char *out);

bool address_equal(const struct address *a, const struct address *b);
bool address_is_loopback(const struct address *a);

/* Of a site, and nobody's elsewhere: private, shared, link-local or loopback
 * (RFC 1918, 6598, 3927, 4193, 4291), or none at all. */
bool address_is_private(const struct address *a);

/* How long the network is that one client has: 32, 64 for IPv6, but 128 for
 * what NAT64 made of an IPv4 address (64:ff9b::/96, RFC 6052): there each
 * address is somebody else's. */
unsigned address_client_bits(const struct address *a);

/* `bits` above the family's length counts as the whole address. */
struct network network_of(const struct address *a, unsigned bits);

/* "192.0.2.0/24", "2001:db8::/32", or an address alone. Refuses host bits
 * behind the prefix, as Postfix' cidr_table(5) does. */
bool network_parse(struct network *n, const char *text);
const char *network_text(const struct network *n, char *out);
bool network_has(const struct network *n, const struct address *a);

#endif
