/*
 * Logins that may not write to everybody.
 */
#include "checks/checks.h"

#include "kit/judged.h"
#include "kit/suite.h"

struct row {
	const char *name;
	enum remote_to to;
	const char *recipient;
	bool local;
	enum loss loss;
	const char *says;
};

/* anna@example.net has logged in. */
static const struct row rows[] = {
	{ "who may write to us may write to her own domain", REMOTE_LOCAL,
	    "jo@example.net", true, 0, "pass" },
	{ "and to any other of ours", REMOTE_LOCAL, "jo@example.org", true, 0,
	    "pass" },
	{ "but to no others", REMOTE_LOCAL, "jo@example.com", false, 0,
	    "refuse remote to=local" },
	{ "her own domain need not be in the table", REMOTE_LOCAL,
	    "jo@example.net", false, 0, "pass" },
	{ "who may write to her own domain may do so", REMOTE_DOMAIN,
	    "jo@example.net", true, 0, "pass" },
	{ "but to no other of ours", REMOTE_DOMAIN, "jo@example.org", true, 0,
	    "refuse remote to=domain" },
	{ "nor to others", REMOTE_DOMAIN, "jo@example.com", false, 0,
	    "refuse remote to=domain" },
	{ "who may write anywhere may", REMOTE_ANYWHERE, "jo@example.com",
	    false, 0, "pass" },
	{ "a recipient without a domain is ours", REMOTE_DOMAIN, "", false, 0,
	    "pass" },
	{ "without Redis nobody knows all our domains", REMOTE_LOCAL,
	    "jo@example.com", false, LOSS_TIMEOUT, "unknown timeout" },
	{ "but one that the file has is ours", REMOTE_LOCAL, "jo@example.org",
	    true, LOSS_TIMEOUT, "pass" },
	{ "and her own can be told without", REMOTE_DOMAIN, "jo@example.com",
	    false, LOSS_TIMEOUT, "refuse remote to=domain" },
};

static struct judged *
begin(void)
{
	struct judged *s = judged_begin();

	s->req.class = AUTHENTICATED;
	s->req.sasl_username = "anna@example.net";
	s->login = judged_scope(s, "anna@example.net");
	return s;
}

static void
login_may(void **state)
{
	const struct row *row = *state;
	struct judged *s = begin();

	s->set.remote.to = row->to;
	s->recipient = judged_scope(s, row->recipient);
	s->recipient.local = row->local;
	s->recipient.loss = row->loss;
	s->conf.local_domains = judged_table(s, "redis:");
	assert_string_equal(judged_says(s, &check_remote), row->says);
	judged_end(s);
}

struct loss_row {
	const char *name;
	enum remote_to to; /* in the file; Redis may have something narrower */
	const char *recipient, *says;
};

static const struct loss_row loss_rows[] = {
	{ "without Redis nobody knows whom she may not write to",
	    REMOTE_ANYWHERE, "jo@example.com", "unknown down" },
	{ "not even of us", REMOTE_LOCAL, "jo@example.org", "unknown down" },
	{ "but to her own domain she may", REMOTE_ANYWHERE, "jo@example.net",
	    "pass" },
	{ "and what the file refuses is refused", REMOTE_DOMAIN,
	    "jo@example.org", "refuse remote to=domain" },
};

static void
without_her_settings(void **state)
{
	const struct loss_row *row = *state;
	struct judged *s = begin();

	s->set.remote.to = row->to;
	s->login.loss = LOSS_DOWN;
	s->recipient = judged_scope(s, row->recipient);
	s->recipient.local = true;
	assert_string_equal(judged_says(s, &check_remote), row->says);
	judged_end(s);
}

static void
without_a_table_of_domains_nobody_is_remote(void **state)
{
	struct judged *s = begin();

	(void)state;
	s->set.remote.to = REMOTE_LOCAL;
	s->conf.local_domains = NULL;
	s->recipient = judged_scope(s, "jo@example.com");
	assert_string_equal(judged_says(s, &check_remote), "pass");
	judged_end(s);
}

static void
what_the_recipient_has_set_does_not_count(void **state)
{
	struct judged *s = begin();
	struct settings of_recipient = { .remote.to = REMOTE_ANYWHERE };

	(void)state;
	s->set.remote.to = REMOTE_LOCAL;
	s->recipient = judged_scope(s, "jo@example.com");
	s->recipient.set = &of_recipient;
	assert_string_equal(
	    judged_says(s, &check_remote), "refuse remote to=local");
	judged_end(s);
}

static void
it_is_judged_for_recipients_of_logins_by_the_login(void **state)
{
	(void)state;
	assert_int_equal(check_remote.stages, AT_RCPT);
	assert_int_equal(check_remote.classes, AUTHENTICATED);
	assert_int_equal(check_remote.flags, 0);
	assert_int_equal(check_remote.whose, OF_LOGIN);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, login_may);
	SUITE_ROWS(&s, loss_rows, without_her_settings);
	SUITE_TEST(&s, without_a_table_of_domains_nobody_is_remote);
	SUITE_TEST(&s, what_the_recipient_has_set_does_not_count);
	SUITE_TEST(&s, it_is_judged_for_recipients_of_logins_by_the_login);
	return suite_run(&s, "remote");
}
