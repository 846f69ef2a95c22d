/*
 * How much a request charges, whom, and what becomes of it.
 */
#include "checks/checks.h"

#include <string.h>

#include "base/arena.h"
#include "kit/judged.h"
#include "kit/suite.h"

/* -- the stage -- */

enum { LEASE_END = 1732191300 };

static struct conf *conf;

static void
complain(void *data, const char *file, int line, const char *text)
{
	(void)data;
	fail_msg("%s:%d: %s", file, line, text);
}

/* anna@example.org has logged in, under these settings of rate. */
static struct judged *
begin(const char *rate)
{
	struct judged *s = judged_begin();

	conf = conf_parse(
	    arena_printf(s->arena, "rate { mode = enforce\n%s }\n", rate),
	    "test", complain, NULL);
	assert_non_null(conf);
	s->set = conf->settings;
	s->login = judged_scope(s, "anna@example.org");
	s->req.class = AUTHENTICATED;
	s->req.sasl_username = "anna@example.org";
	s->req.size = "1000";
	s->req.recipient_count = "0";
	s->req.policy_context = "";
	return s;
}

static void
end(struct judged *s)
{
	judged_end(s);
	conf_unref(conf);
}

/* NULL: nothing. */
static const char *
asks(struct judged *s, const char *recipient)
{
	judged_anew(s);
	s->req.recipient = recipient;
	judged_ask(s, &check_rate);
	return s->asked;
}

static const char *
says(struct judged *s)
{
	return judged_says(s, &check_rate);
}

/* The answer to a charge: open until then, nobody near a limit. */
static void
charged_until(struct judged *s, int64_t until)
{
	judged_told(s,
	    &(struct answer){ .state = KNOWN,
		.count = 1,
		.values = { { .is_number = true, .number = until } } });
}

static void
charged(struct judged *s)
{
	charged_until(s, LEASE_END);
}

/* The answer that tells of a meter. */
struct told {
	const char *key;
	int64_t charged, lease, used, limit, next, first, alone;
};

static void
told_of(struct judged *s, const struct told *t)
{
	struct answer a = { .state = KNOWN, .count = 8 };
	const int64_t numbers[] = { 0, t->charged, t->lease, t->used, t->limit,
		t->next, t->first, t->alone };

	for (unsigned i = 1; i < a.count; i++)
		a.values[i] = (struct value){ .is_number = true,
			.number = numbers[i] };
	a.values[0] = (struct value){ .text = t->key, .size = strlen(t->key) };
	judged_told(s, &a);
}

/* Asked, charged and accepted. */
static void
accepts(struct judged *s, const char *recipient)
{
	if (asks(s, recipient))
		charged(s);
	assert_string_equal(says(s), "pass");
	judged_accepted(s);
}

static const char *
asks_at_the_end(struct judged *s, const char *recipients, const char *size)
{
	s->req.stage = AT_END_OF_MESSAGE;
	s->req.recipient_count = recipients;
	s->req.size = size;
	return asks(s, "");
}

static const char *
ends(struct judged *s, enum outcome outcome)
{
	return judged_ends(s, &check_rate,
	    &(struct ending){
		outcome, outcome == COMMITTED ? &s->req : NULL, s->repeated });
}

/* What is told Redis of a message that had so many recipients and bytes. */
static const char *
commits(struct judged *s, const char *recipients, const char *size)
{
	asks_at_the_end(s, recipients, size);
	charged(s);
	assert_string_equal(says(s), "pass");
	judged_accepted(s);
	return ends(s, COMMITTED);
}

/* -- which meters -- */

#define MAILBOX "policyd:rate:{example.org}:anna:"
#define DOMAIN "policyd:rate:{example.org}:"
#define CHARGE " charge-alone 0 0 900 "

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
	    "rate " MAILBOX "messages/1h" CHARGE "1 160 200 3600" },
	{ "one for each limit of a list",
	    "messages = { \"200/1h\", \"1000/1d\" }", AUTHENTICATED, NULL, NULL,
	    "rate " MAILBOX "messages/1h " MAILBOX "messages/1d" CHARGE
	    "1 160 200 3600 1 800 1000 86400" },
	{ "and for each kind of thing",
	    "messages = \"2/1h\" recipients = \"5/1m\" bytes = \"1M/1d\" "
	    "warn = 0",
	    AUTHENTICATED, NULL, NULL,
	    "rate " MAILBOX "messages/1h " MAILBOX "recipients/1m " MAILBOX
	    "bytes/1d" CHARGE
	    "1 3 2 3600 1 6 5 60 1000 1048577 1048576 86400" },
	{ "without a limit nothing is asked", "", AUTHENTICATED, NULL, NULL,
	    NULL },
	{ "a limit of the domain holds in place of the mailbox'",
	    "messages = \"200/1h\" domain_messages = \"1000/1h\"",
	    AUTHENTICATED, NULL, NULL,
	    "rate " DOMAIN "messages/1h" CHARGE "1 800 1000 3600" },
	{ "but for the same kind only",
	    "messages = \"200/1h\" domain_recipients = \"1000/1h\"",
	    AUTHENTICATED, NULL, NULL,
	    "rate " MAILBOX "messages/1h " DOMAIN "recipients/1h" CHARGE
	    "1 160 200 3600 1 800 1000 3600" },
	{ "or both hold", "messages = \"200/1h\" domain_messages = \"1000/1h\" "
	    "domain_limits = adds",
	    AUTHENTICATED, NULL, NULL,
	    "rate " MAILBOX "messages/1h " DOMAIN "messages/1h" CHARGE
	    "1 160 200 3600 1 800 1000 3600" },
	{ "those of the server count all logins",
	    "messages = \"200/1h\" server_recipients = \"5000/1h\"",
	    AUTHENTICATED, NULL, NULL,
	    "rate " MAILBOX "messages/1h policyd:rate:{(server)}:recipients/1h"
	    CHARGE "1 160 200 3600 1 4000 5000 3600" },
	{ "refused recipients are looked at, and not charged",
	    "refused = \"50/1d\"", AUTHENTICATED, NULL, NULL,
	    "rate " MAILBOX "refused/1d" CHARGE "0 40 50 86400" },
	{ "networks count the client's /24", "networks = \"5/1d\"",
	    AUTHENTICATED, NULL, NULL,
	    "rate " MAILBOX "networks/1d" CHARGE "192.0.2.0/24 4 5 86400" },
	{ "or /64", "networks = \"5/1d\"", AUTHENTICATED, NULL,
	    "2001:db8:1:2:3::4",
	    "rate " MAILBOX "networks/1d" CHARGE
	    "2001:db8:1:2::/64 4 5 86400" },
	{ "neither goes by the domain's limits",
	    "networks = \"5/1d\" domain_messages = \"9/1d\" warn = 0",
	    AUTHENTICATED, NULL, NULL,
	    "rate " DOMAIN "messages/1d " MAILBOX "networks/1d" CHARGE
	    "1 10 9 86400 192.0.2.0/24 6 5 86400" },
	{ "a login without a domain has a mailbox, and no domain",
	    "messages = \"200/1h\" domain_messages = \"9/1h\"", AUTHENTICATED,
	    "anna", NULL,
	    "rate policyd:rate:{(none)}:anna:messages/1h" CHARGE
	    "1 160 200 3600" },
	{ "strangers have the client's", "inbound_messages = \"9/1h\" "
	    "messages = \"1/1h\" trusted_messages = \"2/1h\" "
	    "server_messages = \"3/1h\" domain_messages = \"4/1h\"",
	    INBOUND, "", NULL,
	    "rate policyd:rate:{192.0.2.7}:inbound:messages/1h" CHARGE
	    "1 8 9 3600" },
	{ "with IPv6 its network's", "inbound_bytes = \"1K/1h\"", INBOUND, "",
	    "2001:db8:1:2:3::4",
	    "rate policyd:rate:{2001%3adb8%3a1%3a2%3a%3a/64}:inbound:bytes/1h"
	    CHARGE "1000 820 1024 3600" },
	{ "and so have trusted clients", "inbound_messages = \"9/1h\" "
	    "messages = \"1/1h\" trusted_recipients = \"10/1h\"",
	    TRUSTED, "", NULL,
	    "rate policyd:rate:{192.0.2.7}:trusted:recipients/1h" CHARGE
	    "1 8 10 3600" },
	{ "a client without an address has none", "inbound_messages = \"9/1h\"",
	    INBOUND, "", "unknown", NULL },
	{ "a client's refused recipients and networks do not count",
	    "networks = \"5/1d\" refused = \"5/1d\"", INBOUND, "", NULL, NULL },
	{ "on_failure says that nobody counts alone",
	    "messages = \"200/1h\" on_failure = defer", AUTHENTICATED, NULL,
	    NULL,
	    "rate " MAILBOX "messages/1h charge 0 0 900 1 160 200 3600" },
	{ "settle = rcpt leaves nothing open",
	    "messages = \"200/1h\" settle = rcpt", AUTHENTICATED, NULL, NULL,
	    "rate " MAILBOX "messages/1h charge-alone 0 0 0 1 160 200 3600" },
	{ "a lease may be shorter", "messages = \"200/1h\" lease = 5m",
	    AUTHENTICATED, NULL, NULL,
	    "rate " MAILBOX "messages/1h charge-alone 0 0 300 1 160 200 3600" },
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
	    "1 201 200 3600 1 10 9 3600");
	end(s);
}

/* -- how much -- */

#define MESSAGES "rate " MAILBOX "messages/1h" CHARGE "1 160 200 3600"
#define BOTH                                                                   \
	"rate " MAILBOX "messages/1h " MAILBOX "recipients/1h" CHARGE          \
	"1 160 200 3600 1 800 1000 3600"
#define RECIPIENT "rate " MAILBOX "recipients/1h" CHARGE "1 800 1000 3600"
#define LIMITS "messages = \"200/1h\" recipients = \"1000/1h\""

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
what_a_refused_request_charged_is_charged_by_the_next(void **state)
{
	struct judged *s = begin(LIMITS);

	(void)state;
	assert_string_equal(asks(s, "a@example.net"), BOTH);
	charged(s);
	assert_string_equal(says(s), "pass");
	assert_string_equal(ends(s, REFUSED),
	    "rate " MAILBOX "messages/1h " MAILBOX
	    "recipients/1h settle 0 0 3600 1732191300=1 "
	    "0 3600 1732191300=1");
	assert_string_equal(asks(s, "b@example.net"), BOTH);
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
where_messages_are_limited_only_the_first_recipient_asks(void **state)
{
	struct judged *s = begin("messages = \"200/1h\"");

	(void)state;
	accepts(s, "a@example.net");
	assert_null(asks(s, "b@example.net"));
	assert_string_equal(says(s), "pass");
	judged_accepted(s);
	assert_string_equal(commits(s, "2", "5000"),
	    "rate " MAILBOX "messages/1h settle 0 1 3600 1732191300=1");
	end(s);
}

static void
refused_recipients_are_looked_at_for_each(void **state)
{
	struct judged *s = begin("messages = \"200/1h\" refused = \"50/1d\"");

	(void)state;
	accepts(s, "a@example.net");
	assert_string_equal(asks(s, "b@example.net"),
	    "rate " MAILBOX "refused/1d" CHARGE "0 40 50 86400");
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
	    "recipients/1h charge-dry 0 0 900 1 160 200 3600 1 800 1000 3600");
	charged_until(s, 0);
	assert_string_equal(says(s), "pass");
	assert_null(s->new_charges);
	end(s);
}

/* -- at END-OF-MESSAGE -- */

#define ALL_THREE                                                              \
	"messages = \"200/1h\" recipients = \"1000/1h\" bytes = \"1M/1h\" "    \
	"warn = 0"

static void
where_only_the_end_is_asked_all_is_charged_then(void **state)
{
	struct judged *s = begin(ALL_THREE);

	(void)state;
	assert_string_equal(asks_at_the_end(s, "7", "5000"),
	    "rate " MAILBOX "messages/1h " MAILBOX "recipients/1h " MAILBOX
	    "bytes/1h" CHARGE
	    "1 201 200 3600 7 1001 1000 3600 5000 1048577 1048576 3600");
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
	    "rate " MAILBOX "bytes/1h" CHARGE "4000 1048577 1048576 3600");
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

/* -- settling -- */

struct settle_row {
	const char *name;
	const char *recipients[4]; /* that were accepted */
	const char *count, *size; /* by Postfix, at the end */
	bool repeated;
	const char *sent[3]; /* recipients, bytes, refused; NULL: no word */
};

#define OPEN(n) " 3600 1732191300=" n " "

// clang-format off
static const struct settle_row settle_rows[] = {
	{ "what was sent counts, and nothing is open any more",
	    { "a@example.net", "b@example.net" }, "2", "1000", false,
	    { "2" OPEN("2"), "1000" OPEN("1000") } },
	{ "whom Postfix refused after us was not sent, but refused",
	    { "a@example.net", "b@example.net", "c@example.net" }, "1", "1000",
	    false,
	    { "1" OPEN("3"), "1000" OPEN("1000"), "2 3600 - " } },
	{ "a message that is smaller than declared counts what it has",
	    { "a@example.net" }, "1", "700", false,
	    { "1" OPEN("1"), "700" OPEN("1000") } },
	{ "one that is larger, too", { "a@example.net" }, "1", "1700", false,
	    { "1" OPEN("1"), "1700" OPEN("1700") } },
	{ "recipients nobody asked about are charged at the end, and count",
	    { "a@example.net" }, "3", "1000", false,
	    { "3" OPEN("3"), "1000" OPEN("1000") } },
	{ "but not when Postfix counts one twice that several lists ask about",
	    { "a@example.net" }, "3", "1000", true,
	    { "1" OPEN("1"), "1000" OPEN("1000") } },
	{ "nor one who was named twice",
	    { "a@example.net", "b@example.net", "A@example.net" }, "3", "1000",
	    false, { "2" OPEN("2"), "1000" OPEN("1000") } },
	{ "a count that is missing is ours",
	    { "a@example.net", "b@example.net" }, "", "1000", false,
	    { "2" OPEN("2"), "1000" OPEN("1000") } },
	{ "an absurd size fits a meter", { "a@example.net" }, "1",
	    "99999999999999999999", false,
	    { "1" OPEN("1"), "1125899906842624" OPEN("1125899906842624") } },
};
// clang-format on

static void
settles(void **state)
{
	const struct settle_row *row = *state;
	struct judged *s = begin(ALL_THREE " refused = \"9/1h\"");
	const char *keys = MAILBOX "messages/1h " MAILBOX
				   "recipients/1h " MAILBOX "bytes/1h";
	const char *words = "1 3600 1732191300=1 ";

	s->repeated = row->repeated;
	for (size_t i = 0; i < 4 && row->recipients[i]; i++)
		accepts(s, row->recipients[i]);
	for (size_t i = 0; i < 3 && row->sent[i]; i++)
		words = arena_printf(s->arena, "%s%s", words, row->sent[i]);
	words = arena_memdup(s->arena, words, strlen(words) - 1);
	assert_string_equal(commits(s, row->count, row->size),
	    arena_printf(s->arena, "rate %s%s settle 0 %s", keys,
		row->sent[2] ? " " MAILBOX "refused/1h" : "", words));
	end(s);
}

/* policy_context says which list asks. */
static void
who_is_asked_about_by_two_lists_was_named_once(void **state)
{
	struct judged *s = begin("recipients = \"1000/1h\"");

	(void)state;
	s->req.policy_context = "relay";
	accepts(s, "a@example.net");
	s->req.policy_context = "recipient";
	accepts(s, "a@example.net");
	assert_string_equal(commits(s, "2", "1000"),
	    "rate " MAILBOX "recipients/1h settle 0 2 3600 1732191300=2");
	end(s);
}

static void
who_is_asked_about_by_one_of_them_again_was_named_twice(void **state)
{
	struct judged *s = begin("recipients = \"1000/1h\"");

	(void)state;
	s->req.policy_context = "relay";
	accepts(s, "a@example.net");
	s->req.policy_context = "recipient";
	accepts(s, "a@example.net");
	s->req.policy_context = "relay";
	accepts(s, "A@example.net");
	assert_string_equal(commits(s, "2", "1000"),
	    "rate " MAILBOX "recipients/1h settle 0 1 3600 1732191300=1");
	end(s);
}

static void
what_is_released_is_taken_back(void **state)
{
	struct judged *s = begin(LIMITS);

	(void)state;
	accepts(s, "a@example.net");
	asks(s, "b@example.net");
	charged_until(s, LEASE_END + 60);
	says(s);
	judged_accepted(s);
	assert_string_equal(ends(s, RELEASED),
	    "rate " MAILBOX "messages/1h " MAILBOX
	    "recipients/1h settle 0 0 3600 1732191300=1 "
	    "0 3600 1732191360=1,1732191300=1");
	end(s);
}

static void
what_comes_late_is_taken_back_though_the_message_was_sent(void **state)
{
	struct judged *s = begin("messages = \"200/1h\"");

	(void)state;
	accepts(s, "a@example.net");
	assert_string_equal(
	    judged_ends(s, &check_rate, &(struct ending){ COMMITTED }),
	    "rate " MAILBOX "messages/1h settle 0 0 3600 1732191300=1");
	end(s);
}

static void
where_only_the_end_is_asked_it_is_settled_all_the_same(void **state)
{
	struct judged *s = begin(ALL_THREE);

	(void)state;
	s->repeated = true; /* by two lists */
	assert_string_equal(commits(s, "7", "5000"),
	    "rate " MAILBOX "messages/1h " MAILBOX "recipients/1h " MAILBOX
	    "bytes/1h settle 0 1 3600 1732191300=1 7 3600 1732191300=7 "
	    "5000 3600 1732191300=5000");
	end(s);
}

static void
a_thousand_recipients_are_settled_at_once(void **state)
{
	struct judged *s = begin(LIMITS);

	(void)state;
	for (int i = 0; i < 1000; i++)
		accepts(s, arena_printf(s->arena, "u%d@example.net", i));
	assert_string_equal(commits(s, "1000", "1000"),
	    "rate " MAILBOX "messages/1h " MAILBOX
	    "recipients/1h settle 0 1 3600 1732191300=1 "
	    "1000 3600 1732191300=1000");
	end(s);
}

/* -- settle = rcpt -- */

static void
what_was_counted_at_once_stays(void **state)
{
	static const enum outcome outcomes[] = { COMMITTED, RELEASED };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct judged *s = begin(LIMITS " settle = rcpt");

		asks(s, "a@example.net");
		charged_until(s, 0);
		says(s);
		judged_accepted(s);
		assert_null(ends(s, outcomes[i]));
		end(s);
	}
}

static void
but_is_taken_off_again_when_another_check_refuses(void **state)
{
	struct judged *s = begin(LIMITS " settle = rcpt");

	(void)state;
	asks(s, "a@example.net");
	charged_until(s, 0);
	says(s);
	assert_string_equal(ends(s, REFUSED),
	    "rate " MAILBOX "messages/1h " MAILBOX
	    "recipients/1h settle 0 -1 3600 - -1 3600 -");
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

static void
what_was_counted_alone_is_settled_alone(void **state)
{
	struct judged *s = begin("messages = \"200/1h\"");

	(void)state;
	asks(s, "a@example.net");
	told_of(s, &(struct told){ "", 1, 0, 0, 0, 0, 0, LOSS_DOWN });
	says(s);
	judged_accepted(s);
	assert_string_equal(ends(s, RELEASED),
	    "rate " MAILBOX "messages/1h settle 0 0 3600 0=1");
	end(s);
}

/* -- lost answers -- */

static void
a_lost_answer_is_unknown_and_the_next_request_charges_the_message(void **state)
{
	struct judged *s = begin(LIMITS);

	(void)state;
	asks(s, "a@example.net");
	judged_lost(s, LOSS_TIMEOUT);
	assert_string_equal(says(s), "unknown timeout");
	judged_accepted(s);
	assert_string_equal(asks(s, "b@example.net"), BOTH);
	charged(s);
	says(s);
	judged_accepted(s);
	/* Postfix knows of both, and the end charges the other. */
	assert_string_equal(commits(s, "2", "1000"),
	    "rate " MAILBOX "messages/1h " MAILBOX
	    "recipients/1h settle 0 1 3600 1732191300=1 "
	    "2 3600 1732191300=2");
	end(s);
}

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
of_a_lost_one_nothing_is_given_back(void **state)
{
	struct judged *s = begin(LIMITS);

	(void)state;
	asks(s, "a@example.net");
	judged_lost(s, LOSS_DOWN);
	says(s);
	judged_accepted(s);
	assert_null(ends(s, RELEASED));
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

/* -- observed -- */

static void
who_is_observed_over_a_limit_does_not_count(void **state)
{
	struct judged *s = begin(LIMITS);
	const struct told over = { MAILBOX "recipients/1h", 0, 0, 9, 9, 60 };

	(void)state;
	s->set.rate.policy.mode = MODE_OBSERVE;
	accepts(s, "a@example.net");
	asks(s, "b@example.net");
	told_of(s, &over);
	says(s);
	judged_accepted(s);
	assert_string_equal(commits(s, "2", "1000"),
	    "rate " MAILBOX "messages/1h " MAILBOX
	    "recipients/1h settle 0 1 3600 1732191300=1 "
	    "1 3600 1732191300=1");
	end(s);
}

static void
nor_does_a_message_of_his(void **state)
{
	struct judged *s = begin(LIMITS);
	const struct told over = { MAILBOX "messages/1h", 0, 0, 9, 9, 60 };

	(void)state;
	s->set.rate.policy.mode = MODE_OBSERVE;
	asks(s, "a@example.net");
	told_of(s, &over);
	says(s);
	judged_accepted(s);
	assert_null(asks_at_the_end(s, "1", "1000"));
	assert_string_equal(says(s), "pass");
	assert_null(ends(s, COMMITTED));
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
	    "rate " MAILBOX "refused/1d settle 0 1 86400 -" },
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
	SUITE_TEST(&s, what_a_refused_request_charged_is_charged_by_the_next);
	SUITE_TEST(&s, a_transaction_stays_with_the_meters_it_began_with);
	SUITE_TEST(
	    &s, where_messages_are_limited_only_the_first_recipient_asks);
	SUITE_TEST(&s, refused_recipients_are_looked_at_for_each);
	SUITE_TEST(&s, a_dry_run_only_looks);
	SUITE_TEST(&s, where_only_the_end_is_asked_all_is_charged_then);
	SUITE_TEST(&s, the_end_charges_what_is_more_than_was_declared);
	SUITE_ROWS(&s, end_rows, asks_nothing_at_the_end);
	SUITE_ROWS(&s, settle_rows, settles);
	SUITE_TEST(&s, who_is_asked_about_by_two_lists_was_named_once);
	SUITE_TEST(&s, who_is_asked_about_by_one_of_them_again_was_named_twice);
	SUITE_TEST(&s, what_is_released_is_taken_back);
	SUITE_TEST(
	    &s, what_comes_late_is_taken_back_though_the_message_was_sent);
	SUITE_TEST(&s, where_only_the_end_is_asked_it_is_settled_all_the_same);
	SUITE_TEST(&s, a_thousand_recipients_are_settled_at_once);
	SUITE_TEST(&s, what_was_counted_at_once_stays);
	SUITE_TEST(&s, but_is_taken_off_again_when_another_check_refuses);
	SUITE_ROWS(&s, says_rows, tells);
	SUITE_TEST(&s, what_was_counted_alone_is_settled_alone);
	SUITE_TEST(&s,
	    a_lost_answer_is_unknown_and_the_next_request_charges_the_message);
	SUITE_TEST(&s, when_all_were_lost_the_end_charges_them);
	SUITE_TEST(&s, of_a_lost_one_nothing_is_given_back);
	SUITE_TEST(&s, an_odd_answer_is_no_charge);
	SUITE_TEST(&s, when_its_settings_are_lost_the_limits_of_the_file_hold);
	SUITE_TEST(&s, without_a_limit_there_nobody_knows);
	SUITE_TEST(&s, who_is_observed_over_a_limit_does_not_count);
	SUITE_TEST(&s, nor_does_a_message_of_his);
	SUITE_ROWS(&s, hears_rows, hears);
	SUITE_TEST(&s, it_is_judged_for_everybody_by_the_login);
	return suite_run(&s, "rate");
}
