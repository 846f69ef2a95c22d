/*
 * What holds for an address: whose settings, whether it exists, how old a copy
 * of what Redis has may be, and what is in force when Redis is silent.
 */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "kit/panel.h"
#include "kit/suite.h"

/* -- an address by rows: what the file and Redis say, and what follows -- */

struct row {
	const char *name;
	const char *conf;
	const char *hashes[8][4]; /* key, field, value; then a list: key */
	const char *address;
	int64_t delay; /* greylist.delay of it, in minutes */
	bool local, known;
	const char *mailbox; /* NULL: the address */
};

#define OURS "local_domains = { \"redis:\" }\n"
#define THEIRS "mailboxes = { \"redis:\" }\n"
#define OTHERS "aliases = { \"redis:\" }\n"
#define ALL OURS THEIRS OTHERS
#define D "policyd:domain:{example.com}"
#define M "policyd:mailbox:{example.com}:bob"
#define DELAY "greylist.delay"
#define BOB "bob@example.com"

static const struct row rows[] = {
	{ "without a word about it the server's settings hold", "", { { 0 } },
	    BOB, 5, false, false },
	{ "a domain of Redis wins over the server", ALL, { { D, DELAY, "7m" } },
	    BOB, 7, true, false },
	{ "a domain of Redis wins over that of the file",
	    ALL "domain \"example.com\" { greylist { delay = 6m } }",
	    { { D, DELAY, "7m" } }, BOB, 7, true, false },
	{ "a mailbox of the file wins over a domain of Redis",
	    ALL "mailbox \"bob@example.com\" { greylist { delay = 8m } }",
	    { { D, DELAY, "7m" } }, BOB, 8, true, false },
	{ "a mailbox of Redis wins over all",
	    ALL "domain \"example.com\" { greylist { delay = 6m } }\n"
		"mailbox \"bob@example.com\" { greylist { delay = 8m } }",
	    { { D, DELAY, "7m" }, { M, DELAY, "9m" } }, BOB, 9, true, true },
	{ "a domain that decides shuts its mailboxes out", ALL,
	    { { D, "greylist.decided_by", "domain" }, { D, DELAY, "7m" },
		{ M, DELAY, "9m" } },
	    BOB, 7, true, true },
	{ "the settings of a domain alone are the domain's", ALL,
	    { { D, DELAY, "7m" }, { M, DELAY, "9m" } }, "example.com", 7, true,
	    false },
	{ "another mailbox has those of the domain", ALL,
	    { { D, DELAY, "7m" }, { M, DELAY, "9m" } }, "al@example.com", 7,
	    true, false },
	{ "a mailbox exists when Redis has its key", ALL,
	    { { D, "since", "1" }, { M, "since", "1" } }, BOB, 5, true, true },
	{ "without redis: its key says nothing about that", OURS,
	    { { D, "since", "1" }, { M, DELAY, "9m" } }, BOB, 9, true, false },
	{ "nor does a domain's",
	    "local_domains = { \"example.net\", \"example.com\" }",
	    { { D, DELAY, "7m" } }, BOB, 7, true, false },
	{ "a domain of the file is ours", "local_domains = { \".com\" }",
	    { { 0 } }, BOB, 5, true, false },
	{ "of a strange domain Redis is not asked",
	    "local_domains = { \"example.net\" }",
	    { { D, DELAY, "7m" }, { M, DELAY, "9m" } }, BOB, 5, false, false },
	{ "but what the file says of it holds",
	    "local_domains = { \"example.net\" }\n"
	    "domain \"example.com\" { greylist { delay = 6m } }",
	    { { D, DELAY, "7m" } }, BOB, 6, false, false },
	{ "where nobody said what is ours Redis is asked", "",
	    { { D, DELAY, "7m" } }, BOB, 7, false, false },
	{ "a mailbox of the file exists", "mailboxes = { \"bob@example.com\" }",
	    { { 0 } }, BOB, 5, false, true },
	{ "so does any when the table has all of its domain",
	    "mailboxes = { \"inline:{@example.com}\" }", { { 0 } }, BOB, 5,
	    false, true },
	{ "an alias has the settings of the mailbox it leads to", ALL,
	    { { D, DELAY, "7m" }, { M, "alias", "al@example.com" },
		{ "policyd:mailbox:{example.com}:al", DELAY, "9m" } },
	    BOB, 9, true, true, "al@example.com" },
	{ "without redis: among the aliases it is none", OURS THEIRS,
	    { { D, DELAY, "7m" }, { M, "alias", "al@example.com" },
		{ "policyd:mailbox:{example.com}:al", DELAY, "9m" } },
	    BOB, 7, true, true },
	{ "a name alone is one of the same domain", ALL,
	    { { D, DELAY, "7m" }, { M, "alias", "al" },
		{ "policyd:mailbox:{example.com}:al", DELAY, "9m" } },
	    BOB, 9, true, true, "al@example.com" },
	{ "an alias of the file is followed, too",
	    OURS THEIRS "aliases = { \"inline:{bob@example.com=al}\" }",
	    { { D, DELAY, "7m" },
		{ "policyd:mailbox:{example.com}:al", DELAY, "9m" } },
	    BOB, 9, true, true, "al@example.com" },
	{ "so is one of a whole domain",
	    "aliases = { \"inline:{@example.com=@example.net}\" }",
	    { { "policyd:mailbox:{example.net}:bob", DELAY, "9m" } }, BOB, 9,
	    false, true, "bob@example.net" },
	{ "an alias of an alias is followed", ALL,
	    { { D, DELAY, "7m" }, { M, "alias", "al" },
		{ "policyd:mailbox:{example.com}:al", "alias", "cy" },
		{ "policyd:mailbox:{example.com}:cy", DELAY, "9m" } },
	    BOB, 9, true, true, "cy@example.com" },
	{ "one that goes around in circles leads nowhere", ALL,
	    { { D, DELAY, "7m" }, { M, "alias", "al" },
		{ "policyd:mailbox:{example.com}:al", "alias", "bob" } },
	    BOB, 7, true, true },
	{ "one that is far away leads nowhere, too", ALL,
	    { { D, DELAY, "7m" }, { M, "alias", "b" },
		{ "policyd:mailbox:{example.com}:b", "alias", "c" },
		{ "policyd:mailbox:{example.com}:c", "alias", "d" },
		{ "policyd:mailbox:{example.com}:d", "alias", "e" },
		{ "policyd:mailbox:{example.com}:e", "alias", "f" },
		{ "policyd:mailbox:{example.com}:f", DELAY, "9m" } },
	    BOB, 7, true, true },
	{ "one with two targets has its own settings", ALL,
	    { { D, DELAY, "7m" }, { M, "alias", "al, cy" },
		{ M, DELAY, "8m" } },
	    BOB, 8, true, true },
	{ "one that leads to a strange domain has its own, too", ALL,
	    { { D, DELAY, "7m" }, { M, "alias", "bob@example.org" },
		{ "policyd:mailbox:{example.org}:bob", DELAY, "9m" } },
	    BOB, 7, true, true },
	{ "an address that stands for itself is no alias", ALL,
	    { { D, DELAY, "7m" }, { M, "alias", BOB }, { M, DELAY, "8m" } },
	    BOB, 8, true, true },
	{ "what is wrong is left out, the rest counts", ALL,
	    { { D, DELAY, "soon" }, { D, "greylist.mood", "off" },
		{ M, "spoof.who", "me" }, { M, DELAY, "9m" } },
	    BOB, 9, true, true },
	{ "a key that is no hash exists all the same", ALL,
	    { { D, NULL, "1" }, { M, DELAY, "9m" } }, BOB, 9, true, true },
};

static void
write_hashes(struct panel *p, const struct row *row)
{
	for (size_t i = 0; row->hashes[i][0]; i++) {
		const char *const *h = row->hashes[i];

		if (h[1])
			PANEL_DO(p, "HSET", h[0], h[1], h[2]);
		else
			PANEL_DO(p, "SET", h[0], h[2]);
	}
}

static void
holds(void **state)
{
	const struct row *row = *state;
	struct panel *p = panel_begin(row->conf);
	const struct scope *s;

	write_hashes(p, row);
	for (int again = 0; again < 3; again++) {
		s = panel_find(p, row->address);
		assert_string_equal(s->address, row->address);
		assert_string_equal(
		    s->mailbox, row->mailbox ? row->mailbox : row->address);
		assert_int_equal(s->set->greylist.delay, 60 * row->delay);
		assert_int_equal(s->local, row->local);
		assert_int_equal(s->known, row->known);
		assert_int_equal(s->loss, LOSS_NONE);
		if (again == 1)
			panel_configure(p, row->conf);
	}
	panel_end(p);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, holds);
	return suite_run(&s, "what holds for an address");
}
