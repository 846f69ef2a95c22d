/*
 * Copies that stay as long as Redis tells of no change; and what, while it
 * does, is believed no longer than before.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "conf/conf.h"
#include "kit/panel.h"
#include "kit/suite.h"

enum { MINUTE_MS = 60 * 1000 };

#define CONF                                                                   \
	"local_domains = { \"redis:\" }\nmailboxes = { \"redis:\" }\n"         \
	"aliases = { \"redis:\" }\n"
#define DOMAIN "policyd:domain:{example.com}"
#define DENY "policyd:deny:{example.com}"
#define BOB "policyd:mailbox:{example.com}:bob"
#define CY "policyd:mailbox:{example.com}:cy"

static int
begin(void **state)
{
	struct panel *p = panel_begin(CONF);

	PANEL_DO(p, "HSET", DOMAIN, "greylist.delay", "7m");
	PANEL_DO(p, "HSET", BOB, "greylist.delay", "9m");
	scopes_known_watch(
	    p->known, false_redis_store(p->book->redis), p->book->conf->prefix);
	false_redis_live(p->book->redis, true);
	clock_turn(p->book->clock, 1);
	*state = p;
	return 0;
}

static int
end(void **state)
{
	panel_end(*state);
	return 0;
}

static void
wait_ms(struct panel *p, uint64_t ms)
{
	clock_turn(p->book->clock, ms);
}

/* Told, and a moment passes. */
static void
tell(struct panel *p, const char *key)
{
	false_redis_tell(p->book->redis, key);
	wait_ms(p, 1);
}

/* In minutes. */
static int64_t
delay(struct panel *p, const char *address)
{
	return panel_find(p, address)->set->greylist.delay / 60;
}

/* It is found, after so many questions. */
static void
found(struct panel *p, const char *address, int64_t minutes, unsigned asked)
{
	assert_int_equal(delay(p, address), minutes);
	assert_int_equal(p->asked, asked);
}

/* The same, and it is asked for each half second. */
static void
is_short_lived(struct panel *p, const char *address, int64_t minutes)
{
	found(p, address, minutes, 0);
	wait_ms(p, 501);
	found(p, address, minutes, 1);
	wait_ms(p, 501);
	found(p, address, minutes, 1);
}

static void
a_copy_is_good_as_long_as_no_change_is_told(void **state)
{
	struct panel *p = *state;

	found(p, "bob@example.com", 9, 1);
	for (int minute = 0; minute < 4; minute++) {
		wait_ms(p, MINUTE_MS);
		found(p, "bob@example.com", 9, 0);
	}
}

static void
but_for_five_minutes_at_most(void **state)
{
	struct panel *p = *state;

	found(p, "bob@example.com", 9, 1);
	PANEL_DO(p, "HSET", BOB, "greylist.delay", "10m");
	wait_ms(p, 5 * MINUTE_MS - 1);
	found(p, "bob@example.com", 9, 0);
	wait_ms(p, 1);
	found(p, "bob@example.com", 10, 1);
}

static void
a_change_is_known_when_it_is_told(void **state)
{
	struct panel *p = *state;

	found(p, "bob@example.com", 9, 1);
	PANEL_DO(p, "HSET", BOB, "greylist.delay", "10m");
	tell(p, BOB);
	found(p, "bob@example.com", 10, 1);
	wait_ms(p, MINUTE_MS);
	found(p, "bob@example.com", 10, 0);
}

static void
and_so_is_one_of_the_domain_by_all_its_mailboxes(void **state)
{
	struct panel *p = *state;

	found(p, "cy@example.com", 7, 1);
	found(p, "di@example.com", 7, 1);
	PANEL_DO(p, "HSET", DOMAIN, "greylist.delay", "8m");
	tell(p, DOMAIN);
	found(p, "cy@example.com", 8, 1);
	found(p, "di@example.com", 8, 1);
	wait_ms(p, MINUTE_MS);
	found(p, "cy@example.com", 8, 0);
	found(p, "di@example.com", 8, 0);
	PANEL_DO(p, "DEL", DOMAIN);
	tell(p, DOMAIN);
	found(p, "di@example.com", 5, 1);
}

static void
that_of_another_address_asks_nobody(void **state)
{
	struct panel *p = *state;

	found(p, "bob@example.com", 9, 1);
	tell(p, CY);
	tell(p, "policyd:domain:{example.net}");
	tell(p, "policyd:mailbox:{example.net}:bob");
	tell(p, "policyd:deny:{example.com}:cy");
	found(p, "bob@example.com", 9, 0);
}

static void
one_who_is_told_of_is_known_to_be_there_and_to_be_gone(void **state)
{
	struct panel *p = *state;

	assert_false(panel_find(p, "cy@example.com")->known);
	wait_ms(p, MINUTE_MS);
	assert_false(panel_find(p, "cy@example.com")->known);
	assert_int_equal(p->asked, 0);
	PANEL_DO(p, "HSET", CY, "since", "1");
	tell(p, CY);
	assert_true(panel_find(p, "cy@example.com")->known);
	wait_ms(p, MINUTE_MS);
	assert_true(panel_find(p, "cy@example.com")->known);
	PANEL_DO(p, "DEL", CY);
	tell(p, CY);
	assert_false(panel_find(p, "cy@example.com")->known);
}

static void
a_strange_domain_is_known_as_such_until_it_comes_to_us(void **state)
{
	struct panel *p = *state;
	struct conf *conf = p->book->conf;

	panel_find(p, "al@example.net");
	wait_ms(p, MINUTE_MS);
	assert_true(scope_is_strange(
	    p->known, conf, "bo@example.net", clock_ms(p->book->clock)));
	tell(p, "policyd:domain:{example.net}");
	assert_false(scope_is_strange(
	    p->known, conf, "bo@example.net", clock_ms(p->book->clock)));
}

static void
a_deny_list_is_seen_when_it_is_told_of(void **state)
{
	struct panel *p = *state;

	assert_false(panel_find(p, "bob@example.com")->mailbox_denies);
	PANEL_DO(p, "HSET", DENY ":bob", "x.example", "1");
	tell(p, DENY ":bob");
	assert_true(panel_find(p, "bob@example.com")->mailbox_denies);
	PANEL_DO(p, "HSET", DENY, "x.example", "1");
	tell(p, DENY);
	assert_true(panel_find(p, "bob@example.com")->domain_denies);
	wait_ms(p, MINUTE_MS);
	panel_find(p, "bob@example.com");
	assert_int_equal(p->asked, 0);
	PANEL_DO(p, "DEL", DENY ":bob", DENY);
	tell(p, NULL);
	assert_false(panel_find(p, "bob@example.com")->mailbox_denies);
	assert_false(panel_find(p, "bob@example.com")->domain_denies);
}

static void
when_all_is_gone_all_is_asked_for(void **state)
{
	struct panel *p = *state;

	found(p, "bob@example.com", 9, 1);
	found(p, "cy@example.com", 7, 1);
	PANEL_DO(p, "DEL", BOB, DOMAIN);
	tell(p, NULL);
	found(p, "bob@example.com", 5, 1);
	found(p, "cy@example.com", 5, 1);
}

static void
a_change_where_an_alias_leads_is_one_of_the_alias(void **state)
{
	struct panel *p = *state;

	PANEL_DO(p, "HSET", BOB, "alias", "cy");
	PANEL_DO(p, "HSET", CY, "greylist.delay", "2m");
	found(p, "bob@example.com", 2, 2);
	wait_ms(p, MINUTE_MS);
	found(p, "bob@example.com", 2, 0);
	PANEL_DO(p, "HSET", CY, "greylist.delay", "3m");
	tell(p, CY);
	found(p, "bob@example.com", 3, 1);
	PANEL_DO(p, "HSET", DOMAIN, "mailbox.mode", "enforce");
	PANEL_DO(p, "HDEL", BOB, "alias");
	tell(p, BOB);
	found(p, "bob@example.com", 9, 1);
}

static void
what_a_request_has_seen_stays(void **state)
{
	struct panel *p = *state;
	const struct scope *s = panel_find(p, "bob@example.com");

	PANEL_DO(p, "DEL", BOB);
	PANEL_DO(p, "HSET", DOMAIN, "greylist.delay", "8m");
	tell(p, NULL);
	found(p, "bob@example.com", 8, 1);
	assert_int_equal(s->set->greylist.delay, 9 * 60);
	assert_int_equal(s->domain_set->greylist.delay, 7 * 60);
}

/* -- what is not believed for long -- */

/* Its answer is as of before the change, and comes when that was told. */
static void
an_answer_that_a_change_has_overtaken_lives_for_half_a_second(void **state)
{
	static const char bob[] = "bob@example.com";
	struct panel *p = *state;
	struct book *b = p->book;

	for (int known = 0; known < 2; known++) {
		const uint64_t since = clock_ms(b->clock);
		const struct answer *before;
		const struct scope *s;
		struct question q;

		assert_false(scope_find(
		    p->known, b->arena, b->conf, bob, since, &s, &q));
		before = panel_answer(p, &q);
		PANEL_DO(
		    p, "HSET", BOB, "greylist.delay", known ? "11m" : "10m");
		tell(p, BOB);
		scope_learn(p->known, &q, before);
		/* Who waited for it takes it, once. */
		assert_true(scope_find(
		    p->known, b->arena, b->conf, bob, since, &s, &q));
		wait_ms(p, 500);
		found(p, bob, known ? 11 : 10, 1);
		wait_ms(p, MINUTE_MS);
		found(p, bob, known ? 11 : 10, 0);
		tell(p, BOB);
	}
}

static void
a_copy_from_before_it_was_live_lives_for_half_a_second(void **state)
{
	struct panel *p = *state;

	false_redis_live(p->book->redis, false);
	found(p, "bob@example.com", 9, 1);
	PANEL_DO(p, "HSET", BOB, "greylist.delay", "10m");
	false_redis_live(p->book->redis, true);
	wait_ms(p, 1);
	found(p, "bob@example.com", 9, 0);
	wait_ms(p, 500);
	found(p, "bob@example.com", 10, 1);
	wait_ms(p, MINUTE_MS);
	found(p, "bob@example.com", 10, 0);
}

static void
when_it_is_live_no_more_all_live_for_half_a_second(void **state)
{
	struct panel *p = *state;

	found(p, "bob@example.com", 9, 1);
	wait_ms(p, 300);
	false_redis_live(p->book->redis, false);
	found(p, "bob@example.com", 9, 0);
	wait_ms(p, 201);
	found(p, "bob@example.com", 9, 1);
	is_short_lived(p, "bob@example.com", 9);
}

static void
so_do_they_while_it_is_late_and_are_good_again_behind_it(void **state)
{
	struct panel *p = *state;

	found(p, "bob@example.com", 9, 1);
	wait_ms(p, MINUTE_MS);
	false_redis_late(p->book->redis, true);
	found(p, "bob@example.com", 9, 1);
	wait_ms(p, 300);
	false_redis_late(p->book->redis, false);
	wait_ms(p, MINUTE_MS);
	found(p, "bob@example.com", 9, 0);
}

static void
what_it_tells_while_it_is_late_counts(void **state)
{
	struct panel *p = *state;

	found(p, "bob@example.com", 9, 1);
	false_redis_late(p->book->redis, true);
	PANEL_DO(p, "HSET", BOB, "greylist.delay", "10m");
	tell(p, BOB);
	false_redis_late(p->book->redis, false);
	found(p, "bob@example.com", 10, 1);
}

static void
what_it_missed_meanwhile_is_not_believed_when_it_is_back(void **state)
{
	struct panel *p = *state;

	found(p, "bob@example.com", 9, 1);
	wait_ms(p, MINUTE_MS);
	false_redis_live(p->book->redis, false);
	PANEL_DO(p, "HSET", BOB, "greylist.delay", "10m");
	false_redis_live(p->book->redis, true);
	wait_ms(p, 1);
	found(p, "bob@example.com", 10, 1);
}

static void
a_key_that_ends_by_itself_lives_for_half_a_second(void **state)
{
	static const char *const keys[] = { BOB, DOMAIN, DENY, DENY ":bob" };
	struct panel *p = *state;

	PANEL_DO(p, "HSET", DENY, "x.example", "1");
	PANEL_DO(p, "HSET", DENY ":bob", "x.example", "1");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		PANEL_DO(p, "EXPIRE", keys[i], "3600");
		tell(p, keys[i]);
		found(p, "bob@example.com", 9, 1);
		is_short_lived(p, "bob@example.com", 9);
		assert_true(panel_find(p, "bob@example.com")->domain_denies);
		PANEL_DO(p, "PERSIST", keys[i]);
		tell(p, keys[i]);
		found(p, "bob@example.com", 9, 1);
		wait_ms(p, MINUTE_MS);
		found(p, "bob@example.com", 9, 0);
	}
	PANEL_DO(p, "EXPIRE", BOB, "100");
	tell(p, BOB);
	found(p, "bob@example.com", 9, 1);
	wait_ms(p, 101 * 1000);
	found(p, "bob@example.com", 7, 1);
}

static void
a_name_that_its_key_does_not_tell_lives_for_half_a_second(void **state)
{
	struct panel *p = *state;
	char address[512];

	snprintf(address, sizeof(address), "%0300d@example.com", 1);
	found(p, address, 7, 1);
	is_short_lived(p, address, 7);
}

static void
any_other_is_read_from_it(void **state)
{
	static const char *const rows[][2] = {
		{ "a:b@example.com", "policyd:mailbox:{example.com}:a%3ab" },
		{ "a%b{c}@example.com",
		    "policyd:mailbox:{example.com}:a%25b%7bc%7d" },
		{ "\xc3\xa4@example.com",
		    "policyd:mailbox:{example.com}:%c3%a4" },
		{ "a@b@example.com", "policyd:mailbox:{example.com}:a@b" },
	};
	struct panel *p = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		found(p, rows[i][0], 7, 1);
		wait_ms(p, MINUTE_MS);
		found(p, rows[i][0], 7, 0);
		PANEL_DO(p, "HSET", rows[i][1], "greylist.delay", "1m");
		tell(p, rows[i][1]);
		found(p, rows[i][0], 1, 1);
	}
}

static void
what_is_told_may_be_any_text(void **state)
{
	static const char *const texts[] = { "policyd:domain:",
		"policyd:domain:{", "policyd:domain:{}", "policyd:mailbox:x",
		"policyd:mailbox:{example.com}bob",
		"policyd:mailbox:{example.com}:", "policyd:mailbox:{%", "{}",
		"policyd:mailbox:{example.com}:%00bob" };
	struct panel *p = *state;

	found(p, "bob@example.com", 9, 1);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		tell(p, texts[i]);
	found(p, "bob@example.com", 9, 0);
}

static void
of_a_lost_answer_the_next_is_asked_for_as_ever(void **state)
{
	struct panel *p = *state;

	found(p, "bob@example.com", 9, 1);
	tell(p, BOB);
	false_redis_lose(p->book->redis, LOSS_DOWN);
	found(p, "bob@example.com", 9, 1);
	is_short_lived(p, "bob@example.com", 9);
	false_redis_lose(p->book->redis, LOSS_NONE);
	wait_ms(p, 501);
	found(p, "bob@example.com", 9, 1);
	wait_ms(p, MINUTE_MS);
	found(p, "bob@example.com", 9, 0);
}

/* -- reload -- */

static void
a_reload_that_leaves_redis_alone_asks_nobody(void **state)
{
	struct panel *p = *state;

	found(p, "bob@example.com", 9, 1);
	panel_configure(p, CONF "greylist { mode = observe }");
	scopes_known_watch(
	    p->known, false_redis_store(p->book->redis), p->book->conf->prefix);
	wait_ms(p, MINUTE_MS);
	found(p, "bob@example.com", 9, 0);
	PANEL_DO(p, "HSET", BOB, "greylist.delay", "10m");
	tell(p, BOB);
	found(p, "bob@example.com", 10, 1);
}

static void
another_server_or_prefix_is_live_when_it_says_so(void **state)
{
	struct panel *p = *state;
	struct false_redis *other = false_redis_new(p->book->clock);

	found(p, "bob@example.com", 9, 1);
	scopes_known_watch(p->known, false_redis_store(other), "policyd:");
	false_redis_tell(p->book->redis, BOB);
	is_short_lived(p, "bob@example.com", 9);
	false_redis_live(other, true);
	wait_ms(p, 501);
	found(p, "bob@example.com", 9, 1);
	wait_ms(p, MINUTE_MS);
	found(p, "bob@example.com", 9, 0);
	scopes_known_watch(p->known, false_redis_store(other), "p:");
	wait_ms(p, 501);
	found(p, "bob@example.com", 9, 1);
	is_short_lived(p, "bob@example.com", 9);
	scopes_known_watch(p->known, NULL, "p:");
	false_redis_live(other, true);
	is_short_lived(p, "bob@example.com", 9);
	false_redis_free(other);
}

#define SCENE(test) suite_add_scene(&s, #test, test, begin, end)

int
main(void)
{
	static struct suite s;

	SCENE(a_copy_is_good_as_long_as_no_change_is_told);
	SCENE(but_for_five_minutes_at_most);
	SCENE(a_change_is_known_when_it_is_told);
	SCENE(and_so_is_one_of_the_domain_by_all_its_mailboxes);
	SCENE(that_of_another_address_asks_nobody);
	SCENE(one_who_is_told_of_is_known_to_be_there_and_to_be_gone);
	SCENE(a_strange_domain_is_known_as_such_until_it_comes_to_us);
	SCENE(a_deny_list_is_seen_when_it_is_told_of);
	SCENE(when_all_is_gone_all_is_asked_for);
	SCENE(a_change_where_an_alias_leads_is_one_of_the_alias);
	SCENE(what_a_request_has_seen_stays);
	SCENE(an_answer_that_a_change_has_overtaken_lives_for_half_a_second);
	SCENE(a_copy_from_before_it_was_live_lives_for_half_a_second);
	SCENE(when_it_is_live_no_more_all_live_for_half_a_second);
	SCENE(so_do_they_while_it_is_late_and_are_good_again_behind_it);
	SCENE(what_it_tells_while_it_is_late_counts);
	SCENE(what_it_missed_meanwhile_is_not_believed_when_it_is_back);
	SCENE(a_key_that_ends_by_itself_lives_for_half_a_second);
	SCENE(a_name_that_its_key_does_not_tell_lives_for_half_a_second);
	SCENE(any_other_is_read_from_it);
	SCENE(what_is_told_may_be_any_text);
	SCENE(of_a_lost_answer_the_next_is_asked_for_as_ever);
	SCENE(a_reload_that_leaves_redis_alone_asks_nobody);
	SCENE(another_server_or_prefix_is_live_when_it_says_so);
	return suite_run(&s, "copies that stay until a change is told");
}
