/*
 * Who must log in, by the port it comes through and whom it writes to.
 */
#include "checks/checks.h"

#include "kit/judged.h"
#include "kit/suite.h"

struct row {
	const char *name;
	const char *port, *context;
	enum submission_required required;
	enum stage stage;
	const char *says;
};

static const struct row rows[] = {
	{ "a stranger writes to us on port 25", "25", "", REQUIRED_ON_PORTS,
	    AT_RCPT, "pass" },
	{ "on port 587 it must log in", "587", "", REQUIRED_ON_PORTS, AT_RCPT,
	    "refuse submission rule=1" },
	{ "on port 465 too", "465", "", REQUIRED_ON_PORTS, AT_RCPT,
	    "refuse submission rule=1" },
	{ "it hears of it at MAIL where Postfix asks then", "587", "",
	    REQUIRED_ON_PORTS, AT_MAIL, "refuse submission rule=1" },
	{ "a port is a whole word", "5870", "", REQUIRED_ON_PORTS, AT_RCPT,
	    "pass" },
	{ "who writes to a domain of users only must log in on any port", "25",
	    "", REQUIRED_ALWAYS, AT_RCPT, "refuse submission rule=2" },
	{ "but is told only when the domain is known", "25", "",
	    REQUIRED_ALWAYS, AT_MAIL, "pass" },
	{ "of the two rules it is told the first", "587", "", REQUIRED_ALWAYS,
	    AT_RCPT, "refuse submission rule=1" },

	{ "a context stands for the port that is not told", "", "submissions",
	    REQUIRED_ON_PORTS, AT_RCPT, "refuse submission rule=1" },
	{ "another one does not", "", "client", REQUIRED_ON_PORTS, AT_RCPT,
	    "pass" },
	{ "without either, it is port 25", "", "", REQUIRED_ON_PORTS, AT_RCPT,
	    "pass" },
	{ "a port that is told counts for itself", "25", "submission",
	    REQUIRED_ON_PORTS, AT_RCPT, "pass" },
};

static void
a_stranger(void **state)
{
	static const char *const ports[] = { "587", "465" };
	static const char *const contexts[] = { "submission", "submissions" };
	const struct row *row = *state;
	struct judged *s = judged_begin();

	s->set.submission.ports = (struct list){ 2, ports };
	s->set.submission.contexts = (struct list){ 2, contexts };
	s->set.submission.required = row->required;
	s->req.server_port = row->port;
	s->req.policy_context = row->context;
	s->req.stage = row->stage;
	assert_string_equal(judged_says(s, &check_submission), row->says);
	judged_end(s);
}

static void
it_asks_nothing_and_is_about_strangers_at_mail_and_rcpt(void **state)
{
	(void)state;
	assert_null(check_submission.ask);
	assert_int_equal(check_submission.tier, TIER_LOCAL);
	assert_int_equal(check_submission.flags, 0);
	assert_int_equal(check_submission.classes, INBOUND);
	assert_int_equal(check_submission.stages, AT_MAIL | AT_RCPT);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, a_stranger);
	SUITE_TEST(&s, it_asks_nothing_and_is_about_strangers_at_mail_and_rcpt);
	return suite_run(&s, "submission");
}
