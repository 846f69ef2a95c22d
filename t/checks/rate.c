/*
 * What a request charges, whom, and what is said about it.
 */
#include "checks/rated.h"

/* -- which meters -- */

struct meters_row {
	const char *name, *rate;
	enum request_class class;
	const char *login, *client;
	const char *asked; /* NULL: nothing */
};

// clang-format off
static const struct meters_row meters_rows[] = {
	{ "a mailbox has a meter where there is a limit",
	    "messages = \"200/1h\"", AUTHENTICATED, NULL, NULL,
	    "rate " MAILBOX "messages/1h" CHARGE "1/200" },
	{ "one for each limit of a list",
	    "messages = { \"200/1h\", \"1000/1d\" }", AUTHENTICATED, NULL, NULL,
	    "rate " MAILBOX "messages/1h " MAILBOX "messages/1d" CHARGE
	    "1/200 1/1000" },
	{ "and for each kind of thing",
	    "messages = \"2/1h\" recipients = \"5/1m\" bytes = \"1M/1d\" "
	    "warn = 0",
	    AUTHENTICATED, NULL, NULL,
	    "rate " MAILBOX "messages/1h " MAILBOX "recipients/1m " MAILBOX
	    "bytes/1d" CHARGE
	    "1/2~0 1/5~0 1000/1048576~0" },
	{ "without a limit nothing is asked", "", AUTHENTICATED, NULL, NULL,
	    NULL },
	{ "a limit of the domain holds in place of the mailbox'",
	    "messages = \"200/1h\" domain_messages = \"1000/1h\"",
	    AUTHENTICATED, NULL, NULL,
	    "rate " DOMAIN "messages/1h" CHARGE "1/1000" },
	{ "but for the same kind only",
	    "messages = \"200/1h\" domain_recipients = \"1000/1h\"",
	    AUTHENTICATED, NULL, NULL,
	    "rate " MAILBOX "messages/1h " DOMAIN "recipients/1h" CHARGE
	    "1/200 1/1000" },
	{ "or both hold", "messages = \"200/1h\" domain_messages = \"1000/1h\" "
	    "domain_limits = adds",
	    AUTHENTICATED, NULL, NULL,
	    "rate " MAILBOX "messages/1h " DOMAIN "messages/1h" CHARGE
	    "1/200 1/1000" },
	{ "those of the server count all logins",
	    "messages = \"200/1h\" server_recipients = \"5000/1h\"",
	    AUTHENTICATED, NULL, NULL,
	    "rate " MAILBOX "messages/1h policyd:rate:{(server)}:recipients/1h"
	    CHARGE "1/200 1/5000" },
	{ "refused recipients are looked at, and not charged",
	    "refused = \"50/1d\"", AUTHENTICATED, NULL, NULL,
	    "rate " MAILBOX "refused/1d" CHARGE "0/50" },
	{ "networks count the client's /24", "networks = \"5/1d\"",
	    AUTHENTICATED, NULL, NULL,
	    "rate " MAILBOX "networks/1d" CHARGE "192.0.2.0/24 0/5" },
	{ "or /64", "networks = \"5/1d\"", AUTHENTICATED, NULL,
	    "2001:db8:1:2:3::4",
	    "rate " MAILBOX "networks/1d" CHARGE
	    "2001:db8:1:2::/64 0/5" },
	{ "neither goes by the domain's limits",
	    "networks = \"5/1d\" domain_messages = \"9/1d\" warn = 0",
	    AUTHENTICATED, NULL, NULL,
	    "rate " MAILBOX "networks/1d " DOMAIN "messages/1d" CHARGE
	    "192.0.2.0/24 0/5~0 1/9~0" },
	{ "a login without a domain has a mailbox, and no domain",
	    "messages = \"200/1h\" domain_messages = \"9/1h\"", AUTHENTICATED,
	    "anna", NULL,
	    "rate policyd:rate:{(none)}:anna:messages/1h" CHARGE
	    "1/200" },
	{ "strangers have the client's", "inbound_messages = \"9/1h\" "
	    "messages = \"1/1h\" trusted_messages = \"2/1h\" "
	    "server_messages = \"3/1h\" domain_messages = \"4/1h\"",
	    INBOUND, "", NULL,
	    "rate policyd:rate:{192.0.2.7}:inbound:messages/1h" CHARGE
	    "1/9" },
	{ "with IPv6 its network's", "inbound_bytes = \"1K/1h\"", INBOUND, "",
	    "2001:db8:1:2:3::4",
	    "rate policyd:rate:{2001:db8:1:2::/64}:inbound:bytes/1h"
	    CHARGE "1000/1024" },
	{ "and so have trusted clients", "inbound_messages = \"9/1h\" "
	    "messages = \"1/1h\" trusted_recipients = \"10/1h\"",
	    TRUSTED, "", NULL,
	    "rate policyd:rate:{192.0.2.7}:trusted:recipients/1h" CHARGE
	    "1/10" },
	{ "a client without an address has none", "inbound_messages = \"9/1h\"",
	    INBOUND, "", "unknown", NULL },
	{ "a client's refused recipients and networks do not count",
	    "networks = \"5/1d\" refused = \"5/1d\"", INBOUND, "", NULL, NULL },
	{ "on_failure says that nobody counts alone",
	    "messages = \"200/1h\" on_failure = defer", AUTHENTICATED, NULL,
	    NULL,
	    "rate " MAILBOX "messages/1h charge 900 1/200" },
	{ "settle = rcpt leaves nothing open",
	    "messages = \"200/1h\" settle = rcpt", AUTHENTICATED, NULL, NULL,
	    "rate " MAILBOX "messages/1h alone 0 1/200" },
	{ "a lease may be shorter", "messages = \"200/1h\" lease = 5m",
	    AUTHENTICATED, NULL, NULL,
	    "rate " MAILBOX "messages/1h alone 300 1/200" },
};
// clang-format on

static void
charges(void **state)
{
	const struct meters_row *row = *state;
	struct judged *s = begin(row->rate);

	s->req.class = row->class;
	if (row->login)
		s->login = judged_scope(s, row->login);
	if (row->client) {
		s->req.client_address = row->client;
		s->req.client.family = 0;
		address_parse(&s->req.client, row->client);
	}
	if (row->asked)
		assert_string_equal(asks(s, "jo@example.net"), row->asked);
	else
		assert_null(asks(s, "jo@example.net"));
	end(s);
}

static void
an_alias_charges_the_mailbox_it_leads_to(void **state)
{
	struct judged *s = begin("messages = \"200/1h\" "
				 "domain_recipients = \"9/1h\" warn = 0");

	(void)state;
	s->login = judged_scope(s, "sales@example.com");
	s->login.mailbox = "anna@example.org";
	assert_string_equal(asks(s, "jo@example.net"),
	    "rate " MAILBOX "messages/1h " DOMAIN "recipients/1h" CHARGE
	    "1/200~0 1/9~0");
	end(s);
}

/* -- how much -- */

static void
a_message_counts_once_and_each_recipient(void **state)
{
	struct judged *s = begin(LIMITS);

	(void)state;
	assert_string_equal(asks(s, "a@example.net"), BOTH);
	charged(s);
	assert_string_equal(says(s), "pass");
	judged_accepted(s);
	assert_string_equal(asks(s, "b@example.net"), RECIPIENT);
	end(s);
}

static void
who_is_named_again_does_not_count(void **state)
{
	struct judged *s = begin(LIMITS);

	(void)state;
	accepts(s, "a@example.net");
	accepts(s, "b@example.net");
	assert_null(asks(s, "A@Example.NET"));
	assert_string_equal(says(s), "pass");
	assert_null(s->new_charges);
	end(s);
}

static void
a_transaction_stays_with_the_meters_it_began_with(void **state)
{
	struct judged *s = begin(LIMITS);
	struct settings none;

	(void)state;
	accepts(s, "a@example.net");
	none = s->set;
	memset(&none.rate.mailbox, 0, sizeof(none.rate.mailbox));
	s->login.set = &none;
	assert_string_equal(asks(s, "b@example.net"), RECIPIENT);
	end(s);
}

static void
refused_recipients_are_looked_at_for_each(void **state)
{
	struct judged *s = begin("messages = \"200/1h\" refused = \"50/1d\"");

	(void)state;
	accepts(s, "a@example.net");
	assert_string_equal(asks(s, "b@example.net"),
	    "rate " MAILBOX "refused/1d" CHARGE "0/50");
	end(s);
}

static void
a_dry_run_only_looks(void **state)
{
	struct judged *s = begin(LIMITS);

	(void)state;
	s->req.dry = true;
	assert_string_equal(asks(s, "a@example.net"),
	    "rate " MAILBOX "messages/1h " MAILBOX
	    "recipients/1h dry 900 1/200 1/1000");
	charged_until(s, 0);
	assert_string_equal(says(s), "pass");
	assert_null(s->new_charges);
	end(s);
}

/* -- at END-OF-MESSAGE -- */

static void
where_only_the_end_is_asked_all_is_charged_then(void **state)
{
	struct judged *s = begin(ALL_THREE);

	(void)state;
	assert_string_equal(asks_at_the_end(s, "7", "5000"),
	    "rate " MAILBOX "messages/1h " MAILBOX "recipients/1h " MAILBOX
	    "bytes/1h" CHARGE "1/200~0 7/1000~0 5000/1048576~0");
	told_of(
	    s, &(struct told){ MAILBOX "recipients/1h", 0, 0, 998, 1000, 700 });
	assert_string_equal(says(s),
	    "refuse rate meter=recipients/1h owner=mailbox used=998 limit=1000 "
	    "next=700");
	end(s);
}

static void
the_end_charges_what_is_more_than_was_declared(void **state)
{
	struct judged *s = begin(ALL_THREE);

	(void)state;
	accepts(s, "a@example.net");
	assert_string_equal(asks_at_the_end(s, "1", "5000"),
	    "rate " MAILBOX "bytes/1h" CHARGE "4000/1048576~0");
	end(s);
}

static const struct end_row {
	const char *name, *rate, *size;
} end_rows[] = {
	{ "the end asks nothing when no more came than was declared", ALL_THREE,
	    "1000" },
	{ "nor when it is less", ALL_THREE, "999" },
	{ "nor when bytes have no limit", LIMITS, "5000" },
	{ "nor when only refused recipients have one", "refused = \"5/1d\"",
	    "5000" },
};

static void
asks_nothing_at_the_end(void **state)
{
	const struct end_row *row = *state;
	struct judged *s = begin(row->rate);

	accepts(s, "a@example.net");
	assert_null(asks_at_the_end(s, "1", row->size));
	end(s);
}

/* -- what it says -- */

struct says_row {
	const char *name;
	struct told told;
	const char *says, *event;
};

// clang-format off
static const struct says_row says_rows[] = {
	{ "over a limit it is told which, whose, and when to come again",
	    { MAILBOX "messages/1h", 0, 0, 200, 200, 340, 0, 0 },
	    "refuse rate meter=messages/1h owner=mailbox used=200 limit=200 "
	    "next=340", NULL },
	{ "the first time within a window it is an event",
	    { MAILBOX "messages/1h", 0, 0, 200, 200, 340, 1, 0 },
	    "refuse rate meter=messages/1h owner=mailbox used=200 limit=200 "
	    "next=340", "rate_over" },
	{ "near a limit it is told, too",
	    { DOMAIN "recipients/1d", 1, LEASE_END, 80, 100, 0, 0, 0 },
	    "pass meter=recipients/1d owner=domain used=80 limit=100", NULL },
	{ "which is another event",
	    { DOMAIN "recipients/1d", 1, LEASE_END, 80, 100, 0, 1, 0 },
	    "pass meter=recipients/1d owner=domain used=80 limit=100",
	    "rate_near" },
	{ "counted alone, it says so", { "", 1, 0, 0, 0, 0, 0, LOSS_DOWN },
	    "pass state=alone", NULL },
	{ "and that somebody is over his share",
	    { MAILBOX "messages/1h", 0, 0, 100, 100, 340, 0, LOSS_TIMEOUT },
	    "refuse rate meter=messages/1h owner=mailbox used=100 limit=100 "
	    "next=340 state=alone", NULL },
};
// clang-format on

static void
tells(void **state)
{
	const struct says_row *row = *state;
	struct judged *s = begin("messages = \"200/1h\" "
				 "domain_recipients = \"100/1d\"");
	const char *event;

	asks(s, "a@example.net");
	told_of(s, &row->told);
	assert_string_equal(says(s), row->says);
	s->new_charges = NULL;
	event = judged_verdict(s, &check_rate).event;
	if (row->event)
		assert_string_equal(event, row->event);
	else
		assert_null(event);
	assert_true(row->told.charged == (s->new_charges != NULL));
	end(s);
}

/* -- lost answers -- */

static void
when_all_were_lost_the_end_charges_them(void **state)
{
	struct judged *s = begin(LIMITS);

	(void)state;
	s->repeated = true; /* several lists ask */
	asks(s, "a@example.net");
	judged_lost(s, LOSS_DOWN);
	says(s);
	judged_accepted(s);
	assert_string_equal(asks_at_the_end(s, "2", "1000"), BOTH);
	end(s);
}

static void
an_odd_answer_is_no_charge(void **state)
{
	struct judged *s = begin(LIMITS);

	(void)state;
	asks(s, "a@example.net");
	judged_told(s, &(struct answer){ .state = KNOWN, .count = 3 });
	assert_string_equal(says(s), "unknown unexpected_answer");
	end(s);
}

static void
when_its_settings_are_lost_the_limits_of_the_file_hold(void **state)
{
	struct judged *s = begin("messages = \"200/1h\"");

	(void)state;
	s->login.loss = LOSS_DOWN;
	assert_string_equal(asks(s, "a@example.net"), MESSAGES);
	charged(s);
	assert_string_equal(says(s), "pass");
	end(s);
}

static void
without_a_limit_there_nobody_knows(void **state)
{
	struct judged *s = begin("");

	(void)state;
	s->login.loss = LOSS_DOWN;
	assert_null(asks(s, "a@example.net"));
	assert_string_equal(says(s), "unknown down");
	end(s);
}

/* -- refused recipients -- */

struct hears_row {
	const char *name, *rate;
	enum request_class class;
	const struct check *by;
	const char *asked;
};

static const struct hears_row hears_rows[] = {
	{ "whom another check refused counts", "refused = \"50/1d\"",
	    AUTHENTICATED, &check_mailbox,
	    "rate " MAILBOX "refused/1d settle 1 -" },
	{ "whom rate itself refused does not", "refused = \"50/1d\"",
	    AUTHENTICATED, &check_rate, NULL },
	{ "nor whom a stranger was refused", "refused = \"50/1d\"", INBOUND,
	    &check_mailbox, NULL },
	{ "without a limit nobody counts", LIMITS, AUTHENTICATED,
	    &check_mailbox, NULL },
};

static void
hears(void **state)
{
	const struct hears_row *row = *state;
	struct judged *s = begin(row->rate);
	const char *asked;

	s->req.class = row->class;
	asked = judged_hears(s, &check_rate, row->by);
	if (row->asked)
		assert_string_equal(asked, row->asked);
	else
		assert_null(asked);
	end(s);
}

static void
it_is_judged_for_everybody_by_the_login(void **state)
{
	(void)state;
	assert_int_equal(check_rate.stages, AT_RCPT | AT_END_OF_MESSAGE);
	assert_int_equal(check_rate.classes, INBOUND | AUTHENTICATED | TRUSTED);
	assert_int_equal(check_rate.tier, TIER_COUNTERS);
	assert_int_equal(check_rate.flags, 0);
	assert_int_equal(check_rate.whose, OF_LOGIN);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, meters_rows, charges);
	SUITE_TEST(&s, an_alias_charges_the_mailbox_it_leads_to);
	SUITE_TEST(&s, a_message_counts_once_and_each_recipient);
	SUITE_TEST(&s, who_is_named_again_does_not_count);
	SUITE_TEST(&s, a_transaction_stays_with_the_meters_it_began_with);
	SUITE_TEST(&s, refused_recipients_are_looked_at_for_each);
	SUITE_TEST(&s, a_dry_run_only_looks);
	SUITE_TEST(&s, where_only_the_end_is_asked_all_is_charged_then);
	SUITE_TEST(&s, the_end_charges_what_is_more_than_was_declared);
	SUITE_ROWS(&s, end_rows, asks_nothing_at_the_end);
	SUITE_ROWS(&s, says_rows, tells);
	SUITE_TEST(&s, when_all_were_lost_the_end_charges_them);
	SUITE_TEST(&s, an_odd_answer_is_no_charge);
	SUITE_TEST(&s, when_its_settings_are_lost_the_limits_of_the_file_hold);
	SUITE_TEST(&s, without_a_limit_there_nobody_knows);
	SUITE_ROWS(&s, hears_rows, hears);
	SUITE_TEST(&s, it_is_judged_for_everybody_by_the_login);
	return suite_run(&s, "rate");
}
