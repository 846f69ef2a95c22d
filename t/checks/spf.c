/*
 * What follows from what a domain says, whose domain it is, and who is not
 * asked about. What RFC 7208 makes of records is in t/spf.
 */
#include "checks/checks.h"

#include <string.h>

#include "base/arena.h"
#include "checks/names.h"
#include "conf/lookup.h"
#include "kit/false_dns.h"
#include "kit/judged.h"
#include "kit/suite.h"

enum { LINES = 10 };

static struct false_dns *
zone(const char *const *lines)
{
	struct false_dns *d = false_dns_new(NULL);

	for (int i = 0; i < LINES && lines[i]; i++)
		assert_true(false_dns_tell(d, lines[i]));
	return d;
}

static struct judged *
begin(void)
{
	struct judged *s = judged_begin();

	s->req.helo_name = "helo.example.org";
	s->set.spf.policy.mode = MODE_ENFORCE;
	s->set.spf.fail = SPF_REFUSES;
	s->set.spf.forwarders = lookups_open(s->arena, NULL, 0, NULL, NULL);
	s->set.spf.local_policy = s->set.spf.guess = "";
	return s;
}

static const char *
says(struct judged *s, const char *const *lines)
{
	struct false_dns *d = zone(lines);

	judged_look_up(s, &check_spf, d);
	false_dns_free(d);
	return judged_says(s, &check_spf);
}

/* -- a result, and what becomes of it -- */

enum { FAIL = 1, SOFTFAIL = 2, PERMERROR = 4, TEMPERROR = 8 };

struct row {
	const char *name;
	unsigned refuses;
	const char *record; /* of example.org; NULL: none */
	const char *says;
};

#define AT_HOME " domain=example.org"

static const struct row rows[] = {
	{ "a client that is named passes", ~0U, "v=spf1 ip4:192.0.2.7 -all",
	    "pass result=pass" AT_HOME " term=ip4:192.0.2.7 lookups=1" },
	{ "one that is not is refused", FAIL, "v=spf1 -all",
	    "refuse spf result=fail" AT_HOME " term=-all lookups=1" },
	{ "unless that is accepted", ~(unsigned)FAIL, "v=spf1 -all",
	    "pass result=fail" AT_HOME " term=-all lookups=1" },
	{ "a softfail is refused where that is asked for", SOFTFAIL,
	    "v=spf1 ~all",
	    "refuse spf result=softfail" AT_HOME " term=~all lookups=1" },
	{ "and nowhere else", ~(unsigned)SOFTFAIL, "v=spf1 ~all",
	    "pass result=softfail" AT_HOME " term=~all lookups=1" },
	{ "a wrong record is refused where that is asked for", PERMERROR,
	    "v=spf1 ip4:192.0.2.300",
	    "refuse spf_permerror result=permerror" AT_HOME "..." },
	{ "and nowhere else", ~(unsigned)PERMERROR, "v=spf1 ip4:192.0.2.300",
	    "pass result=permerror" AT_HOME "..." },
	{ "a record that cannot be had is deferred where that is asked for",
	    TEMPERROR, "!servfail",
	    "refuse spf_temperror result=temperror" AT_HOME "..." },
	{ "and nowhere else", ~(unsigned)TEMPERROR, "!servfail",
	    "pass result=temperror" AT_HOME "..." },
	{ "silence is the same", TEMPERROR, "!silence",
	    "refuse spf_temperror result=temperror" AT_HOME "..." },
	{ "neutral is never refused", ~0U, "v=spf1 ?all",
	    "pass result=neutral" AT_HOME " term=?all lookups=1" },
	{ "nor is a domain that says nothing", ~0U, NULL,
	    "pass result=none" AT_HOME " lookups=1" },
};

static enum spf_action
action(unsigned refuses, unsigned bit)
{
	return refuses & bit ? SPF_REFUSES : SPF_ACCEPTS;
}

static void
must_begin(const char *got, const char *expected)
{
	const char *rest = strstr(expected, "...");

	if (rest)
		assert_memory_equal(got, expected, (size_t)(rest - expected));
	else
		assert_string_equal(got, expected);
}

static void
a_result(void **state)
{
	const struct row *row = *state;
	struct judged *s = begin();
	const char *lines[LINES] = { NULL };

	s->set.spf.fail = action(row->refuses, FAIL);
	s->set.spf.softfail = action(row->refuses, SOFTFAIL);
	s->set.spf.permerror = action(row->refuses, PERMERROR);
	s->set.spf.temperror = action(row->refuses, TEMPERROR);
	if (row->record)
		lines[0] = arena_printf(s->arena, "example.org %s%s",
		    *row->record == '!' ? "" : "TXT ", row->record);
	must_begin(says(s, lines), row->says);
	judged_end(s);
}

/* -- who is asked about, and for which domain -- */

struct whose_row {
	const char *name;
	const char *client, *helo, *sender; /* NULL: the usual one */
	const char *says;
};

static const char *const everywhere[LINES] = {
	"example.org TXT v=spf1 ip4:192.0.2.7 ip6:2001:db8::7 -all",
	"helo.example.org TXT v=spf1 ip4:192.0.2.8 -all",
	"xn--bcher-kva.example TXT v=spf1 ip4:192.0.2.7 -all",
	"local.example TXT v=spf1 exists:%{l}.users.example -all",
	"anna.users.example A 127.0.0.2",
	"xn--jrg-sna.users.example A 127.0.0.2",
	"macro.xn--bcher-kva.example TXT v=spf1 a:%{o}.hosts.example -all",
	"macro.xn--bcher-kva.example.hosts.example A 192.0.2.7",
};

static const struct whose_row whose_rows[] = {
	{ "it is the sender's domain", NULL, NULL, NULL,
	    "pass result=pass" AT_HOME " term=ip4:192.0.2.7 lookups=1" },
	{ "in whatever case", NULL, NULL, "Anna@EXAMPLE.Org",
	    "pass result=pass" AT_HOME " term=ip4:192.0.2.7 lookups=1" },
	{ "of a bounce it is the name in HELO", "192.0.2.8", NULL, "",
	    "pass result=pass domain=helo.example.org term=ip4:192.0.2.8 "
	    "lookups=1" },
	{ "which need not be that of its sender", NULL, NULL, "",
	    "refuse spf result=fail domain=helo.example.org term=-all "
	    "lookups=1" },
	{ "a greeting with an address has no domain", NULL, "[192.0.2.7]", "",
	    "pass result=none..." },
	{ "nor has one that is missing", NULL, "", "", "pass result=none..." },
	{ "a domain of another script is asked for in ASCII", NULL, NULL,
	    "anna@b\xc3\xbc"
	    "cher.example",
	    "pass result=pass domain=xn--bcher-kva.example "
	    "term=ip4:192.0.2.7 lookups=1" },
	{ "that of a greeting, too", NULL,
	    "b\xc3\xbc"
	    "cher.example",
	    "",
	    "pass result=pass domain=xn--bcher-kva.example "
	    "term=ip4:192.0.2.7 lookups=1" },
	{ "bytes that are no UTF-8 are no domain", NULL, NULL,
	    "anna@b\xff.example", "pass result=none..." },
	{ "a record may name the sender", NULL, NULL, "anna@local.example",
	    "pass result=pass domain=local.example "
	    "term=exists:%{l}.users.example lookups=2" },
	{ "but not one in another script", NULL, NULL,
	    "j\xc3\xb6rg@local.example",
	    "refuse spf result=fail domain=local.example term=-all lookups=1" },
	{ "macros give a domain in ASCII", NULL, NULL,
	    "anna@macro.b\xc3\xbc"
	    "cher.example",
	    "pass result=pass domain=macro.xn--bcher-kva.example "
	    "term=a:%{o}.hosts.example lookups=2" },
	{ "IPv6 is asked for as well", "2001:db8::7", NULL, NULL,
	    "pass result=pass" AT_HOME " term=ip6:2001:db8::7 lookups=1" },
	{ "IPv4 in IPv6 is IPv4", "::ffff:192.0.2.7", NULL, NULL,
	    "pass result=pass" AT_HOME " term=ip4:192.0.2.7 lookups=1" },
	{ "this host passes", "127.0.0.1", NULL, NULL, "pass by=loopback" },
	{ "by either protocol", "::1", NULL, NULL, "pass by=loopback" },
	{ "and so does who has no address", "unknown", NULL, NULL,
	    "pass by=loopback" },
};

static void
whose(void **state)
{
	const struct whose_row *row = *state;
	struct judged *s = begin();

	if (row->client)
		address_parse(
		    &s->req.client, s->req.client_address = row->client);
	if (row->helo)
		s->req.helo_name = row->helo;
	if (row->sender)
		s->req.sender = row->sender;
	must_begin(says(s, everywhere), row->says);
	judged_end(s);
}

struct forwarder_row {
	const char *name, *item, *says;
};

static const struct forwarder_row forwarders[] = {
	{ "a forwarder passes by its address", "192.0.2.0/28",
	    "pass by=forwarders" },
	{ "by its name", "mx.example.org", "pass by=forwarders" },
	{ "and by its domain", ".example.org", "pass by=forwarders" },
	{ "others do not", "192.0.2.8",
	    "refuse spf result=fail" AT_HOME " term=-all lookups=1" },
};

static void
forwarder(void **state)
{
	const struct forwarder_row *row = *state;
	const char *const lines[LINES] = { "example.org TXT v=spf1 -all" };
	struct judged *s = begin();
	const bool passes = strstr(row->says, "by=") != NULL;

	s->set.spf.forwarders = judged_table(s, row->item);
	assert_string_equal(says(s, lines), row->says);
	assert_int_equal(s->asks, passes ? 0 : 1);
	judged_end(s);
}

/* -- records of our own -- */

struct own_row {
	const char *name;
	const char *record, *local_policy, *guess;
	const char *says;
};

#define US "v=spf1 a:us.example -all"

static const struct own_row own_rows[] = {
	{ "our own record lets pass what the domain's does not",
	    "TXT v=spf1 -all", US, "",
	    "pass result=pass" AT_HOME " term=a:us.example by=local_policy"
	    " lookups=1" },
	{ "and what it probably does not", "TXT v=spf1 ~all", US, "",
	    "pass result=pass" AT_HOME " term=a:us.example by=local_policy"
	    " lookups=1" },
	{ "where that says nothing it is not asked", "TXT v=spf1 ?all", US, "",
	    "pass result=neutral" AT_HOME " term=?all lookups=1" },
	{ "one that does not name the client changes nothing",
	    "TXT v=spf1 -all", "v=spf1 ip4:192.0.2.8 -all", "",
	    "refuse spf result=fail" AT_HOME " term=-all lookups=1" },
	{ "and refuses nobody", "TXT v=spf1 ~all", "v=spf1 -all", "",
	    "pass result=softfail" AT_HOME " term=~all lookups=1" },
	{ "a guess is made for a domain without a record", "A 192.0.2.7", "",
	    "v=spf1 a/24 -all",
	    "pass result=pass" AT_HOME " term=a/24 by=guess lookups=1" },
	{ "that refuses nobody either", "A 198.51.100.7", "",
	    "v=spf1 a/24 -all", "pass result=none" AT_HOME " lookups=1" },
	{ "nor is it made for one that has one", "TXT v=spf1 -all", "",
	    "v=spf1 +all",
	    "refuse spf result=fail" AT_HOME " term=-all lookups=1" },
	{ "nor when nobody knows", "!servfail", US, "v=spf1 +all",
	    "refuse spf_temperror result=temperror" AT_HOME "..." },
};

static void
a_record_of_our_own(void **state)
{
	const struct own_row *row = *state;
	struct judged *s = begin();
	const char *const lines[LINES] = {
		arena_printf(s->arena, "example.org %s", row->record),
		"us.example A 192.0.2.7",
	};

	s->set.spf.local_policy = row->local_policy;
	s->set.spf.guess = row->guess;
	s->set.spf.temperror = SPF_REFUSES;
	must_begin(says(s, lines), row->says);
	judged_end(s);
}

/* -- what the message is told -- */

static void
told(const char *record, bool wanted, const char *mark)
{
	struct judged *s = begin();
	const char *const lines[LINES] = { record };
	struct false_dns *d = zone(lines);
	struct verdict v;

	s->conf.host = "mx.example.net";
	s->set.spf.received = wanted;
	judged_look_up(s, &check_spf, d);
	v = judged_verdict(s, &check_spf);
	false_dns_free(d);
	if (mark) {
		assert_non_null(v.mark);
		must_begin(v.mark, mark);
	} else
		assert_null(v.mark);
	judged_end(s);
}

static void
a_message_is_told_the_result_by_option(void **state)
{
	(void)state;
	told("example.org TXT v=spf1 ip4:192.0.2.7 -all", false, NULL);
	told("example.org TXT v=spf1 ip4:192.0.2.7 -all", true,
	    "Received-SPF: pass (...");
	told("example.org TXT v=spf1 ?all", true, "Received-SPF: neutral (...");
	told("example.org TXT v=spf1 nonsense", true,
	    "Received-SPF: permerror (...");
}

static void
but_not_when_it_is_refused(void **state)
{
	(void)state;
	told("example.org TXT v=spf1 -all", true, NULL);
}

/* -- how it is asked -- */

static void
step_by_step_all_that_can_be_asked_at_once(void **state)
{
	const char *const lines[LINES] = {
		"example.org TXT v=spf1 include:example.com mx -all",
		"example.com TXT v=spf1 -all",
		"example.org MX a.example.org",
		"example.org MX b.example.org",
		"b.example.org A 192.0.2.7",
	};
	struct judged *s = begin();
	struct false_dns *d = zone(lines);

	(void)state;
	assert_int_equal(judged_look_up(s, &check_spf, d), 4);
	assert_string_equal(judged_says(s, &check_spf),
	    "pass result=pass" AT_HOME " term=mx lookups=5");
	assert_string_equal(s->asked,
	    "TXT example.org; TXT example.com; MX example.org; "
	    "A a.example.org; A b.example.org");
	assert_string_equal(s->asked_once, s->asked);
	false_dns_free(d);
	judged_end(s);
}

static void
what_is_not_known_at_the_deadline_is_a_temperror(void **state)
{
	struct judged *s = begin();
	const char *got;

	(void)state;
	s->set.spf.temperror = SPF_REFUSES;
	judged_ask(s, &check_spf);
	got = judged_says(s, &check_spf);
	must_begin(got, "refuse spf_temperror result=temperror" AT_HOME "...");
	judged_end(s);
}

static void
on_failure_decides_where_a_temperror_is_accepted(void **state)
{
	const char *const lines[LINES] = { "example.org !servfail" };
	struct judged *s = begin();

	(void)state;
	s->set.spf.policy.on_failure = FAILURE_DEFER;
	must_begin(
	    says(s, lines), "unknown servfail result=temperror" AT_HOME "...");
	s->set.spf.temperror = SPF_REFUSES;
	must_begin(judged_says(s, &check_spf),
	    "refuse spf_temperror result=temperror" AT_HOME "...");
	judged_end(s);
}

static void
what_there_was_no_time_to_ask_for_is_late(void **state)
{
	struct judged *s = begin();

	(void)state;
	s->set.spf.policy.on_failure = FAILURE_DEFER;
	judged_ask(s, &check_spf);
	must_begin(judged_says(s, &check_spf),
	    "unknown timeout result=temperror" AT_HOME "...");
	judged_end(s);
}

/* The engine has lost what was open, and asks nothing more. */
static void
what_was_answered_by_then_is_used(void **state)
{
	const char *const lines[LINES] = {
		"example.org TXT v=spf1 ip4:198.51.100.7 mx -all"
	};
	struct judged *s = begin();
	struct false_dns *d = zone(lines);

	(void)state;
	s->set.spf.temperror = SPF_REFUSES;
	judged_ask(s, &check_spf);
	s->answers[0] = false_dns_answer(d, s->arena, s->questions[0]);
	judged_ask(s, &check_spf);
	judged_lost(s, LOSS_TIMEOUT);
	must_begin(judged_says(s, &check_spf),
	    "refuse spf_temperror result=temperror" AT_HOME "...");
	false_dns_free(d);
	judged_end(s);
}

#define TELL(...)                                                              \
	assert_true(false_dns_tell(d, arena_printf(s->arena, __VA_ARGS__)))

/* Ten hosts of a domain; the last one has the address. */
static void
tell_hosts(struct judged *s, struct false_dns *d, const char *domain,
    const char *type, const char *address)
{
	for (int i = 0; i < SPF_HOSTS; i++) {
		TELL("%s %s h%d.%s", domain, type, i, domain);
		TELL("h%d.%s A %s", i, domain,
		    i < SPF_HOSTS - 1 ? "198.51.100.1" : address);
	}
}

/* Of ten mail exchanges, the last one of which has the address. */
static const char *
ten_exchanges(struct judged *s, struct false_dns *d, const char *above,
    const char *address)
{
	const char *record = "v=spf1";

	for (int i = 0; i < SPF_TERMS; i++) {
		const char *domain = arena_printf(s->arena, "m%d.%s", i, above);

		record = arena_printf(s->arena, "%s mx:m%d.%%{p}.%s", record, i,
		    strchr(above, '.') + 1);
		tell_hosts(s, d, domain, "MX",
		    i < SPF_TERMS - 1 ? "198.51.100.1" : address);
	}
	return arena_printf(s->arena, "%s -all", record);
}

static unsigned
questions(const struct judged *s)
{
	unsigned n = 0;

	while (n < JUDGED_SLOTS && s->questions[n])
		n++;
	return n;
}

/* Of the domain, of a record of ours, and of the client's names. */
static void
all_that_may_be_asked_is_asked(void **state)
{
	const char *const other = "198.51.100.1";
	struct judged *s = begin();
	struct false_dns *d = false_dns_new(NULL);

	(void)state;
	tell_hosts(s, d, "7.2.0.192.in-addr.arpa", "PTR", other);
	TELL("example.org TXT %s",
	    ten_exchanges(s, d, "unknown.example", other));
	s->set.spf.local_policy = ten_exchanges(
	    s, d, "unknown.example.net", "192.0.2.7");
	judged_look_up(s, &check_spf, d);
	assert_string_equal(judged_says(s, &check_spf),
	    "pass result=pass" AT_HOME
	    " term=mx:m9.%{p}.example.net by=local_policy lookups=220");
	assert_int_equal(questions(s), 1 + 110 + 11 + 110);
	assert_in_range(questions(s), 0, NAMES);
	false_dns_free(d);
	judged_end(s);
}

/* More than RFC 7208 allows is never asked, whatever the record says. */
static void
a_greedy_record_is_cut_short(void **state)
{
	const char *const lines[LINES] = {
		"example.org TXT v=spf1 a:1.example a:2.example a:3.example "
		"a:4.example a:5.example a:6.example a:7.example a:8.example "
		"a:9.example a:10.example a:11.example -all",
		"1.example A 192.0.2.1",
	};
	struct judged *s = begin();

	(void)state;
	s->set.spf.permerror = SPF_REFUSES;
	must_begin(says(s, lines),
	    "refuse spf_permerror result=permerror" AT_HOME "...");
	assert_in_range(s->asks, 1, 12);
	judged_end(s);
}

int
main(void)
{
	static struct suite suite;

	SUITE_ROWS(&suite, rows, a_result);
	SUITE_ROWS(&suite, whose_rows, whose);
	SUITE_ROWS(&suite, forwarders, forwarder);
	SUITE_ROWS(&suite, own_rows, a_record_of_our_own);
	SUITE_TEST(&suite, a_message_is_told_the_result_by_option);
	SUITE_TEST(&suite, but_not_when_it_is_refused);
	SUITE_TEST(&suite, step_by_step_all_that_can_be_asked_at_once);
	SUITE_TEST(&suite, what_is_not_known_at_the_deadline_is_a_temperror);
	SUITE_TEST(&suite, on_failure_decides_where_a_temperror_is_accepted);
	SUITE_TEST(&suite, what_there_was_no_time_to_ask_for_is_late);
	SUITE_TEST(&suite, what_was_answered_by_then_is_used);
	SUITE_TEST(&suite, all_that_may_be_asked_is_asked);
	SUITE_TEST(&suite, a_greedy_record_is_cut_short);
	return suite_run(&suite, "spf");
}
