/*
 * What may be written about a domain or mailbox, and what stands in Redis then.
 */
#include <string.h>

#include "base/arena.h"
#include "kit/panel.h"
#include "kit/suite.h"

static struct question
set(struct panel *p, const char *address, const char *name, const char *value)
{
	return scope_set(
	    p->book->arena, p->book->conf, address, &name, &value, 1);
}

static void
a_domain_is_made_and_changed(void **state)
{
	static const char key[] = "policyd:domain:{example.com}";
	struct panel *p = panel_begin("");
	struct arena *a = p->book->arena;
	const struct conf *conf = p->book->conf;

	(void)state;
	assert_string_equal(
	    panel_ask(p, scope_set(a, conf, "example.com", NULL, NULL, 0)),
	    "1,0");
	assert_string_equal(PANEL_DO(p, "HGETALL", key), "since 1732190400");
	book_wait(p->book, 5);
	assert_string_equal(
	    panel_ask(p, set(p, "example.com", "greylist.mode", "off")), "0,1");
	assert_string_equal(
	    panel_ask(p, set(p, "example.com", "greylist.mode", "off")), "0,0");
	assert_string_equal(
	    PANEL_DO(p, "HGETALL", key), "since 1732190400 greylist.mode off");
	assert_string_equal(
	    panel_ask(p, set(p, "example.com", "greylist.mode", NULL)), "0,1");
	assert_string_equal(
	    panel_ask(p, set(p, "example.com", "greylist.mode", NULL)), "0,0");
	assert_string_equal(PANEL_DO(p, "HGETALL", key), "since 1732190400");
	assert_string_equal(PANEL_DO(p, "TTL", key), "-1");
	panel_end(p);
}

static void
many_options_change_at_once(void **state)
{
	static const char *const names[SCOPE_SET] = { "a", "b", "c", "d", "e",
		"f", "g", "h", "i", "j", "k", "l", "m", "n", "o" };
	static const char *const values[SCOPE_SET] = { "1", NULL, "3", "4", "5",
		"6", "7", "8", "9", "10", "11", "12", "13", "14", "15" };
	static const char *const none[SCOPE_SET] = { NULL };
	static const char key[] = "policyd:mailbox:{example.com}:bob";
	struct panel *p = panel_begin("");
	struct arena *a = p->book->arena;
	const struct conf *conf = p->book->conf;

	(void)state;
	PANEL_DO(p, "HSET", key, "b", "2", "o", "15");
	assert_string_equal(panel_ask(p,
				scope_set(a, conf, "bob@example.com", names,
				    values, SCOPE_SET)),
	    "0,14");
	assert_string_equal(PANEL_DO(p, "HLEN", key), "15");
	assert_string_equal(
	    panel_ask(p,
		scope_set(a, conf, "bob@example.com", names, none, SCOPE_SET)),
	    "0,14");
	assert_string_equal(PANEL_DO(p, "HGETALL", key), "since 1732190400");
	panel_end(p);
}

static void
what_is_no_hash_is_replaced(void **state)
{
	struct panel *p = panel_begin("");

	(void)state;
	PANEL_DO(p, "SET", "policyd:domain:{example.com}", "x");
	assert_string_equal(
	    panel_ask(p, set(p, "example.com", "greylist.mode", "off")), "1,1");
	panel_end(p);
}

static void
a_mailbox_goes_with_its_list(void **state)
{
	struct panel *p = panel_begin("");
	struct arena *a = p->book->arena;
	const struct conf *conf = p->book->conf;
	const char *bob = "bob@example.com";

	(void)state;
	panel_ask(p, set(p, bob, "greylist.mode", "off"));
	panel_ask(p, set(p, "example.com", "greylist.mode", "off"));
	panel_ask(p, deny_add(a, conf, bob, "x.example", false, false));
	assert_string_equal(panel_ask(p, scope_delete(a, conf, bob)), "1");
	assert_string_equal(panel_ask(p, scope_delete(a, conf, bob)), "0");
	assert_string_equal(
	    PANEL_DO(p, "EXISTS", "policyd:deny:{example.com}:bob",
		"policyd:mailbox:{example.com}:bob"),
	    "0");
	assert_string_equal(
	    panel_ask(p, scope_delete(a, conf, "example.com")), "1");
	panel_end(p);
}

/* -- what may be written -- */

struct row {
	const char *name;
	const char *address, *option, *value;
	const char *wrong; /* NULL: it may be written */
};

static const struct row rows[] = {
	{ "an option of a domain", "example.com", "greylist.mode", "off",
	    NULL },
	{ "and of a mailbox", "bob@example.com", "greylist.mode", "off", NULL },
	{ "not of the server", "example.com", "realm", "example.com",
	    "'realm' is no option of domains and mailboxes" },
	{ "a value it can have", "example.com", "greylist.mode", "maybe",
	    "greylist.mode: 'maybe' is none of off, observe, enforce" },
	{ "whatever stands there may be taken away", "example.com", "x", NULL,
	    NULL },
	{ "a domain that is one", "exam ple.com", "greylist.mode", "off",
	    "'exam ple.com' is not a domain" },
	{ "a mailbox that is one", "@example.com", "greylist.mode", "off",
	    "'@example.com' is not a mailbox, user@domain" },
	{ "with one '@'", "bob@@example.com", "greylist.mode", "off",
	    "'bob@@example.com' has a second '@'" },
	{ "of a mailbox where it leads", "bob@example.com", "alias",
	    "al@example.net, cy", NULL },
	{ "which is somewhere else", "bob@example.com", "alias", "bob",
	    "alias: leads nowhere else" },
	{ "and an address", "bob@example.com", "alias", "al@example..net",
	    "alias: 'al@example..net' is not a mailbox, user@domain" },
	{ "a domain leads nowhere", "example.com", "alias", "al@example.net",
	    "'alias' is no option of domains and mailboxes" },
};

static void
may_be_written(void **state)
{
	const struct row *row = *state;
	struct arena *a = arena_new();
	const char *wrong = scope_check(
	    a, row->address, row->option, row->value);

	if (row->wrong)
		assert_string_equal(wrong, row->wrong);
	else
		assert_null(wrong);
	arena_release(a);
}

static void
a_value_has_an_end(void **state)
{
	struct arena *a = arena_new();
	char *value = memset(arena_alloc(a, 8194), 'a', 8193);

	(void)state;
	assert_string_equal(
	    scope_check(a, "example.com", "deny_domain.senders", value),
	    "has more than 8192 bytes");
	arena_release(a);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, a_domain_is_made_and_changed);
	SUITE_TEST(&s, many_options_change_at_once);
	SUITE_TEST(&s, what_is_no_hash_is_replaced);
	SUITE_TEST(&s, a_mailbox_goes_with_its_list);
	SUITE_ROWS(&s, rows, may_be_written);
	SUITE_TEST(&s, a_value_has_an_end);
	return suite_run(&s, "settings that are changed");
}
