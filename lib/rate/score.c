/*
 * score - a ring of steps, and two lists of leases
 */
#include "rate/score.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum {
	RING = SCORE_STEPS + 1,
	ENDS = 16 /* open leases differ by so many parts of their length */
};

struct score *
score_new(struct word key, int64_t seconds, uint64_t now)
{
	struct score *s = xcalloc(1, sizeof(*s) + key.size + 1);

	memcpy(s->text, key.text, key.size);
	s->key = (struct word){ s->text, key.size };
	s->seconds = seconds;
	s->step_ms = (uint64_t)seconds * 1000 / SCORE_STEPS;
	s->newest = s->told_from = now / s->step_ms;
	return s;
}

static void
free_leases(struct lease *l)
{
	for (struct lease *next; l; l = next) {
		next = l->next;
		free(l);
	}
}

void
score_free(struct score *s)
{
	free_leases(s->open);
	free_leases(s->ended);
	free(s);
}

/* -- counting -- */

static int64_t *
step(struct score *s, uint64_t number)
{
	return &s->steps[number % RING];
}

/* The oldest step that counts. */
static uint64_t
oldest(const struct score *s)
{
	return s->newest > SCORE_STEPS ? s->newest - SCORE_STEPS : 0;
}

/* Steps that have left the window are empty again, leases that have ended are
 * gone. */
static void
turn(struct score *s, uint64_t now)
{
	const uint64_t number = now / s->step_ms;
	struct lease *l;

	if (number - s->newest > RING)
		s->newest = number - RING;
	while (s->newest < number)
		*step(s, ++s->newest) = 0;
	while ((l = s->open) != NULL && l->end <= (int64_t)now) {
		s->open = l->next;
		free(l);
	}
}

static int64_t
sum(struct score *s, uint64_t from)
{
	int64_t n = 0;

	for (uint64_t i = from; i <= s->newest; i++)
		n += *step(s, i);
	return n;
}

int64_t
score_used(struct score *s, uint64_t now)
{
	int64_t n;

	turn(s, now);
	n = sum(s, oldest(s));
	for (const struct lease *l = s->open; l; l = l->next)
		n += l->n;
	return n > 0 ? n : 0;
}

void
score_add(struct score *s, uint64_t now, int64_t n)
{
	turn(s, now);
	*step(s, s->newest) += n;
}

/* In its place by its end, or into the one that is there. */
static struct lease **
place(struct lease **at, int64_t end)
{
	while (*at && (*at)->end < end)
		at = &(*at)->next;
	return at;
}

/* True: it is a new one. */
static bool
put(struct lease **list, int64_t end, int64_t n)
{
	struct lease **at = place(list, end), *l = *at;

	if (l && l->end == end) {
		l->n += n;
		return false;
	}
	l = xmalloc(sizeof(*l));
	*l = (struct lease){ *at, end, n };
	*at = l;
	return true;
}

void
score_open(struct score *s, uint64_t now, int64_t n, int64_t seconds)
{
	const int64_t apart = seconds * 1000 / ENDS + 1;
	const int64_t end = (int64_t)now + seconds * 1000;

	turn(s, now);
	put(&s->open, (end + apart - 1) / apart * apart, n);
}

void
score_close(struct score *s, int64_t n)
{
	struct lease *l;

	while (n > 0 && (l = s->open) != NULL) {
		if (l->n > n) {
			l->n -= n;
			return;
		}
		n -= l->n;
		s->open = l->next;
		free(l);
	}
}

void
score_ended(struct score *s, int64_t end, int64_t n)
{
	const struct lease *l = *place(&s->ended, end);

	if (s->ended_count < SCORE_ENDED || (l && l->end == end))
		s->ended_count += put(&s->ended, end, n);
}

/* -- what to say about it -- */

static int64_t
seconds_until(uint64_t at, uint64_t now)
{
	return at > now ? (int64_t)((at - now + 999) / 1000) : 1;
}

/* What becomes free, in the order of time: leases end between steps that leave
 * the window. */
int64_t
score_next(struct score *s, uint64_t now, int64_t n, int64_t most)
{
	int64_t over = score_used(s, now) + n - most;
	const struct lease *l = s->open;

	if (over <= 0)
		return 0;
	for (uint64_t i = oldest(s); i <= s->newest; i++) {
		const uint64_t leaves = (i + RING) * s->step_ms;

		for (; l && l->end <= (int64_t)leaves; l = l->next)
			if ((over -= l->n) <= 0)
				return seconds_until((uint64_t)l->end, now);
		if ((over -= *step(s, i)) <= 0)
			return seconds_until(leaves, now);
	}
	for (; l; l = l->next)
		if ((over -= l->n) <= 0)
			return seconds_until((uint64_t)l->end, now);
	return s->seconds;
}

bool
score_first(struct score *s, uint64_t now, bool refusal)
{
	bool *was = refusal ? &s->refused : &s->warned;
	uint64_t *when = refusal ? &s->refused_ms : &s->warned_ms;
	const uint64_t window = (uint64_t)s->seconds * 1000;

	if (*was && now - *when < window)
		return false;
	*was = true;
	*when = now;
	return true;
}

/* -- handing over -- */

static int64_t
untold(struct score *s)
{
	if (s->told_from < oldest(s))
		return sum(s, oldest(s));
	return sum(s, s->told_from) - s->told;
}

bool
score_busy(struct score *s, uint64_t now)
{
	turn(s, now);
	return s->handing || s->open || s->ended || untold(s) != 0;
}

bool
score_over(struct score *s, uint64_t now)
{
	return !score_busy(s, now) && score_used(s, now) == 0;
}

bool
score_hand(struct score *s, uint64_t now, struct handing *h)
{
	turn(s, now);
	*h = (struct handing){ untold(s), s->ended, s->ended_count,
		s->told_from, s->told };
	if (s->handing || (h->n == 0 && !h->ended))
		return false;
	s->handing = true;
	s->ended = NULL;
	s->ended_count = 0;
	s->told_from = s->newest;
	s->told = *step(s, s->newest);
	return true;
}

void
score_handed(struct score *s, struct handing *h)
{
	s->handing = false;
	free_leases(h->ended);
	h->ended = NULL;
}

void
score_not_handed(struct score *s, struct handing *h)
{
	s->told_from = h->told_from;
	s->told = h->told;
	for (const struct lease *l = h->ended; l; l = l->next)
		score_ended(s, l->end, l->n);
	score_handed(s, h);
}
