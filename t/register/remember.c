/*
 * Bans that are known stay in force while Redis is silent.
 */
#include "register/remember.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "kit/book.h"
#include "kit/suite.h"

static const char client[] = "192.0.2.7", other[] = "192.0.2.8";

struct scene {
	struct ticket ticket; /* first */
	struct book *book;
	struct remember *remember;
	struct register_entry is;
	bool answered;
	enum answer_state state;
	enum loss loss;
	unsigned lines;
};

static void
hear(enum log_level level, const char *text, void *data)
{
	struct scene *s = data;

	s->lines += level == LEVEL_WARNING && strstr(text, "bans: ") == text;
}

static struct scene *
begin(void)
{
	struct scene *s = xcalloc(1, sizeof(*s));

	s->book = book_begin("");
	s->remember = remember_new(
	    s->book->clock, false_redis_store(s->book->redis));
	log_redirect(hear, s);
	return s;
}

static void
end(struct scene *s)
{
	log_redirect(NULL, NULL);
	remember_free(s->remember);
	book_end(s->book);
	free(s);
}

static void
answered(struct ticket *t, const struct answer *a)
{
	struct scene *s = (struct scene *)t;

	assert_false(s->answered);
	s->answered = true;
	s->state = a->state;
	s->loss = a->loss;
	register_entry(a, &s->is);
	s->is.ban_reason = arena_strdup(s->book->arena, s->is.ban_reason);
	s->is.ban_by = arena_strdup(s->book->arena, s->is.ban_by);
}

/* Through the memory; waits for the answer. */
static void
ask(struct scene *s, struct question q)
{
	s->ticket.answered = answered;
	s->answered = false;
	store_ask(remember_store(s->remember), &q, &s->ticket);
	assert_false(s->answered);
	clock_turn(s->book->clock, 500);
	assert_true(s->answered);
}

static bool
is_banned(struct scene *s, const char *who)
{
	struct address a;

	assert_true(address_parse(&a, who));
	ask(s, register_read(s->book->arena, s->book->conf, &a, "example.com"));
	return s->is.banned;
}

static void
silence(struct scene *s)
{
	false_redis_mood(s->book->redis, MOOD_SILENT);
}

static void
a_ban_that_was_seen_stays_in_force(void **state)
{
	struct scene *s = begin();

	(void)state;
	book_strike(s->book, client, "harvest");
	assert_true(is_banned(s, client));
	silence(s);
	assert_true(is_banned(s, client));
	assert_int_equal(s->state, LOST);
	assert_int_equal(s->is.ban_until, NOON + 15 * MINUTE);
	assert_int_equal(s->is.ban_since, NOON);
	assert_int_equal(s->is.ban_level, 1);
	assert_string_equal(s->is.ban_reason, "harvest");
	assert_string_equal(s->is.ban_by, "feed");
	end(s);
}

static void
for_whatever_recipient(void **state)
{
	struct scene *s = begin();
	struct address a;

	(void)state;
	book_strike(s->book, client, "harvest");
	assert_true(is_banned(s, client));
	silence(s);
	address_parse(&a, client);
	ask(s, register_read(s->book->arena, s->book->conf, &a, "example.net"));
	assert_true(s->is.banned);
	end(s);
}

static void
nobody_else_is_banned(void **state)
{
	struct scene *s = begin();

	(void)state;
	book_strike(s->book, client, "harvest");
	assert_true(is_banned(s, client));
	assert_false(is_banned(s, other));
	silence(s);
	assert_false(is_banned(s, other));
	assert_int_equal(s->state, LOST);
	assert_int_equal(s->loss, LOSS_TIMEOUT);
	assert_false(is_banned(s, "198.51.100.1")); /* never seen */
	assert_int_equal(s->state, LOST);
	end(s);
}

static void
until_it_is_over(void **state)
{
	struct scene *s = begin();

	(void)state;
	book_ban(s->book, client, 60);
	assert_true(is_banned(s, client));
	silence(s);
	book_wait(s->book, 58);
	assert_true(is_banned(s, client));
	book_wait(s->book, 1);
	assert_false(is_banned(s, client));
	assert_int_equal(s->state, LOST);
	end(s);
}

static void
a_permanent_one_for_a_day(void **state)
{
	struct scene *s = begin();

	(void)state;
	book_ban(s->book, client, FOREVER);
	assert_true(is_banned(s, client));
	silence(s);
	book_wait(s->book, DAY - 10);
	assert_true(is_banned(s, client));
	assert_int_equal(s->is.ban_until, FOREVER);
	book_wait(s->book, 10);
	assert_false(is_banned(s, client));
	end(s);
}

static void
a_lifted_one_is_forgotten_when_it_is_seen(void **state)
{
	struct scene *s = begin();

	(void)state;
	book_strike(s->book, client, "harvest");
	assert_true(is_banned(s, client));
	book_lift(s->book, client, REGISTER_BAN);
	assert_false(is_banned(s, client));
	silence(s);
	assert_false(is_banned(s, client));
	end(s);
}

static void
the_age_is_told_once_a_minute(void **state)
{
	struct scene *s = begin();

	(void)state;
	book_ban(s->book, client, FOREVER);
	is_banned(s, client);
	assert_int_equal(s->lines, 0);
	silence(s);
	for (int i = 0; i < 180; i++) {
		is_banned(s, client);
		clock_turn(s->book->clock, 500);
	}
	assert_int_equal(s->lines, 3);
	end(s);
}

static void
other_questions_pass_untouched(void **state)
{
	struct scene *s = begin();
	struct address a;

	(void)state;
	address_parse(&a, client);
	ask(s,
	    register_strike(
		s->book->arena, s->book->conf, &a, "harvest", "feed"));
	assert_int_equal(s->state, KNOWN);
	silence(s);
	ask(s,
	    register_strike(
		s->book->arena, s->book->conf, &a, "harvest", "feed"));
	assert_int_equal(s->state, LOST);
	end(s);
}

/* -- the bound -- */

/* Answers at once, as far as a store may: every client is banned for ever. */
struct banner {
	struct store store;
	struct ticket *asker;
	bool away;
};

static void
banner_ask(struct store *s, const struct question *q, struct ticket *t)
{
	(void)q;
	((struct banner *)s)->asker = t;
}

static void
banner_answer(struct banner *b)
{
	struct answer a = { .state = LOST, .loss = LOSS_DOWN };

	if (!b->away) {
		a = (struct answer){ .state = KNOWN, .count = 10 };
		for (int i = 0; i < 10; i++)
			a.values[i].is_number = i != 3 && i != 4;
		a.values[0].number = FOREVER;
		a.values[3].text = a.values[4].text = "";
	}
	b->asker->answered(b->asker, &a);
}

static bool
banner_bans(struct scene *s, struct banner *b, unsigned n)
{
	struct arena *a = arena_new();
	const struct address who = { 4,
		{ 10, (unsigned char)(n >> 16), (unsigned char)(n >> 8),
		    (unsigned char)n } };
	struct question q = register_read(a, s->book->conf, &who, "");

	s->ticket.answered = answered;
	s->answered = false;
	store_ask(remember_store(s->remember), &q, &s->ticket);
	banner_answer(b);
	arena_release(a);
	return s->is.banned;
}

static void
the_oldest_is_forgotten_first_when_there_are_too_many(void **state)
{
	struct scene *s = begin();
	struct banner b = { .store = { banner_ask, NULL } };

	(void)state;
	remember_free(s->remember);
	s->remember = remember_new(s->book->clock, &b.store);
	for (unsigned i = 0; i < REMEMBER_MOST; i++)
		assert_true(banner_bans(s, &b, i));
	assert_true(banner_bans(s, &b, 0)); /* was here just now */
	assert_true(banner_bans(s, &b, REMEMBER_MOST));
	b.away = true;
	assert_true(banner_bans(s, &b, 0));
	assert_false(banner_bans(s, &b, 1));
	assert_true(banner_bans(s, &b, 2));
	assert_true(banner_bans(s, &b, REMEMBER_MOST));
	end(s);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, a_ban_that_was_seen_stays_in_force);
	SUITE_TEST(&s, for_whatever_recipient);
	SUITE_TEST(&s, nobody_else_is_banned);
	SUITE_TEST(&s, until_it_is_over);
	SUITE_TEST(&s, a_permanent_one_for_a_day);
	SUITE_TEST(&s, a_lifted_one_is_forgotten_when_it_is_seen);
	SUITE_TEST(&s, the_age_is_told_once_a_minute);
	SUITE_TEST(&s, other_questions_pass_untouched);
	SUITE_TEST(&s, the_oldest_is_forgotten_first_when_there_are_too_many);
	return suite_run(&s, "register/remember");
}
