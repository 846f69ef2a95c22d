/*
 * Whom a client counts as.
 */
#include "checks/identity.h"

#include "base/arena.h"
#include "conf/conf.h"
#include "engine/request.h"
#include "kit/suite.h"

struct row {
	const char *name, *client;
	int64_t ipv4_bits, ipv6_bits;
	const char *identity;
};

static const struct row rows[] = {
	{ "an IPv4 client is its /24", "192.0.2.77", 24, 64, "192.0.2.0/24" },
	{ "an IPv6 client is its /64", "2001:db8:1:2:3:4:5:6", 24, 64,
	    "2001:db8:1:2::/64" },
	{ "an IPv4 client in the form of IPv6 is its /24", "::ffff:192.0.2.77",
	    24, 64, "192.0.2.0/24" },
	{ "the bits of IPv4 are an option", "192.0.2.77", 26, 64,
	    "192.0.2.64/26" },
	{ "the bits of IPv6 are an option", "2001:db8:1:2:3:4:5:6", 24, 48,
	    "2001:db8:1::/48" },
	{ "32 bits are one address", "192.0.2.77", 32, 64, "192.0.2.77/32" },
	{ "128 bits are one address", "2001:db8::7", 24, 128,
	    "2001:db8::7/128" },
	{ "a client without an address is unknown", "unknown", 24, 64,
	    "unknown" },
	{ "so is one with something else for an address", "{a}:b", 24, 64,
	    "unknown" },
};

static void
counts_as(void **state)
{
	const struct row *row = *state;
	struct arena *a = arena_new();
	const struct settings set = { .greylist.ipv4_bits = row->ipv4_bits,
		.greylist.ipv6_bits = row->ipv6_bits };
	struct request req = { .arena = a, .set = &set };

	address_parse(&req.client, row->client);
	assert_string_equal(identity_of(&req), row->identity);
	arena_release(a);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, counts_as);
	return suite_run(&s, "identity");
}
