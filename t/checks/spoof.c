/*
 * Who may send from our domains, and from a mailbox that is disabled.
 */
#include "checks/checks.h"

#include <string.h>

#include "kit/judged.h"
#include "kit/suite.h"

struct row {
	const char *name;
	enum spoof_who who;
	const char *sender; /* of example.net, which is ours, or another */
	const char *client;
	enum request_class class;
	const char *says;
};

#define STRANGER "192.0.2.7", INBOUND
#define PARTNER "198.51.100.7", TRUSTED

#define REFUSED(who) "refuse spoof domain=example.net who=" who

static const struct row rows[] = {
	{ "by default anyone may", SPOOF_ANYONE, "jo@example.net", STRANGER,
	    "pass" },
	{ "with authenticated a stranger may not", SPOOF_AUTHENTICATED,
	    "jo@example.net", STRANGER, REFUSED("authenticated") },
	{ "nor may a trusted client", SPOOF_AUTHENTICATED, "jo@example.net",
	    PARTNER, REFUSED("authenticated") },
	{ "with privileged a stranger may not", SPOOF_PRIVILEGED,
	    "jo@example.net", STRANGER, REFUSED("privileged") },
	{ "but a trusted client may", SPOOF_PRIVILEGED, "jo@example.net",
	    PARTNER, "pass" },

	{ "from another domain a stranger may", SPOOF_AUTHENTICATED,
	    "anna@example.org", STRANGER, "pass" },
	{ "a bounce is from nobody", SPOOF_AUTHENTICATED, "", STRANGER,
	    "pass" },
	{ "a sender without @ is a domain, whole", SPOOF_AUTHENTICATED,
	    "example.net", STRANGER, REFUSED("authenticated") },
	{ "or is none of ours", SPOOF_AUTHENTICATED, "root", STRANGER, "pass" },

	{ "the loopback may", SPOOF_AUTHENTICATED, "jo@example.net",
	    "127.0.0.1", TRUSTED, "pass" },
	{ "that of IPv6 too, though nobody trusts it", SPOOF_AUTHENTICATED,
	    "jo@example.net", "::1", INBOUND, "pass" },
	{ "who has no address is a stranger", SPOOF_PRIVILEGED,
	    "jo@example.net", "unknown", INBOUND, REFUSED("privileged") },
};

static struct judged *
begin(const char *sender)
{
	struct judged *s = judged_begin();

	s->req.sender = sender;
	s->sender = judged_scope(s, sender);
	s->sender.local = strcmp(s->sender.domain, "example.net") == 0;
	return s;
}

static void
client(struct judged *s, const char *address)
{
	s->req.client_address = address;
	address_parse(&s->req.client, address);
}

static void
register_answers(struct judged *s, bool disabled)
{
	const struct value no = { .is_number = true };
	const struct value yes = { .is_number = true, .number = disabled };

	s->answers[0] = (struct answer){ .state = KNOWN,
		.count = 7,
		.values = { no, no, no, yes, no,
		    { .text = disabled ? "left" : "" },
		    { .text = disabled ? "root@mx1" : "" } } };
}

static void
from_ours(void **state)
{
	const struct row *row = *state;
	struct judged *s = begin(row->sender);

	s->set.spoof.who = row->who;
	s->req.class = row->class;
	client(s, row->client);
	judged_ask(s, &check_spoof);
	if (s->asked)
		register_answers(s, false);
	assert_string_equal(judged_says(s, &check_spoof), row->says);
	judged_end(s);
}

static void
a_sender_whose_mailbox_is_disabled_may_not_be_used_by_anyone(void **state)
{
	static const char says[] =
	    "refuse sender_disabled mailbox=jo@example.net state=disabled "
	    "scope=mailbox";
	struct judged *s = begin("jo@example.net");
	struct settings own = s->set;

	(void)state;
	own.account.state = ACCOUNT_DISABLED;
	s->sender.set = &own;
	judged_ask(s, &check_spoof);
	assert_null(s->asked);
	assert_string_equal(judged_says(s, &check_spoof), says);
	s->req.class = TRUSTED;
	client(s, "127.0.0.1");
	assert_string_equal(judged_says(s, &check_spoof), says);
	judged_end(s);
}

static void
nor_one_that_an_administrator_has_disabled(void **state)
{
	static const char asked[] =
	    "account policyd:account:{jo@example.net} read ";
	struct judged *s = begin("info@example.net");

	(void)state;
	s->sender.mailbox = "jo@example.net"; /* where the alias leads */
	judged_ask(s, &check_spoof);
	assert_memory_equal(s->asked_once, asked, sizeof(asked) - 1);
	register_answers(s, true);
	assert_string_equal(judged_says(s, &check_spoof),
	    "refuse sender_disabled mailbox=jo@example.net state=disabled "
	    "by=root@mx1 reason=left");
	judged_end(s);
}

static void
denied_is_about_logins_and_not_about_senders(void **state)
{
	struct judged *s = begin("jo@example.net");

	(void)state;
	s->set.account.state = ACCOUNT_DENIED;
	judged_ask(s, &check_spoof);
	register_answers(s, false);
	assert_string_equal(judged_says(s, &check_spoof), "pass");
	judged_end(s);
}

static void
of_others_nobody_knows_whether_they_are_disabled(void **state)
{
	struct judged *s = begin("anna@example.org");

	(void)state;
	s->set.account.state = ACCOUNT_DISABLED;
	judged_ask(s, &check_spoof);
	assert_null(s->asked);
	assert_string_equal(judged_says(s, &check_spoof), "pass");
	judged_end(s);
}

static void
what_is_known_without_redis_is_enough_to_refuse_but_not_to_pass(void **state)
{
	struct judged *s = begin("jo@example.net");

	(void)state;
	s->sender.loss = LOSS_DOWN;
	judged_ask(s, &check_spoof);
	judged_lost(s, LOSS_BUSY);
	assert_string_equal(judged_says(s, &check_spoof), "unknown down");
	s->sender.loss = LOSS_NONE;
	assert_string_equal(judged_says(s, &check_spoof), "unknown busy");
	s->set.spoof.who = SPOOF_AUTHENTICATED;
	s->sender.loss = LOSS_DOWN;
	assert_string_equal(
	    judged_says(s, &check_spoof), REFUSED("authenticated"));
	judged_end(s);
}

static void
a_domain_that_only_redis_may_know_is_not_a_strange_one(void **state)
{
	struct judged *s = begin("jo@example.net");

	(void)state;
	s->sender.local = false;
	s->sender.loss = LOSS_DOWN;
	s->conf.local_domains = judged_table(s, "example.com");
	assert_string_equal(judged_says(s, &check_spoof), "pass");
	s->conf.local_domains = judged_table(s, "redis:");
	assert_string_equal(judged_says(s, &check_spoof), "unknown down");
	judged_end(s);
}

static void
it_is_asked_at_mail_and_rcpt_about_those_who_have_not_logged_in(void **state)
{
	(void)state;
	assert_int_equal(check_spoof.tier, TIER_REGISTERS);
	assert_int_equal(check_spoof.flags, 0);
	assert_int_equal(check_spoof.whose, OF_SENDER);
	assert_int_equal(check_spoof.classes, INBOUND | TRUSTED);
	assert_int_equal(check_spoof.stages, AT_MAIL | AT_RCPT);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, from_ours);
	SUITE_TEST(
	    &s, a_sender_whose_mailbox_is_disabled_may_not_be_used_by_anyone);
	SUITE_TEST(&s, nor_one_that_an_administrator_has_disabled);
	SUITE_TEST(&s, denied_is_about_logins_and_not_about_senders);
	SUITE_TEST(&s, of_others_nobody_knows_whether_they_are_disabled);
	SUITE_TEST(&s,
	    what_is_known_without_redis_is_enough_to_refuse_but_not_to_pass);
	SUITE_TEST(&s, a_domain_that_only_redis_may_know_is_not_a_strange_one);
	SUITE_TEST(&s,
	    it_is_asked_at_mail_and_rcpt_about_those_who_have_not_logged_in);
	return suite_run(&s, "spoof");
}
