/*
 * How many addresses are remembered: those used last, as many as there is
 * memory for.
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "kit/panel.h"
#include "kit/suite.h"

enum { MOST = 25 << 20 }; /* bytes that are counted */

static const struct answer nothing = {
	.state = KNOWN, .count = 1, .values = { { .is_number = true } }
};

/* Users of one domain, of whom Redis has this. */
static void
learn_users(struct panel *p, unsigned from, unsigned to, const char *settings)
{
	const struct value has = { .text = settings, .size = strlen(settings) };
	const struct answer both = { .state = KNOWN,
		.count = 4,
		.values = { { .text = "", .size = 0 }, { .is_number = true },
		    has, { .is_number = true } } };
	const struct answer alone = { .state = KNOWN,
		.count = 2,
		.values = { has, { .is_number = true } } };

	for (unsigned i = from; i < to; i++) {
		struct arena *a = arena_new();
		const char *address = arena_printf(
		    a, "someone.%u@mail.example.com", i);
		const struct scope *s;
		struct question q;

		while (
		    !scope_find(p->known, a, p->book->conf, address, 0, &s, &q))
			scope_learn(p->known, &q, q.keys == 2 ? &alone : &both);
		arena_release(a);
	}
}

static bool
is_known(struct panel *p, unsigned user)
{
	struct arena *a = arena_new();
	const struct scope *s;
	struct question q;
	const bool known = scope_find(p->known, a, p->book->conf,
	    arena_printf(a, "someone.%u@mail.example.com", user), 0, &s, &q);

	arena_release(a);
	return known;
}

static size_t
in_use(void)
{
	return mallinfo2().uordblks;
}

static void
there_is_room_for_a_hundred_thousand(void **state)
{
	struct panel *p = panel_begin("");
	const size_t before = in_use();

	(void)state;
	learn_users(p, 0, 100000, "");
	assert_int_equal(scopes_known_counts(p->known).size, 100001);
	assert_true(is_known(p, 0));
	printf("# 100,000 addresses: %zu kB\n", (in_use() - before) / 1024);
	panel_end(p);
}

static void
the_longest_unused_goes_first(void **state)
{
	struct panel *p = panel_begin("");
	const size_t before = in_use();

	(void)state;
	learn_users(p, 0, 1000, "");
	learn_users(p, 1000, 200000, "");
	assert_in_range(scopes_known_counts(p->known).size, 100000, 150000);
	assert_false(is_known(p, 0));
	assert_false(is_known(p, 999));
	assert_true(is_known(p, 199999));
	assert_true(is_known(p, 100000));
	assert_in_range(in_use() - before, 0, 3 * MOST / 2);
	panel_end(p);
}

static void
one_that_is_asked_for_again_stays(void **state)
{
	struct panel *p = panel_begin("");
	struct arena *a = arena_new();
	const struct scope *s;
	struct question q;

	(void)state;
	learn_users(p, 0, 1000, "");
	clock_turn(p->book->clock, 501);
	assert_false(scope_find(p->known, a, p->book->conf,
	    "someone.0@mail.example.com", 501, &s, &q));
	scope_learn(p->known, &q, &nothing);
	for (unsigned user = 1000; is_known(p, 1); user += 100)
		learn_users(p, user, user + 100, "");
	assert_true(is_known(p, 0));
	arena_release(a);
	panel_end(p);
}

static void
and_so_does_one_that_is_looked_for(void **state)
{
	struct panel *p = panel_begin("");
	struct arena *a = arena_new();
	const struct scope *s;
	struct question q;

	(void)state;
	clock_turn(p->book->clock, 3600);
	learn_users(p, 0, 1000, "");
	clock_turn(p->book->clock, 450);
	assert_true(scope_find(p->known, a, p->book->conf,
	    "someone.0@mail.example.com", 4050, &s, &q));
	for (unsigned user = 1000; is_known(p, 1); user += 100)
		learn_users(p, user, user + 100, "");
	assert_true(is_known(p, 0));
	arena_release(a);
	panel_end(p);
}

static void
those_with_settings_of_their_own_take_more_of_it(void **state)
{
	struct panel *p = panel_begin("");
	const size_t before = in_use();

	(void)state;
	learn_users(p, 0, 50000, "greylist.delay=9m\ngreylist.mode=observe");
	assert_in_range(scopes_known_counts(p->known).size, 4000, 30000);
	assert_true(is_known(p, 49999));
	assert_in_range(in_use() - before, 0, 3 * MOST / 2);
	printf("# %u addresses with settings: %zu kB\n",
	    scopes_known_counts(p->known).size, (in_use() - before) / 1024);
	panel_end(p);
}

/* Some 10 kB a user, all of which must have been counted: one whose tables were
 * left out would leave room for thousands more. */
static void
and_those_with_lists_much_more(void **state)
{
	struct panel *p = panel_begin("");
	const size_t before = in_use();

	(void)state;
	learn_users(p, 0, 6000,
	    "deny_user.senders=a@example.org\n"
	    "greylist.allow_clients=192.0.2.1\n"
	    "greylist.allow_recipients=b@example.com\n"
	    "greylist.allow_senders=c@example.org\n"
	    "login.addresses=d@example.com");
	assert_in_range(scopes_known_counts(p->known).size, 1000, 3000);
	assert_true(is_known(p, 5999));
	assert_in_range(in_use() - before, 0, 3 * MOST / 2);
	panel_end(p);
}

static void
strange_addresses_are_remembered_no_longer(void **state)
{
	struct panel *p = panel_begin("local_domains = { \"example.net\" }");
	const size_t before = in_use();

	(void)state;
	learn_users(p, 0, 200000, "");
	assert_in_range(scopes_known_counts(p->known).size, 100000, 150000);
	assert_int_equal(scopes_known_counts(p->known).misses, 0);
	assert_in_range(in_use() - before, 0, 3 * MOST / 2);
	panel_end(p);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, there_is_room_for_a_hundred_thousand);
	SUITE_TEST(&s, the_longest_unused_goes_first);
	SUITE_TEST(&s, one_that_is_asked_for_again_stays);
	SUITE_TEST(&s, and_so_does_one_that_is_looked_for);
	SUITE_TEST(&s, those_with_settings_of_their_own_take_more_of_it);
	SUITE_TEST(&s, and_those_with_lists_much_more);
	SUITE_TEST(&s, strange_addresses_are_remembered_no_longer);
	return suite_run(&s, "addresses that are remembered");
}
