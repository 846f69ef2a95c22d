/*
 * Whose settings hold for a request: through the theatre, with two checks of
 * our own. `looks` sees them, `asks` reads a register of the client.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "engine/check.h"
#include "kit/false_redis.h"
#include "kit/suite.h"
#include "kit/theatre.h"
#include "register/account.h"
#include "scope/scope.h"

static const char conf[] =
    "local_domains = { example.com, example.net }\n"
    "domain \"off\" { greylist { delay = 80 } }\n"
    "mailbox \"eve@example.org\" { greylist { delay = 70 } }\n"
    "aliases = \"redis:\"\n"
    "greylist { delay = 10 }\n"
    "domain \"example.com\" { greylist { delay = 20 } }\n"
    "mailbox \"boss@example.com\" { greylist { delay = 30 } }\n"
    "mailbox \"off@example.com\" { greylist { mode = off } }\n";

/* Of the last request that was judged. */
static struct {
	bool judged;
	int64_t set, of[WHOSE_COUNT];
	char recipient[64], login[64], sender[64];
	enum loss loss;
} seen;

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	(void)facts;
	seen.judged = true;
	seen.set = req->set->greylist.delay;
	for (int i = 0; i < WHOSE_COUNT; i++)
		seen.of[i] = req->sets[i]->greylist.delay;
	snprintf(seen.recipient, sizeof(seen.recipient), "%s",
	    req->recipient_scope->address);
	snprintf(
	    seen.login, sizeof(seen.login), "%s", req->login_scope->address);
	snprintf(
	    seen.sender, sizeof(seen.sender), "%s", req->sender_scope->address);
	seen.loss = req->recipient_scope->loss;
	return verdict_pass();
}

static const struct check looks = {
	.name = "looks",
	.stages = AT_ANY,
	.classes = INBOUND | AUTHENTICATED | TRUSTED,
	.tier = TIER_LOCAL,
	.policy = offsetof(struct settings, greylist.policy),
	.judge = judge,
};

static bool asked_early; /* before anybody knew the settings */

static void
ask_register(
    const struct request *req, const struct facts *facts, struct questions *qs)
{
	if (facts_get(facts, 0)->state != UNASKED)
		return;
	asked_early |= !req->recipient_scope;
	ask_script(
	    qs, 0, account_read(req->arena, req->conf, "boss", &req->client));
}

static struct verdict
judge_register(const struct request *req, const struct facts *facts)
{
	(void)req;
	return facts_get(facts, 0)->state == KNOWN
	    ? verdict_pass()
	    : verdict_unknown(facts_get(facts, 0));
}

static const struct check asks = {
	.name = "asks",
	.stages = AT_ANY,
	.classes = INBOUND,
	.tier = TIER_REGISTERS,
	.whose = OF_SERVER,
	.policy = offsetof(struct settings, ban.policy),
	.ask = ask_register,
	.judge = judge_register,
};
static const struct check *const table[] = { &looks, &asks, NULL };

static struct arena *arena;
static struct theatre *theatre;

static int
begin(void **state)
{
	const char *error;

	(void)state;
	memset(&seen, 0, sizeof(seen));
	asked_early = false;
	arena = arena_new();
	theatre = theatre_open(table, conf, "", arena, &error);
	assert_non_null(theatre);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	theatre_close(theatre);
	arena_release(arena);
	arena_pool_clear();
	return 0;
}

/* "name=value ..." as a request at RCPT. */
static const char *
ask(const char *words)
{
	char *text = arena_printf(arena,
	    "request=smtpd_access_policy protocol_state=RCPT "
	    "client_address=203.0.113.5 %s %s",
	    words, *words ? " " : "");

	for (char *p = text; *p; p++)
		if (*p == ' ')
			*p = '\n';
	assert_null(theatre_send(theatre, "A", text, strlen(text)));
	theatre_turn(theatre, 1);
	return theatre_reply(theatre, "A");
}

struct row {
	const char *name, *words;
	int64_t set, recipient, login, sender;
};

static const struct row rows[] = {
	{ "mail for nobody of ours has the server's settings",
	    "recipient=a@example.org", 10, 10, 10, 10 },
	{ "a recipient without a domain has the server's", "recipient=off", 10,
	    10, 10, 10 },
	{ "mail for a domain has its settings", "recipient=a@example.com", 20,
	    20, 10, 10 },
	{ "mail for a mailbox has its own", "recipient=Boss+x@Example.com", 30,
	    30, 10, 10 },
	{ "the sender's are the sender's alone",
	    "sender=boss@example.com recipient=a@example.org", 10, 10, 10, 30 },
	{ "who has logged in has his own",
	    "sasl_username=boss@example.com recipient=a@example.com", 30, 20,
	    30, 10 },
	{ "and not the recipient's",
	    "sasl_username=eve@example.net recipient=boss@example.com", 10, 30,
	    10, 10 },
	{ "the sender of who has logged in is looked for wherever it is",
	    "sasl_username=eve@example.net sender=eve@example.org "
	    "recipient=a@example.org",
	    10, 10, 10, 70 },
	{ "that of a stranger only where it may be ours",
	    "sender=eve@example.org recipient=a@example.org", 10, 10, 10, 10 },
	{ "a login without a domain has the server's",
	    "sasl_username=boss recipient=a@example.com", 10, 20, 10, 10 },
	{ "no address at all has the server's", "", 10, 10, 10, 10 },
};

static void
finds(void **state)
{
	const struct row *row = *state;

	ask(row->words);
	assert_true(seen.judged);
	assert_int_equal(seen.set, row->set);
	assert_int_equal(seen.of[OF_RECIPIENT], row->recipient);
	assert_int_equal(seen.of[OF_LOGIN], row->login);
	assert_int_equal(seen.of[OF_SENDER], row->sender);
	assert_int_equal(seen.of[OF_SERVER], 10);
}

static void
a_mailbox_can_do_without_a_check(void **state)
{
	(void)state;
	ask("recipient=off@example.com");
	assert_false(seen.judged);
}

static void
redis(const char *key, const char *field, const char *value)
{
	const char *const words[] = { "HSET", key, field, value, NULL };

	false_redis_command(theatre_redis(theatre), arena, words);
}

static void
what_redis_has_of_a_domain_wins_over_the_file(void **state)
{
	(void)state;
	redis("policyd:domain:{example.com}", "greylist.delay", "40");
	ask("recipient=a@example.com");
	assert_int_equal(seen.set, 40);
	ask("recipient=boss@example.com");
	assert_int_equal(seen.set, 30);
}

static void
what_it_has_of_a_mailbox_wins_over_all(void **state)
{
	(void)state;
	redis("policyd:mailbox:{example.com}:boss", "greylist.delay", "50");
	ask("recipient=boss@example.com");
	assert_int_equal(seen.set, 50);
}

static void
a_change_is_seen_within_a_second(void **state)
{
	(void)state;
	ask("recipient=a@example.com");
	assert_int_equal(seen.set, 20);
	redis("policyd:mailbox:{example.com}:a", "greylist.delay", "60");
	theatre_turn(theatre, 1000);
	ask("recipient=a@example.com");
	assert_int_equal(seen.set, 60);
}

static void
a_mailbox_is_asked_for_once_in_a_while(void **state)
{
	unsigned asked;
	(void)state;

	ask("recipient=a@example.com");
	asked = false_redis_asked(theatre_redis(theatre));
	assert_int_equal(asked, 2); /* and the client's register */
	ask("recipient=A+list@EXAMPLE.com");
	assert_int_equal(false_redis_asked(theatre_redis(theatre)), asked + 1);
}

static void
without_redis_the_file_counts(void **state)
{
	(void)state;
	redis("policyd:mailbox:{example.com}:boss", "greylist.delay", "50");
	false_redis_lose(theatre_redis(theatre), LOSS_DOWN);
	ask("recipient=boss@example.com");
	assert_int_equal(seen.set, 30);
	assert_int_equal(seen.loss, LOSS_DOWN);
}

static void
and_what_was_known_stays_in_force(void **state)
{
	(void)state;
	redis("policyd:mailbox:{example.com}:boss", "greylist.delay", "50");
	ask("recipient=boss@example.com");
	false_redis_lose(theatre_redis(theatre), LOSS_DOWN);
	theatre_turn(theatre, 3600 * 1000);
	ask("recipient=boss@example.com");
	assert_int_equal(seen.set, 50);
	assert_int_equal(seen.loss, LOSS_NONE);
}

static void
at_the_deadline_the_file_counts(void **state)
{
	(void)state;
	false_redis_deadline(theatre_redis(theatre), 60 * 1000);
	false_redis_delay(theatre_redis(theatre), 30 * 1000);
	ask("recipient=boss@example.com");
	assert_false(seen.judged);
	theatre_turn(theatre, 5000);
	assert_true(seen.judged);
	assert_int_equal(seen.set, 30);
	assert_int_equal(seen.loss, LOSS_TIMEOUT);
	theatre_turn(theatre, 30 * 1000);
}

static void
an_alias_has_the_settings_of_its_mailbox(void **state)
{
	(void)state;
	redis(
	    "policyd:mailbox:{example.net}:chief", "alias", "Boss@example.com");
	ask("recipient=chief@example.net");
	assert_int_equal(seen.set, 30);
}

/* One round trip: the client's register is asked for in the same turn. */
static void
the_registers_are_asked_meanwhile(void **state)
{
	(void)state;
	false_redis_delay(theatre_redis(theatre), 100);
	ask("recipient=a@example.com");
	theatre_turn(theatre, 100);
	assert_true(seen.judged);
	assert_true(asked_early);
}

static unsigned
asked_for(const char *words)
{
	const unsigned before = false_redis_asked(theatre_redis(theatre));

	ask(words);
	return false_redis_asked(theatre_redis(theatre)) - before;
}

/* Besides, the client's register is asked for each time. */
static void
of_a_strange_domain_one_sender_is_looked_up(void **state)
{
	const char *error;

	(void)state;
	assert_true(theatre_reload(
	    theatre, "local_domains = \"redis:\"\n", "", arena, &error));
	assert_int_equal(asked_for("sender=a@example.org"), 2);
	assert_int_equal(asked_for("sender=b@example.org"), 1);
	assert_int_equal(asked_for("sender=b@example.net"), 2);
	theatre_turn(theatre, 501);
	assert_int_equal(asked_for("sender=c@example.org"), 2);
	redis("policyd:domain:{example.org}", "since", "1");
	theatre_turn(theatre, 501);
	ask("sender=d@example.org");
	assert_string_equal(seen.sender, "d@example.org");
	ask("sender=e@example.org");
	assert_string_equal(seen.sender, "e@example.org");
}

/* It may be an alias of his. */
static void
but_each_of_who_has_logged_in(void **state)
{
	const char *error;

	(void)state;
	assert_true(theatre_reload(
	    theatre, "local_domains = \"redis:\"\n", "", arena, &error));
	ask("sender=a@example.org sasl_username=boss@example.com");
	ask("sender=b@example.org sasl_username=boss@example.com");
	assert_string_equal(seen.sender, "b@example.org");
}

static const struct act {
	const char *name;
	CMUnitTestFunction function;
} acts[] = {
	{ "a mailbox can do without a check",
	    a_mailbox_can_do_without_a_check },
	{ "what Redis has of a domain wins over the file",
	    what_redis_has_of_a_domain_wins_over_the_file },
	{ "what it has of a mailbox wins over all",
	    what_it_has_of_a_mailbox_wins_over_all },
	{ "a change is seen within a second",
	    a_change_is_seen_within_a_second },
	{ "a mailbox is asked for once in a while",
	    a_mailbox_is_asked_for_once_in_a_while },
	{ "without Redis the file counts", without_redis_the_file_counts },
	{ "and what was known stays in force",
	    and_what_was_known_stays_in_force },
	{ "at the deadline the file counts", at_the_deadline_the_file_counts },
	{ "an alias has the settings of its mailbox",
	    an_alias_has_the_settings_of_its_mailbox },
	{ "the registers are asked meanwhile",
	    the_registers_are_asked_meanwhile },
	{ "of a strange domain one sender is looked up",
	    of_a_strange_domain_one_sender_is_looked_up },
	{ "but each of who has logged in", but_each_of_who_has_logged_in },
};

int
main(void)
{
	static struct suite s;

	SUITE_SCENES(&s, rows, finds, begin, end);
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		suite_add_scene(&s, acts[i].name, acts[i].function, begin, end);
	return suite_run(&s, "scoping");
}
