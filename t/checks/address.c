/*
 * What cannot be an address, as Postfix writes them: without their quotes.
 */
#include "checks/checks.h"

#include <string.h>

#include "base/arena.h"
#include "kit/judged.h"
#include "kit/suite.h"
#include "kit/words.h"

enum { LITERALS = 1, ASCII = 2 };

/* \xNN and \{N text} in an address are as in t/scenes/README. */
struct row {
	const char *name;
	const char *address;
	const char *reason; /* NULL: it is right */
	unsigned options;
};

/* 16 bytes */
#define OE8 "\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6"

/* 63 + 1 + 63 + 1 + 63 = 191 bytes */
#define LABELS "\\{63 d}.\\{63 d}.\\{63 d}"

static const struct row rows[] = {
	{ "a plain address is right", "anna@example.org", NULL, 0 },
	{ "letter case does not matter", "ANNA@EXAMPLE.ORG", NULL, 0 },
	{ "an extension is right", "anna+list@example.org", NULL, 0 },
	{ "a signed sender is right",
	    "SRS0=abcd=ef=example.com=bob@example.org", NULL, 0 },
	{ "a percent sign is right", "anna%example.com@example.org", NULL, 0 },
	{ "a domain in Punycode is right", "anna@xn--bcher-kva.example", NULL,
	    0 },
	{ "an underscore in a domain is left to Postfix",
	    "anna@my_host.example.org", NULL, 0 },
	{ "a domain of one label is right", "anna@localhost", NULL, 0 },
	{ "postmaster needs no domain", "postmaster", NULL, 0 },
	{ "nor does Postmaster", "Postmaster", NULL, 0 },

	{ "a name alone has no domain", "anna", "no domain", 0 },
	{ "nor has one with nothing behind the @", "anna@", "no domain", 0 },
	{ "nor has a lone @", "@", "no domain", 0 },
	{ "a domain alone has no local part", "@example.org", "no local part",
	    0 },
	{ "a second @ is one too many", "anna@example.com@example.org",
	    "several @", 0 },
	{ "even next to the first", "anna@@example.org", "several @", 0 },

	{ "a dot at the beginning is misplaced", ".anna@example.org",
	    "misplaced dot", 0 },
	{ "so is one before the @", "anna.@example.org", "misplaced dot", 0 },
	{ "and two in a row", "an..na@example.org", "misplaced dot", 0 },
	{ "single ones are right", "a.n.n.a@example.org", NULL, 0 },
	{ "two dots in a row in the domain are misplaced", "anna@example..org",
	    "misplaced dot", 0 },
	{ "so is one that it begins with", "anna@.example.org", "misplaced dot",
	    0 },
	{ "no domain ends with a dot", "anna@example.org.", "dot at the end",
	    0 },
	{ "nor is one a dot", "anna@.", "dot at the end", 0 },

	{ "a blank was quoted", "anna smith@example.org", NULL, 0 },
	{ "a quotation mark was", "anna\\\"x@example.org", NULL, 0 },
	{ "a backslash was", "anna\\\\x@example.org", NULL, 0 },
	{ "a comma was", "smith,anna@example.org", NULL, 0 },
	{ "where something was quoted dots are free",
	    ".anna  smith..@example.org", NULL, 0 },
	{ "and so is @", "anna smith@home@example.org", NULL, 0 },
	{ "a colon tells nothing", "a:b..c@example.org", "misplaced dot", 0 },

	{ "no quotes make a control character right",
	    "anna\\x01 smith@example.org", "control character", 0 },
	{ "an escape sequence neither", "a\\x1b[31mb@example.org",
	    "control character", 0 },
	{ "DEL is one", "anna\\x7f@example.org", "control character", 0 },
	{ "a tab is one", "anna\\x09@example.org", "control character", 0 },
	{ "so is U+0085 in UTF-8", "anna\\xc2\\x85@example.org",
	    "control character", 0 },
	{ "U+00A0 is none", "anna\\xc2\\xa0x@example.org", NULL, 0 },
	{ "a domain has none either", "anna@exam\\x01ple.org",
	    "control character", 0 },

	{ "an address in UTF-8 is right", "j\\xc3\\xb6rg@b\\xc3\\xbcro.example",
	    NULL, 0 },
	{ "bytes that are no UTF-8 are not", "j\\xf6rg@example.org",
	    "not UTF-8", 0 },
	{ "nor is half a character", "anna@example.\\xc3", "not UTF-8", 0 },
	{ "nor a long form of a short one", "a\\xc0\\xafb@example.org",
	    "not UTF-8", 0 },
	{ "with smtputf8 = no it must be ASCII", "j\\xc3\\xb6rg@example.org",
	    "not ASCII", ASCII },
	{ "the domain too", "joerg@b\\xc3\\xbcro.example", "not ASCII", ASCII },
	{ "then broken UTF-8 is no ASCII either", "j\\xf6rg@example.org",
	    "not ASCII", ASCII },
	{ "and ASCII stays right", "joerg@example.org", NULL, ASCII },

	{ "no domain is an address", "anna@[192.0.2.1]", "literal", 0 },
	{ "nor an IPv6 one", "anna@[IPv6:2001:db8::1]", "literal", 0 },
	{ "with literals = yes it may be one", "anna@[192.0.2.1]", NULL,
	    LITERALS },
	{ "of IPv6 too", "anna@[IPv6:2001:db8::1]", NULL, LITERALS },
	{ "whose tag is in any letters", "anna@[ipv6:2001:db8::1]", NULL,
	    LITERALS },
	{ "which may carry an IPv4 one", "anna@[IPv6:::ffff:192.0.2.1]", NULL,
	    LITERALS },
	{ "but not without the tag", "anna@[2001:db8::1]", "bad literal",
	    LITERALS },
	{ "nor IPv4 with it", "anna@[IPv6:192.0.2.1]", "bad literal",
	    LITERALS },
	{ "a number too large is no address", "anna@[192.0.2.256]",
	    "bad literal", LITERALS },
	{ "nor is nothing", "anna@[]", "bad literal", LITERALS },
	{ "nor is a bracket alone", "anna@[", "bad literal", LITERALS },
	{ "nor is a name", "anna@[example.org]", "bad literal", LITERALS },
	{ "the bracket must close", "anna@[192.0.2.1", "bad literal",
	    LITERALS },
	{ "nothing comes behind it", "anna@[192.0.2.1].org", "bad literal",
	    LITERALS },
	{ "a long one is none", "anna@[\\{200 1}]", "bad literal", LITERALS },
	{ "names stay right", "anna@example.org", NULL, LITERALS },

	{ "64 bytes before the @ are right", "\\{64 a}@example.org", NULL, 0 },
	{ "65 are too many", "\\{65 a}@example.org", "local part too long", 0 },
	{ "1,900 are", "\\{1900 a}@example.org", "local part too long", 0 },
	{ "quotes do not help", "\\{64 a} b@example.org", "local part too long",
	    0 },
	{ "they are bytes, not characters",
	    OE8 OE8 OE8 OE8 "\xc3\xb6@example.org", "local part too long", 0 },
	{ "a label of 63 bytes is right", "anna@\\{63 d}.org", NULL, 0 },
	{ "64 are too many", "anna@\\{64 d}.org", "label too long", 0 },
	{ "254 bytes in all are right", "a@" LABELS ".\\{60 d}", NULL, 0 },
	{ "255 are too many", "a@" LABELS ".\\{61 d}", "address too long", 0 },
	{ "so is a domain of 255 with anything before it",
	    "a@" LABELS ".\\{63 d}", "address too long", 0 },
	{ "a domain of 256 bytes is too long by itself",
	    "a@" LABELS ".\\{62 d}.d", "domain too long", 0 },
};

static const char *
unescaped(struct arena *a, const char *text)
{
	size_t count;
	const char *const *words = words_cut(
	    a, arena_printf(a, "\"%s\"", text), &count);

	assert_non_null(words);
	assert_int_equal(count, 1);
	return words[0];
}

static void
says(struct judged *s, const char *which, const char *reason)
{
	const char *wanted = reason
	    ? arena_printf(s->arena, "refuse address_%s which=%s reason=%s",
		  which, which, reason)
	    : "pass";

	assert_string_equal(judged_says(s, &check_address), wanted);
}

static void
address(void **state)
{
	const struct row *row = *state;
	struct judged *s = judged_begin();

	s->set.address.literals = row->options & LITERALS;
	s->set.address.smtputf8 = !(row->options & ASCII);
	s->req.sender = unescaped(s->arena, row->address);
	says(s, "sender", row->reason);
	s->req.stage = AT_MAIL;
	s->req.recipient = "";
	says(s, "sender", row->reason);
	s->req.stage = AT_RCPT;
	s->req.recipient = s->req.sender;
	s->req.sender = "";
	says(s, "recipient", row->reason);
	judged_end(s);
}

static void
the_sender_is_told_first(void **state)
{
	struct judged *s = judged_begin();

	(void)state;
	s->req.sender = "anna";
	s->req.recipient = "jo";
	says(s, "sender", "no domain");
	judged_end(s);
}

static void
it_asks_nothing_and_is_about_all_but_trusted_and_allowed_clients(void **state)
{
	(void)state;
	assert_null(check_address.ask);
	assert_int_equal(check_address.tier, TIER_LOCAL);
	assert_int_equal(check_address.flags, SKIPS_ALLOWED);
	assert_int_equal(check_address.classes, INBOUND | AUTHENTICATED);
	assert_int_equal(check_address.stages, AT_MAIL | AT_RCPT);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, address);
	SUITE_TEST(&s, the_sender_is_told_first);
	SUITE_TEST(&s,
	    it_asks_nothing_and_is_about_all_but_trusted_and_allowed_clients);
	return suite_run(&s, "address");
}
