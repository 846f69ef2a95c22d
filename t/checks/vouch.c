/*
 * Which domains vouch for a client. The check spf is not on; what it finds
 * instead is in t/scenes/identity.scene.
 */
#include "checks/vouch.h"

#include <string.h>

#include "base/arena.h"
#include "kit/false_dns.h"
#include "kit/judged.h"
#include "kit/suite.h"

enum { LINES = 5 };

/* -- a check that does nothing else -- */

static struct vouch *
left(const struct facts *facts)
{
	return (struct vouch *)facts_left(facts);
}

static void
ask(const struct request *req, const struct facts *facts, struct questions *qs)
{
	if (!left(facts))
		facts_leave(qs, vouch_new(req, 3));
	vouch_ask(left(facts), req, facts, qs);
}

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	const char *domain = vouch_domain(left(facts), req, facts);
	struct verdict v = verdict_pass();

	verdict_text(&v, "domain", domain ? domain : "-");
	return v;
}

static const struct check vouches = {
	.name = "vouch",
	.tier = TIER_COUNTERS,
	.ask = ask,
	.judge = judge,
};

/* -- rows -- */

struct row {
	const char *name, *client;
	const char *sender, *helo;
	const char *domain; /* "-": none */
	const char *zone[LINES];
};

#define ANNA "anna@example.org"
#define HELO "mx7.example.com"

// clang-format off
static const struct row rows[] = {
	{ "the sender's, whose record it passes", "192.0.2.7", ANNA, HELO,
	    "example.org", { "example.org TXT v=spf1 ip4:192.0.2.7 -all" } },
	{ "in lower case", "192.0.2.7", "Anna@Example.ORG", HELO,
	    "example.org", { "example.org TXT v=spf1 ip4:192.0.2.7 -all" } },
	{ "in ASCII", "192.0.2.7", "anna@b\xc3\xbc" "cher.example", HELO,
	    "xn--bcher-kva.example",
	    { "xn--bcher-kva.example TXT v=spf1 ip4:192.0.2.7 -all" } },
	{ "of several steps", "192.0.2.7", ANNA, HELO, "example.org",
	    { "example.org TXT v=spf1 include:example.com -all",
	      "example.com TXT v=spf1 mx -all",
	      "example.com MX mx.example.com",
	      "mx.example.com A 192.0.2.7" } },
	{ "of a redirect the first", "192.0.2.7", ANNA, HELO, "example.org",
	    { "example.org TXT v=spf1 redirect=example.com",
	      "example.com TXT v=spf1 ip4:192.0.2.0/24 -all" } },
	{ "for IPv6", "2001:db8::7", ANNA, HELO, "example.org",
	    { "example.org TXT v=spf1 ip6:2001:db8::/32 -all" } },
	{ "none that refuses it", "192.0.2.8", ANNA, HELO, "-",
	    { "example.org TXT v=spf1 ip4:192.0.2.7 -all" } },
	{ "none that does not care", "192.0.2.8", ANNA, HELO, "-",
	    { "example.org TXT v=spf1 ip4:192.0.2.7 ?all" } },
	{ "none without a record", "192.0.2.7", ANNA, HELO, "-", { NULL } },
	{ "none that cannot be asked", "192.0.2.7", ANNA, HELO, "-",
	    { "example.org !servfail" } },
	{ "none whose record is wrong", "192.0.2.7", ANNA, HELO, "-",
	    { "example.org TXT v=spf1 ip4:192.0.2.7 junk:" } },

	{ "of a bounce the organisation of the name in HELO", "192.0.2.7", "",
	    HELO, "example.com",
	    { "mx7.example.com TXT v=spf1 ip4:192.0.2.7 -all" } },
	{ "which is no line's", "192.0.2.7", "", "dyn-7.example.com", "-",
	    { "dyn-7.example.com TXT v=spf1 ip4:192.0.2.7 -all" } },
	{ "and passes itself", "192.0.2.7", "", HELO, "-",
	    { "example.com TXT v=spf1 ip4:192.0.2.7 -all" } },
	{ "of other mail HELO does not count", "192.0.2.7", ANNA, HELO, "-",
	    { "mx7.example.com TXT v=spf1 ip4:192.0.2.7 -all" } },

	{ "none that everybody passes", "192.0.2.7", ANNA, HELO, "-",
	    { "example.org TXT v=spf1 +all" } },
	{ "in any case", "192.0.2.7", ANNA, HELO, "-",
	    { "example.org TXT v=spf1 ALL" } },
	{ "also by an include", "192.0.2.7", ANNA, HELO, "-",
	    { "example.org TXT v=spf1 include:example.com -all",
	      "example.com TXT v=spf1 +all" } },
	{ "also by a redirect", "192.0.2.7", ANNA, HELO, "-",
	    { "example.org TXT v=spf1 redirect=example.com",
	      "example.com TXT v=spf1 +all" } },
	{ "but what stands before it counts", "192.0.2.7", ANNA, HELO,
	    "example.org", { "example.org TXT v=spf1 ip4:192.0.2.7 +all" } },
	{ "nor in a network as large as half of all", "192.0.2.7", ANNA, HELO,
	    "-", { "example.org TXT v=spf1 ip4:128.0.0.0/1 -all" } },
	{ "nor a quarter", "192.0.2.7", ANNA, HELO, "-",
	    { "example.org TXT v=spf1 +ip4:192.0.0.0/7 -all" } },
	{ "the largest that one may have is one", "192.0.2.7", ANNA, HELO,
	    "example.org", { "example.org TXT v=spf1 ip4:192.0.0.0/8 -all" } },
	{ "nor of hosts with such a prefix", "192.0.2.7", ANNA, HELO, "-",
	    { "example.org TXT v=spf1 a/0 -all",
	      "example.org A 198.51.100.7" } },
	{ "whose other prefix does not matter", "192.0.2.7", ANNA, HELO,
	    "example.org", { "example.org TXT v=spf1 a/24//0 -all",
	      "example.org A 192.0.2.9" } },
	{ "nor of IPv6", "2001:db8::7", ANNA, HELO, "-",
	    { "example.org TXT v=spf1 ip6:2000::/3 -all" } },
	{ "nor of hosts of IPv6", "2001:db8::7", ANNA, HELO, "-",
	    { "example.org TXT v=spf1 a/24//3 -all",
	      "example.org AAAA 2001:db9::7" } },
	{ "whose other prefix does not matter either", "2001:db8::7", ANNA,
	    HELO, "example.org", { "example.org TXT v=spf1 a/3 -all",
	      "example.org AAAA 2001:db8::7" } },

	{ "none for this host", "127.0.0.1", ANNA, HELO, "-",
	    { "example.org TXT v=spf1 ip4:127.0.0.1 -all" } },
	{ "none without an address", "unknown", ANNA, HELO, "-",
	    { "example.org TXT v=spf1 a exists:example.org -all",
	      "example.org A 127.0.0.1" } },
};
// clang-format on

static void
vouches_for(void **state)
{
	const struct row *row = *state;
	struct judged *s = judged_begin();
	struct false_dns *d = false_dns_new(NULL);

	for (int i = 0; i < LINES && row->zone[i]; i++)
		assert_true(false_dns_tell(d, row->zone[i]));
	s->req.helo_name = row->helo;
	s->req.sender = row->sender;
	address_parse(&s->req.client, row->client);
	judged_look_up(s, &vouches, d);
	assert_string_equal(judged_says(s, &vouches),
	    arena_printf(s->arena, "pass domain=%s", row->domain));
	false_dns_free(d);
	judged_end(s);
}

static void
none_before_all_is_known(void **state)
{
	struct judged *s = judged_begin();

	(void)state;
	s->req.helo_name = HELO;
	s->req.sender = ANNA;
	judged_ask(s, &vouches);
	assert_string_equal(s->asked, "TXT example.org");
	assert_string_equal(judged_says(s, &vouches), "pass domain=-");
	judged_end(s);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, vouches_for);
	SUITE_TEST(&s, none_before_all_is_known);
	return suite_run(&s, "vouch");
}
