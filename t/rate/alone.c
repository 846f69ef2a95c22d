/*
 * Limits hold in memory as they do in Redis, against a share of each.
 */
#include "rate/alone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "kit/suite.h"

enum { SECOND = 1000, HOUR = 3600, LEASE = 900 };

/* One policyd's memory, and a moment in milliseconds. */
struct scene {
	struct scores scores;
	uint64_t now;
	unsigned nodes;
	struct asked_said is;
};

static struct scene
begin(void)
{
	struct scene s = { .now = 1000 * SECOND, .nodes = 1 };

	scores_init(&s.scores, SCORES_LEAST);
	return s;
}

static void
end(struct scene *s)
{
	scores_clear(&s->scores);
}

struct limit {
	const char *key;
	int64_t limit, seconds;
};

/* All are charged the same, and warn at 80 percent. */
static bool
charge_all(struct scene *s, const struct limit *m, unsigned count,
    int64_t amount, int64_t lease)
{
	struct asked *w = xcalloc(1, sizeof(*w) + count * sizeof(w->meters[0]));
	bool charged;

	*w = (struct asked){ .what = ASKED_ALONE, .lease = lease };
	for (; w->count < count; w->count++, m++)
		w->meters[w->count] =
		    (struct asked_meter){ .key = { m->key, strlen(m->key) },
			    .amount = amount,
			    .seconds = m->seconds,
			    .warn = (m->limit * 8 + 9) / 10,
			    .limit = m->limit };
	charged = alone_charge(&s->scores, w, s->nodes, s->now, &s->is) &&
	    s->is.charged;
	free(w);
	return charged;
}

static bool
charge(struct scene *s, const struct limit *m, int64_t n)
{
	return charge_all(s, m, 1, n, 0);
}

static bool
begin_message(struct scene *s, const struct limit *m)
{
	return charge_all(s, m, 1, 1, LEASE);
}

/* Of one that was charged so much with that lease, so much was sent. */
static bool
settle(struct scene *s, const struct limit *m, int64_t charged, int64_t lease,
    int64_t sent)
{
	struct asked_lease open = { lease, charged };
	struct asked *w = xcalloc(1, sizeof(*w) + sizeof(w->meters[0]));
	bool alone;

	*w = (struct asked){ .what = ASKED_SETTLE, .count = 1 };
	w->meters[0] = (struct asked_meter){ .key = { m->key, strlen(m->key) },
		.amount = sent,
		.seconds = m->seconds,
		.count = charged > 0,
		.leases = &open };
	alone = alone_take_back(&s->scores, w);
	assert_true(alone_count(&s->scores, w, s->now));
	free(w);
	return alone;
}

static struct score *
score_of(struct scene *s, const struct limit *m)
{
	return scores_find(&s->scores, (struct word){ m->key, strlen(m->key) });
}

/* It is this one that refuses or warns. */
static bool
tells_of(const struct scene *s, const struct limit *m)
{
	return s->is.key.size == strlen(m->key) &&
	    memcmp(s->is.key.text, m->key, s->is.key.size) == 0;
}

static int64_t
used(struct scene *s, const struct limit *m)
{
	struct score *t = score_of(s, m);

	return t ? score_used(t, s->now) : 0;
}

static void
wait_for(struct scene *s, uint64_t seconds)
{
	s->now += seconds * SECOND;
}

/* -- shares -- */

static void
a_share_is_the_limit_divided_by_those_who_share_it(void **state)
{
	(void)state;
	assert_int_equal(alone_share(200, 1), 200);
	assert_int_equal(alone_share(200, 2), 100);
	assert_int_equal(alone_share(200, 3), 67); /* rounded up */
	assert_int_equal(alone_share(3, 40), 1); /* 1 at least */
	assert_int_equal(alone_share(0, 40), 0); /* no limit is none */
	assert_int_equal(alone_share(200, 0), 200); /* never known */
	assert_int_equal(alone_share(INT64_MAX, 2), INT64_MAX / 2 + 1);
}

static void
no_more_than_the_share_passes(void **state)
{
	struct scene s = begin();
	const struct limit m = { "m", 10, HOUR };

	(void)state;
	s.nodes = 3;
	for (int i = 0; i < 4; i++)
		assert_true(charge(&s, &m, 1));
	assert_false(charge(&s, &m, 1));
	assert_true(tells_of(&s, &m));
	assert_int_equal(s.is.used, 4);
	assert_int_equal(s.is.limit, 4);
	end(&s);
}

static void
fewer_nodes_have_larger_shares_at_once(void **state)
{
	struct scene s = begin();
	const struct limit m = { "m", 10, HOUR };

	(void)state;
	s.nodes = 10;
	assert_true(charge(&s, &m, 1));
	assert_false(charge(&s, &m, 1));
	s.nodes = 2;
	for (int i = 0; i < 4; i++)
		assert_true(charge(&s, &m, 1));
	assert_false(charge(&s, &m, 1));
	end(&s);
}

static void
a_meter_without_a_limit_counts_and_holds_nobody_up(void **state)
{
	struct scene s = begin();
	static struct asked w = { .what = ASKED_ALONE,
		.count = 1,
		.meters = { { .key = { "m", 1 },
		    .amount = 1,
		    .seconds = HOUR,
		    .warn = INT64_MAX,
		    .limit = ASKED_UNLIMITED } } };

	(void)state;
	s.nodes = 40;
	for (int i = 0; i < 1000; i++) {
		assert_true(alone_charge(&s.scores, &w, s.nodes, s.now, &s.is));
		assert_true(s.is.charged);
		assert_int_equal(s.is.key.size, 0);
	}
	assert_int_equal(used(&s, &(struct limit){ "m" }), 1000);
	end(&s);
}

/* -- windows -- */

/* Every second somebody tries, for three windows, and twice a second in some
 * seconds: whatever window is looked at, there is never more in it. */
static void
never_more_than_the_share_within_any_window(void **state)
{
	enum { LIMIT = 100, WINDOW = 600, ALL = 4 * WINDOW };
	struct scene s = begin();
	const struct limit m = { "m", LIMIT, WINDOW };
	int passed[ALL] = { 0 }, within = 0, all = 0;

	(void)state;
	srand(1);
	for (int i = 0; i < ALL; i++, wait_for(&s, 1)) {
		for (int tries = rand() % 4; tries > 0; tries--)
			passed[i] += charge(&s, &m, 1);
		within += passed[i] - (i > WINDOW ? passed[i - WINDOW - 1] : 0);
		assert_true(within <= LIMIT);
		all += passed[i];
	}
	/* And what became free was given again, a step later at most. */
	assert_true(all >= LIMIT * ALL / (WINDOW + WINDOW / SCORE_STEPS) - 1);
	end(&s);
}

static void
a_fresh_window_has_the_whole_share(void **state)
{
	struct scene s = begin();
	const struct limit m = { "m", 50, HOUR };

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 50; i++)
			assert_true(charge(&s, &m, 1));
		assert_false(charge(&s, &m, 1));
		wait_for(&s, HOUR + HOUR / SCORE_STEPS);
	}
	end(&s);
}

static void
the_next_is_allowed_when_it_was_said(void **state)
{
	struct scene s = begin();
	const struct limit m = { "m", 1000, HOUR };

	(void)state;
	assert_true(charge(&s, &m, 300));
	wait_for(&s, 600);
	assert_true(charge(&s, &m, 600));
	wait_for(&s, 600);
	assert_false(charge(&s, &m, 200));
	assert_true(s.is.next > 2400 - 200 && s.is.next <= 2400 + 200);
	wait_for(&s, (uint64_t)s.is.next - 1);
	assert_false(charge(&s, &m, 200));
	assert_int_equal(s.is.next, 1);
	wait_for(&s, 1);
	assert_true(charge(&s, &m, 200));
	end(&s);
}

static void
what_never_fits_is_told_to_wait_a_window(void **state)
{
	struct scene s = begin();
	const struct limit m = { "m", 1000, HOUR };

	(void)state;
	assert_false(charge(&s, &m, 1001));
	assert_int_equal(s.is.next, HOUR);
	assert_true(charge(&s, &m, 10));
	assert_false(charge(&s, &m, 1001));
	assert_int_equal(s.is.next, HOUR);
	end(&s);
}

/* -- several meters -- */

static void
all_meters_are_charged_or_none(void **state)
{
	struct scene s = begin();
	const struct limit m[] = { { "user", 100, HOUR },
		{ "user day", 1000, 24 * HOUR }, { "domain", 5, HOUR } };

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_true(charge_all(&s, m, 3, 1, 0));
	assert_false(charge_all(&s, m, 3, 1, 0));
	assert_true(tells_of(&s, &m[2]));
	for (int i = 0; i < 3; i++)
		assert_int_equal(used(&s, &m[i]), 5);
	end(&s);
}

static void
of_two_that_refuse_the_one_that_takes_longer_is_told(void **state)
{
	struct scene s = begin();
	const struct limit m[] = { { "hour", 5, HOUR },
		{ "day", 5, 24 * HOUR } };

	(void)state;
	assert_true(charge_all(&s, m, 2, 5, 0));
	assert_false(charge_all(&s, m, 2, 1, 0));
	assert_true(tells_of(&s, &m[1]));
	end(&s);
}

static void
who_is_over_the_limit_is_refused_with_nothing_to_charge(void **state)
{
	struct scene s = begin();
	const struct limit m = { "refused", 3, HOUR };

	(void)state;
	settle(&s, &m, 0, 0, 3);
	assert_true(charge(&s, &m, 0));
	settle(&s, &m, 0, 0, 1);
	assert_false(charge(&s, &m, 0));
	assert_true(tells_of(&s, &m));
	end(&s);
}

/* -- open charges -- */

static void
what_is_open_counts(void **state)
{
	struct scene s = begin();
	const struct limit m = { "m", 2, HOUR };

	(void)state;
	assert_true(begin_message(&s, &m));
	assert_true(begin_message(&s, &m));
	assert_false(begin_message(&s, &m));
	end(&s);
}

static void
what_is_given_back_is_free_at_once(void **state)
{
	struct scene s = begin();
	const struct limit m = { "m", 2, HOUR };

	(void)state;
	begin_message(&s, &m);
	begin_message(&s, &m);
	settle(&s, &m, 1, 0, 0);
	assert_int_equal(used(&s, &m), 1);
	assert_true(begin_message(&s, &m));
	end(&s);
}

static void
what_was_charged_alone_is_told_from_what_is_open_in_Redis(void **state)
{
	struct scene s = begin();
	const struct limit m = { "m", 10, HOUR };

	(void)state;
	begin_message(&s, &m);
	assert_true(settle(&s, &m, 1, 0, 1));
	assert_false(settle(&s, &m, 1, 1732190400, 1));
	assert_false(settle(&s, &m, 0, 0, 1)); /* nothing was open */
	end(&s);
}

static void
what_was_sent_stays(void **state)
{
	struct scene s = begin();
	const struct limit m = { "m", 10, HOUR };

	(void)state;
	assert_true(charge_all(&s, &m, 1, 7, LEASE));
	settle(&s, &m, 7, 0, 5); /* two of them Postfix refused */
	assert_int_equal(used(&s, &m), 5);
	wait_for(&s, 2 * LEASE);
	assert_int_equal(used(&s, &m), 5);
	end(&s);
}

static void
a_lease_ends_by_itself_a_sixteenth_late_at_most(void **state)
{
	struct scene s = begin();
	const struct limit m = { "m", 1, HOUR };

	(void)state;
	begin_message(&s, &m);
	wait_for(&s, LEASE - 1);
	assert_int_equal(used(&s, &m), 1);
	wait_for(&s, 1 + LEASE / 16 + 1);
	assert_int_equal(used(&s, &m), 0);
	end(&s);
}

static void
who_waits_for_a_lease_is_told_how_long(void **state)
{
	struct scene s = begin();
	const struct limit m = { "m", 1, HOUR };

	(void)state;
	begin_message(&s, &m);
	assert_false(begin_message(&s, &m));
	assert_true(s.is.next >= LEASE && s.is.next <= LEASE + LEASE / 16 + 1);
	wait_for(&s, (uint64_t)s.is.next);
	assert_true(begin_message(&s, &m));
	end(&s);
}

static void
taking_back_more_than_is_open_takes_what_there_is(void **state)
{
	struct scene s = begin();
	const struct limit m = { "m", 5, HOUR };

	(void)state;
	begin_message(&s, &m);
	settle(&s, &m, 3, 0, 0);
	assert_int_equal(used(&s, &m), 0);
	settle(&s, &m, 3, 0, 0);
	assert_int_equal(used(&s, &m), 0);
	assert_true(begin_message(&s, &m));
	assert_int_equal(used(&s, &m), 1);
	end(&s);
}

/* -- who is told -- */

static void
a_warning_is_the_first_once_a_window(void **state)
{
	struct scene s = begin();
	const struct limit m = { "m", 10, HOUR };

	(void)state;
	for (int i = 1; i < 8; i++) {
		assert_true(charge(&s, &m, 1));
		assert_int_equal(s.is.key.size, 0);
	}
	assert_true(charge(&s, &m, 1));
	assert_true(tells_of(&s, &m));
	assert_true(s.is.first);
	assert_int_equal(s.is.used, 8);
	assert_true(charge(&s, &m, 1));
	assert_true(tells_of(&s, &m));
	assert_false(s.is.first);
	end(&s);
}

static void
so_is_a_refusal(void **state)
{
	struct scene s = begin();
	const struct limit m = { "m", 10, HOUR };

	(void)state;
	assert_false(charge(&s, &m, 11));
	assert_true(s.is.first);
	assert_false(charge(&s, &m, 11));
	assert_false(s.is.first);
	wait_for(&s, HOUR);
	assert_false(charge(&s, &m, 11));
	assert_true(s.is.first);
	end(&s);
}

/* -- what Redis is told -- */

static int64_t
hand(struct scene *s, const struct limit *m, bool arrives)
{
	struct score *t = score_of(s, m);
	struct handing h;

	assert_non_null(t);
	if (!score_hand(t, s->now, &h))
		return 0;
	if (arrives)
		score_handed(t, &h);
	else
		score_not_handed(t, &h);
	return h.n;
}

static void
what_was_sent_is_told_once(void **state)
{
	struct scene s = begin();
	const struct limit m = { "m", 100, HOUR };

	(void)state;
	charge(&s, &m, 5);
	assert_int_equal(hand(&s, &m, true), 5);
	assert_int_equal(hand(&s, &m, true), 0);
	charge(&s, &m, 2); /* in the same step */
	wait_for(&s, 1000);
	charge(&s, &m, 1);
	assert_int_equal(hand(&s, &m, true), 3);
	assert_int_equal(hand(&s, &m, true), 0);
	end(&s);
}

static void
what_did_not_arrive_is_told_again(void **state)
{
	struct scene s = begin();
	const struct limit m = { "m", 100, HOUR };

	(void)state;
	charge(&s, &m, 5);
	assert_int_equal(hand(&s, &m, false), 5);
	wait_for(&s, 1000);
	charge(&s, &m, 2);
	assert_int_equal(hand(&s, &m, false), 7);
	assert_int_equal(hand(&s, &m, true), 7);
	assert_int_equal(hand(&s, &m, true), 0);
	end(&s);
}

static void
what_has_left_the_window_is_not_told(void **state)
{
	struct scene s = begin();
	const struct limit m = { "m", 100, HOUR };

	(void)state;
	charge(&s, &m, 5);
	wait_for(&s, HOUR / 2);
	charge(&s, &m, 3);
	wait_for(&s, HOUR / 2 + HOUR / SCORE_STEPS);
	assert_int_equal(hand(&s, &m, true), 3);
	wait_for(&s, 10 * HOUR);
	charge(&s, &m, 1);
	assert_int_equal(hand(&s, &m, true), 1);
	end(&s);
}

static void
what_was_told_still_counts_against_the_share(void **state)
{
	struct scene s = begin();
	const struct limit m = { "m", 5, HOUR };

	(void)state;
	charge(&s, &m, 5);
	assert_int_equal(hand(&s, &m, true), 5);
	assert_false(charge(&s, &m, 1));
	end(&s);
}

static void
what_is_open_is_told_when_it_is_settled(void **state)
{
	struct scene s = begin();
	const struct limit m = { "m", 5, HOUR };

	(void)state;
	begin_message(&s, &m);
	assert_int_equal(hand(&s, &m, true), 0);
	settle(&s, &m, 1, 0, 1);
	assert_int_equal(hand(&s, &m, true), 1);
	end(&s);
}

static void
so_are_leases_in_Redis_whose_transactions_are_over(void **state)
{
	struct scene s = begin();
	const struct limit m = { "m", 50, HOUR };
	struct handing h;
	struct score *t;

	(void)state;
	settle(&s, &m, 1, 7000, 1);
	settle(&s, &m, 2, 6000, 0);
	settle(&s, &m, 1, 7000, 1);
	t = score_of(&s, &m);
	for (int i = 0; i < 2; i++) {
		assert_true(score_hand(t, s.now, &h));
		assert_int_equal(h.n, 2);
		assert_int_equal(h.ended->end, 6000);
		assert_int_equal(h.ended->n, 2);
		assert_int_equal(h.ended->next->end, 7000);
		assert_int_equal(h.ended->next->n, 2);
		assert_null(h.ended->next->next);
		assert_false(score_hand(t, s.now, &(struct handing){ 0 }));
		if (i == 0)
			score_not_handed(t, &h);
	}
	score_handed(t, &h);
	assert_false(score_hand(t, s.now, &h));
	end(&s);
}

static void
too_many_of_them_are_left_to_their_ends(void **state)
{
	struct scene s = begin();
	const struct limit m = { "m", 50, HOUR };
	struct handing h;
	struct score *t;
	int count = 0;

	(void)state;
	for (int i = 0; i < 3 * SCORE_ENDED; i++)
		settle(&s, &m, 1, 7000 + i, 1);
	t = score_of(&s, &m);
	assert_true(score_hand(t, s.now, &h));
	assert_int_equal(h.n, 3 * SCORE_ENDED);
	for (const struct lease *l = h.ended; l; l = l->next)
		count++;
	assert_int_equal(count, SCORE_ENDED);
	score_handed(t, &h);
	end(&s);
}

static void
what_Redis_counted_and_was_taken_back_is_told_as_less(void **state)
{
	struct scene s = begin();
	const struct limit m = { "m", 50, HOUR };

	(void)state;
	settle(&s, &m, 0, 0, -1);
	assert_int_equal(used(&s, &m), 0);
	assert_int_equal(hand(&s, &m, true), -1);
	end(&s);
}

/* -- how many there are -- */

static struct limit
numbered(char *key, int n)
{
	sprintf(key, "m%d", n);
	return (struct limit){ key, 100, HOUR };
}

static void
when_all_are_needed_there_is_no_room(void **state)
{
	struct scene s = begin();
	char key[16];
	struct limit m;

	(void)state;
	for (int i = 0; i < SCORES_LEAST; i++) {
		m = numbered(key, i);
		assert_true(charge(&s, &m, 1));
	}
	m = numbered(key, SCORES_LEAST);
	assert_false(charge(&s, &m, 1));
	assert_int_equal(s.is.key.size, 0); /* lost, and not refused */
	m = numbered(key, 0);
	assert_true(charge(&s, &m, 1));
	assert_int_equal(scores_count(&s.scores), SCORES_LEAST);
	end(&s);
}

static void
of_those_that_are_not_the_longest_unused_goes(void **state)
{
	struct scene s = begin();
	char key[16];
	struct limit m;

	(void)state;
	for (int i = 0; i < SCORES_LEAST; i++) {
		m = numbered(key, i);
		assert_true(charge(&s, &m, 1));
		if (i == 3 || i == 5)
			hand(&s, &m, true);
	}
	m = numbered(key, 3);
	assert_true(charge(&s, &m, 1));
	hand(&s, &m, true); /* used after the fifth */
	m = numbered(key, SCORES_LEAST);
	assert_true(charge(&s, &m, 1));
	m = numbered(key, 5);
	assert_null(score_of(&s, &m));
	m = numbered(key, 3);
	assert_non_null(score_of(&s, &m));
	end(&s);
}

static void
a_walk_comes_by_all_and_takes_away_what_is_over(void **state)
{
	enum { COUNT = 100 };
	struct scene s = begin();
	char key[16];
	struct limit m;
	int met = 0;

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		m = numbered(key, i);
		charge(&s, &m, 1);
		if (i % 2)
			hand(&s, &m, true);
	}
	for (int i = 0; i < COUNT; i++)
		met += scores_walk(&s.scores, s.now) != NULL;
	assert_int_equal(met, COUNT);
	wait_for(&s, HOUR / 2);
	m = numbered(key, 7);
	charge(&s, &m, 1);
	wait_for(&s, HOUR / 2 + HOUR / SCORE_STEPS);
	met = 0;
	for (int i = 0; i < COUNT; i++)
		met += scores_walk(&s.scores, s.now) != NULL;
	assert_int_equal(met, 1);
	assert_int_equal(scores_count(&s.scores), 1);
	end(&s);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, a_share_is_the_limit_divided_by_those_who_share_it);
	SUITE_TEST(&s, no_more_than_the_share_passes);
	SUITE_TEST(&s, fewer_nodes_have_larger_shares_at_once);
	SUITE_TEST(&s, a_meter_without_a_limit_counts_and_holds_nobody_up);
	SUITE_TEST(&s, never_more_than_the_share_within_any_window);
	SUITE_TEST(&s, a_fresh_window_has_the_whole_share);
	SUITE_TEST(&s, the_next_is_allowed_when_it_was_said);
	SUITE_TEST(&s, what_never_fits_is_told_to_wait_a_window);
	SUITE_TEST(&s, all_meters_are_charged_or_none);
	SUITE_TEST(&s, of_two_that_refuse_the_one_that_takes_longer_is_told);
	SUITE_TEST(&s, who_is_over_the_limit_is_refused_with_nothing_to_charge);
	SUITE_TEST(&s, what_is_open_counts);
	SUITE_TEST(&s, what_is_given_back_is_free_at_once);
	SUITE_TEST(
	    &s, what_was_charged_alone_is_told_from_what_is_open_in_Redis);
	SUITE_TEST(&s, what_was_sent_stays);
	SUITE_TEST(&s, a_lease_ends_by_itself_a_sixteenth_late_at_most);
	SUITE_TEST(&s, who_waits_for_a_lease_is_told_how_long);
	SUITE_TEST(&s, taking_back_more_than_is_open_takes_what_there_is);
	SUITE_TEST(&s, a_warning_is_the_first_once_a_window);
	SUITE_TEST(&s, so_is_a_refusal);
	SUITE_TEST(&s, what_was_sent_is_told_once);
	SUITE_TEST(&s, what_did_not_arrive_is_told_again);
	SUITE_TEST(&s, what_has_left_the_window_is_not_told);
	SUITE_TEST(&s, what_was_told_still_counts_against_the_share);
	SUITE_TEST(&s, what_is_open_is_told_when_it_is_settled);
	SUITE_TEST(&s, so_are_leases_in_Redis_whose_transactions_are_over);
	SUITE_TEST(&s, too_many_of_them_are_left_to_their_ends);
	SUITE_TEST(&s, what_Redis_counted_and_was_taken_back_is_told_as_less);
	SUITE_TEST(&s, when_all_are_needed_there_is_no_room);
	SUITE_TEST(&s, of_those_that_are_not_the_longest_unused_goes);
	SUITE_TEST(&s, a_walk_comes_by_all_and_takes_away_what_is_over);
	return suite_run(&s, "rate/alone");
}
