/*
 * Which entry of which deny list decides about a sender.
 */
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "kit/panel.h"
#include "kit/suite.h"
#include "kit/words.h"

#define SERVER(list) "deny_domain { senders = { \"inline:{" list "}\" } }\n"
#define DOMAIN(list) "domain \"example.com\" { " SERVER(list) " }\n"
#define MAILBOX(list)                                                          \
	"mailbox \"bob@example.com\" { deny_user { senders = "                 \
	"{ \"inline:{" list "}\" } } }\n"

#define TEN "a.a.a.a.a.a.a.a.a.a."

struct row {
	const char *name;
	const char *file;
	const char *domain[2], *mailbox[2]; /* entry and value in Redis */
	const char *sender;
	const char *says; /* level, "deny" or "allow", entry, time */
};

static const struct row rows[] = {
	{ "who is on no list is not denied", SERVER("example.net"),
	    { "example.info", "1" }, { "example.edu", "2" }, "al@example.org",
	    "" },
	{ "each level's list is looked at: the server's", SERVER("example.org"),
	    { 0 }, { 0 }, "al@example.org", "server deny example.org 0" },
	{ "the domain's in the file", DOMAIN("example.org"), { 0 }, { 0 },
	    "al@example.org", "domain deny example.org 0" },
	{ "the mailbox' in the file", MAILBOX("example.org"), { 0 }, { 0 },
	    "al@example.org", "mailbox deny example.org 0" },
	{ "the domain's in Redis", "", { "example.org", "1732000000" }, { 0 },
	    "al@example.org", "domain deny example.org 1732000000" },
	{ "the mailbox' in Redis", "", { 0 }, { "example.org", "1732000000" },
	    "al@example.org", "mailbox deny example.org 1732000000" },

	{ "the mailbox wins over its domain", "", { "example.org", "1" },
	    { "example.org", "2 allow" }, "al@example.org",
	    "mailbox allow example.org 2" },
	{ "the mailbox in the file does, too", MAILBOX("example.org=allow"),
	    { "example.org", "1" }, { 0 }, "al@example.org",
	    "mailbox allow example.org 0" },
	{ "the domain wins over the server", SERVER("example.org"),
	    { "example.org", "1 allow" }, { 0 }, "al@example.org",
	    "domain allow example.org 1" },
	{ "Redis wins over the file", DOMAIN("example.org"),
	    { "example.org", "1 allow" }, { 0 }, "al@example.org",
	    "domain allow example.org 1" },
	{ "whatever is longer: of two lists the narrower counts", "",
	    { "al@example.org", "1" }, { ".org", "2 allow" }, "al@example.org",
	    "mailbox allow .org 2" },
	{ "so it does for a mailbox", MAILBOX("example.org"), { 0 },
	    { "example.org", "1 allow" }, "al@example.org",
	    "mailbox allow example.org 1" },
	{ "and of two forced entries", DOMAIN("example.org=forced"),
	    { "example.org", "1 allow forced" }, { 0 }, "al@example.org",
	    "domain allow example.org 1" },
	{ "a forced domain wins over the mailbox", "",
	    { "example.org", "1 forced" }, { "example.org", "2 allow" },
	    "al@example.org", "domain deny example.org 1" },
	{ "in the file, too", DOMAIN("example.org=forced"), { 0 },
	    { "example.org", "2 allow" }, "al@example.org",
	    "domain deny example.org 0" },
	{ "and over an entry of Redis that is not forced",
	    DOMAIN("example.org=forced"), { "example.org", "1 allow" }, { 0 },
	    "al@example.org", "domain deny example.org 0" },
	{ "a forced server wins over a forced domain",
	    SERVER("example.org=allow forced"), { "example.org", "1 forced" },
	    { "example.org", "2" }, "al@example.org",
	    "server allow example.org 0" },
	{ "a forced mailbox wins over nobody more", "",
	    { "example.org", "1 forced" }, { "example.org", "2 allow forced" },
	    "al@example.org", "domain deny example.org 1" },

	{ "the address counts before the domain",
	    SERVER("example.org=forced, al@example.org=allow"), { 0 }, { 0 },
	    "al@example.org", "server allow al@example.org 0" },
	{ "the domain before its parents",
	    SERVER(".org, .example.org=forced, a.example.org=allow"), { 0 },
	    { 0 }, "al@a.example.org", "server allow a.example.org 0" },
	{ "the longer parent before the shorter",
	    SERVER(".org, .example.org=allow"), { 0 }, { 0 },
	    "al@b.a.example.org", "server allow .example.org 0" },
	{ "a domain may be written with an at", SERVER("@example.org"), { 0 },
	    { 0 }, "al@example.org", "server deny @example.org 0" },
	{ "in Redis, too", "", { 0 }, { "@example.org", "5" }, "al@example.org",
	    "mailbox deny @example.org 5" },
	{ "a user may be denied wherever he is", "", { "al@", "5" }, { 0 },
	    "al@example.org", "domain deny al@ 5" },
	{ "a parent does not stand for itself", SERVER(".example.org"), { 0 },
	    { 0 }, "al@example.org", "" },
	{ "a domain does not stand for those below", SERVER("example.org"),
	    { 0 }, { 0 }, "al@a.example.org", "" },
	{ "an extension may be part of the entry", "",
	    { "al+x@example.org", "5" }, { 0 }, "al+x@example.org",
	    "domain deny al+x@example.org 5" },
	{ "or left out", "", { "al@example.org", "5" }, { 0 },
	    "al+x@example.org", "domain deny al@example.org 5" },
	{ "letters do not matter, nor does a dot", "",
	    { "al@example.org", "5" }, { 0 }, "Al@Example.ORG.",
	    "domain deny al@example.org 5" },
	{ "the last at is the one that counts", "", { "example.org", "5" },
	    { 0 }, "a@b@example.org", "domain deny example.org 5" },
	{ "a sender without a domain is one", "", { "example.org", "5" }, { 0 },
	    "example.org", "domain deny example.org 5" },
	{ "the null sender is never denied", SERVER("<>=forced") MAILBOX("<>"),
	    { "<>", "1 forced" }, { "", "1" }, "", "" },
	{ "forty parents are too many to ask for, those near the root count",
	    "", { ".org", "5" }, { 0 }, "al@" TEN TEN TEN TEN "example.org",
	    "domain deny .org 5" },
	{ "1,900 bytes are looked up like any", "", { ".org", "5" }, { 0 },
	    "\\{1900 a}@example.org", "domain deny .org 5" },
	{ "so are control bytes and UTF-8", "", { "example.org", "5" }, { 0 },
	    "\"a\\x1b\\xc3\\x96\\xff b@example.org\"",
	    "domain deny example.org 5" },

	{ "the words of an entry may stand in any order", "",
	    { "example.org", "forced 7 allow" }, { 0 }, "al@example.org",
	    "domain allow example.org 7" },
	{ "what cannot be read denies", "", { "example.org", "yes allow" },
	    { 0 }, "al@example.org", "domain deny example.org 0" },
	{ "so does nothing at all", "", { "example.org", "" }, { 0 },
	    "al@example.org", "domain deny example.org 0" },
	{ "and what is longer than any such value", "",
	    { "example.org",
		"allow allow allow allow allow allow allow allow allow allow "
		"allow allow allow allow allow allow allow allow" },
	    { 0 }, "al@example.org", "domain deny example.org 0" },
	{ "and a time that is none", "",
	    { "example.org", "99999999999999999999 allow" }, { 0 },
	    "al@example.org", "domain deny example.org 0" },

	{ "where the domain decides, mailboxes have no say",
	    "deny_user { decided_by = domain }", { 0 }, { "example.org", "5" },
	    "al@example.org", "" },
	{ "where the server decides, domains have none",
	    "deny_domain { decided_by = server }", { "example.org", "5" },
	    { "example.org", "6" }, "al@example.org",
	    "mailbox deny example.org 6" },
};

static const char *
decided(struct panel *p, const char *sender)
{
	static const char *const levels[] = { "server", "domain", "mailbox" };
	struct arena *a = p->book->arena;
	const struct scope *s = panel_find(p, "bob@example.com");
	struct question q = deny_read(a, p->book->conf, s, sender);
	struct deny_match m;

	if (!deny_decide(a, p->book->conf, s, sender,
		q.script ? panel_answer(p, &q) : NULL, MODE_ENFORCE, &m))
		return "";
	return arena_printf(a, "%s %s %s %" PRId64, levels[m.level],
	    m.allow ? "allow" : "deny", m.entry, m.since);
}

static void
decides(void **state)
{
	const struct row *row = *state;
	struct panel *p = panel_begin(row->file);
	size_t count;
	const char *sender = *row->sender
	    ? words_cut(p->book->arena, row->sender, &count)[0]
	    : "";

	if (row->domain[0])
		PANEL_DO(p, "HSET", "policyd:deny:{example.com}",
		    row->domain[0], row->domain[1]);
	if (row->mailbox[0])
		PANEL_DO(p, "HSET", "policyd:deny:{example.com}:bob",
		    row->mailbox[0], row->mailbox[1]);
	assert_string_equal(decided(p, sender), row->says);
	panel_end(p);
}

/* -- what may be asked, and answered -- */

static void
nothing_is_asked_without_a_list_or_a_sender(void **state)
{
	struct panel *p = panel_begin("");
	struct arena *a = p->book->arena;
	const struct conf *conf = p->book->conf;
	const struct scope *s = panel_find(p, "bob@example.com");

	(void)state;
	assert_null(deny_read(a, conf, s, "al@example.org").script);
	PANEL_DO(p, "HSET", "policyd:deny:{example.com}:bob", "x", "1");
	clock_turn(p->book->clock, 501);
	s = panel_find(p, "bob@example.com");
	assert_non_null(deny_read(a, conf, s, "al@example.org").script);
	assert_null(deny_read(a, conf, s, "").script);
	assert_null(
	    deny_read(a, conf, scope_server(a, conf), "al@example.org").script);
	panel_end(p);
}

static void
an_alias_has_the_lists_of_the_mailbox_it_leads_to(void **state)
{
	struct panel *p = panel_begin("aliases = { \"redis:\" }");
	const struct scope *s;
	struct question q;

	(void)state;
	PANEL_DO(p, "HSET", "policyd:mailbox:{example.com}:bob", "alias",
	    "al@example.net");
	PANEL_DO(p, "HSET", "policyd:deny:{example.net}:al", "x", "1");
	s = panel_find(p, "bob@example.com");
	q = deny_read(p->book->arena, p->book->conf, s, "y@x");
	assert_int_equal(q.keys, 1);
	assert_string_equal(q.words[0].text, "policyd:deny:{example.net}:al");
	panel_end(p);
}

static void
a_list_that_is_none_denies_nobody(void **state)
{
	struct panel *p = panel_begin("");

	(void)state;
	PANEL_DO(p, "SET", "policyd:deny:{example.com}", "example.org");
	PANEL_DO(p, "HSET", "policyd:deny:{example.com}:bob", "example.org",
	    "7 allow");
	assert_string_equal(
	    decided(p, "al@example.org"), "mailbox allow example.org 7");
	panel_end(p);
}

static void
an_answer_that_nobody_understands_is_none(void **state)
{
	static const struct answer answers[] = {
		{ .state = LOST, .loss = LOSS_DOWN },
		{ .state = KNOWN },
		{ .state = KNOWN,
		    .count = 2,
		    .values = { { "x", 1 }, { "1", 1 } } },
		{ .state = KNOWN,
		    .count = 2,
		    .values = { { .is_number = true, .number = 99 },
			{ "1", 1 } } },
		{ .state = KNOWN,
		    .count = 2,
		    .values = { { .is_number = true, .number = -1 },
			{ "1", 1 } } },
		{ .state = KNOWN,
		    .count = 2,
		    .values = { { .is_number = true, .number = 1 } } },
	};
	struct panel *p = panel_begin("");
	struct scope s = *scope_server(p->book->arena, p->book->conf);
	struct deny_match m;

	(void)state;
	s.domain_denies = s.mailbox_denies = true;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		assert_false(deny_decide(p->book->arena, p->book->conf, &s,
		    "al@example.org", &answers[i], MODE_ENFORCE, &m));
	panel_end(p);
}

/* -- what may be written -- */

static const struct {
	const char *name;
	const char *sender, *entry; /* NULL: none */
} entries[] = {
	{ "an address is an entry", "Al@Example.ORG.", "al@example.org" },
	{ "one with an extension is", "al+x@example.org", "al+x@example.org" },
	{ "a domain is", "Example.org", "example.org" },
	{ "one with an at is that domain", "@Example.org", "example.org" },
	{ "a parent is", ".Example", ".example" },
	{ "a user is", "al@", "al@" },
	{ "letters of other scripts are fine", "\303\266@example.org",
	    "\303\266@example.org" },
	{ "their domains are as the DNS has them",
	    "\303\266@B\303\234cher.example.",
	    "\303\266@xn--bcher-kva.example" },
	{ "also those of parents", ".b\303\274cher.example",
	    ".xn--bcher-kva.example" },
	{ "nothing is none", "", NULL },
	{ "an at alone is none", "@", NULL },
	{ "a dot alone is none", ".", NULL },
	{ "blanks are in none", "al x@example.org", NULL },
	{ "nor control bytes", "al\033@example.org", NULL },
	{ "a domain must be one", "al@exam_ple..org", NULL },
};

static void
is_an_entry(void **state)
{
	const char *const *name = *state;
	const size_t i = (size_t)((const char *)name - (const char *)entries) /
	    sizeof(entries[0]);
	struct arena *a = arena_new();
	const char *entry = deny_entry(a, entries[i].sender);

	if (entries[i].entry)
		assert_string_equal(entry, entries[i].entry);
	else
		assert_null(entry);
	arena_release(a);
}

static void
an_entry_is_put_on_a_list_and_taken_off(void **state)
{
	static const char key[] = "policyd:deny:{example.com}:bob";
	struct panel *p = panel_begin("");
	struct arena *a = p->book->arena;
	const struct conf *conf = p->book->conf;
	const char *bob = "bob@example.com";

	(void)state;
	assert_string_equal(
	    panel_ask(p, deny_add(a, conf, bob, "example.org", false, false)),
	    "1");
	assert_string_equal(
	    PANEL_DO(p, "HGET", key, "example.org"), "1732190400");
	book_wait(p->book, 5);
	assert_string_equal(
	    panel_ask(p, deny_add(a, conf, bob, "example.org", false, false)),
	    "0");
	assert_string_equal(
	    PANEL_DO(p, "HGET", key, "example.org"), "1732190400");
	assert_string_equal(
	    panel_ask(p, deny_add(a, conf, bob, "example.org", true, true)),
	    "1");
	assert_string_equal(
	    PANEL_DO(p, "HGET", key, "example.org"), "1732190405 allow forced");
	assert_string_equal(
	    panel_ask(p, deny_add(a, conf, bob, "example.org", true, true)),
	    "0");
	assert_string_equal(
	    panel_ask(p, deny_del(a, conf, bob, "example.org")), "1");
	assert_string_equal(
	    panel_ask(p, deny_del(a, conf, bob, "example.org")), "0");
	assert_string_equal(PANEL_DO(p, "EXISTS", key), "0");
	PANEL_DO(p, "SET", "policyd:deny:{example.com}", "nonsense");
	assert_string_equal(
	    panel_ask(p,
		deny_add(a, conf, "example.com", "x@y.example", true, false)),
	    "1");
	assert_string_equal(
	    PANEL_DO(p, "HGETALL", "policyd:deny:{example.com}"),
	    "x@y.example 1732190405 allow");
	panel_end(p);
}

static void
an_entry_and_a_whole_list_can_be_looked_at(void **state)
{
	struct panel *p = panel_begin("");
	struct arena *a = p->book->arena;
	const struct conf *conf = p->book->conf;

	(void)state;
	assert_string_equal(
	    panel_ask(p, deny_list(a, conf, "example.com")), "0,");
	PANEL_DO(p, "HSET", "policyd:deny:{example.com}", "b@", "2 allow",
	    "a\nb", "\t1");
	assert_string_equal(
	    panel_ask(p, deny_get(a, conf, "example.com", "b@")), "1,2 allow");
	assert_string_equal(
	    panel_ask(p, deny_get(a, conf, "example.com", "c@")), "0,");
	assert_string_equal(panel_ask(p, deny_list(a, conf, "example.com")),
	    "2,a b\t 1\nb@\t2 allow");
	assert_string_equal(
	    panel_ask(p, deny_list(a, conf, "bob@example.com")), "0,");
	PANEL_DO(p, "SET", "policyd:deny:{example.net}", "nonsense");
	assert_string_equal(
	    panel_ask(p, deny_list(a, conf, "example.net")), "0,");
	panel_end(p);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, decides);
	SUITE_ROWS(&s, entries, is_an_entry);
	SUITE_TEST(&s, nothing_is_asked_without_a_list_or_a_sender);
	SUITE_TEST(&s, an_alias_has_the_lists_of_the_mailbox_it_leads_to);
	SUITE_TEST(&s, a_list_that_is_none_denies_nobody);
	SUITE_TEST(&s, an_answer_that_nobody_understands_is_none);
	SUITE_TEST(&s, an_entry_is_put_on_a_list_and_taken_off);
	SUITE_TEST(&s, an_entry_and_a_whole_list_can_be_looked_at);
	return suite_run(&s, "deny lists");
}
