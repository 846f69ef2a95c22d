/*
 * Whatever the pattern, no window sees more than the limit, and nobody waits
 * longer than a step for what is free.
 *
 * Somebody sends in bursts, at the ends of windows, evenly, and as fast as he
 * can; all he sent is remembered, and each verdict is compared with it.
 */
#include <stdio.h>
#include <string.h>

#include "kit/suite.h"
#include "kit/tally.h"

enum { SENT = 4000 };

struct sender {
	struct tally *t;
	unsigned chance;
	int64_t limit, seconds, step;

	struct {
		int64_t at, n;
	} sent[SENT];
	int count;
	struct rate_open open[64];
	int opened;
};

static unsigned
dice(struct sender *s, unsigned sides)
{
	s->chance = s->chance * 1103515245 + 12345;
	return (s->chance >> 16) % sides;
}

/* What was sent after `since`, and what is open. */
static int64_t
used(const struct sender *s, int64_t since)
{
	int64_t n = 0;

	for (int i = 0; i < s->count; i++)
		if (s->sent[i].at > since)
			n += s->sent[i].n;
	for (int i = 0; i < s->opened; i++)
		if (s->open[i].lease > tally_now(s->t))
			n += s->open[i].n.of[RATE_RECIPIENTS];
	return n;
}

static void
sent(struct sender *s, int64_t n)
{
	assert_true(s->count < SENT);
	s->sent[s->count].at = tally_now(s->t);
	s->sent[s->count++].n = n;
}

static void
open_one(struct sender *s, int64_t n)
{
	const int64_t now = tally_now(s->t);
	const bool may = tally_charge(s->t, 0, n, 0);

	assert_true(s->t->answered);
	if (may)
		assert_true(used(s, now - s->seconds) + n <= s->limit);
	else
		assert_true(used(s, now - s->seconds - s->step) + n > s->limit);
	if (may && s->t->lease == 0)
		sent(s, n);
	else if (may)
		s->open[s->opened++] = (struct rate_open){ s->t->did.lease,
			{ { [RATE_RECIPIENTS] = n } } };
}

/* Most of it was sent; or all of it was not. */
static void
settle_one(struct sender *s)
{
	const unsigned i = dice(s, (unsigned)s->opened);
	const struct rate_open open = s->open[i];
	struct amounts n = open.n;

	if (dice(s, 4) == 0)
		n.of[RATE_RECIPIENTS] = dice(s, 2);
	s->open[i] = s->open[--s->opened];
	tally_settle(s->t, &n, &open, 1);
	assert_true(s->t->answered);
	sent(s, n.of[RATE_RECIPIENTS]);
}

static int64_t
pause_of(struct sender *s, unsigned pattern)
{
	const int64_t now = tally_now(s->t);

	switch (pattern) {
	case 0: /* as fast as possible */
		return dice(s, 8) == 0;
	case 1: /* evenly */
		return s->seconds / s->limit + dice(s, 2);
	case 2: /* at the end of a window, and at its beginning */
		return dice(s, 6) ? 0
				  : s->seconds - now % s->seconds - dice(s, 2);
	case 3: /* when a step ends */
		return dice(s, 4) ? 0 : s->step - now % s->step;
	default:
		return dice(s, (unsigned)s->step + 1);
	}
}

static bool
all_is_free(struct sender *s)
{
	tally_wait(s->t, s->seconds + s->step + DAY);
	s->opened = 0;
	return tally_look(s->t)->used == 0;
}

static void
send_by(struct sender *s, unsigned pattern)
{
	for (int i = 0; i < 100; i++) {
		const int64_t n = 1 + dice(s, s->limit > 3 ? 3 : 1);

		if (s->opened > 0 && (dice(s, 2) || s->opened > 60))
			settle_one(s);
		else
			open_one(s, n);
		tally_wait(s->t, pause_of(s, pattern));
	}
	assert_true(all_is_free(s));
	for (int64_t i = 0; i < s->limit; i++) /* all at once */
		open_one(s, 1);
	assert_int_equal(tally_look(s->t)->used, s->limit);
}

struct row {
	const char *name;
	int64_t limit, seconds;
	bool at_once; /* nothing is ever open */
};

static const struct row rows[] = {
	{ "one a second", 1, 1, true },
	{ "three in seven seconds", 3, 7, true },
	{ "nine in twenty seconds", 9, 20, true },
	{ "twelve in fifty seconds, which no twentieth divides", 12, 50, true },
	{ "a hundred in seventy-seven seconds", 100, 77, true },
	{ "twenty an hour", 20, HOUR, true },
	{ "five a day", 5, DAY, true },
	{ "one in a thousand days", 1, 1000 * DAY, true },
	{ "thirty a minute, settled later", 30, MINUTE, false },
	{ "twenty an hour, settled later", 20, HOUR, false },
	{ "fifty a day, settled later", 50, DAY, false },
};

static void
never_more_and_never_less(void **state)
{
	const struct row *row = *state;

	for (unsigned seed = 0; seed < 4; seed++) {
		struct sender s = { .t = tally_begin(),
			.chance = seed,
			.limit = row->limit,
			.seconds = row->seconds,
			.step = (row->seconds + 19) / 20 };

		tally_meter(s.t, OWNER_MAILBOX, RATE_RECIPIENTS, row->limit,
		    row->seconds);
		s.t->lease = row->at_once ? 0 : 15 * MINUTE;
		s.t->blind = seed % 3 == 0;
		tally_wait(s.t, dice(&s, 10000));
		for (unsigned pattern = 0; pattern < 5; pattern++)
			send_by(&s, pattern);
		tally_end(s.t);
	}
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, never_more_and_never_less);
	return suite_run(&s, "rate/window");
}
