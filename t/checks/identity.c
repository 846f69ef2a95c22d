/*
 * Whom a client counts as.
 */
#include "checks/identity.h"

#include "base/arena.h"
#include "conf/conf.h"
#include "engine/request.h"
#include "kit/suite.h"

/* -- as a network -- */

struct network_row {
	const char *name, *client;
	int64_t ipv4_bits, ipv6_bits;
	const char *identity;
};

static const struct network_row network_rows[] = {
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
is_of_network(void **state)
{
	const struct network_row *row = *state;
	struct arena *a = arena_new();
	const struct settings set = { .greylist.ipv4_bits = row->ipv4_bits,
		.greylist.ipv6_bits = row->ipv6_bits };
	struct request req = { .arena = a, .set = &set };

	address_parse(&req.client, row->client);
	assert_string_equal(identity_network(&req).name, row->identity);
	arena_release(a);
}

/* -- the best that holds -- */

struct row {
	const char *name;
	enum greylist_identity best; /* that is looked for */
	const char *domain; /* that vouches, or NULL */
	const char *client_name;
	const char *identity, *by;
};

static const struct row rows[] = {
	{ "the domain that vouches for it", IDENTITY_SPF, "example.com",
	    "mx.example.org", "example.com", "spf" },
	{ "without one the organisation of its name", IDENTITY_SPF, NULL,
	    "mx.example.org", "example.org", "name" },
	{ "without a name its network", IDENTITY_SPF, NULL, "unknown",
	    "192.0.2.0/24", "network" },
	{ "none better than is looked for: a name", IDENTITY_NAME,
	    "example.com", "mx.example.org", "example.org", "name" },
	{ "or no name when there is none", IDENTITY_NAME, "example.com",
	    "unknown", "192.0.2.0/24", "network" },
	{ "or a network", IDENTITY_NETWORK, "example.com", "mx.example.org",
	    "192.0.2.0/24", "network" },
	{ "names have no case", IDENTITY_NAME, NULL, "MX.Example.CO.UK",
	    "example.co.uk", "name" },
	{ "a suffix is no organisation", IDENTITY_NAME, NULL, "co.uk",
	    "192.0.2.0/24", "network" },
	{ "nor is that of a line", IDENTITY_NAME, NULL, "192-0-2-7.example.org",
	    "192.0.2.0/24", "network" },
	{ "in any case", IDENTITY_NAME, NULL, "DSL.Example.Org", "192.0.2.0/24",
	    "network" },
	{ "no name at all is none", IDENTITY_NAME, NULL, "", "192.0.2.0/24",
	    "network" },
};

static void
counts_as(void **state)
{
	const struct row *row = *state;
	struct arena *a = arena_new();
	const struct conf conf = { 0 };
	const struct settings set = { .greylist.ipv4_bits = 24,
		.greylist.identity = row->best };
	struct request req = { .arena = a,
		.conf = (struct conf *)&conf,
		.set = &set,
		.client_name = row->client_name };
	struct identity found;

	address_parse(&req.client, "192.0.2.7");
	found = identity_of(&req, row->domain);
	assert_string_equal(found.name, row->identity);
	assert_string_equal(identity_by(found.by), row->by);
	arena_release(a);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, network_rows, is_of_network);
	SUITE_ROWS(&s, rows, counts_as);
	return suite_run(&s, "identity");
}
