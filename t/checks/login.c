/*
 * Who may send as whom.
 */
#include "checks/checks.h"

#include "base/arena.h"
#include "conf/lookup.h"
#include "kit/judged.h"
#include "kit/suite.h"

enum { DOMAIN = 1, NO_NULL = 2, REALM = 4 };

struct row {
	const char *name;
	const char *login, *sender; /* as scope_address() gives the login */
	const char *says; /* NULL: it is refused */
	unsigned options;
};

/* Of the tables below. */
static const struct row rows[] = {
	{ "one sends as oneself", "anna@example.net", "anna@example.net",
	    "pass", 0 },
	{ "in any letters", "anna@example.net", "Anna@EXAMPLE.net", "pass", 0 },
	{ "with an extension", "anna@example.net", "anna+lists@example.net",
	    "pass", 0 },
	{ "with a dot behind the domain", "anna@example.net",
	    "anna@example.net.", "pass", 0 },
	{ "but not as one's neighbour", "anna@example.net", "jo@example.net",
	    NULL, 0 },
	{ "nor as the same name elsewhere", "anna@example.net",
	    "anna@example.org", NULL, 0 },
	{ "nor as a name that begins alike", "anna@example.net",
	    "annabel@example.net", NULL, 0 },
	{ "nor without a domain", "anna@example.net", "anna", NULL, 0 },

	{ "bounces may be sent by everybody", "anna@example.net", "", "pass",
	    0 },
	{ "unless null_sender = no", "anna@example.net", "", NULL, NO_NULL },
	{ "then by those whom they were given", "boss@example.net", "",
	    "pass by=addresses", NO_NULL },

	{ "an alias that leads to one is one's own", "anna@example.net",
	    "info@example.net", "pass by=alias", 0 },
	{ "with an extension too", "anna@example.net", "info+x@example.net",
	    "pass by=alias", 0 },
	{ "of several that it leads to, each may", "jo@example.net",
	    "info@example.net", "pass by=alias", 0 },
	{ "whom it does not lead to may not", "boss@example.org",
	    "info@example.net", NULL, 0 },

	{ "one sends as an address one was given", "boss@example.net",
	    "press@example.com", "pass by=addresses", 0 },
	{ "or as all of a domain", "boss@example.net", "x@shop.example.com",
	    "pass by=addresses", 0 },
	{ "which is not its parent", "boss@example.net", "x@example.com", NULL,
	    0 },

	{ "an owner may", "anna@example.net", "sales@example.com",
	    "pass by=owners", 0 },
	{ "in any letters, with an extension", "anna@example.net",
	    "SALES+x@Example.com", "pass by=owners", 0 },
	{ "and the second owner", "jo@example.net", "sales@example.com",
	    "pass by=owners", 0 },
	{ "who is none may not", "eve@example.net", "sales@example.com", NULL,
	    0 },
	{ "one may own a domain", "jo@example.net", "anyone@example.org",
	    "pass by=owners", 0 },
	{ "but not an address of it that has other owners", "jo@example.net",
	    "ceo@example.org", NULL, 0 },
	{ "an owner may be a group", "anna@example.net", "help@example.com",
	    "pass by=owners", 0 },
	{ "whoever is in it", "eve@example.org", "help@example.com",
	    "pass by=owners", 0 },
	{ "and nobody else", "jo@example.net", "help@example.com", NULL, 0 },
	{ "a group nobody knows has nobody in it", "jo@example.net",
	    "lost@example.com", NULL, 0 },
	{ "all of a domain may own an address", "eve@example.net",
	    "all@example.com", "pass by=owners", 0 },
	{ "and of no other", "eve@example.org", "all@example.com", NULL, 0 },
	{ "an owner without a domain is of the realm", "tom@example.net",
	    "desk@example.com", "pass by=owners", REALM },
	{ "without a realm it is of none", "tom@example.net",
	    "desk@example.com", NULL, 0 },
	{ "which a login may be as well", "tom", "desk@example.com",
	    "pass by=owners", 0 },

	{ "who is exempt sends as anybody", "web@example.net",
	    "anyone@example.com", "pass by=exempt", 0 },
	{ "even as nobody", "web@example.net", "", "pass by=exempt", NO_NULL },

	{ "with match = domain one sends as one's neighbour",
	    "anna@example.net", "jo@example.net", "pass by=domain", DOMAIN },
	{ "even as one that does not exist", "anna@example.net",
	    "Nobody@Example.NET", "pass by=domain", DOMAIN },
	{ "but not from another domain", "anna@example.net", "anna@example.org",
	    NULL, DOMAIN },
	{ "nor from one below it", "anna@example.net", "anna@www.example.net",
	    NULL, DOMAIN },
	{ "what one may besides stays", "anna@example.net", "sales@example.com",
	    "pass by=owners", DOMAIN },
	{ "a login that names no domain is of none", "example.net",
	    "jo@example.net", NULL, DOMAIN },
};

static const struct lookup_pair given[] = {
	{ "press@example.com", "" },
	{ "@shop.example.com", "" },
	{ "<>", "" },
};

static const struct lookup_pair owners[] = {
	{ "sales@example.com", "Anna@Example.net, jo@example.net" },
	{ "help@example.com", "boss@example.net group:Support" },
	{ "lost@example.com", "group:nobody" },
	{ "all@example.com", "@Example.net" },
	{ "desk@example.com", "tom" },
	{ "@example.org", "jo@example.net" },
	{ "ceo@example.org", "boss@example.net" },
};

static const struct lookup_pair groups[] = {
	{ "support", "anna@example.net,eve@example.org" },
};

static const struct lookup_pair exempt[] = { { "web@example.net", "" } };

static void
let_go(void *table)
{
	lookups_free(table);
}

static const struct lookups *
table(struct judged *s, const struct lookup_pair *pairs, size_t count)
{
	struct lookups *l = lookups_of(pairs, count, NULL, NULL);

	arena_defer(s->arena, let_go, l);
	return l;
}

#define TABLE(s, pairs) table(s, pairs, sizeof(pairs) / sizeof((pairs)[0]))

static struct judged *
begin(const char *login, const char *sender)
{
	struct judged *s = judged_begin();

	s->set.login.null_sender = true;
	s->set.login.owners = TABLE(s, owners);
	s->set.login.groups = TABLE(s, groups);
	s->set.login.exempt = TABLE(s, exempt);
	s->conf.realm = "";
	s->req.class = AUTHENTICATED;
	s->req.sasl_username = login;
	s->req.sender = sender;
	s->login = judged_scope(s, login);
	return s;
}

/* What lib/scope would know of the sender. */
static void
know_alias(struct judged *s)
{
	static const char *const targets[] = { "anna@example.net",
		"jo@example.net" };

	s->sender = judged_scope(s, "info@example.net");
	s->sender.is_alias = true;
	s->sender.targets = targets;
	s->sender.target_count = 2;
}

static void
sends_as(void **state)
{
	const struct row *row = *state;
	struct judged *s = begin(row->login, row->sender);
	struct settings boss;

	if (row->options & REALM)
		s->conf.realm = "example.net";
	if (row->options & DOMAIN)
		s->set.login.match = LOGIN_DOMAIN;
	s->set.login.null_sender = !(row->options & NO_NULL);
	boss = s->set;
	boss.login.addresses = TABLE(s, given);
	if (row->login[0] == 'b')
		s->login.set = &boss;
	know_alias(s);
	assert_string_equal(judged_says(s, &check_login),
	    row->says ? row->says
		      : arena_printf(s->arena, "refuse login login=%s match=%s",
			    row->login,
			    row->options & DOMAIN ? "domain" : "mailbox"));
	assert_null(s->asked);
	judged_end(s);
}

static void
where_an_alias_leads_over_another_one_it_is_known_from_its_scope(void **state)
{
	struct judged *s = begin("anna@example.net", "it@example.net");
	static const char *const targets[] = { "help@example.net" };

	(void)state;
	s->sender = judged_scope(s, "it@example.net");
	s->sender.is_alias = true;
	s->sender.targets = targets;
	s->sender.target_count = 1;
	s->sender.mailbox = "anna@example.net";
	assert_string_equal(judged_says(s, &check_login), "pass by=alias");
	judged_end(s);
}

static void
who_logs_in_by_an_alias_sends_as_the_mailbox(void **state)
{
	struct judged *s = begin("a.smith@example.net", "anna@example.net");

	(void)state;
	s->login.mailbox = "anna@example.net";
	assert_string_equal(judged_says(s, &check_login), "pass");
	s->req.sender = "a.smith@example.net";
	assert_string_equal(judged_says(s, &check_login), "pass");
	judged_end(s);
}

static void
what_redis_might_add_is_unknown_without_it(void **state)
{
	struct judged *s = begin("anna@example.net", "info@example.net");

	(void)state;
	s->login.loss = LOSS_DOWN;
	assert_string_equal(judged_says(s, &check_login), "unknown down");
	s->login.loss = LOSS_NONE;
	s->sender.loss = LOSS_BUSY;
	assert_string_equal(judged_says(s, &check_login), "unknown busy");
	s->req.sender = "anna@example.net";
	assert_string_equal(judged_says(s, &check_login), "pass");
	judged_end(s);
}

static void
an_alias_may_have_an_extension_that_its_mailbox_has_not(void **state)
{
	struct judged *s = begin("anna@example.net", "info+shop@example.net");
	static const struct lookup_pair aliases[] = {
		{ "info+shop@example.net", "bert@example.net, anna" },
		{ "info@example.net", "jo@example.net" }
	};

	(void)state;
	s->conf.aliases = TABLE(s, aliases);
	s->sender = judged_scope(s, "info@example.net");
	assert_string_equal(judged_says(s, &check_login), "pass by=alias");
	s->req.sender = "info+other@example.net";
	assert_string_equal(judged_says(s, &check_login),
	    "refuse login login=anna@example.net match=mailbox");
	judged_end(s);
}

static void
who_is_exempt_may_be_named_without_the_realm(void **state)
{
	struct judged *s = begin("Root", "anyone@example.com");
	static const struct lookup_pair root[] = { { "root", "" } };

	(void)state;
	s->set.login.exempt = TABLE(s, root);
	s->conf.realm = "example.net";
	s->login = judged_scope(s, "root@example.net");
	assert_string_equal(judged_says(s, &check_login), "pass by=exempt");
	s->req.sasl_username = "root@example.org";
	s->login = judged_scope(s, "root@example.org");
	assert_string_equal(judged_says(s, &check_login),
	    "refuse login login=root@example.org match=mailbox");
	judged_end(s);
}

static void
it_is_asked_about_logins_at_mail_and_rcpt(void **state)
{
	(void)state;
	assert_null(check_login.ask);
	assert_int_equal(check_login.tier, TIER_REGISTERS);
	assert_int_equal(check_login.flags, 0);
	assert_int_equal(check_login.whose, OF_LOGIN);
	assert_int_equal(check_login.classes, AUTHENTICATED);
	assert_int_equal(check_login.stages, AT_MAIL | AT_RCPT);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, sends_as);
	SUITE_TEST(&s,
	    where_an_alias_leads_over_another_one_it_is_known_from_its_scope);
	SUITE_TEST(&s, who_logs_in_by_an_alias_sends_as_the_mailbox);
	SUITE_TEST(&s, what_redis_might_add_is_unknown_without_it);
	SUITE_TEST(&s, an_alias_may_have_an_extension_that_its_mailbox_has_not);
	SUITE_TEST(&s, who_is_exempt_may_be_named_without_the_realm);
	SUITE_TEST(&s, it_is_asked_about_logins_at_mail_and_rcpt);
	return suite_run(&s, "login");
}
