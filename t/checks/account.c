/*
 * Whose mailbox is closed: by its settings, by an administrator, for a while.
 */
#include "checks/checks.h"

#include "kit/judged.h"
#include "kit/suite.h"

enum { NOW = JUDGED_NOW };

struct row {
	const char *name;
	enum account_word domain, mailbox; /* what their settings say */
	int64_t lockout;
	struct {
		bool disabled;
		const char *reason, *by;
		int64_t until;
	} in; /* the register */
	const char *says;
};

static const struct row rows[] = {
	{ "who is enabled passes", ACCOUNT_ENABLED, ACCOUNT_ENABLED, 0, { 0 },
	    "pass" },
	{ "one that an administrator has disabled does not", ACCOUNT_ENABLED,
	    ACCOUNT_ENABLED, 0, { true, "left", "root@mx1", 0 },
	    "refuse account_disabled mailbox=Anna@example.com state=disabled "
	    "by=root@mx1 reason=left" },
	{ "nor one disabled by hand, whoever did it and why", ACCOUNT_ENABLED,
	    ACCOUNT_ENABLED, 0, { true, "", "", 0 },
	    "refuse account_disabled mailbox=Anna@example.com "
	    "state=disabled" },
	{ "one that is locked waits until that ends", ACCOUNT_ENABLED,
	    ACCOUNT_ENABLED, 5, { false, "", "", NOW + 600 },
	    "refuse account_denied mailbox=Anna@example.com state=locked "
	    "until=1732191000 wait=600" },
	{ "where nobody is locked any more, an old lock does not count",
	    ACCOUNT_ENABLED, ACCOUNT_ENABLED, 0, { false, "", "", NOW + 600 },
	    "pass" },
	{ "disabled counts more than locked", ACCOUNT_ENABLED, ACCOUNT_ENABLED,
	    5, { true, "", "", NOW + 600 },
	    "refuse account_disabled mailbox=Anna@example.com "
	    "state=disabled" },
};

static const struct row settings_rows[] = {
	{ "a mailbox may be denied", ACCOUNT_ENABLED, ACCOUNT_DENIED, 0, { 0 },
	    "refuse account_denied mailbox=anna@example.com state=denied "
	    "scope=mailbox" },
	{ "a mailbox may be disabled", ACCOUNT_ENABLED, ACCOUNT_DISABLED, 0,
	    { 0 },
	    "refuse account_disabled mailbox=anna@example.com state=disabled "
	    "scope=mailbox" },
	{ "a domain may, and all its mailboxes with it", ACCOUNT_DISABLED,
	    ACCOUNT_DISABLED, 0, { 0 },
	    "refuse account_disabled mailbox=anna@example.com state=disabled "
	    "scope=domain" },
};

static struct value
number(int64_t n)
{
	return (struct value){ .number = n, .is_number = true };
}

static struct value
text(const char *s)
{
	return (struct value){ .text = s ? s : "" };
}

/* As account.lua answers. */
static void
register_answers(struct judged *s, const struct row *row)
{
	s->answers[0] = (struct answer){ .state = KNOWN,
		.count = 7,
		.values = { number(row->in.until), number(0), number(0),
		    number(row->in.disabled), number(0), text(row->in.reason),
		    text(row->in.by) } };
}

/* Anna has logged in, under settings of her own and of her domain. */
struct play {
	struct judged *s;
	struct settings domain, mailbox;
};

static void
begin(struct play *play, const struct row *row)
{
	struct judged *s = play->s = judged_begin();

	play->domain = play->mailbox = s->set;
	play->domain.account.state = row->domain;
	play->mailbox.account.state = row->mailbox;
	s->conf.account.lockout = row->lockout;
	s->req.class = AUTHENTICATED;
	s->req.sasl_username = "Anna@example.com";
	s->login = judged_scope(s, "anna@example.com");
	s->login.set = &play->mailbox;
	s->login.domain_set = &play->domain;
}

static void
the_register_says(void **state)
{
	static const char asked[] =
	    "account policyd:account:{anna@example.com} read 192.0.2.0/24 ";
	const struct row *row = *state;
	struct play play;
	struct judged *s;

	begin(&play, row);
	s = play.s;
	judged_ask(s, &check_account);
	assert_memory_equal(s->asked_once, asked, sizeof(asked) - 1);
	register_answers(s, row);
	assert_string_equal(judged_says(s, &check_account), row->says);
	judged_end(s);
}

static void
the_settings_say(void **state)
{
	const struct row *row = *state;
	struct play play;

	begin(&play, row);
	judged_ask(play.s, &check_account);
	assert_null(play.s->asked);
	assert_string_equal(judged_says(play.s, &check_account), row->says);
	judged_end(play.s);
}

static void
without_an_answer_nothing_is_known(void **state)
{
	struct play play;

	(void)state;
	begin(&play, &rows[0]);
	judged_ask(play.s, &check_account);
	judged_lost(play.s, LOSS_DOWN);
	assert_string_equal(
	    judged_says(play.s, &check_account), "unknown down");
	judged_end(play.s);
}

static void
settings_that_nobody_could_read_may_say_otherwise(void **state)
{
	struct play play;

	(void)state;
	begin(&play, &rows[0]);
	play.s->login.loss = LOSS_TIMEOUT;
	judged_ask(play.s, &check_account);
	register_answers(play.s, &rows[0]);
	assert_string_equal(
	    judged_says(play.s, &check_account), "unknown timeout");
	register_answers(play.s, &rows[1]);
	assert_string_equal(judged_says(play.s, &check_account), rows[1].says);
	judged_end(play.s);
}

static void
what_the_whole_server_says_is_told_so(void **state)
{
	struct play play;

	(void)state;
	begin(&play, &settings_rows[2]);
	play.s->set.account.state = ACCOUNT_DISABLED;
	assert_string_equal(judged_says(play.s, &check_account),
	    "refuse account_disabled mailbox=anna@example.com state=disabled "
	    "scope=server");
	judged_end(play.s);
}

static void
it_is_asked_about_logins_at_mail_and_rcpt(void **state)
{
	(void)state;
	assert_int_equal(check_account.tier, TIER_REGISTERS);
	assert_int_equal(check_account.flags, 0);
	assert_int_equal(check_account.whose, OF_LOGIN);
	assert_int_equal(check_account.classes, AUTHENTICATED);
	assert_int_equal(check_account.stages, AT_MAIL | AT_RCPT);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, the_register_says);
	SUITE_ROWS(&s, settings_rows, the_settings_say);
	SUITE_TEST(&s, without_an_answer_nothing_is_known);
	SUITE_TEST(&s, settings_that_nobody_could_read_may_say_otherwise);
	SUITE_TEST(&s, what_the_whole_server_says_is_told_so);
	SUITE_TEST(&s, it_is_asked_about_logins_at_mail_and_rcpt);
	return suite_run(&s, "account");
}
