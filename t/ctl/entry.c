/*
 * Entries of lists and histories of clients, as policyctl reads them; who
 * changed them, and the command that lifts them.
 */
#include "../policyd/policyctl_entry.h"

#include <string.h>

#include "../policyd/policyctl_log.h"
#include "../policyd/policyctl_paper.h"
#include "../policyd/policyctl_shelf.h"
#include "../policyd/policyctl_strikes.h"
#include "../policyd/policyctl_terms.h"
#include "../policyd/policyctl_walk.h"
#include "base/arena.h"
#include "kit/suite.h"

struct record_row {
	const char *name, *record;
	int64_t since, until;
	const char *by, *reason;
};

static const struct record_row record_rows[] = {
	{ "a record has four parts", "since=5 until=9 by=al@mx reason=too much",
	    5, 9, "al@mx", "too much" },
	{ "an end of 0 is none", "since=5 until=0 by=x reason=", 5, FOREVER,
	    "x", "" },
	{ "nothing is no end", "", 0, FOREVER, "", "" },
	{ "a reason is all that follows", "reason=a by=b until=3", 0, FOREVER,
	    "", "a by=b until=3" },
	{ "a name within a name is none", "xsince=4 until=6", 0, 6, "", "" },
	{ "what is no number is nothing", "since=x until=-1 by=y", 0, FOREVER,
	    "y", "" },
};

static void
is_read(void **state)
{
	const struct record_row *row = *state;
	struct arena *a = arena_new();
	struct entry e;

	entry_of_record(&e, a, shelf_named("ban"), "192.0.2.0/24", row->record);
	assert_int_equal(e.since, row->since);
	assert_int_equal(e.until, row->until);
	assert_string_equal(e.by, row->by);
	assert_string_equal(e.reason, row->reason);
	arena_release(a);
}

static void
an_entry_holds_until_its_end(void **state)
{
	const struct entry e = { .until = 100 }, forever = { .until = FOREVER },
			   counted = { .until = 0 };

	(void)state;
	assert_true(entry_holds(&e, 99));
	assert_false(entry_holds(&e, 100));
	assert_true(entry_holds(&forever, 1000));
	assert_false(entry_holds(&counted, 1));
}

struct history_row {
	const char *name, *history;
	size_t count;
	struct event last;
};

static const struct history_row history_rows[] = {
	{ "a history has one event after the other",
	    "at=1 what=strike level=1 until=5 by=policyd reason=abuse; "
	    "at=2 what=lift level=1 until=2 by=al@mx reason=so he said",
	    2, { 2, 1, 2, "lift", "al@mx", "so he said" } },
	{ "an end may be permanent",
	    "at=1 what=ban level=0 until=permanent by=x reason=", 1,
	    { 1, 0, FOREVER, "ban", "x", "" } },
	{ "a reason forges nothing",
	    "at=1 what=ban level=0 until=9 by=x reason=a until=1 by=y", 1,
	    { 1, 0, 9, "ban", "x", "a until=1 by=y" } },
	{ "what is no event is left out",
	    "x;; at=x what=ban; what=ban;at=3 what=ban", 1,
	    { 3, 0, 0, "ban", "", "" } },
	{ "nothing has no events", "", 0 },
};

static void
is_told(void **state)
{
	const struct history_row *row = *state;
	struct arena *a = arena_new();
	struct event *events, *e;

	assert_int_equal(strikes_read(a, row->history, &events), row->count);
	if (row->count > 0) {
		e = &events[row->count - 1];
		assert_int_equal(e->at, row->last.at);
		assert_int_equal(e->level, row->last.level);
		assert_int_equal(e->until, row->last.until);
		assert_string_equal(e->what, row->last.what);
		assert_string_equal(e->by, row->last.by);
		assert_string_equal(e->reason, row->last.reason);
	}
	arena_release(a);
}

struct author_row {
	const char *name, *sudo, *login, *is;
};

static const struct author_row author_rows[] = {
	{ "who runs it is the author", NULL, "alice", "alice@mx1" },
	{ "behind sudo it is who called it", "bob", "root", "bob@mx1" },
	{ "an empty name is none", "", "alice", "alice@mx1" },
	{ "who has no name has a number", NULL, NULL, "7@mx1" },
	{ "an author is one word, and parts nothing", "a b;\n=c", "root",
	    "a_b__=c@mx1" },
};

static void
is_author(void **state)
{
	const struct author_row *row = *state;
	struct arena *a = arena_new();

	assert_string_equal(
	    author_of(a, row->sudo, row->login, 7, "mx1"), row->is);
	arena_release(a);
}

struct lift_row {
	const char *name, *client, *command;
};

static const struct lift_row lift_rows[] = {
	{ "an address needs no quotes", "192.0.2.1",
	    "policyctl ban del 192.0.2.1" },
	{ "nor does a network", "2001:db8::/48",
	    "policyctl ban del 2001:db8::/48" },
	{ "a star does", "*.example", "policyctl ban del '*.example'" },
	{ "a quote does not end them", "a';id;'b",
	    "policyctl ban del 'a'\\'';id;'\\''b'" },
	{ "nothing is a word, too", "", "policyctl ban del ''" },
};

static void
is_lifted_by(void **state)
{
	const struct lift_row *row = *state;
	struct arena *a = arena_new();
	const struct entry e = { .shelf = shelf_named("ban"),
		.client = row->client };

	assert_string_equal(paper_lift(a, &e), row->command);
	arena_release(a);
}

struct fit_row {
	const char *name;
	struct terms terms;
	const char *network;
	bool fits;
};

static const struct fit_row fit_rows[] = {
	{ "who asks for nothing gets all", { 0 }, NULL, true },
	{ "its network", { 0 }, "192.0.2.0/24", true },
	{ "not the next one", { 0 }, "192.0.3.0/24", false },
	{ "not a part of it", { 0 }, "192.0.2.8/29", false },
	{ "a part of its reason", { .reason = "us" }, NULL, true },
	{ "no other reason", { .reason = "use " }, NULL, false },
	{ "its author", { .by = "policyd" }, NULL, true },
	{ "not a part of its author", { .by = "policy" }, NULL, false },
	{ "when it was made before", { .before = 11 }, NULL, true },
	{ "not when it was made then", { .before = 10 }, NULL, false },
	{ "its level", { .by_level = true, .level = 2 }, NULL, true },
	{ "no other level", { .by_level = true }, NULL, false },
	{ "while it holds", { .listed = true }, NULL, true },
};

static void
does_fit(void **state)
{
	const struct fit_row *row = *state;
	struct terms t = row->terms;
	const struct entry e = { .shelf = shelf_named("ban"),
		.client = "192.0.2.0/28",
		.since = 10,
		.until = 100,
		.level = 2,
		.reason = "abuse",
		.by = "policyd" };

	if (row->network) {
		t.by_network = true;
		assert_true(network_parse(&t.network, row->network));
	}
	assert_int_equal(terms_fit(&t, &e, 50), row->fits);
}

int
main(void)
{
	struct suite s = { 0 };

	SUITE_ROWS(&s, record_rows, is_read);
	SUITE_TEST(&s, an_entry_holds_until_its_end);
	SUITE_ROWS(&s, history_rows, is_told);
	SUITE_ROWS(&s, author_rows, is_author);
	SUITE_ROWS(&s, lift_rows, is_lifted_by);
	SUITE_ROWS(&s, fit_rows, does_fit);
	return suite_run(&s, "policyctl_entry");
}
