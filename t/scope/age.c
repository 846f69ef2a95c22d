/*
 * How old what is known of an address may be, and what is in force when Redis
 * does not answer.
 */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "kit/panel.h"
#include "kit/suite.h"

#define CONF                                                                   \
	"local_domains = { \"redis:\" }\nmailboxes = { \"redis:\" }\n"         \
	"aliases = { \"redis:\" }\n"                                           \
	"mailbox \"al@example.com\" { greylist { delay = 3m } }\n"
#define DOMAIN "policyd:domain:{example.com}"
#define BOB "policyd:mailbox:{example.com}:bob"

static int
begin(void **state)
{
	struct panel *p = panel_begin(CONF);

	PANEL_DO(p, "HSET", DOMAIN, "greylist.delay", "7m");
	PANEL_DO(p, "HSET", BOB, "greylist.delay", "9m");
	*state = p;
	return 0;
}

static int
end(void **state)
{
	panel_end(*state);
	return 0;
}

static int64_t
delay(struct panel *p, const char *address)
{
	return panel_find(p, address)->set->greylist.delay / 60;
}

static void
a_copy_is_good_for_half_a_second(void **state)
{
	struct panel *p = *state;

	assert_int_equal(delay(p, "bob@example.com"), 9);
	assert_int_equal(p->asked, 1);
	PANEL_DO(p, "HSET", BOB, "greylist.delay", "10m");
	clock_turn(p->book->clock, 499);
	assert_int_equal(delay(p, "bob@example.com"), 9);
	assert_int_equal(p->asked, 0);
	clock_turn(p->book->clock, 1);
	assert_int_equal(delay(p, "bob@example.com"), 10);
	assert_int_equal(p->asked, 1);
}

static void
it_is_as_old_as_its_question(void **state)
{
	struct panel *p = *state;

	false_redis_delay(p->book->redis, 300);
	assert_int_equal(delay(p, "bob@example.com"), 9);
	clock_turn(p->book->clock, 199);
	delay(p, "bob@example.com");
	assert_int_equal(p->asked, 0);
	clock_turn(p->book->clock, 2);
	delay(p, "bob@example.com");
	assert_int_equal(p->asked, 1);
}

static void
a_change_of_the_domain_reaches_its_mailboxes(void **state)
{
	struct panel *p = *state;

	assert_int_equal(delay(p, "cy@example.com"), 7);
	PANEL_DO(p, "HSET", DOMAIN, "greylist.delay", "8m");
	clock_turn(p->book->clock, 501);
	assert_int_equal(delay(p, "cy@example.com"), 8);
	PANEL_DO(p, "DEL", DOMAIN);
	clock_turn(p->book->clock, 501);
	assert_int_equal(delay(p, "cy@example.com"), 5);
	assert_false(panel_find(p, "cy@example.com")->local);
}

static void
of_a_domain_that_was_asked_for_just_now_only_the_mailbox_is_asked(void **state)
{
	struct panel *p = *state;
	const struct scope *bob;

	panel_find(p, "cy@example.com");
	PANEL_DO(p, "HSET", DOMAIN, "greylist.delay", "8m");
	PANEL_DO(p, "HSET", BOB, "greylist.mode", "observe");
	clock_turn(p->book->clock, 300);
	bob = panel_find(p, "bob@example.com");
	assert_int_equal(bob->set->greylist.policy.mode, MODE_OBSERVE);
	assert_int_equal(bob->domain_set->greylist.delay, 7 * 60);
}

static void
and_neither_of_the_two_gets_older_than_half_a_second(void **state)
{
	struct panel *p = *state;

	panel_find(p, "cy@example.com");
	PANEL_DO(p, "HSET", DOMAIN, "greylist.delay", "8m");
	clock_turn(p->book->clock, 300);
	panel_find(p, "di@example.com");
	clock_turn(p->book->clock, 201);
	assert_int_equal(delay(p, "di@example.com"), 8);
	assert_int_equal(delay(p, "cy@example.com"), 8);
}

static void
a_deny_list_is_seen_when_it_comes_and_goes(void **state)
{
	struct panel *p = *state;

	assert_false(panel_find(p, "bob@example.com")->mailbox_denies);
	PANEL_DO(p, "HSET", "policyd:deny:{example.com}:bob", "x.example", "1");
	PANEL_DO(p, "HSET", "policyd:deny:{example.com}", "y.example", "1");
	clock_turn(p->book->clock, 501);
	assert_true(panel_find(p, "bob@example.com")->mailbox_denies);
	assert_true(panel_find(p, "bob@example.com")->domain_denies);
	assert_false(panel_find(p, "cy@example.com")->mailbox_denies);
	assert_true(panel_find(p, "cy@example.com")->domain_denies);
	PANEL_DO(p, "DEL", "policyd:deny:{example.com}:bob");
	clock_turn(p->book->clock, 501);
	assert_false(panel_find(p, "bob@example.com")->mailbox_denies);
	assert_int_equal(delay(p, "bob@example.com"), 9);
}

static void
what_a_request_has_seen_stays_as_long_as_its_arena(void **state)
{
	struct panel *p = *state;
	struct arena *a = arena_new();
	const struct scope *s = panel_find_in(p, a, "bob@example.com");

	PANEL_DO(p, "HSET", DOMAIN, "greylist.delay", "8m");
	PANEL_DO(p, "HSET", BOB, "greylist.delay", "10m");
	clock_turn(p->book->clock, 501);
	assert_int_equal(delay(p, "bob@example.com"), 10);
	panel_configure(p, "");
	scopes_known_free(p->known);
	p->known = scopes_known_new(p->book->clock);
	assert_int_equal(s->set->greylist.delay, 9 * 60);
	assert_int_equal(s->domain_set->greylist.delay, 7 * 60);
	assert_string_equal(s->mailbox, "bob@example.com");
	arena_release(a);
}

static void
an_address_without_settings_shares_those_of_its_domain(void **state)
{
	struct panel *p = *state;
	const struct scope *cy = panel_find(p, "cy@example.com"),
			   *di = panel_find(p, "di@example.com"),
			   *ed = panel_find(p, "ed@example.net");

	assert_ptr_equal(cy->set, di->set);
	assert_ptr_equal(cy->set, cy->domain_set);
	assert_ptr_equal(ed->set, &p->book->conf->settings);
}

/* -- reload -- */

static void
after_a_reload_nobody_is_asked_for_again(void **state)
{
	struct panel *p = *state;

	assert_int_equal(delay(p, "bob@example.com"), 9);
	assert_int_equal(delay(p, "cy@example.com"), 7);
	panel_configure(p,
	    "mailbox \"cy@example.com\" { greylist { delay = 2m } }\n"
	    "greylist { mode = observe }");
	assert_int_equal(delay(p, "bob@example.com"), 9);
	assert_int_equal(p->asked, 0);
	assert_int_equal(delay(p, "cy@example.com"), 2);
	assert_int_equal(p->asked, 0);
	assert_int_equal(
	    panel_find(p, "bob@example.com")->set->greylist.policy.mode,
	    MODE_OBSERVE);
	assert_false(panel_find(p, "bob@example.com")->local);
}

static void
a_request_from_before_it_keeps_its_configuration(void **state)
{
	struct panel *p = *state;
	struct conf *before = conf_ref(p->book->conf), *after;

	panel_configure(p, "greylist { mode = observe }");
	after = p->book->conf;
	for (int i = 0; i < 3; i++) {
		p->book->conf = before;
		assert_true(panel_find(p, "bob@example.com")->local);
		p->book->conf = after;
		assert_false(panel_find(p, "bob@example.com")->local);
	}
	assert_int_equal(scopes_known_counts(p->known).misses, 1);
	conf_unref(before);
}

static void
each_of_two_configurations_has_strange_domains_of_its_own(void **state)
{
	struct panel *p = *state;
	struct conf *ours = conf_ref(p->book->conf), *strange;

	delay(p, "cy@example.com");
	panel_configure(p, "local_domains = { \"example.net\" }");
	strange = p->book->conf;
	assert_int_equal(delay(p, "bob@example.com"), 5);
	p->book->conf = ours;
	assert_int_equal(delay(p, "cy@example.com"), 7);
	for (int i = 0; i < 3; i++) {
		p->book->conf = strange;
		assert_int_equal(delay(p, "bob@example.com"), 5);
		p->book->conf = ours;
		assert_int_equal(delay(p, "bob@example.com"), 9);
		p->book->conf = strange;
		clock_turn(p->book->clock, 501);
	}
	conf_unref(ours);
}

static void
a_domain_that_is_ours_now_is_asked_for(void **state)
{
	struct panel *p = *state;

	panel_configure(p, "local_domains = { \"example.net\" }");
	assert_int_equal(delay(p, "bob@example.com"), 5);
	panel_configure(p, CONF);
	assert_int_equal(delay(p, "bob@example.com"), 9);
	assert_int_equal(p->asked, 1);
}

static void
a_domain_that_is_ours_no_more_is_not_asked_for(void **state)
{
	struct panel *p = *state;

	assert_int_equal(delay(p, "bob@example.com"), 9);
	panel_configure(p, "local_domains = { \"example.net\" }");
	clock_turn(p->book->clock, 501);
	assert_int_equal(delay(p, "bob@example.com"), 5);
	assert_int_equal(p->asked, 0);
	panel_configure(p, CONF);
	assert_int_equal(delay(p, "bob@example.com"), 9);
	assert_int_equal(p->asked, 1);
}

/* -- Redis is away -- */

static void
without_redis_and_a_copy_the_file_holds(void **state)
{
	struct panel *p = *state;
	const struct scope *s;

	false_redis_lose(p->book->redis, LOSS_DOWN);
	s = panel_find(p, "al@example.com");
	assert_int_equal(s->loss, LOSS_DOWN);
	assert_int_equal(s->set->greylist.delay, 3 * 60);
	assert_false(s->local || s->known);
	assert_int_equal(p->asked, 1);
	panel_find(p, "al@example.com");
	assert_int_equal(p->asked, 0);

	clock_turn(p->book->clock, 501);
	false_redis_lose(p->book->redis, LOSS_TIMEOUT);
	assert_int_equal(panel_find(p, "al@example.com")->loss, LOSS_TIMEOUT);
	assert_int_equal(s->loss, LOSS_DOWN);

	clock_turn(p->book->clock, 501);
	false_redis_lose(p->book->redis, LOSS_NONE);
	s = panel_find(p, "al@example.com");
	assert_int_equal(s->loss, LOSS_NONE);
	assert_true(s->local);
}

static void
the_last_copy_stays_in_force(void **state)
{
	struct panel *p = *state;
	const struct scope *s;

	panel_find(p, "bob@example.com");
	assert_int_equal(scopes_known_counts(p->known).stale, 0);
	false_redis_lose(p->book->redis, LOSS_DOWN);
	for (int day = 0; day < 3; day++) {
		book_wait(p->book, DAY);
		s = panel_find(p, "bob@example.com");
		assert_int_equal(s->loss, LOSS_NONE);
		assert_int_equal(s->set->greylist.delay, 9 * 60);
		assert_true(s->local && s->known);
		assert_int_equal(p->asked, 1);
		assert_int_equal(scopes_known_counts(p->known).stale, day + 1);
	}
	false_redis_lose(p->book->redis, LOSS_NONE);
	book_wait(p->book, 1);
	panel_find(p, "bob@example.com");
	assert_int_equal(scopes_known_counts(p->known).stale, 3);
}

static void
an_answer_that_nobody_understands_is_lost(void **state)
{
	struct panel *p = *state;
	const struct scope *s;
	struct question q;

	assert_false(scope_find(p->known, p->book->arena, p->book->conf,
	    "bob@example.com", 0, &s, &q));
	scope_learn(p->known, &q,
	    &(struct answer){
		.state = KNOWN, .count = 2, .values = { { "x", 1 } } });
	assert_int_equal(panel_find(p, "bob@example.com")->loss, LOSS_SHAPE);
}

static void
half_an_answer_is_half_a_loss(void **state)
{
	static const struct answer half = { .state = KNOWN,
		.count = 4,
		.values = { { .is_number = true }, { .is_number = true },
		    { "greylist.delay=9m", 17 }, { .is_number = true } } };
	struct panel *p = *state;
	const struct scope *s;
	struct question q;

	assert_false(scope_find(p->known, p->book->arena, p->book->conf,
	    "bob@example.com", 0, &s, &q));
	scope_learn(p->known, &q, &half);
	s = panel_find(p, "bob@example.com");
	assert_int_equal(s->loss, LOSS_SHAPE);
	assert_int_equal(s->set->greylist.delay, 9 * 60);
}

static void
an_answer_that_is_late_undoes_no_younger_one(void **state)
{
	static const struct answer none = {
		.state = KNOWN, .count = 1, .values = { { .is_number = true } }
	};
	static const struct answer lost = { .state = LOST,
		.loss = LOSS_TIMEOUT };
	struct panel *p = *state;
	const struct scope *s;
	struct question q;

	assert_false(scope_find(p->known, p->book->arena, p->book->conf,
	    "bob@example.com", 0, &s, &q));
	clock_turn(p->book->clock, 10);
	assert_int_equal(delay(p, "bob@example.com"), 9);
	scope_learn(p->known, &q, &none);
	assert_int_equal(delay(p, "bob@example.com"), 9);
	scope_learn(p->known, &q, &lost);
	assert_int_equal(delay(p, "bob@example.com"), 9);
	assert_int_equal(scopes_known_counts(p->known).stale, 0);
}

static void
an_alias_is_followed_however_slow_redis_is(void **state)
{
	struct panel *p = *state;
	const struct scope *s;

	PANEL_DO(p, "HSET", BOB, "alias", "cy");
	PANEL_DO(p, "HSET", "policyd:mailbox:{example.com}:cy", "alias", "di");
	false_redis_delay(p->book->redis, 450);
	s = panel_find(p, "bob@example.com");
	assert_string_equal(s->mailbox, "di@example.com");
	assert_int_equal(p->asked, 3);
}

static void
an_alias_whose_end_is_lost_says_so(void **state)
{
	struct panel *p = *state;
	const struct scope *s;

	PANEL_DO(p, "HSET", BOB, "alias", "cy");
	PANEL_DO(p, "HSET", "policyd:mailbox:{example.com}:cy",
	    "greylist.delay", "2m");
	false_redis_lose(p->book->redis, LOSS_DOWN);
	panel_find(p, "cy@example.com");
	false_redis_lose(p->book->redis, LOSS_NONE);
	s = panel_find(p, "bob@example.com");
	assert_int_equal(s->loss, LOSS_DOWN);
	assert_true(s->is_alias && s->known);
	clock_turn(p->book->clock, 501);
	s = panel_find(p, "bob@example.com");
	assert_int_equal(s->loss, LOSS_NONE);
	assert_int_equal(s->set->greylist.delay, 2 * 60);
}

static void
an_alias_that_is_one_no_more_has_its_own_settings(void **state)
{
	struct panel *p = *state;
	const struct scope *s;

	PANEL_DO(p, "HSET", BOB, "alias", "cy, al");
	s = panel_find(p, "bob@example.com");
	assert_int_equal(s->target_count, 2);
	assert_string_equal(s->targets[0], "cy@example.com");
	assert_string_equal(s->targets[1], "al@example.com");
	PANEL_DO(p, "HSET", BOB, "alias", "cy");
	clock_turn(p->book->clock, 501);
	assert_int_equal(delay(p, "bob@example.com"), 7);
	PANEL_DO(p, "HDEL", BOB, "alias");
	clock_turn(p->book->clock, 501);
	assert_int_equal(delay(p, "bob@example.com"), 9);
	assert_int_equal(s->target_count, 2);
}

/* -- the log -- */

static void
what_is_wrong_is_logged_once_for_each_change(void **state)
{
	struct panel *p = *state;

	PANEL_DO(p, "HSET", BOB, "greylist.delay", "soon\033[1m",
	    "greylist.m\nod", "x");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(delay(p, "bob@example.com"), 7);
		clock_turn(p->book->clock, 501);
		panel_configure(p, CONF);
		PANEL_DO(p, "HSET", "policyd:deny:{example.com}:bob",
		    i ? "x" : "y", "1");
		PANEL_DO(p, "HDEL", BOB, "greylist.m\nod");
		PANEL_DO(p, "HSET", BOB, "greylist.m\nod", "x", "since", "1");
		PANEL_DO(p, "HDEL", BOB, "greylist.delay");
		PANEL_DO(p, "HSET", BOB, "greylist.delay", "soon\033[1m");
	}
	assert_string_equal(p->log,
	    BOB ": \"greylist.delay: 'soon [1m' is not a time such as 30s, 5m, "
		"1h or 36d\"\n" BOB
		": \"'?' is no option of domains and mailboxes\"\n");
	p->log[0] = '\0';
	PANEL_DO(p, "HSET", BOB, "greylist.delay", "9m");
	clock_turn(p->book->clock, 501);
	assert_int_equal(delay(p, "bob@example.com"), 9);
	assert_string_equal(
	    p->log, BOB ": \"'?' is no option of domains and mailboxes\"\n");
	p->log[0] = '\0';
	PANEL_DO(p, "SET", DOMAIN, "x");
	clock_turn(p->book->clock, 501);
	assert_true(panel_find(p, "bob@example.com")->local);
	assert_string_equal(p->log, DOMAIN ": \"is no hash\"\n");
}

static void
too_many_fields_and_too_long_values_are_cut(void **state)
{
	struct panel *p = *state;
	struct arena *a = p->book->arena;
	unsigned lines = 0;

	PANEL_DO(p, "HSET", BOB, "deny_user.senders",
	    (const char *)memset(arena_alloc(a, 9001), 'a', 9000));
	assert_int_equal(delay(p, "bob@example.com"), 9);
	assert_string_equal(p->log, BOB ": \"has a value that is too long\"\n");
	p->log[0] = '\0';
	PANEL_DO(p, "HDEL", BOB, "deny_user.senders");
	for (int i = 0; i < 300; i++)
		PANEL_DO(p, "HSET", DOMAIN, arena_printf(a, "x.%d", i), "1");
	clock_turn(p->book->clock, 501);
	panel_find(p, "bob@example.com");
	assert_non_null(strstr(p->log, DOMAIN ": \"has too many fields\"\n"));
	for (const char *line = p->log; (line = strchr(line, '\n')); line++)
		lines++;
	assert_int_equal(lines, 20);
}

static bool
strange(struct panel *p, const char *address)
{
	return scope_is_strange(
	    p->known, p->book->conf, address, clock_ms(p->book->clock));
}

static void
a_domain_is_known_to_be_strange_as_long_as_its_copy_is_good(void **state)
{
	struct panel *p = *state;

	assert_false(strange(p, "al@example.net"));
	panel_find(p, "al@example.net");
	assert_true(strange(p, "bo@example.net"));
	assert_true(strange(p, "example.net"));
	clock_turn(p->book->clock, 501);
	assert_false(strange(p, "bo@example.net"));
	panel_find(p, "bob@example.com");
	assert_false(strange(p, "bob@example.com"));
	panel_find(p, "al@example.net");
	panel_configure(p, "");
	assert_false(strange(p, "al@example.net"));
}

#define SCENE(test) suite_add_scene(&s, #test, test, begin, end)

int
main(void)
{
	static struct suite s;

	SCENE(a_copy_is_good_for_half_a_second);
	SCENE(it_is_as_old_as_its_question);
	SCENE(a_change_of_the_domain_reaches_its_mailboxes);
	SCENE(
	    of_a_domain_that_was_asked_for_just_now_only_the_mailbox_is_asked);
	SCENE(and_neither_of_the_two_gets_older_than_half_a_second);
	SCENE(a_deny_list_is_seen_when_it_comes_and_goes);
	SCENE(what_a_request_has_seen_stays_as_long_as_its_arena);
	SCENE(an_address_without_settings_shares_those_of_its_domain);
	SCENE(after_a_reload_nobody_is_asked_for_again);
	SCENE(a_request_from_before_it_keeps_its_configuration);
	SCENE(each_of_two_configurations_has_strange_domains_of_its_own);
	SCENE(a_domain_that_is_ours_now_is_asked_for);
	SCENE(a_domain_that_is_ours_no_more_is_not_asked_for);
	SCENE(a_domain_is_known_to_be_strange_as_long_as_its_copy_is_good);
	SCENE(without_redis_and_a_copy_the_file_holds);
	SCENE(the_last_copy_stays_in_force);
	SCENE(an_answer_that_nobody_understands_is_lost);
	SCENE(half_an_answer_is_half_a_loss);
	SCENE(an_answer_that_is_late_undoes_no_younger_one);
	SCENE(an_alias_is_followed_however_slow_redis_is);
	SCENE(an_alias_whose_end_is_lost_says_so);
	SCENE(an_alias_that_is_one_no_more_has_its_own_settings);
	SCENE(what_is_wrong_is_logged_once_for_each_change);
	SCENE(too_many_fields_and_too_long_values_are_cut);
	return suite_run(&s, "how old a scope may be");
}
