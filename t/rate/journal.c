/*
 * What is charged without a lease stands on a page while it is open, and who
 * finds the page of one that died gives back what it says.
 */
#include "rate/journal.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "rate/mailbox.h"

static const char journal[] = "policyd:open";

/* What stands there, without the names of pages. */
static const char *
pages(struct scene *s)
{
	return TALLY_DO(s->t, "HVALS", journal);
}

static long
count_pages(struct scene *s)
{
	return atol(TALLY_DO(s->t, "HLEN", journal));
}

/* "END CHARGED KEY SECONDS 1 KEY SECONDS 1", the meter that was charged last
 * first. */
static const char *
page_of_one(struct scene *s)
{
	return arena_printf(s->t->arena, "%lld %lld %s 86400 1 %s 3600 1",
	    (long long)s->t->did.lease, (long long)tally_now(s->t), day,
	    messages);
}

static const struct amounts one = { { 1, 1, 0, 0, 0 } };

/* Another policyd, on the same Redis. */
static void
die_and_start_anew(struct scene *s)
{
	let_tell(s);
	local_free(s->local);
	s->local = local_new(s->t->clock, false_redis_store(s->t->redis));
	s->t->store = local_store(s->local);
}

/* Somebody asks something. */
static void
ask(struct scene *s)
{
	tally_dry(s->t, &one, NULL);
	assert_true(tally_send(s->t));
}

/* -- what it says -- */

static void
a_page_says_what_is_open(void **state)
{
	struct scene s = opened();

	(void)state;
	assert_string_equal(pages(&s), page_of_one(&s));
	assert_string_equal(tally_field(s.t, messages, "current"), "2");
	is_now(&s, 2, 1, 1);
	end(&s);
}

static void
what_was_sent_is_struck_out_and_no_more(void **state)
{
	struct scene s = opened();
	unsigned asked;

	(void)state;
	asked = false_redis_asked(s.t->redis);
	tally_commit(s.t, s.t->did.lease);
	let_tell(&s);
	assert_int_equal(false_redis_asked(s.t->redis) - asked, 1);
	assert_int_equal(count_pages(&s), 0);
	is_now(&s, 2, 0, 2);
	end(&s);
}

static void
what_was_not_sent_is_given_back(void **state)
{
	struct scene s = opened();

	(void)state;
	tally_release(s.t, s.t->did.lease);
	let_tell(&s);
	assert_int_equal(count_pages(&s), 0);
	assert_string_equal(tally_field(s.t, messages, "current"), "1");
	is_now(&s, 1, 0, 1);
	end(&s);
}

/* Its three recipients were charged one by one. */
static void
a_message_is_settled_as_a_whole(void **state)
{
	struct scene s = begin_with(true, 100);
	struct rate_open open = { 0, { { 1, 3, 0, 0, 0 } } };
	static const struct amounts sent = { { 1, 2, 0, 0, 0 } };

	(void)state;
	assert_true(tally_send(s.t));
	assert_true(tally_open(s.t));
	open.lease = s.t->did.lease;
	for (int i = 0; i < 2; i++)
		assert_true(tally_charge(s.t, 0, 1, 0));
	assert_int_equal(count_pages(&s), 3);
	tally_settle(s.t, &sent, &open, 1);
	let_tell(&s);
	assert_int_equal(count_pages(&s), 0);
	tally_look(s.t);
	assert_int_equal(s.t->is[0].used, 2);
	assert_int_equal(s.t->is[1].used, 3);
	assert_int_equal(s.t->is[0].open + s.t->is[1].open, 0);
	end(&s);
}

struct asker {
	struct ticket ticket;
	struct rate_result said;
	struct tally *t;
};

static void
told(struct ticket *ticket, const struct answer *a)
{
	struct asker *k = (struct asker *)ticket;

	assert_true(rate_result(a, &k->t->meters, &k->said));
	assert_true(k->said.charged);
}

static void
begin_charge(struct scene *s, struct asker *k,
    void (*answered)(struct ticket *, const struct answer *))
{
	*k = (struct asker){ .ticket.answered = answered, .t = s->t };
	store_ask(s->t->store,
	    rate_charge(s->t->arena, &s->t->meters, &one, s->t->lease, NULL,
		tally_now(s->t), false, false),
	    &k->ticket);
}

/* So many before any is answered. */
static void
charge_at_once(struct scene *s, struct asker *askers, int count)
{
	assert_true(tally_send(s->t));
	for (int i = 0; i < count; i++)
		begin_charge(s, &askers[i], told);
	clock_turn(s->t->clock, 10);
	assert_int_equal(count_pages(s), 1);
}

static void
charges_of_one_turn_share_a_page(void **state)
{
	struct scene s = begin_with(true, 1000);
	struct asker askers[3];

	(void)state;
	charge_at_once(&s, askers, 3);
	tally_commit(s.t, askers[0].said.lease);
	assert_int_equal(count_pages(&s), 1);
	tally_commit(s.t, askers[1].said.lease);
	tally_commit(s.t, askers[2].said.lease);
	is_now(&s, 4, 0, 4);
	assert_int_equal(count_pages(&s), 0);
	end(&s);
}

static unsigned
count_entries(struct scene *s)
{
	unsigned n = 0;

	for (const char *at = pages(s); (at = strstr(at, messages)); at++)
		n++;
	return n;
}

/* Should policyd die in between, it is not given back twice. */
static void
a_page_is_changed_before_anything_is_given_back(void **state)
{
	struct scene s = begin_with(true, 1000);
	struct asker askers[2];

	(void)state;
	charge_at_once(&s, askers, 2);
	assert_int_equal(count_entries(&s), 2);
	tally_release(s.t, askers[0].said.lease);
	clock_turn(s.t->clock, 1);
	assert_int_equal(count_entries(&s), 1);
	assert_string_equal(tally_field(s.t, messages, "current"), "3");
	let_tell(&s);
	assert_string_equal(tally_field(s.t, messages, "current"), "2");
	is_now(&s, 2, 1, 1);
	end(&s);
}

/* -- how long -- */

static void
what_is_open_too_long_opens_a_lease(void **state)
{
	struct scene s = opened();
	const char *field = arena_printf(
	    s.t->arena, "open:%lld", (long long)s.t->did.lease);

	(void)state;
	clock_turn(s.t->clock, JOURNAL_MS - 200);
	assert_int_equal(count_pages(&s), 1);
	clock_turn(s.t->clock, 300);
	assert_int_equal(count_pages(&s), 0);
	assert_string_equal(tally_field(s.t, messages, field), "1");
	assert_string_equal(tally_field(s.t, messages, "current"), "2");
	is_now(&s, 2, 1, 1);
	tally_commit(s.t, s.t->did.lease);
	is_now(&s, 2, 0, 2);
	end(&s);
}

/* What is sent in the next one counts as long as that does. */
static void
so_does_what_is_open_when_its_step_ends(void **state)
{
	struct scene s = begin(true);

	(void)state;
	tally_wait(s.t, 3 * MINUTE - 3);
	assert_true(tally_send(s.t));
	assert_true(tally_open(s.t));
	assert_int_equal(count_pages(&s), 1);
	tally_wait(s.t, 2);
	assert_int_equal(count_pages(&s), 0);
	tally_wait(s.t, 2);
	tally_commit(s.t, s.t->did.lease);
	let_tell(&s);
	tally_wait(s.t, HOUR);
	assert_int_equal(tally_look(s.t)->used, 1);
	end(&s);
}

/* Redis answers when the step is over. */
static void
but_not_while_it_is_asked(void **state)
{
	struct scene s = begin(true);
	struct asker asker;

	(void)state;
	tally_wait(s.t, 3 * MINUTE - 3);
	assert_true(tally_send(s.t));
	false_redis_deadline(s.t->redis, 5000);
	false_redis_delay(s.t->redis, 4000);
	begin_charge(&s, &asker, told);
	clock_turn(s.t->clock, 4100);
	assert_true(asker.said.charged);
	false_redis_delay(s.t->redis, 0);
	tally_wait(s.t, 5);
	assert_int_equal(count_pages(&s), 0);
	assert_int_equal(tally_look(s.t)->open, 1);
	assert_int_equal(s.t->is[0].used, 2);
	end(&s);
}

static void
what_finds_no_room_opens_a_lease(void **state)
{
	enum { MORE = 20 };
	struct scene s = begin_with(true, 1000000);

	(void)state;
	for (int i = 0; i < JOURNAL_MOST / 2 + MORE; i++) {
		s.t->items[0].key = rate_key(s.t->arena,
		    "policyd:", OWNER_MAILBOX, "example.com",
		    arena_printf(s.t->arena, "u%d", i), RATE_MESSAGES, HOUR);
		s.t->items[1].key = rate_key(s.t->arena,
		    "policyd:", OWNER_MAILBOX, "example.com",
		    arena_printf(s.t->arena, "u%d", i), RATE_RECIPIENTS, DAY);
		assert_true(tally_send(s.t));
		assert_true(tally_open(s.t));
	}
	assert_int_equal(count_pages(&s), JOURNAL_MOST / 2);
	tally_look(s.t);
	assert_int_equal(s.t->is[0].open, 1);
	clock_turn(s.t->clock, JOURNAL_MS + 100);
	assert_int_equal(count_pages(&s), 0);
	end(&s);
}

static void
so_does_one_with_a_long_name(void **state)
{
	struct scene s = begin(true);
	char user[JOURNAL_KEY + 1];

	(void)state;
	memset(user, 'a', sizeof(user) - 1);
	user[sizeof(user) - 1] = '\0';
	s.t->items[0].key = rate_key(s.t->arena, "policyd:", OWNER_MAILBOX,
	    "example.com", user, RATE_MESSAGES, HOUR);
	assert_true(tally_send(s.t));
	assert_true(tally_open(s.t));
	tally_look(s.t);
	assert_int_equal(s.t->is[0].open, 1);
	assert_int_equal(s.t->is[1].open, 1);
	assert_null(strstr(pages(&s), "messages"));
	tally_commit(s.t, s.t->did.lease);
	let_tell(&s);
	tally_look(s.t);
	assert_int_equal(s.t->is[0].open + s.t->is[1].open, 0);
	assert_int_equal(s.t->is[0].used, 2);
	end(&s);
}

/* -- when policyd dies -- */

static void
what_a_dead_one_had_open_is_given_back_when_its_lease_is_over(void **state)
{
	struct scene s = opened();

	(void)state;
	die_and_start_anew(&s);
	ask(&s);
	is_now(&s, 3, 1, 2);
	tally_wait(s.t, s.t->lease - MINUTE);
	ask(&s);
	is_now(&s, 4, 1, 3);
	tally_wait(s.t, 3 * MINUTE);
	ask(&s);
	is_now(&s, 4, 0, 4);
	assert_int_equal(count_pages(&s), 0);
	tally_wait(s.t, MINUTE);
	ask(&s);
	is_now(&s, 5, 0, 5);
	end(&s);
}

/* Two on a page; the one is known to be sent half a second later. */
static void
but_not_what_was_sent(void **state)
{
	struct scene s = begin_with(true, 1000);
	struct asker askers[2];

	(void)state;
	charge_at_once(&s, askers, 2);
	tally_commit(s.t, askers[0].said.lease);
	clock_turn(s.t->clock, 500);
	is_now(&s, 3, 1, 2);
	die_and_start_anew(&s);
	tally_wait(s.t, s.t->lease + 2 * MINUTE);
	ask(&s);
	is_now(&s, 3, 0, 3);
	end(&s);
}

static void
it_is_given_back_once_by_whoever_comes(void **state)
{
	struct scene s = opened();
	struct local *others[3];

	(void)state;
	die_and_start_anew(&s);
	tally_wait(s.t, s.t->lease + 2 * MINUTE);
	for (int i = 0; i < 3; i++) {
		others[i] = local_new(
		    s.t->clock, false_redis_store(s.t->redis));
		s.t->store = local_store(others[i]);
		ask(&s);
	}
	is_now(&s, 4, 0, 4);
	for (int i = 0; i < 3; i++)
		local_free(others[i]);
	end(&s);
}

static void
not_a_moment_before(void **state)
{
	struct scene s = begin(true);

	(void)state;
	TALLY_DO(s.t, "HSET", journal, "x.1",
	    arena_printf(
		s.t->arena, "%d %d %s 86400 1", NOON + MINUTE, NOON, day));
	tally_wait(s.t, MINUTE - 1);
	ask(&s);
	let_tell(&s);
	assert_int_equal(count_pages(&s), 1);
	tally_wait(s.t, 16);
	ask(&s);
	let_tell(&s);
	assert_int_equal(count_pages(&s), 0);
	end(&s);
}

/* What they have sent they strike out first. */
static void
nor_when_all_were_without_redis_just_now(void **state)
{
	struct scene s = begin(true);

	(void)state;
	ask(&s);
	TALLY_DO(s.t, "HSET", journal, "x.1",
	    arena_printf(s.t->arena, "%d %d %s 86400 1", NOON, NOON, day));
	false_redis_was_away(s.t->redis);
	tally_wait(s.t, 16);
	ask(&s);
	let_tell(&s);
	assert_int_equal(count_pages(&s), 1);
	tally_wait(s.t, 16);
	ask(&s);
	let_tell(&s);
	assert_int_equal(count_pages(&s), 0);
	end(&s);
}

/* More than are taken at a time. */
static void
however_many_there_were(void **state)
{
	enum { PAGES = 250 };
	struct scene s = begin_with(true, 100000);
	const char *page;

	(void)state;
	assert_true(tally_send(s.t));
	TALLY_DO(s.t, "HINCRBY", day, "current", "250");
	page = arena_printf(
	    s.t->arena, "%d %d %s 86400 1", NOON + MINUTE, NOON, day);
	for (int i = 0; i < PAGES; i++)
		TALLY_DO(s.t, "HSET", journal,
		    arena_printf(s.t->arena, "x.%d", i), page);
	tally_wait(s.t, 2 * MINUTE);
	for (int i = 0; i < 3; i++)
		ask(&s);
	let_tell(&s);
	assert_int_equal(count_pages(&s), 0);
	tally_look(s.t);
	assert_int_equal(s.t->is[1].used, 4);
	end(&s);
}

/* Redis was away for longer than a lease lasts, and another one found it first.
 */
static void
who_comes_too_late_counts_what_he_sent(void **state)
{
	struct scene s = begin(true);
	struct local *other;

	(void)state;
	s.t->lease = 20;
	assert_true(tally_send(s.t));
	assert_true(tally_open(s.t));
	let_tell(&s);
	assert_int_equal(count_pages(&s), 1);
	false_redis_lose(s.t->redis, LOSS_DOWN);
	assert_false(tally_open(s.t));
	s.t->did.lease = NOON + 20;
	tally_wait(s.t, MINUTE);
	false_redis_lose(s.t->redis, LOSS_NONE);
	other = local_new(s.t->clock, false_redis_store(s.t->redis));
	s.t->store = local_store(other);
	ask(&s);
	assert_int_equal(count_pages(&s), 0);
	is_now(&s, 2, 0, 2);
	s.t->store = local_store(s.local);
	tally_commit(s.t, NOON + 20);
	tally_wait(s.t, 20);
	is_now(&s, 3, 0, 3);
	local_free(other);
	end(&s);
}

/* -- what others do to it -- */

static void
a_garbled_page_is_thrown_away(void **state)
{
	static const char *const values[] = { "", "x", "-5 1 k 3600 1",
		"1 1 policyd:greylist:{a} 3600 1",
		"1 1 other:rate:{a}:x 3600 1", "1 1 policyd:rate:{a}:x",
		"1 1 policyd:rate:{a}:x 0 1", "1 1 policyd:rate:{a}:x 3600 1x",
		"1 x", "1 1 ", "99999999999 1 k 3600 1" };
	struct scene s = begin(true);

	(void)state;
	TALLY_DO(s.t, "SET", "policyd:greylist:{a}", "mine");
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		TALLY_DO(s.t, "HSET", journal,
		    arena_printf(s.t->arena, "x.%zu", i), values[i]);
	ask(&s);
	let_tell(&s);
	assert_int_equal(count_pages(&s), 0);
	assert_string_equal(
	    TALLY_DO(s.t, "GET", "policyd:greylist:{a}"), "mine");
	assert_string_equal(TALLY_DO(s.t, "EXISTS", "policyd:rate:{a}:x"), "0");
	assert_string_equal(TALLY_DO(s.t, "EXISTS", "other:rate:{a}:x"), "0");
	is_now(&s, 1, 0, 1);
	end(&s);
}

static void
what_is_no_journal_is_replaced(void **state)
{
	struct scene s = begin(true);

	(void)state;
	TALLY_DO(s.t, "SET", journal, "mine");
	ask(&s);
	assert_non_null(strstr(false_redis_log(s.t->redis), journal));
	assert_true(tally_open(s.t));
	is_now(&s, 2, 1, 1);
	assert_int_equal(count_pages(&s), 1);
	end(&s);
}

static void
a_reset_leaves_what_is_open(void **state)
{
	struct scene s = opened();

	(void)state;
	assert_int_equal(tally_reset(s.t, false), 2);
	is_now(&s, 1, 1, 0);
	tally_commit(s.t, s.t->did.lease);
	is_now(&s, 1, 0, 1);
	end(&s);
}

/* Somebody deletes the meters, and nobody sends any more. */
static void
no_meter_stays_for_ever(void **state)
{
	(void)state;
	for (int held = 0; held < 2; held++) {
		struct scene s = opened();

		if (held)
			clock_turn(s.t->clock, JOURNAL_MS - 500);
		TALLY_DO(s.t, "DEL", messages, day);
		if (held)
			clock_turn(s.t->clock, 1000);
		if (held)
			tally_commit(s.t, s.t->did.lease);
		else
			tally_release(s.t, s.t->did.lease);
		let_tell(&s);
		assert_true(tally_look(s.t)->used <= 1);
		assert_true(tally_ttl(s.t, messages) > 0);
		assert_true(tally_ttl(s.t, day) > 0);
		end(&s);
	}
}

static void
it_ends_by_itself(void **state)
{
	struct scene s = opened();

	(void)state;
	tally_wait(s.t, 20);
	ask(&s);
	assert_true(tally_open(s.t));
	tally_wait(s.t, 20);
	die_and_start_anew(&s);
	TALLY_DO(s.t, "HSET", journal, "x.1", "1732200000 1 k 3600 1");
	ask(&s);
	assert_true(tally_ttl(s.t, journal) > DAY);
	end(&s);
}

/* -- without Redis -- */

static void
a_page_is_struck_out_when_redis_is_back(void **state)
{
	static const enum loss losses[] = { LOSS_DOWN, LOSS_BUSY, LOSS_FULL,
		LOSS_TIMEOUT, LOSS_BROKEN };

	(void)state;
	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		struct scene s = opened();

		false_redis_lose(s.t->redis, losses[i]);
		tally_commit(s.t, s.t->did.lease);
		tally_wait(s.t, 20);
		false_redis_lose(s.t->redis, LOSS_NONE);
		assert_int_equal(count_pages(&s), 1);
		tally_wait(s.t, 1);
		assert_int_equal(count_pages(&s), 0);
		is_now(&s, 2, 0, 2);
		end(&s);
	}
}

/* What is open stays so, and opens its lease afterwards. */
static void
meanwhile_it_stays(void **state)
{
	struct scene s = opened();

	(void)state;
	false_redis_lose(s.t->redis, LOSS_DOWN);
	assert_false(tally_open(s.t));
	tally_wait(s.t, 20);
	false_redis_lose(s.t->redis, LOSS_NONE);
	assert_int_equal(count_pages(&s), 1);
	tally_wait(s.t, 1);
	assert_int_equal(count_pages(&s), 0);
	tally_look(s.t);
	assert_int_equal(s.t->is[0].used, 2);
	assert_int_equal(s.t->is[0].open, 1);
	end(&s);
}

static void
what_perhaps_ran_is_given_back_when_its_lease_is_over(void **state)
{
	struct scene s = begin(true);

	(void)state;
	assert_true(tally_send(s.t));
	false_redis_delay(s.t->redis, 600);
	assert_false(tally_open(s.t));
	assert_int_equal(s.t->loss, LOSS_TIMEOUT);
	false_redis_delay(s.t->redis, 0);
	tally_wait(s.t, 10);
	is_now(&s, 2, 1, 1);
	assert_int_equal(count_pages(&s), 1);
	tally_wait(s.t, s.t->lease + 2 * MINUTE);
	ask(&s);
	is_now(&s, 2, 0, 2);
	end(&s);
}

static void
ignored(struct ticket *ticket, const struct answer *a)
{
	(void)ticket;
	assert_int_equal(a->state, LOST);
}

/* The other one of its page is open: of that it is said anew what is. */
static void
what_perhaps_ran_is_not_said_again(void **state)
{
	struct scene s = begin_with(true, 1000);
	struct asker askers[2];

	(void)state;
	assert_true(tally_send(s.t));
	for (int i = 0; i < 2; i++) {
		begin_charge(&s, &askers[i], i ? ignored : told);
		false_redis_delay(s.t->redis, 600);
	}
	clock_turn(s.t->clock, 590);
	false_redis_delay(s.t->redis, 0);
	clock_turn(s.t->clock, 15);
	assert_int_equal(count_entries(&s), 2);
	clock_turn(s.t->clock, 900);
	assert_int_equal(count_entries(&s), 1);
	tally_commit(s.t, askers[0].said.lease);
	is_now(&s, 3, 0, 3);
	end(&s);
}

/* One with a lease is settled while two others wait for their answers, which
 * they never get: their page stays as it is. */
static void
nobody_settles_what_is_only_asked(void **state)
{
	struct scene s = begin_with(true, 1000);
	struct asker askers[2];
	int64_t lease;

	(void)state;
	assert_true(tally_open(s.t));
	lease = s.t->did.lease;
	assert_true(tally_send(s.t));
	false_redis_delay(s.t->redis, 600);
	for (int i = 0; i < 2; i++)
		begin_charge(&s, &askers[i], ignored);
	clock_turn(s.t->clock, 495);
	tally_commit(s.t, lease);
	clock_turn(s.t->clock, 105);
	false_redis_delay(s.t->redis, 0);
	tally_wait(s.t, 10);
	is_now(&s, 4, 2, 2);
	assert_int_equal(count_pages(&s), 1);
	tally_wait(s.t, s.t->lease + 2 * MINUTE);
	ask(&s);
	is_now(&s, 3, 0, 3);
	end(&s);
}

/* -- the end -- */

static void
who_stops_opens_leases_for_what_is_open(void **state)
{
	struct scene s = opened();

	(void)state;
	while (!local_finish(s.local))
		clock_turn(s.t->clock, 1);
	assert_int_equal(count_pages(&s), 0);
	tally_look(s.t);
	assert_int_equal(s.t->is[0].used, 2);
	assert_int_equal(s.t->is[0].open, 1);
	end(&s);
}

static void
another_prefix_is_another_journal(void **state)
{
	struct scene s = begin(true);

	(void)state;
	local_configure(s.local, false_redis_store(s.t->redis), "mx:");
	assert_true(tally_send(s.t));
	assert_true(tally_open(s.t));
	assert_int_equal(count_pages(&s), 0);
	assert_string_equal(TALLY_DO(s.t, "HLEN", "mx:open"), "1");
	end(&s);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, a_page_says_what_is_open);
	SUITE_TEST(&s, what_was_sent_is_struck_out_and_no_more);
	SUITE_TEST(&s, what_was_not_sent_is_given_back);
	SUITE_TEST(&s, a_message_is_settled_as_a_whole);
	SUITE_TEST(&s, charges_of_one_turn_share_a_page);
	SUITE_TEST(&s, a_page_is_changed_before_anything_is_given_back);
	SUITE_TEST(&s, what_is_open_too_long_opens_a_lease);
	SUITE_TEST(&s, so_does_what_is_open_when_its_step_ends);
	SUITE_TEST(&s, but_not_while_it_is_asked);
	SUITE_TEST(&s, what_finds_no_room_opens_a_lease);
	SUITE_TEST(&s, so_does_one_with_a_long_name);
	SUITE_TEST(
	    &s, what_a_dead_one_had_open_is_given_back_when_its_lease_is_over);
	SUITE_TEST(&s, but_not_what_was_sent);
	SUITE_TEST(&s, it_is_given_back_once_by_whoever_comes);
	SUITE_TEST(&s, not_a_moment_before);
	SUITE_TEST(&s, nor_when_all_were_without_redis_just_now);
	SUITE_TEST(&s, however_many_there_were);
	SUITE_TEST(&s, who_comes_too_late_counts_what_he_sent);
	SUITE_TEST(&s, a_garbled_page_is_thrown_away);
	SUITE_TEST(&s, what_is_no_journal_is_replaced);
	SUITE_TEST(&s, a_reset_leaves_what_is_open);
	SUITE_TEST(&s, no_meter_stays_for_ever);
	SUITE_TEST(&s, it_ends_by_itself);
	SUITE_TEST(&s, a_page_is_struck_out_when_redis_is_back);
	SUITE_TEST(&s, meanwhile_it_stays);
	SUITE_TEST(&s, what_perhaps_ran_is_given_back_when_its_lease_is_over);
	SUITE_TEST(&s, what_perhaps_ran_is_not_said_again);
	SUITE_TEST(&s, nobody_settles_what_is_only_asked);
	SUITE_TEST(&s, who_stops_opens_leases_for_what_is_open);
	SUITE_TEST(&s, another_prefix_is_another_journal);
	return suite_run(&s, "rate/journal");
}
