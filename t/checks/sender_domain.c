/*
 * Which domains can be written back to, and which are not asked about.
 */
#include "checks/checks.h"

#include "kit/false_dns.h"
#include "kit/judged.h"
#include "kit/suite.h"

enum { LINES = 4 };

struct row {
	const char *name;
	const char *zone[LINES]; /* as in a scene */
	const char *sender, *says, *asked;
	bool needs_mx;
};

#define ANNA "anna@example.org"
#define MX "MX example.org"
#define ALL "MX example.org; A example.org; AAAA example.org"
#define NO " domain=example.org"

static const struct row rows[] = {
	{ "a domain with an MX record is one", { "example.org MX mx.example" },
	    ANNA, "pass", MX },
	{ "whatever it says besides",
	    { "example.org MX .", "example.org MX mx.example" }, ANNA, "pass",
	    MX },
	{ "one that takes no mail sends none",
	    { "example.org MX .", "example.org A 192.0.2.7" }, ANNA,
	    "refuse null_mx" NO, MX },
	{ "an IPv4 address does", { "example.org A 192.0.2.7" }, ANNA, "pass",
	    ALL },
	{ "and an IPv6 address", { "example.org AAAA 2001:db8::7" }, ANNA,
	    "pass", ALL },
	{ "but not where it must be an MX record",
	    { "example.org A 192.0.2.7" }, ANNA, "refuse sender_domain" NO, MX,
	    true },
	{ "a name alone does not", { "example.org TXT hello" }, ANNA,
	    "refuse sender_domain" NO, ALL },
	{ "one that does not exist has no address either", { NULL }, ANNA,
	    "refuse sender_domain" NO, MX },
	{ "it is asked for as names are compared",
	    { "example.org MX mx.example" }, "Anna@EXAMPLE.org.", "pass", MX },
	{ "what is no name does not exist", { NULL }, "anna@a..b",
	    "refuse sender_domain domain=a..b", "MX a..b" },
	{ "the part behind the last @ counts", { "example.org MX mx.example" },
	    "\"a@example.com\"@example.org", "pass", MX },
	{ "a failure says nothing", { "example.org !servfail" }, ANNA,
	    "unknown servfail" NO, MX },
	{ "nor does silence", { "example.org !silence" }, ANNA,
	    "unknown timeout" NO, MX },
	{ "a bounce has no domain", { NULL }, "", "pass", NULL },
	{ "nor has a name alone", { NULL }, "anna", "pass", NULL },
	{ "nor one that ends there", { NULL }, "anna@", "pass", NULL },
	{ "an address is for another check", { NULL }, "anna@[192.0.2.7]",
	    "pass", NULL },
	{ "one of another script is asked for in ASCII",
	    { "xn--bcher-kva.example MX mx.example" },
	    "anna@b\xc3\xbc"
	    "cher.example",
	    "pass", "MX xn--bcher-kva.example" },
	{ "and named so", { NULL },
	    "anna@B\xc3\x9c"
	    "CHER.example.",
	    "refuse sender_domain domain=xn--bcher-kva.example",
	    "MX xn--bcher-kva.example" },
	{ "bytes that are no UTF-8 are no name", { NULL }, "anna@b\xff.example",
	    "refuse sender_domain domain=b\xff.example", "MX b\xff.example" },
	{ "UTF-8 before the @ is no matter", { "example.org MX mx.example" },
	    "\xc3\xa4nna@example.org", "pass", MX },
};

static struct judged *
begin(const char *sender)
{
	struct judged *s = judged_begin();

	s->req.sender = sender;
	s->set.sender_domain.policy.mode = MODE_ENFORCE;
	s->set.sender_domain.require = REQUIRE_RESOLVABLE;
	return s;
}

static struct false_dns *
zone(const char *const *lines)
{
	struct false_dns *d = false_dns_new(NULL);

	for (int i = 0; i < LINES && lines[i]; i++)
		assert_true(false_dns_tell(d, lines[i]));
	return d;
}

static void
must_ask(const struct judged *s, const char *asked)
{
	if (asked)
		assert_string_equal(s->asked, asked);
	else
		assert_null(s->asked);
}

static void
a_sender(void **state)
{
	const struct row *row = *state;
	struct judged *s = begin(row->sender);
	struct false_dns *d = zone(row->zone);

	if (row->needs_mx)
		s->set.sender_domain.require = REQUIRE_MX;
	judged_look_up(s, &check_sender_domain, d);
	assert_string_equal(judged_says(s, &check_sender_domain), row->says);
	must_ask(s, row->asked);
	false_dns_free(d);
	judged_end(s);
}

static void
what_is_ours_is_not_asked_about(void **state)
{
	struct judged *s = begin("anna@example.net");

	(void)state;
	s->sender = judged_scope(s, s->req.sender);
	s->sender.local = true;
	judged_ask(s, &check_sender_domain);
	assert_string_equal(judged_says(s, &check_sender_domain), "pass");
	assert_null(s->asked);
	judged_end(s);
}

static void
what_may_be_ours_is_not_refused(void **state)
{
	const char *const lines[LINES] = { "example.org MX ." };
	struct judged *s = begin("anna@example.org");
	struct false_dns *d = zone(lines);

	(void)state;
	s->sender.loss = LOSS_DOWN;
	judged_look_up(s, &check_sender_domain, d);
	assert_string_equal(
	    judged_says(s, &check_sender_domain), "unknown down" NO);
	false_dns_free(d);
	judged_end(s);
}

static void
all_is_asked_once_a_transaction(void **state)
{
	const char *const lines[LINES] = { "example.org TXT hello" };
	struct judged *s = begin("anna@example.org");
	struct false_dns *d = zone(lines);

	(void)state;
	assert_int_equal(judged_look_up(s, &check_sender_domain, d), 2);
	assert_string_equal(s->asked_once, ALL);
	assert_int_equal(s->asks, 3);
	false_dns_free(d);
	judged_end(s);
}

/* Both are asked for at the same time. */
struct half_row {
	const char *name;
	struct answer a, aaaa;
	const char *says;
};

#define IS(what)                                                               \
	{                                                                      \
		.state = KNOWN, .count = 2, .values = {                        \
			{ .number = what, .is_number = true },                 \
			{ .text = "" }                                         \
		}                                                              \
	}
#define GONE                                                                   \
	{                                                                      \
		.state = LOST, .loss = LOSS_DNS                                \
	}
#define OPEN                                                                   \
	{                                                                      \
		.state = PENDING                                               \
	}

// clang-format off
static const struct half_row halves[] = {
	{ "one address is enough, whatever became of the other",
	    IS(DNS_FOUND), GONE, "pass" },
	{ "and when nobody has answered about it", OPEN, IS(DNS_FOUND),
	    "pass" },
	{ "none of the one says nothing of the other", IS(DNS_NO_DATA), GONE,
	    "unknown servfail" NO },
	{ "nor does it before there is an answer", OPEN, IS(DNS_NO_DATA),
	    "unknown timeout" NO },
	{ "none of both is none", IS(DNS_NO_DATA), IS(DNS_NO_DATA),
	    "refuse sender_domain" NO },
};
// clang-format on

static void
half_an_answer(void **state)
{
	const struct half_row *row = *state;
	const struct answer no_mx = IS(DNS_NO_DATA);
	struct judged *s = begin("anna@example.org");

	judged_ask(s, &check_sender_domain);
	s->answers[0] = no_mx;
	judged_ask(s, &check_sender_domain);
	s->answers[1] = row->a;
	s->answers[2] = row->aaaa;
	assert_string_equal(judged_says(s, &check_sender_domain), row->says);
	judged_end(s);
}

int
main(void)
{
	static struct suite suite;

	SUITE_ROWS(&suite, rows, a_sender);
	SUITE_ROWS(&suite, halves, half_an_answer);
	SUITE_TEST(&suite, what_is_ours_is_not_asked_about);
	SUITE_TEST(&suite, what_may_be_ours_is_not_refused);
	SUITE_TEST(&suite, all_is_asked_once_a_transaction);
	return suite_run(&suite, "sender_domain");
}
