/*
 * What is asked about bans, and what becomes of the answer.
 */
#include "checks/checks.h"

#include "kit/judged.h"
#include "kit/suite.h"

enum { NOW = JUDGED_NOW };

struct row {
	const char *name;
	struct register_entry entry;
	const char *says;
};

#define BANNED(until, level, reason, by)                                       \
	{                                                                      \
		true, NOW - 60, until, level, reason, by                       \
	}

static const struct row rows[] = {
	{ "who is not banned passes", { 0 }, "pass" },
	{ "who is banned for a time is told 554 5.3.2",
	    BANNED(NOW + 840, 1, "too many failed logins", "abuse"),
	    "refuse ban identity=192.0.2.7 since=1732190340 until=1732191240 "
	    "wait=840 level=1 by=abuse reason=too many failed logins" },
	{ "who is banned for good is told 554 5.7.1",
	    BANNED(FOREVER, 4, "connection flood", "connections"),
	    "refuse ban_permanent identity=192.0.2.7 since=1732190340 "
	    "until=permanent level=4 by=connections reason=connection flood" },
	{ "a ban by hand has no level", BANNED(NOW + 3600, 0, "noise", "root"),
	    "refuse ban identity=192.0.2.7 since=1732190340 until=1732194000 "
	    "wait=3600 by=root reason=noise" },
	{ "other registers are not its business",
	    { .abuse_until = NOW + 60, .spam_until = NOW + 60 }, "pass" },
};

static void
register_says(void **state)
{
	const struct row *row = *state;
	struct judged *s = judged_begin();

	s->entry = row->entry;
	judged_ask(s, &check_ban);
	judged_answered(s);
	assert_string_equal(judged_says(s, &check_ban), row->says);
	judged_end(s);
}

struct question_row {
	const char *name;
	const char *client, *recipient;
	const char *asked; /* NULL: nothing */
};

static const struct question_row question_rows[] = {
	{ "a client is asked about by its address", "192.0.2.7", "",
	    "read 192.0.2.7 " },
	{ "an IPv6 client by its /64", "2001:db8:1:2:3::4", "",
	    "read 2001:db8:1:2::/64 " },
	{ "the recipient's domain comes with it, for spam_source", "192.0.2.7",
	    "jo@example.net", "read 192.0.2.7 example.net" },
	{ "the last @ parts it", "192.0.2.7", "a@b@example.net",
	    "read 192.0.2.7 example.net" },
	{ "a client without an address has no entry", "unknown",
	    "jo@example.net", NULL },
};

static void
question_is(void **state)
{
	const struct question_row *row = *state;
	struct judged *s = judged_begin();

	address_parse(&s->req.client, row->client);
	s->req.recipient = row->recipient;
	judged_ask(s, &check_ban);
	if (row->asked) {
		assert_string_equal(s->asked, row->asked);
		assert_ptr_equal(s->asked, s->asked_once);
		assert_int_equal(s->asks, 1);
	} else {
		assert_null(s->asked);
		assert_string_equal(judged_says(s, &check_ban), "pass");
	}
	judged_end(s);
}

static void
a_banned_network_costs_no_question(void **state)
{
	struct judged *s = judged_begin();

	(void)state;
	judged_list(s, LIST_BANS, "192.0.2.0/24",
	    "since=1732190000 until=1732190430 by=root reason=botnet");
	judged_ask(s, &check_ban);
	assert_null(s->asked);
	assert_string_equal(judged_says(s, &check_ban),
	    "refuse ban entry=192.0.2.0/24 since=1732190000 until=1732190430 "
	    "wait=30 by=root reason=botnet");
	judged_list(s, LIST_BANS, "192.0.2.0/24", "until=0");
	assert_string_equal(judged_says(s, &check_ban),
	    "refuse ban_permanent entry=192.0.2.0/24 until=permanent");
	judged_end(s);
}

static void
when_a_networks_ban_is_over_the_register_counts(void **state)
{
	struct judged *s = judged_begin();

	(void)state;
	judged_list(s, LIST_BANS, "192.0.2.0/24", "until=1732190401");
	s->req.unix_time++;
	judged_ask(s, &check_ban);
	assert_int_equal(s->asks, 1);
	judged_end(s);
}

static void
without_an_answer_only_what_is_remembered_is_known(void **state)
{
	struct judged *s = judged_begin();

	(void)state;
	judged_ask(s, &check_ban);
	judged_lost(s, LOSS_TIMEOUT);
	s->entry = (struct register_entry)BANNED(FOREVER, 1, "", "");
	assert_string_equal(judged_says(s, &check_ban), "unknown timeout");
	s->answers[0].count = 1;
	assert_string_equal(judged_says(s, &check_ban),
	    "refuse ban_permanent identity=192.0.2.7 since=1732190340 "
	    "until=permanent "
	    "level=1 by= reason=");
	s->answers[0] = (struct answer){ .state = KNOWN, .count = 2 };
	assert_string_equal(
	    judged_says(s, &check_ban), "unknown unexpected_answer");
	judged_end(s);
}

static void
it_is_asked_at_every_stage_about_strangers_that_are_not_allowed(void **state)
{
	(void)state;
	assert_int_equal(check_ban.stages, AT_ANY);
	assert_int_equal(check_ban.classes, INBOUND);
	assert_int_equal(check_ban.tier, TIER_REGISTERS);
	assert_int_equal(check_ban.flags, SKIPS_ALLOWED);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, register_says);
	SUITE_ROWS(&s, question_rows, question_is);
	SUITE_TEST(&s, a_banned_network_costs_no_question);
	SUITE_TEST(&s, when_a_networks_ban_is_over_the_register_counts);
	SUITE_TEST(&s, without_an_answer_only_what_is_remembered_is_known);
	SUITE_TEST(&s,
	    it_is_asked_at_every_stage_about_strangers_that_are_not_allowed);
	return suite_run(&s, "ban");
}
