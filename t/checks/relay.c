/*
 * Strangers who write to others, or to nobody.
 */
#include "checks/checks.h"

#include <string.h>

#include "kit/judged.h"
#include "kit/suite.h"

struct row {
	const char *name;
	const char *address;
	bool local, known, unknown; /* unknown: the option */
	enum loss loss;
	const char *says;
};

static const struct row rows[] = {
	{ "who writes to us passes", "jo@example.net", true, true, true, 0,
	    "pass" },
	{ "who writes to others must log in", "jo@example.com", false, false,
	    true, 0, "refuse relay unknown=domain" },
	{ "so must who writes to nobody of ours", "xy@example.net", true, false,
	    true, 0, "refuse relay unknown=address" },
	{ "unless that is for others to say", "xy@example.net", true, false,
	    false, 0, "pass" },
	{ "which does not open the door to others", "jo@example.com", false,
	    false, false, 0, "refuse relay unknown=domain" },
	{ "the postmaster is always there", "postmaster@example.net", true,
	    false, true, 0, "pass" },
	{ "an address without a domain is ours", "jo", false, false, true, 0,
	    "pass" },
	{ "without Redis nobody knows all our domains", "jo@example.com", false,
	    false, true, LOSS_DOWN, "unknown down" },
	{ "with or without the option", "jo@example.com", false, false, false,
	    LOSS_DOWN, "unknown down" },
	{ "nor all our addresses", "xy@example.net", true, false, true,
	    LOSS_DOWN, "unknown down" },
	{ "which nobody need know without the option", "xy@example.net", true,
	    false, false, LOSS_DOWN, "pass" },
};

static void
recipient_is(void **state)
{
	const struct row *row = *state;
	struct judged *s = judged_begin();

	s->recipient = judged_scope(s, row->address);
	if (!strchr(row->address, '@'))
		s->recipient.domain = "";
	s->recipient.local = row->local;
	s->recipient.known = row->known;
	s->recipient.loss = row->loss;
	s->set.relay.unknown = row->unknown;
	s->conf.local_domains = judged_table(s, "redis:");
	assert_string_equal(judged_says(s, &check_relay), row->says);
	judged_end(s);
}

static void
a_domain_that_Redis_cannot_have_is_not_ours_without_it(void **state)
{
	struct judged *s = judged_begin();

	(void)state;
	s->recipient = judged_scope(s, "jo@example.com");
	s->recipient.loss = LOSS_DOWN;
	assert_string_equal(
	    judged_says(s, &check_relay), "refuse relay unknown=domain");
	judged_end(s);
}

static void
without_a_table_of_domains_nothing_can_be_said(void **state)
{
	struct judged *s = judged_begin();

	(void)state;
	s->conf.local_domains = NULL;
	s->recipient = judged_scope(s, "jo@example.com");
	assert_string_equal(judged_says(s, &check_relay), "pass");
	judged_end(s);
}

static void
without_a_table_of_mailboxes_our_domains_are_enough(void **state)
{
	struct judged *s = judged_begin();

	(void)state;
	s->conf.mailboxes = NULL;
	s->set.relay.unknown = true;
	s->recipient.known = false;
	assert_string_equal(judged_says(s, &check_relay), "pass");
	judged_end(s);
}

static void
it_is_judged_for_recipients_of_strangers_by_the_server(void **state)
{
	(void)state;
	assert_int_equal(check_relay.stages, AT_RCPT);
	assert_int_equal(check_relay.classes, INBOUND);
	assert_int_equal(check_relay.flags, 0);
	assert_int_equal(check_relay.whose, OF_SERVER);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, recipient_is);
	SUITE_TEST(&s, a_domain_that_Redis_cannot_have_is_not_ours_without_it);
	SUITE_TEST(&s, without_a_table_of_domains_nothing_can_be_said);
	SUITE_TEST(&s, without_a_table_of_mailboxes_our_domains_are_enough);
	SUITE_TEST(&s, it_is_judged_for_recipients_of_strangers_by_the_server);
	return suite_run(&s, "relay");
}
