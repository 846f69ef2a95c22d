/*
 * One policyd is without Redis for longer than a lease while another is not,
 * which gives back what stands in the journal.
 */
#include "rate/journal.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "kit/suite.h"
#include "kit/tally.h"
#include "kit/torn.h"
#include "rate/local.h"

/* One policyd whose line can be cut off, and another one. */
struct pair {
	struct tally *t;
	unsigned seed;
	struct torn *line;
	struct local *cut, *other;
};

static void
begin_pair(struct pair *p)
{
	struct tally *t = p->t = tally_begin();

	p->seed = 1;
	p->line = torn_new(t->clock, t->store, &p->seed);
	p->cut = local_new(t->clock, torn_store(p->line));
	p->other = local_new(t->clock, t->store);
	t->lease = 20;
	tally_meter(t, OWNER_MAILBOX, RATE_MESSAGES, 1000, HOUR);
}

static void
end_pair(struct pair *p)
{
	clock_turn(p->t->clock, 1000);
	local_free(p->cut);
	local_free(p->other);
	torn_free(p->line);
	tally_end(p->t);
}

/* So many are open there. */
static void
open_some(struct pair *p, int count, int64_t leases[])
{
	struct tally *t = p->t;

	t->store = local_store(p->cut);
	assert_true(tally_send(t));
	clock_turn(t->clock, 100);
	for (int i = 0; i < count; i++) {
		assert_true(tally_open(t));
		leases[i] = t->did.lease;
	}
	clock_turn(t->clock, 100);
}

static int
count_pages(struct tally *t)
{
	return atoi(TALLY_DO(t, "HLEN", "policyd:open"));
}

static int
count_taken(struct tally *t)
{
	return atoi(TALLY_DO(t, "HLEN", "policyd:taken"));
}

/* Until they have looked for what others left. */
static void
the_other_sends(struct pair *p, int count)
{
	p->t->store = local_store(p->other);
	for (int i = 0; i < count; i++) {
		tally_wait(p->t, 20);
		assert_true(tally_send(p->t));
	}
	tally_wait(p->t, 5);
}

static void
what_they_gave_back_counts_again(void **state)
{
	enum { MOST = 4 };

	(void)state;
	for (int row = 0; row <= 2 * MOST; row++) {
		const int released = row % 2, sent = row / 2;
		int64_t leases[MOST + 1];
		struct pair p;

		begin_pair(&p);
		open_some(&p, MOST + 1, leases);
		torn_refuse(p.line, LOSS_DOWN);
		for (int i = 0; i < sent; i++)
			tally_commit(p.t, leases[i]);
		for (int i = 0; i < released; i++)
			tally_release(p.t, leases[sent + i]);
		the_other_sends(&p, 3);
		assert_int_equal(count_pages(p.t), 0);
		torn_refuse(p.line, LOSS_NONE);
		clock_turn(p.t->clock, 3000);
		assert_int_equal(tally_look(p.t)->used, 1 + sent + 3);
		assert_int_equal(p.t->is[0].open, 0);
		assert_int_equal(count_taken(p.t), MOST + 1 - sent - released);
		end_pair(&p);
	}
}

/* Of two that others gave back one was sent. It is at a loss for three
 * milliseconds, so many after it is back. */
static int64_t
used_when_lost_at(unsigned ms, enum loss loss)
{
	int64_t leases[2], used;
	struct pair p;

	begin_pair(&p);
	p.seed = ms + 1;
	open_some(&p, 2, leases);
	torn_refuse(p.line, LOSS_DOWN);
	tally_commit(p.t, leases[0]);
	the_other_sends(&p, 3);
	torn_refuse(p.line, LOSS_NONE);
	clock_turn(p.t->clock, ms);
	false_redis_lose(p.t->redis, loss);
	clock_turn(p.t->clock, 3);
	false_redis_lose(p.t->redis, LOSS_NONE);
	clock_turn(p.t->clock, 5000);
	used = tally_look(p.t)->used;
	end_pair(&p);
	return used;
}

static void
whenever_redis_refuses_a_command(void **state)
{
	(void)state;
	for (unsigned ms = 0; ms < 500; ms++)
		assert_int_equal(
		    used_when_lost_at(ms, LOSS_REFUSED), 1 + 1 + 3);
}

/* That somebody else has put there tells nothing, and is not asked for ever. */
static void
what_is_no_hash_is_asked_once(void **state)
{
	int64_t leases[2];
	unsigned asked;
	struct pair p;

	(void)state;
	begin_pair(&p);
	open_some(&p, 2, leases);
	torn_refuse(p.line, LOSS_DOWN);
	tally_commit(p.t, leases[0]);
	the_other_sends(&p, 3);
	TALLY_DO(p.t, "SET", "policyd:taken", "something");
	torn_refuse(p.line, LOSS_NONE);
	clock_turn(p.t->clock, 5000);
	asked = false_redis_asked(p.t->redis);
	clock_turn(p.t->clock, 5000);
	assert_int_equal(false_redis_asked(p.t->redis), asked);
	end_pair(&p);
}

/* What was struck out in time is on its way for longer than that. */
static void
what_is_heard_too_late_counts_again(void **state)
{
	int64_t leases[3];
	struct pair p;

	(void)state;
	begin_pair(&p);
	open_some(&p, 3, leases);
	torn_hold(p.line, true);
	for (int i = 0; i < 3; i++)
		tally_commit(p.t, leases[i]);
	clock_turn(p.t->clock, 1000);
	the_other_sends(&p, 3);
	assert_int_equal(count_pages(p.t), 0);
	torn_hold(p.line, false);
	clock_turn(p.t->clock, 3000);
	assert_int_equal(tally_look(p.t)->used, 1 + 3 + 3);
	assert_int_equal(count_taken(p.t), 0);
	end_pair(&p);
}

static const struct amounts one = { { 1, 0, 0, 0, 0 } };

struct charge {
	struct ticket ticket;
	struct meter meter; /* of a mailbox of its own */
	struct meters meters;
	int64_t lease;
};

static void
is_charged(struct ticket *ticket, const struct answer *a)
{
	struct charge *c = (struct charge *)ticket;
	struct rate_result r;

	assert_true(rate_result(a, &c->meters, &r) && r.charged);
	c->lease = r.lease;
}

static void
choose_mailbox(struct tally *t, struct charge *c, int number)
{
	c->ticket.answered = is_charged;
	c->meter = t->items[0];
	c->meter.key = rate_key(t->arena, "policyd:", OWNER_MAILBOX,
	    "example.com", arena_printf(t->arena, "user%d", number),
	    RATE_MESSAGES, HOUR);
	c->meters = (struct meters){ 1, &c->meter };
}

static void
charge(struct tally *t, struct charge *c)
{
	store_ask(t->store,
	    rate_charge(t->arena, &c->meters, &one, t->lease, NULL,
		tally_now(t), false, true),
	    &c->ticket);
}

static void
commit(struct tally *t, const struct charge *c)
{
	tally_ask(t, t->store,
	    rate_settle(t->arena, &c->meters, &one,
		&(const struct rate_open){ c->lease, one }, 1, tally_now(t)));
}

/* Each of a turn of its own, and so on a page of its own. */
static void
open_all(struct tally *t, struct charge all[], int count)
{
	for (int i = 0; i < count; i++) {
		charge(t, &all[i]);
		clock_turn(t->clock, 1);
	}
	clock_turn(t->clock, 300);
}

static void
commit_all(struct tally *t, const struct charge all[], int count)
{
	for (int i = 0; i < count; i++)
		commit(t, &all[i]);
}

static int64_t
sum(struct tally *t, const struct charge all[], int count)
{
	int64_t n = 0;

	for (int i = 0; i < count; i++) {
		const char *current = tally_field(
		    t, all[i].meter.key.text, "current");

		n += *current ? atoi(current) : 0;
	}
	return n;
}

enum { MANY = 200 };

/* It is without Redis when it sends what stands on so many pages, which the
 * other one takes. Each mailbox has sent one before. */
static void
cut_off_with_many(struct pair *p, struct charge all[MANY])
{
	struct charge again[MANY];

	begin_pair(p);
	p->t->store = local_store(p->cut);
	for (int i = 0; i < MANY; i++)
		choose_mailbox(p->t, &all[i], i);
	open_all(p->t, all, MANY);
	commit_all(p->t, all, MANY);
	memcpy(again, all, sizeof(again));
	open_all(p->t, again, MANY);
	assert_int_equal(count_pages(p->t), MANY);
	torn_refuse(p->line, LOSS_DOWN);
	commit_all(p->t, again, MANY);
	the_other_sends(p, 4);
	assert_int_equal(count_pages(p->t), 0);
	assert_int_equal(sum(p->t, all, MANY), MANY);
	torn_refuse(p->line, LOSS_NONE);
}

static void
and_so_do_many_pages(void **state)
{
	struct charge all[MANY];
	struct pair p;

	(void)state;
	cut_off_with_many(&p, all);
	clock_turn(p.t->clock, 6000);
	assert_int_equal(sum(p.t, all, MANY), 2 * MANY);
	end_pair(&p);
}

/* What is to stand there is on its way for too long: it does once more then. */
static void
what_is_written_too_late_counts_again(void **state)
{
	enum { FEW = 3 };
	struct charge all[FEW];
	struct pair p;

	(void)state;
	begin_pair(&p);
	p.t->store = local_store(p.cut);
	for (int i = 0; i < FEW; i++)
		choose_mailbox(p.t, &all[i], i);
	open_all(p.t, all, FEW);
	commit_all(p.t, all, FEW);
	clock_turn(p.t->clock, 1000);
	for (int i = 0; i < FEW; i++)
		charge(p.t, &all[i]);
	clock_turn(p.t->clock, 300);
	assert_int_equal(count_pages(p.t), 1);
	torn_hold(p.line, true);
	commit_all(p.t, all, 1);
	clock_turn(p.t->clock, 1000);
	commit_all(p.t, all + 1, FEW - 1);
	clock_turn(p.t->clock, 1000);
	the_other_sends(&p, 3);
	assert_int_equal(count_pages(p.t), 0);
	torn_hold(p.line, false);
	clock_turn(p.t->clock, 3000);
	assert_int_equal(count_pages(p.t), 0);
	assert_int_equal(sum(p.t, all, FEW), 2 * FEW);
	end_pair(&p);
}

/* It ends when only some of them are heard of. */
static void
and_so_they_do_at_the_end(void **state)
{
	struct charge all[MANY];
	struct pair p;
	int steps = 0;

	(void)state;
	cut_off_with_many(&p, all);
	clock_turn(p.t->clock, 450);
	while (!local_finish(p.cut) && ++steps < 1000)
		clock_turn(p.t->clock, 10);
	assert_in_range(steps, 1, 999);
	assert_int_equal(sum(p.t, all, MANY), 2 * MANY);
	end_pair(&p);
}

/* It died, and Redis is at a loss for three milliseconds when another one gives
 * back what it left, or at another moment. */
static void
what_is_refused_is_given_back_later(void **state)
{
	(void)state;
	for (unsigned ms = 0; ms < 30; ms++) {
		int64_t leases[2];
		struct charge c;
		struct pair p;

		begin_pair(&p);
		open_some(&p, 2, leases);
		torn_cut(p.line);
		tally_wait(p.t, 30);
		p.t->store = local_store(p.other);
		choose_mailbox(p.t, &c, 0);
		false_redis_delay(p.t->redis, 5);
		charge(p.t, &c);
		clock_turn(p.t->clock, ms);
		false_redis_lose(p.t->redis, LOSS_REFUSED);
		clock_turn(p.t->clock, 3);
		false_redis_lose(p.t->redis, LOSS_NONE);
		false_redis_delay(p.t->redis, 0);
		clock_turn(p.t->clock, 1000);
		commit(p.t, &c);
		the_other_sends(&p, 2);
		assert_int_equal(count_pages(p.t), 0);
		assert_int_equal(tally_look(p.t)->used, 1 + 2);
		end_pair(&p);
	}
}

/* It was charged, and Redis is lost before it is written down. */
static void
what_nobody_could_give_back_does_not_count(void **state)
{
	struct charge c;
	struct pair p;

	(void)state;
	begin_pair(&p);
	open_some(&p, 0, NULL);
	choose_mailbox(p.t, &c, 0);
	charge(p.t, &c);
	clock_turn(p.t->clock, 100);
	commit(p.t, &c);
	charge(p.t, &c);
	torn_refuse(p.line, LOSS_DOWN);
	clock_turn(p.t->clock, 100);
	assert_int_equal(count_pages(p.t), 0);
	assert_int_equal(sum(p.t, &c, 1), 2);
	the_other_sends(&p, 3);
	torn_refuse(p.line, LOSS_NONE);
	clock_turn(p.t->clock, 3000);
	assert_int_equal(sum(p.t, &c, 1), 1);
	end_pair(&p);
}

/* It is not that one's. */
static void
nothing_counts_again_in_another_redis(void **state)
{
	struct pair p;
	struct false_redis *redis, *another;
	int64_t leases[3];

	(void)state;
	begin_pair(&p);
	open_some(&p, 3, leases);
	torn_refuse(p.line, LOSS_DOWN);
	for (int i = 0; i < 3; i++)
		tally_commit(p.t, leases[i]);
	the_other_sends(&p, 3);
	another = false_redis_new(p.t->clock);
	local_configure(p.cut, false_redis_store(another), "policyd:");
	clock_turn(p.t->clock, 3000);
	redis = p.t->redis;
	p.t->redis = another;
	assert_int_equal(tally_look(p.t)->used, 0);
	p.t->redis = redis;
	end_pair(&p);
	false_redis_free(another);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, what_they_gave_back_counts_again);
	SUITE_TEST(&s, whenever_redis_refuses_a_command);
	SUITE_TEST(&s, what_is_no_hash_is_asked_once);
	SUITE_TEST(&s, what_is_heard_too_late_counts_again);
	SUITE_TEST(&s, what_is_written_too_late_counts_again);
	SUITE_TEST(&s, and_so_do_many_pages);
	SUITE_TEST(&s, and_so_they_do_at_the_end);
	SUITE_TEST(&s, what_nobody_could_give_back_does_not_count);
	SUITE_TEST(&s, what_is_refused_is_given_back_later);
	SUITE_TEST(&s, nothing_counts_again_in_another_redis);
	return suite_run(&s, "rate/journal");
}
