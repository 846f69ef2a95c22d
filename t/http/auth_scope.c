/*
 * Which logins are refused for what is set for their mailbox, or its domain.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "kit/suite.h"
#include "kit/town.h"

static const char file[] =
    "local_domains = { \"redis:\", \"example.org\" }\n"
    "aliases = { \"redis:\" }\n"
    "realm = \"example.org\"\n"
    "domain \"gone.example\" { account { state = disabled } }\n"
    "mailbox \"eve@example.org\" { account { state = denied } }\n";

static const char denied[] =
    "Access to this user account has been denied by the mail administrator";
static const char disabled[] =
    "User account has been disabled by the mail administrator";

struct row {
	const char *name;
	const char *more; /* of policyd.conf */
	const char *key, *option, *value; /* in Redis; NULL: nothing */
	const char *login;
	const char *why; /* NULL: it is let in */
	const char *logged; /* NULL: nothing */
};

#define BOB "policyd:mailbox:{example.com}:bob"
#define STATE "account.state"

static const struct row rows[] = {
	{ "a mailbox may log in", "", NULL, NULL, NULL, "bob@example.com", NULL,
	    NULL },
	{ "one that is disabled in Redis may not", "", BOB, STATE, "disabled",
	    "bob@example.com", disabled,
	    "login refused=yes reason=disabled client=192.0.2.1 "
	    "user=bob@example.com" },
	{ "in capitals neither", "", BOB, STATE, "disabled", "Bob@Example.COM",
	    disabled, "reason=disabled" },
	{ "nor with an extension", "", BOB, STATE, "disabled",
	    "bob+x@example.com", disabled, "reason=disabled" },
	{ "one that is denied is told so", "", BOB, STATE, "denied",
	    "bob@example.com", denied, "reason=denied" },
	{ "one that is enabled may", "", BOB, STATE, "enabled",
	    "bob@example.com", NULL, NULL },
	{ "another one is another's", "", BOB, STATE, "disabled",
	    "al@example.com", NULL, NULL },
	{ "all of a disabled domain may not", "",
	    "policyd:domain:{example.com}", STATE, "disabled", "al@example.com",
	    disabled, "reason=disabled" },
	{ "nor when the file disables it", "", NULL, NULL, NULL,
	    "al@gone.example", disabled, "reason=disabled" },
	{ "nor one that the file denies", "", NULL, NULL, NULL,
	    "eve@example.org", denied, "reason=denied" },
	{ "whose login has no domain is of the realm", "", NULL, NULL, NULL,
	    "eve", denied, "user=eve" },
	{ "an alias is the mailbox it leads to", "",
	    "policyd:mailbox:{example.com}:info", "alias", "eve@example.org",
	    "info@example.com", denied, "reason=denied" },
	{ "a wrong word in Redis keeps nobody out", "", BOB, STATE, "maybe",
	    "bob@example.com", NULL, NULL },
	{ "under observe only the log hears of it",
	    "account { mode = observe }", BOB, STATE, "disabled",
	    "bob@example.com", NULL, "login refused=observed reason=disabled" },
	{ "when the check is off nobody looks", "account { mode = off }", BOB,
	    STATE, "disabled", "bob@example.com", NULL, NULL },
};

static const char *
allow(struct town *t, const char *login)
{
	char body[256];

	snprintf(body, sizeof(body),
	    "{\"login\":\"%s\",\"remote\":\"192.0.2.1\","
	    "\"protocol\":\"smtp\"}",
	    login);
	assert_int_equal(web_once(t->web, "POST", "/auth-policy?command=allow",
			     "sesame", body),
	    200);
	return t->web->body;
}

static void
answers(struct town *t, const char *login, const char *why)
{
	char wanted[256];

	snprintf(wanted, sizeof(wanted), "{\"status\":%d,\"msg\":\"%s\"}\n",
	    why ? -1 : 0, why ? why : "");
	assert_string_equal(allow(t, login), wanted);
}

static void
a_row(void **state)
{
	const struct row *r = *state;
	struct arena *a = arena_new();
	struct town *t = town_open(arena_printf(a, "%s%s", file, r->more));
	const char *const words[] = { "HSET", r->key, r->option, r->value,
		NULL };

	if (r->key)
		false_redis_command(t->redis, a, words);
	answers(t, r->login, r->why);
	answers(t, r->login, r->why); /* and from memory */
	assert_int_equal(
	    web_logged(t->web, "login refused"), r->logged ? 2 : 0);
	if (r->logged)
		assert_int_equal(web_logged(t->web, r->logged), 2);
	town_close(t);
	arena_release(a);
}

static void
what_redis_does_not_say_keeps_nobody_out_what_the_file_says_does(void **state)
{
	struct town *t = town_open(file);

	(void)state;
	false_redis_lose(t->redis, LOSS_DOWN);
	answers(t, "bob@example.com", NULL);
	answers(t, "eve@example.org", denied);
	town_close(t);
}

static void
a_change_holds_half_a_second_later(void **state)
{
	struct town *t = town_open(file);
	struct arena *a = arena_new();
	const char *const words[] = { "HSET", BOB, STATE, "disabled", NULL };

	(void)state;
	answers(t, "bob@example.com", NULL);
	false_redis_command(t->redis, a, words);
	web_later(t->web, 501);
	answers(t, "bob@example.com", disabled);
	arena_release(a);
	town_close(t);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, a_row);
	SUITE_TEST(&s,
	    what_redis_does_not_say_keeps_nobody_out_what_the_file_says_does);
	SUITE_TEST(&s, a_change_holds_half_a_second_later);
	return suite_run(&s, "auth_scope");
}
