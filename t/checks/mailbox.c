/*
 * Mail for nobody.
 */
#include "checks/checks.h"

#include <string.h>

#include "kit/judged.h"
#include "kit/suite.h"

struct row {
	const char *name;
	const char *address;
	bool local, known;
	enum loss loss;
	const char *says;
};

static const struct row rows[] = {
	{ "mail for a mailbox passes", "jo@example.net", true, true, 0,
	    "pass" },
	{ "mail for nobody is refused", "xy@example.net", true, false, 0,
	    "refuse mailbox address=xy@example.net" },
	{ "mail for others is not its business", "jo@example.com", false, false,
	    0, "pass" },
	{ "mail for the postmaster always passes", "postmaster@example.net",
	    true, false, 0, "pass" },
	{ "an address without a domain passes", "jo", false, false, 0, "pass" },
	{ "without Redis nobody knows who is not there", "xy@example.net", true,
	    false, LOSS_DOWN, "unknown down" },
	{ "but who is there is", "jo@example.net", true, true, LOSS_DOWN,
	    "pass" },
	{ "nor whether the domain is ours", "jo@example.com", false, false,
	    LOSS_TIMEOUT, "unknown timeout" },
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
	s->conf.local_domains = judged_table(s, "redis:");
	assert_string_equal(judged_says(s, &check_mailbox), row->says);
	judged_end(s);
}

static void
without_a_table_of_mailboxes_all_exist(void **state)
{
	struct judged *s = judged_begin();

	(void)state;
	s->conf.mailboxes = NULL;
	s->recipient.known = false;
	assert_string_equal(judged_says(s, &check_mailbox), "pass");
	judged_end(s);
}

static void
it_is_judged_for_every_recipient_of_everybody(void **state)
{
	(void)state;
	assert_int_equal(check_mailbox.stages, AT_RCPT);
	assert_int_equal(
	    check_mailbox.classes, INBOUND | AUTHENTICATED | TRUSTED);
	assert_int_equal(check_mailbox.flags, 0);
	assert_int_equal(check_mailbox.whose, OF_RECIPIENT);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, recipient_is);
	SUITE_TEST(&s, without_a_table_of_mailboxes_all_exist);
	SUITE_TEST(&s, it_is_judged_for_every_recipient_of_everybody);
	return suite_run(&s, "mailbox");
}
