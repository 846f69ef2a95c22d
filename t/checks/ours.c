/*
 * Who is ours: what the tables say, and what Redis could add to them.
 */
#include "checks/ours.h"

#include "kit/judged.h"
#include "kit/suite.h"

struct row {
	const char *name;
	const char *address;
	bool local, known;
	bool catch_all, no_domains, no_mailboxes;
	enum loss loss;
	bool in_redis; /* the domains */
	enum ours domain, mailbox;
};

static const struct row rows[] = {
	{ "a mailbox of our domain is ours", "jo@example.net", true, true,
	    .domain = OURS_YES, .mailbox = OURS_YES },
	{ "another address of it is not", "xy@example.net", true, false,
	    .domain = OURS_YES, .mailbox = OURS_NO },
	{ "nor is any of another domain", "jo@example.com", false, false,
	    .domain = OURS_NO, .mailbox = OURS_NO },
	{ "a domain may take mail for every address", "xy@example.net", true,
	    false, .catch_all = true, .domain = OURS_YES, .mailbox = OURS_YES },
	{ "but not for those of others", "jo@example.com", false, false,
	    .catch_all = true, .domain = OURS_NO, .mailbox = OURS_NO },
	{ "postmaster is everywhere where mail is", "postmaster@example.net",
	    true, false, .domain = OURS_YES, .mailbox = OURS_YES },
	{ "but not where it is not ours", "postmaster@example.com", false,
	    false, .domain = OURS_NO, .mailbox = OURS_NO },
	{ "an address without a domain is Postfix' own", "", false, false,
	    .domain = OURS_UNTOLD, .mailbox = OURS_UNTOLD },
	{ "without a table of domains nobody can say", "jo@example.com", false,
	    false, .no_domains = true, .domain = OURS_UNTOLD,
	    .mailbox = OURS_UNTOLD },
	{ "nor whether an address exists, without one of mailboxes",
	    "xy@example.net", true, false, .no_mailboxes = true,
	    .domain = OURS_YES, .mailbox = OURS_UNTOLD },
	{ "without Redis a domain in its hands may be ours", "jo@example.com",
	    false, false, .loss = LOSS_DOWN, .in_redis = true,
	    .domain = OURS_LOST, .mailbox = OURS_LOST },
	{ "one that is not in its hands is not", "jo@example.com", false, false,
	    .loss = LOSS_DOWN, .domain = OURS_NO, .mailbox = OURS_NO },
	{ "without Redis an address may exist after all", "xy@example.net",
	    true, false, .loss = LOSS_TIMEOUT, .domain = OURS_YES,
	    .mailbox = OURS_LOST },
	{ "and what the file has does exist", "jo@example.net", true, true,
	    .loss = LOSS_TIMEOUT, .domain = OURS_YES, .mailbox = OURS_YES },
	{ "postmaster needs no Redis", "postmaster@example.net", true, false,
	    .loss = LOSS_TIMEOUT, .domain = OURS_YES, .mailbox = OURS_YES },
};

static void
is_ours(void **state)
{
	const struct row *row = *state;
	struct judged *s = judged_begin();

	s->recipient = judged_scope(s, row->address);
	s->recipient.local = row->local;
	s->recipient.known = row->known;
	s->recipient.loss = row->loss;
	s->set.mailbox.catch_all = row->catch_all;
	if (row->in_redis)
		s->conf.local_domains = judged_table(s, "redis:");
	if (row->no_domains)
		s->conf.local_domains = NULL;
	if (row->no_mailboxes)
		s->conf.mailboxes = NULL;
	assert_int_equal(ours_domain(&s->req), row->domain);
	assert_int_equal(ours_address(&s->req), row->mailbox);
	judged_end(s);
}

static void
an_address_is_ours_that_only_its_extension_tells_apart(void **state)
{
	struct judged *s = judged_begin();

	(void)state;
	s->recipient = judged_scope(s, "jo@example.net");
	s->recipient.local = true;
	s->conf.mailboxes = judged_table(s, "jo+Shop@example.net");
	s->req.recipient = "Jo+shop@Example.net";
	assert_int_equal(ours_address(&s->req), OURS_YES);
	s->conf.aliases = s->conf.mailboxes;
	s->conf.mailboxes = judged_table(s, "anna@example.net");
	assert_int_equal(ours_address(&s->req), OURS_YES);
	s->req.recipient = "jo+other@example.net";
	assert_int_equal(ours_address(&s->req), OURS_NO);
	judged_end(s);
}

/* A mailbox that says so of itself says it of nobody else. */
static void
only_the_domain_says_that_it_takes_all(void **state)
{
	struct judged *s = judged_begin();
	struct settings of_domain = { .mailbox.catch_all = false };

	(void)state;
	s->recipient.known = false;
	s->set.mailbox.catch_all = true;
	s->recipient.domain_set = &of_domain;
	assert_int_equal(ours_address(&s->req), OURS_NO);
	judged_end(s);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, is_ours);
	SUITE_TEST(&s, an_address_is_ours_that_only_its_extension_tells_apart);
	SUITE_TEST(&s, only_the_domain_says_that_it_takes_all);
	return suite_run(&s, "ours");
}
