/*
 * Deny lists: what is asked of them, whose entry it is, and who says so.
 */
#include "checks/checks.h"

#include <string.h>

#include "base/arena.h"
#include "kit/judged.h"
#include "kit/suite.h"

static const struct policy enforced = { MODE_ENFORCE, FAILURE_ACCEPT,
	LEVEL_MAILBOX };

/* Mail of anna@example.org to jo@example.net. */
static struct judged *
begin(struct settings *of_domain)
{
	struct judged *s = judged_begin();

	s->set.deny_domain.policy = s->set.deny_user.policy = enforced;
	*of_domain = s->set;
	s->recipient.domain_set = of_domain;
	return s;
}

/* What Redis has about example.org, the second of the entries that are asked
 * for; NULL: nothing. */
static void
tell(struct judged *s, const char *domain, const char *mailbox)
{
	const char *const lists[] = { domain, mailbox };
	struct answer a = { .state = KNOWN };

	for (int i = 0; i < 2; i++) {
		const char *says = lists[i] ? lists[i] : "";

		a.values[a.count++] = (struct value){ .is_number = true,
			.number = lists[i] ? 2 : 0 };
		a.values[a.count++] = (struct value){ says, strlen(says) };
	}
	judged_told(s, &a);
}

struct row {
	const char *name;
	const char *server, *domain, *mailbox; /* items of the file */
	const char *redis_domain, *redis_mailbox;
	const char *domain_says, *user_says;
};

static const struct row rows[] = {
	{ "who is on no list passes", .domain_says = "pass",
	    .user_says = "pass" },
	{ "whom the server denies, deny_domain refuses",
	    .server = "example.org",
	    .domain_says = "refuse deny_domain entry=example.org level=server",
	    .user_says = "pass" },
	{ "and whom the domain denies", .domain = "anna@example.org",
	    .domain_says =
		"refuse deny_domain entry=anna@example.org level=domain",
	    .user_says = "pass" },
	{ "in Redis too", .redis_domain = "1732000000",
	    .domain_says = "refuse deny_domain entry=example.org level=domain "
			   "since=1732000000",
	    .user_says = "pass" },
	{ "whom the mailbox denies, deny_user refuses",
	    .mailbox = "example.org", .domain_says = "pass",
	    .user_says = "refuse deny_user entry=example.org level=mailbox" },
	{ "in Redis too, which goes before the file", .mailbox = "example.org",
	    .redis_mailbox = "1732000000", .domain_says = "pass",
	    .user_says = "refuse deny_user entry=example.org level=mailbox "
			 "since=1732000000" },
	{ "whom both deny the narrower refuses", .domain = "example.org",
	    .redis_mailbox = "", .domain_says = "pass",
	    .user_says = "refuse deny_user entry=example.org level=mailbox" },
	{ "a forced entry goes before, and says so", .redis_domain = "forced",
	    .redis_mailbox = "allow",
	    .domain_says = "refuse deny_domain entry=example.org level=domain "
			   "forced=yes",
	    .user_says = "pass" },
	{ "whom the mailbox allows passes both", .server = "example.org",
	    .redis_mailbox = "allow", .domain_says = "pass",
	    .user_says = "pass" },
	{ "whom the server allows by force, too",
	    .server = "inline:{example.org=allow forced}",
	    .redis_domain = "forced", .redis_mailbox = "",
	    .domain_says = "pass", .user_says = "pass" },
};

static void
entry_is_refused_by(void **state)
{
	const struct row *row = *state;
	struct settings of_domain;
	struct judged *s = begin(&of_domain);

	if (row->server)
		s->conf.settings.deny_domain.senders = judged_table(
		    s, row->server);
	if (row->domain)
		of_domain.deny_domain.senders = judged_table(s, row->domain);
	if (row->mailbox)
		s->set.deny_user.senders = judged_table(s, row->mailbox);
	s->recipient.domain_denies = s->recipient.mailbox_denies = true;
	judged_ask(s, &check_deny_domain);
	tell(s, row->redis_domain, row->redis_mailbox);
	assert_string_equal(
	    judged_says(s, &check_deny_domain), row->domain_says);
	assert_string_equal(judged_says(s, &check_deny_user), row->user_says);
	judged_end(s);
}

struct question_row {
	const char *name;
	bool domain_denies, mailbox_denies;
	const char *sender;
	const char *keys; /* NULL: nothing is asked */
};

static const struct question_row question_rows[] = {
	{ "a domain's list is asked", true, false, "anna@example.org",
	    "deny policyd:deny:{example.net} anna@example.org example.org" },
	{ "a mailbox' list is asked", false, true, "anna@example.org",
	    "deny policyd:deny:{example.net}:jo anna@example.org" },
	{ "both are asked at once", true, true, "anna@example.org",
	    "deny policyd:deny:{example.net} policyd:deny:{example.net}:jo "
	    "anna@example.org" },
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
		struct settings of_domain;
		struct judged *s = begin(&of_domain);

		s->req.sender = row->sender;
		s->recipient.domain_denies = row->domain_denies;
		s->recipient.mailbox_denies = row->mailbox_denies;
		judged_ask(s, both[i]);
		if (row->keys) {
			assert_non_null(s->asked);
			assert_memory_equal(
			    s->asked, row->keys, strlen(row->keys));
		} else {
			assert_null(s->asked);
		}
		assert_null(s->asked_once); /* another's list is another's */
		judged_end(s);
	}
}

static void
bounces_pass_whatever_a_list_says(void **state)
{
	struct settings of_domain;
	struct judged *s = begin(&of_domain);

	(void)state;
	s->req.sender = "";
	s->conf.settings.deny_domain.senders = judged_table(s, "<>");
	assert_string_equal(judged_says(s, &check_deny_domain), "pass");
	judged_end(s);
}

static void
lists_that_may_not_speak_are_not_asked(void **state)
{
	struct settings of_domain;
	struct judged *s = begin(&of_domain);

	(void)state;
	s->recipient.mailbox_denies = true;
	s->set.deny_user.policy.decided_by = LEVEL_DOMAIN;
	judged_ask(s, &check_deny_user);
	assert_null(s->asked);
	assert_string_equal(judged_says(s, &check_deny_user), "pass");
	judged_end(s);
}

/* Or a domain's "deny" would be lifted by an "allow" that nobody heeds. */
static void
nor_are_those_of_a_check_that_is_off(void **state)
{
	struct settings of_domain;
	struct judged *s = begin(&of_domain);

	(void)state;
	of_domain.deny_domain.senders = judged_table(s, "example.org");
	s->set.deny_user.senders = judged_table(s, "anna@example.org");
	s->set.deny_user.policy.mode = MODE_OFF;
	s->recipient.mailbox_denies = true;
	judged_ask(s, &check_deny_domain);
	assert_null(s->asked);
	assert_string_equal(judged_says(s, &check_deny_domain),
	    "refuse deny_domain entry=example.org level=domain");
	judged_end(s);
}

struct mode_row {
	const char *name;
	enum mode domain_mode, user_mode;
	const char *domain, *mailbox; /* in Redis */
	const char *domain_says, *user_says;
};

#define BY_DOMAIN "refuse deny_domain entry=example.org level=domain since=1"
#define BY_USER "refuse deny_user entry=example.org level=mailbox since=2"

static const struct mode_row mode_rows[] = {
	{ "what a user only would allow the domain denies", MODE_ENFORCE,
	    MODE_OBSERVE, "1", "2 allow", BY_DOMAIN, "pass" },
	{ "whom a user only would deny the domain denies", MODE_ENFORCE,
	    MODE_OBSERVE, "1", "2", BY_DOMAIN, BY_USER },
	{ "what a domain only would force a user denies", MODE_OBSERVE,
	    MODE_ENFORCE, "1 allow forced", "2", "pass", BY_USER },
	{ "and would be lifted where that is enforced", MODE_ENFORCE,
	    MODE_OBSERVE, "1 allow forced", "2", "pass", "pass" },
	{ "what both observe one decides", MODE_OBSERVE, MODE_OBSERVE, "1", "2",
	    "pass", BY_USER },
};

static void
observing_changes_nothing(void **state)
{
	const struct mode_row *row = *state;
	struct settings of_domain;
	struct judged *s = begin(&of_domain);

	s->set.deny_domain.policy.mode = row->domain_mode;
	s->set.deny_user.policy.mode = row->user_mode;
	s->recipient.domain_denies = s->recipient.mailbox_denies = true;
	judged_ask(s, &check_deny_domain);
	tell(s, row->domain, row->mailbox);
	assert_string_equal(
	    judged_says(s, &check_deny_domain), row->domain_says);
	assert_string_equal(judged_says(s, &check_deny_user), row->user_says);
	judged_end(s);
}

struct loss_row {
	const char *name;
	bool of_scope; /* or the question's answer is lost */
	const char *server, *domain; /* items of the file */
	const char *domain_says, *user_says;
};

static const struct loss_row loss_rows[] = {
	{ "a lost answer may have denied", false, NULL, NULL, "unknown timeout",
	    "unknown timeout" },
	{ "a lost scope may have a list", true, NULL, NULL, "unknown timeout",
	    "unknown timeout" },
	{ "it may have allowed whom the file denies", false, "example.org",
	    NULL, "unknown timeout", "unknown timeout" },
	{ "but not whom the server denies by force", false,
	    "inline:{example.org=forced}", NULL,
	    "refuse deny_domain entry=example.org level=server forced=yes",
	    "pass" },
	{ "with or without a scope", true, "inline:{example.org=forced}", NULL,
	    "refuse deny_domain entry=example.org level=server forced=yes",
	    "pass" },
	{ "nor denied whom it allows by force", true,
	    "inline:{example.org=allow forced}", NULL, "pass", "pass" },
	{ "a domain's force may be another's in Redis", true, NULL,
	    "inline:{example.org=forced}", "unknown timeout",
	    "unknown timeout" },
};

static void
without_Redis(void **state)
{
	const struct loss_row *row = *state;
	struct settings of_domain;
	struct judged *s = begin(&of_domain);

	if (row->server)
		s->conf.settings.deny_domain.senders = judged_table(
		    s, row->server);
	if (row->domain)
		of_domain.deny_domain.senders = judged_table(s, row->domain);
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
	SUITE_TEST(&s, lists_that_may_not_speak_are_not_asked);
	SUITE_TEST(&s, nor_are_those_of_a_check_that_is_off);
	SUITE_ROWS(&s, mode_rows, observing_changes_nothing);
	SUITE_ROWS(&s, loss_rows, without_Redis);
	SUITE_TEST(
	    &s, they_are_asked_for_recipients_of_strangers_that_may_be_allowed);
	return suite_run(&s, "denial");
}
