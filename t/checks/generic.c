/*
 * Which names are those of lines. The forms are those of large providers.
 */
#include "checks/generic.h"

#include <string.h>

#include "base/address.h"
#include "kit/suite.h"

#define V4 "203.0.113.7"
#define V6 "2001:db8:a:b::7"

struct row {
	const char *name, *client;
	const char *host; /* "|" in front of its organisation */
	bool generic;
};

// clang-format off
static const struct row rows[] = {
	{ "a mail server is none", V4, "mx.|example.com", false },
	{ "nor is a numbered one", V4, "mail-yw1-f180.|example.com", false },
	{ "nor a domain itself", V4, "|example.com", false },

	{ "the address is one", V4, "203-0-113-7.|example.net", true },
	{ "with dots", V4, "203.0.113.7.|example.net", true },
	{ "reversed", V4, "7.113.0.203.|example.net", true },
	{ "with one octet in front", V4, "host7.203-0-113.|example.net", true },
	{ "with a word in front", V4, "ip-203-0-113-7.|example.net", true },
	{ "with letters between", V4, "ip203x0x113x7.|example.net", true },
	{ "with zeros", V4, "203-000-113-007.|example.net", true },
	{ "with zeros and nothing between", V4, "h203000113007.|example.net",
	    true },
	{ "reversed with zeros", V4, "007113000203.|example.net", true },
	{ "with nothing between", V4, "p20301137.|example.net", true },
	{ "but not within a longer number", V4, "p203011370.|example.net",
	    false },
	{ "in hex", V4, "pcb007107.|example.net", true },
	{ "in hex reversed", V4, "host-077100cb.|example.net", true },
	{ "as the name that was registered", V4, "|203-0-113-7.example", true },
	{ "also far from its end", V4, "203-0-113-7.a.b.c.|example.net", true },
	{ "equal octets are counted", "192.0.0.7", "192-0-7-0.|example.net",
	    true },
	{ "each of them", "192.0.0.7", "192-0-7-7.|example.net", false },

	{ "part of the address is none", V4, "mail113-7.|example.com", false },
	{ "nor are three octets", V4, "mail0-113-7.|example.com", false },
	{ "another address is none", V4, "203-0-113-8.|example.net", false },
	{ "nor a number that only ends in it", V4,
	    "203-0-113-10007.|example.net", false },
	{ "nor one too long to count", V4,
	    "203-0-113-99999999999999999999.|example.net", false },

	{ "IPv6 is one in full", V6,
	    "2001-0db8-000a-000b-0000-0000-0000-0007.|example.net", true },
	{ "without zeros", V6, "h-2001-db8-a-b-0-0-0-7.|example.net", true },
	{ "cut short", V6, "2001-db8-a-b--7.|example.net", true },
	{ "without anything between", V6,
	    "20010db8000a000b0000000000000007.|example.net", true },
	{ "as in ip6.arpa", V6, "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.b.0.0.0.a.0."
	    "0.0.8.b.d.0.1.0.0.2.|example.net", true },
	{ "its end alone is none", V6, "mx-0-0-0-7.|example.net", false },

	{ "a dynamic line is one", V4, "a17.dynamic.|example.net", true },
	{ "so is dyn", V4, "dyn-17.|example.net", true },
	{ "so is DSL", V4, "x.dsl.|example.net", true },
	{ "so is ADSL with a number", V4, "adsl12.|example.net", true },
	{ "so is a dialup", V4, "ab.dialup.|example.net", true },
	{ "so is PPP", V4, "ppp-a7.|example.net", true },
	{ "so is a pool", V4, "pool_3.|example.net", true },
	{ "so is DHCP", V4, "3.dhcp.|example.net", true },
	{ "so is cable", V4, "cable.|example.net", true },
	{ "so is broadband", V4, "x.broadband.|example.net", true },
	{ "so is a customer", V4, "cust-12.|example.net", true },
	{ "so are customers", V4, "x.customers.|example.net", true },
	{ "so is a client", V4, "x.clients.|example.net", true },
	{ "so is a static line", V4, "static-9.|example.net", true },
	{ "the first word of all", V4, "adsl.|example.net", true },
	{ "the last word of all", V4, "xdsl.|example.net", true },
	{ "a longer word is none", V4, "dynamo.|example.net", false },
	{ "nor is a shorter one", V4, "cus.|example.net", false },
	{ "nor is the end of one", V4, "carpool.|example.net", false },
	{ "a provider may be called so", V4, "mx.|cable.example", false },
	{ "who has no organisation is looked at as a whole", V4,
	    "dsl.example", true },
	{ "nothing is none", V4, "", false },
	{ "without an address there are words", "unknown", "x.dsl.|example.net",
	    true },
	{ "and nothing else", "unknown", "0-0-0-0.|example.net", false },
};
// clang-format on

static void
is_generic(void **state)
{
	const struct row *row = *state;
	const char *bar = strchr(row->host, '|');
	const size_t own = bar ? (size_t)(bar - row->host) : 0;
	struct address client;
	char name[256];

	address_parse(&client, row->client);
	strcpy(name, row->host);
	if (bar)
		strcpy(name + own, bar + 1);
	assert_int_equal(
	    generic_name(name, bar ? name + own : NULL, &client), row->generic);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, is_generic);
	return suite_run(&s, "generic");
}
