/*
 * Deny lists: what is asked of them, whose entry it is, and who says so.
 */
#include "checks/checks.h"

#include "kit/judged.h"
#include "kit/suite.h"

struct row {
	const char *name;
	struct deny_match match;
	const char *domain_says, *user_says;
};

#define MATCH(level, ...)                                                      \
	{                                                                      \
		level, .entry = "example.org", __VA_ARGS__                     \
	}

static const struct row rows[] = {
	{ "who is on no list passes", { 0 }, "pass", "pass" },
	{ "whom the server denies, its domain refuses", MATCH(LEVEL_SERVER, 0),
	    "refuse deny_domain entry=example.org level=server", "pass" },
	{ "and whom the domain denies",
	    MATCH(LEVEL_DOMAIN, .since = 1732000000),
	    "refuse deny_domain entry=example.org level=domain "
	    "since=1732000000",
	    "pass" },
	{ "whom the mailbox denies, its user refuses",
	    MATCH(LEVEL_MAILBOX, .since = 1732000000), "pass",
	    "refuse deny_user entry=example.org level=mailbox "
	    "since=1732000000" },
	{ "a forced entry says so", MATCH(LEVEL_DOMAIN, .forced = true),
	    "refuse deny_domain entry=example.org level=domain forced=yes",
	    "pass" },
	{ "whom the deciding entry allows passes both",
	    MATCH(LEVEL_MAILBOX, .allow = true), "pass", "pass" },
	{ "whichever level it is of",
	    MATCH(LEVEL_SERVER, .allow = true, .forced = true), "pass",
	    "pass" },
};

static void
entry_is_refused_by(void **state)
{
	const struct row *row = *state;
	struct judged *s = judged_begin();

	s->recipient.domain_denies = true;
	s->in_redis = row->match;
	judged_ask(s, &check_deny_domain);
	judged_answered(s);
	assert_string_equal(
	    judged_says(s, &check_deny_domain), row->domain_says);
	assert_string_equal(judged_says(s, &check_deny_user), row->user_says);
	judged_end(s);
}

struct question_row {
	const char *name;
	bool domain_denies, mailbox_denies;
	const char *sender;
	const char *asked; /* NULL: nothing */
};

static const struct question_row question_rows[] = {
	{ "a domain's list is asked", true, false, "anna@example.org",
	    "deny jo@example.net anna@example.org" },
	{ "so is a mailbox' list", false, true, "anna@example.org",
	    "deny jo@example.net anna@example.org" },
	{ "who has none costs no question", false, false, "anna@example.org",
	    NULL },
	{ "nobody denies bounces", true, true, "", NULL },
};

static void
question_is(void **state)
{
	const struct question_row *row = *state;
	const struct check *const both[] = { &check_deny_domain,
		&check_deny_user };

	for (int i = 0; i < 2; i++) {
		struct judged *s = judged_begin();

		s->req.sender = row->sender;
		s->recipient.domain_denies = row->domain_denies;
		s->recipient.mailbox_denies = row->mailbox_denies;
		judged_ask(s, both[i]);
		if (row->asked)
			assert_string_equal(s->asked, row->asked);
		else
			assert_null(s->asked);
		assert_null(s->asked_once); /* another's list is another's */
		judged_end(s);
	}
}

static void
bounces_pass_whatever_a_list_says(void **state)
{
	struct judged *s = judged_begin();

	(void)state;
	s->req.sender = "";
	s->in_file = (struct deny_match)MATCH(LEVEL_SERVER, .forced = true);
	assert_string_equal(judged_says(s, &check_deny_domain), "pass");
	judged_end(s);
}

static void
lists_that_do_not_count_are_not_asked(void **state)
{
	struct judged *s = judged_begin();

	(void)state;
	s->recipient.mailbox_denies = s->no_say = true;
	judged_ask(s, &check_deny_user);
	assert_null(s->asked);
	assert_string_equal(judged_says(s, &check_deny_user), "pass");
	judged_end(s);
}

static void
without_lists_in_Redis_the_file_decides(void **state)
{
	struct judged *s = judged_begin();

	(void)state;
	s->in_file = (struct deny_match)MATCH(LEVEL_SERVER, 0);
	judged_ask(s, &check_deny_domain);
	assert_null(s->asked);
	assert_string_equal(judged_says(s, &check_deny_domain),
	    "refuse deny_domain entry=example.org level=server");
	judged_end(s);
}

struct loss_row {
	const char *name;
	bool of_scope; /* or the question's answer is lost */
	struct deny_match in_file;
	const char *domain_says, *user_says;
};

static const struct loss_row loss_rows[] = {
	{ "a lost answer may have denied", false, { 0 }, "unknown timeout",
	    "unknown timeout" },
	{ "a lost scope may have a list", true, { 0 }, "unknown timeout",
	    "unknown timeout" },
	{ "it may have allowed whom the file denies", false,
	    MATCH(LEVEL_SERVER, 0), "unknown timeout", "unknown timeout" },
	{ "but not whom the server denies by force", false,
	    MATCH(LEVEL_SERVER, .forced = true),
	    "refuse deny_domain entry=example.org level=server forced=yes",
	    "pass" },
	{ "with or without a scope", true, MATCH(LEVEL_SERVER, .forced = true),
	    "refuse deny_domain entry=example.org level=server forced=yes",
	    "pass" },
	{ "nor denied whom it allows by force", true,
	    MATCH(LEVEL_SERVER, .forced = true, .allow = true), "pass",
	    "pass" },
	{ "a domain's force may be another's in Redis", true,
	    MATCH(LEVEL_DOMAIN, .forced = true), "unknown timeout",
	    "unknown timeout" },
};

static void
without_Redis(void **state)
{
	const struct loss_row *row = *state;
	struct judged *s = judged_begin();

	s->in_file = row->in_file;
	if (row->of_scope)
		s->recipient.loss = LOSS_TIMEOUT;
	else
		s->recipient.mailbox_denies = true;
	judged_ask(s, &check_deny_user);
	judged_lost(s, LOSS_TIMEOUT);
	assert_string_equal(
	    judged_says(s, &check_deny_domain), row->domain_says);
	assert_string_equal(judged_says(s, &check_deny_user), row->user_says);
	judged_end(s);
}

static void
they_are_asked_for_recipients_of_strangers_that_may_be_allowed(void **state)
{
	(void)state;
	assert_int_equal(check_deny_domain.stages, AT_RCPT);
	assert_int_equal(check_deny_domain.classes, INBOUND);
	assert_int_equal(check_deny_domain.tier, TIER_REGISTERS);
	assert_int_equal(check_deny_domain.flags, 0);
	assert_int_equal(check_deny_domain.whose, OF_RECIPIENT);
	assert_int_equal(check_deny_user.stages, AT_RCPT);
	assert_int_equal(check_deny_user.classes, INBOUND);
	assert_int_equal(check_deny_user.tier, TIER_REGISTERS);
	assert_int_equal(check_deny_user.flags, 0);
	assert_int_equal(check_deny_user.whose, OF_RECIPIENT);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, entry_is_refused_by);
	SUITE_ROWS(&s, question_rows, question_is);
	SUITE_TEST(&s, bounces_pass_whatever_a_list_says);
	SUITE_TEST(&s, lists_that_do_not_count_are_not_asked);
	SUITE_TEST(&s, without_lists_in_Redis_the_file_decides);
	SUITE_ROWS(&s, loss_rows, without_Redis);
	SUITE_TEST(
	    &s, they_are_asked_for_recipients_of_strangers_that_may_be_allowed);
	return suite_run(&s, "denial");
}
