/*
 * Addresses and networks: text to bytes and back.
 */
#include "base/address.h"

#include <string.h>

#include "kit/suite.h"

struct parse_row {
	const char *name, *text;
	int family;
	const char *back;
};

static const struct parse_row parse_rows[] = {
	{ "an IPv4 address is four bytes", "192.0.2.10", 4, "192.0.2.10" },
	{ "bytes of one, two and three digits", "0.9.10.99", 4, "0.9.10.99" },
	{ "and the highest", "100.199.200.255", 4, "100.199.200.255" },
	{ "an IPv6 address is written in its short form",
	    "2001:0db8:0:0:0:0:0:0025", 6, "2001:db8::25" },
	{ "letters of an IPv6 address become small", "2001:DB8::ABCD", 6,
	    "2001:db8::abcd" },
	{ "the loopback of IPv6 is an address", "::1", 6, "::1" },
	{ "an IPv4-mapped address is the IPv4 address", "::ffff:192.0.2.1", 4,
	    "192.0.2.1" },
	{ "also when its IPv4 part is in hex", "::ffff:c000:201", 4,
	    "192.0.2.1" },
	{ "an IPv4-compatible address is IPv6", "::192.0.2.1", 6,
	    "::192.0.2.1" },
	{ "unknown is no address", "unknown", 0, "" },
	{ "nothing is no address", "", 0, "" },
	{ "brackets are no part of an address", "[2001:db8::1]", 0, "" },
	{ "a scope is no part of an address", "fe80::1%eth0", 0, "" },
	{ "a blank before an address is none", " 192.0.2.1", 0, "" },
	{ "a blank behind an address is none", "192.0.2.1 ", 0, "" },
	{ "three numbers are no address", "192.0.2", 0, "" },
	{ "five numbers are none", "192.0.2.1.1", 0, "" },
	{ "a point behind an address is none", "192.0.2.1.", 0, "" },
	{ "a byte has to be there", "192..2.1", 0, "" },
	{ "a byte has three digits at most", "192.0.2.0001", 0, "" },
	{ "256 is no byte", "192.0.2.256", 0, "" },
	{ "zeros are no leading zeros", "0.0.0.0", 4, "0.0.0.0" },
	{ "two of them are", "192.0.2.00", 0, "" },
	{ "a leading zero could be octal and is refused", "192.0.2.010", 0,
	    "" },
	{ "two double colons are ambiguous", "2001::db8::1", 0, "" },
	{ "a network is no address", "192.0.2.0/24", 0, "" },
};

static void
parses(void **state)
{
	const struct parse_row *row = *state;
	char text[ADDRESS_TEXT];
	struct address a;

	memset(&a, 0xff, sizeof(a));
	assert_int_equal(address_parse(&a, row->text), row->family != 0);
	assert_int_equal(a.family, row->family);
	assert_string_equal(address_text(&a, text), row->back);
	for (int i = a.family == 4 ? 4 : 16; i < 16; i++)
		assert_int_equal(a.bytes[i], 0);
}

static void
is_reversed_as_the_dns_has_it(void **state)
{
	static const char *const rows[][2] = {
		{ "192.0.2.17", "17.2.0.192" },
		{ "2001:db8::7a",
		    "a.7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0."
		    "1.0.0.2" },
		{ "unknown", "" },
	};
	char text[ADDRESS_REVERSED];
	struct address a;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		address_parse(&a, rows[i][0]);
		assert_string_equal(address_reversed(&a, text), rows[i][1]);
	}
}

struct network_row {
	const char *name, *text;
	const char *back; /* NULL: not a network */
};

static const struct network_row network_rows[] = {
	{ "a network has a prefix", "192.0.2.0/24", "192.0.2.0/24" },
	{ "a prefix need not end at a byte", "198.51.96.0/19",
	    "198.51.96.0/19" },
	{ "all of IPv4 is a network", "0.0.0.0/0", "0.0.0.0/0" },
	{ "all of IPv6 is a network", "::/0", "::/0" },
	{ "an address alone is a network of one", "192.0.2.7", "192.0.2.7/32" },
	{ "an IPv6 address alone is one too", "2001:db8::7",
	    "2001:db8::7/128" },
	{ "host bits behind the prefix are an error", "192.0.2.1/24", NULL },
	{ "also within a byte", "192.0.2.128/24", NULL },
	{ "33 bits are too many for IPv4", "192.0.2.0/33", NULL },
	{ "129 bits are too many for IPv6", "2001:db8::/129", NULL },
	{ "a mapped network has 32 bits at most", "::ffff:192.0.2.0/120",
	    NULL },
	{ "an empty prefix is an error", "192.0.2.0/", NULL },
	{ "a sign is no digit", "192.0.2.0/+24", NULL },
	{ "a prefix has no leading zero", "192.0.2.0/024", NULL },
	{ "a second slash is an error", "192.0.2.0/24/8", NULL },
	{ "a word behind the prefix is an error", "192.0.2.0/24x", NULL },
	{ "a netmask is no prefix", "192.0.2.0/255.255.255.0", NULL },
	{ "a long name before the slash is no network",
	    "a-name-that-is-far-too-long-to-be-any-address-at-all.example/8",
	    NULL },
};

static void
parses_network(void **state)
{
	const struct network_row *row = *state;
	char text[NETWORK_TEXT];
	struct network n;

	assert_int_equal(network_parse(&n, row->text), row->back != NULL);
	if (row->back)
		assert_string_equal(network_text(&n, text), row->back);
}

struct of_row {
	const char *name, *address;
	unsigned bits;
	const char *network;
};

static const struct of_row of_rows[] = {
	{ "a client's /24", "192.0.2.77", 24, "192.0.2.0/24" },
	{ "a client's /64", "2001:db8:1:2:3:4:5:6", 64, "2001:db8:1:2::/64" },
	{ "a prefix within a byte", "192.0.2.255", 25, "192.0.2.128/25" },
	{ "no bits are everybody", "192.0.2.255", 0, "0.0.0.0/0" },
	{ "a prefix of all but one bit", "192.0.2.255", 31, "192.0.2.254/31" },
	{ "all of an address", "192.0.2.255", 32, "192.0.2.255/32" },
	{ "all of an IPv6 address", "2001:db8::ff", 128, "2001:db8::ff/128" },
	{ "an IPv6 prefix within a byte", "2001:db8:ffff::1", 37,
	    "2001:db8:f800::/37" },
	{ "more bits than there are mean all", "192.0.2.255", 64,
	    "192.0.2.255/32" },
	{ "a mapped client counts as IPv4", "::ffff:192.0.2.77", 24,
	    "192.0.2.0/24" },
};

static void
makes_network(void **state)
{
	const struct of_row *row = *state;
	char text[NETWORK_TEXT];
	struct address a;
	struct network n;

	assert_true(address_parse(&a, row->address));
	n = network_of(&a, row->bits);
	assert_string_equal(network_text(&n, text), row->network);
}

struct has_row {
	const char *name, *network, *address;
	bool has;
};

static const struct has_row has_rows[] = {
	{ "a network has its first address", "192.0.2.0/25", "192.0.2.0",
	    true },
	{ "a network has its last address", "192.0.2.0/25", "192.0.2.127",
	    true },
	{ "a network has not the next one", "192.0.2.0/25", "192.0.2.128",
	    false },
	{ "IPv6 networks have theirs", "2001:db8::/33", "2001:db8:7fff::1",
	    true },
	{ "and not the next one", "2001:db8::/33", "2001:db8:8000::1", false },
	{ "all of IPv4 has no IPv6 address", "0.0.0.0/0", "2001:db8::1",
	    false },
	{ "all of IPv6 has no IPv4 address", "::/0", "192.0.2.1", false },
	{ "a mapped address is in its IPv4 network", "192.0.2.0/24",
	    "::ffff:192.0.2.9", true },
	{ "what is no address is in no network", "0.0.0.0/0", "unknown",
	    false },
};

static void
has(void **state)
{
	const struct has_row *row = *state;
	struct network n;
	struct address a;

	assert_true(network_parse(&n, row->network));
	address_parse(&a, row->address);
	assert_int_equal(network_has(&n, &a), row->has);
}

struct loopback_row {
	const char *name, *address;
	bool is;
};

static const struct loopback_row loopback_rows[] = {
	{ "127.0.0.1 is loopback", "127.0.0.1", true },
	{ "all of 127 is loopback", "127.255.0.9", true },
	{ "::1 is loopback", "::1", true },
	{ "the mapped loopback is loopback", "::ffff:127.0.0.1", true },
	{ "128.0.0.1 is not", "128.0.0.1", false },
	{ ":: is not", "::", false },
	{ "an IPv6 address that begins with 127 is not", "7f00::1", false },
	{ "what is no address is not", "", false },
};

static void
is_loopback(void **state)
{
	const struct loopback_row *row = *state;
	struct address a;

	address_parse(&a, row->address);
	assert_int_equal(address_is_loopback(&a), row->is);
}

static const struct loopback_row private_rows[] = {
	{ "10.0.0.0/8 is private", "10.255.0.1", true },
	{ "so is 172.16.0.0/12", "172.31.255.1", true },
	{ "up to its end", "172.32.0.1", false },
	{ "so is 192.168.0.0/16", "192.168.1.1", true },
	{ "so is what a provider shares out", "100.127.0.1", true },
	{ "so is what a link gives itself", "169.254.0.1", true },
	{ "so is the loopback", "127.0.0.1", true },
	{ "so is fc00::/7", "fd12:3456::1", true },
	{ "so is a link's own in IPv6", "fe80::1", true },
	{ "so is the loopback in IPv6", "::1", true },
	{ "so is one that is mapped", "::ffff:10.0.0.1", true },
	{ "so is no address", "", true },
	{ "one of the internet is not", "192.0.2.1", false },
	{ "neither in IPv6", "2001:db8::1", false },
	{ "nor one that begins with 10 there", "a00::1", false },
};

static void
is_private(void **state)
{
	const struct loopback_row *row = *state;
	struct address a;

	address_parse(&a, row->address);
	assert_int_equal(address_is_private(&a), row->is);
}

static void
families_differ_though_their_bytes_are_equal(void **state)
{
	struct address four, six;
	(void)state;

	assert_true(address_parse(&four, "32.1.13.184"));
	assert_true(address_parse(&six, "2001:db8::"));
	assert_memory_equal(four.bytes, six.bytes, 16);
	assert_false(address_equal(&four, &six));
	assert_true(address_equal(&four, &four));
}

int
main(void)
{
	struct suite s = { 0 };

	SUITE_ROWS(&s, parse_rows, parses);
	SUITE_TEST(&s, is_reversed_as_the_dns_has_it);
	SUITE_ROWS(&s, network_rows, parses_network);
	SUITE_ROWS(&s, of_rows, makes_network);
	SUITE_ROWS(&s, has_rows, has);
	SUITE_ROWS(&s, loopback_rows, is_loopback);
	SUITE_ROWS(&s, private_rows, is_private);
	SUITE_TEST(&s, families_differ_though_their_bytes_are_equal);
	return suite_run(&s, "base/address");
}
