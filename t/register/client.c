/*
 * whom an address counts as in all registers
 */
#include "register/register.h"

#include <string.h>

#include "base/arena.h"
#include "kit/suite.h"

struct row {
	const char *name, *address, *client;
};

static const struct row rows[] = {
	{ "an IPv4 address is a client", "192.0.2.1", "192.0.2.1" },
	{ "so is a mapped one", "::ffff:192.0.2.1", "192.0.2.1" },
	{ "an IPv6 address is its /64", "2001:db8:1:2:3:4:5:6",
	    "2001:db8:1:2::/64" },
	{ "who comes through NAT64 is himself", "64:ff9b::192.0.2.1",
	    "64:ff9b::c000:201" },
	{ "the network beside NAT64's is as any other", "64:ff9b:1:2::1",
	    "64:ff9b:1:2::/64" },
};

static void
counts_as(void **state)
{
	const struct row *row = *state;
	struct arena *a = arena_new();
	struct address address, back;
	const char *client;

	assert_true(address_parse(&address, row->address));
	client = register_client(a, &address);
	assert_string_equal(client, row->client);
	assert_true(register_client_parse(client, &back));
	assert_string_equal(register_client(a, &back), row->client);
	arena_release(a);
}

static const struct row others[] = {
	{ "a network is no client", "192.0.2.0/24", NULL },
	{ "nor is an address within a /64", "2001:db8::1", NULL },
	{ "nor all of NAT64", "64:ff9b::/96", NULL },
	{ "nor a name", "mail.example.com", NULL },
};

static void
is_no_client(void **state)
{
	const struct row *row = *state;
	struct address back;

	assert_false(register_client_parse(row->address, &back));
}

int
main(void)
{
	struct suite s = { 0 };

	SUITE_ROWS(&s, rows, counts_as);
	SUITE_ROWS(&s, others, is_no_client);
	return suite_run(&s, "register/client");
}
