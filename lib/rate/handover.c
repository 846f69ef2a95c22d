/*
 * handover - questions of one meter each, in the order of the walk
 */
#include "rate/handover.h"

#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "rate/asked.h"

enum {
	WALK_MS = 1000, /* between two walks */
	SOON_MS = 10, /* until the rest of one */
	STEPS = 1000 /* of a walk at a time */
};

/* What a score has for Redis, on its way. */
struct handed {
	struct ticket ticket;
	struct handover *handover;
	struct score *score;
	struct handing handing;
	struct arena *arena;
	const struct question *question;
};

bool
handover_did_not_run(enum loss loss)
{
	return loss == LOSS_DOWN || loss == LOSS_BUSY ||
	    loss == LOSS_READ_ONLY || loss == LOSS_FULL || loss == LOSS_REFUSED;
}

bool
handover_is_away(enum loss loss)
{
	return handover_did_not_run(loss) || loss == LOSS_TIMEOUT ||
	    loss == LOSS_BROKEN;
}

static void
say_told(struct handover *h)
{
	if (h->count == h->logged && h->unsure == 0)
		return;
	log_info("rate: Redis was told what was sent without it, %llu sums of "
		 "meters, and perhaps %u more",
	    (unsigned long long)(h->count - h->logged), h->unsure);
	h->logged = h->count;
	h->unsure = 0;
}

/* -- one of them -- */

static void go_on(struct handover *h);

/* True when Redis may be given more. */
static bool
heard(struct handed *d, const struct answer *a)
{
	struct handover *h = d->handover;
	const bool kept = a->state == LOST && handover_did_not_run(a->loss);

	h->away = a->state == LOST && handover_is_away(a->loss);
	if (kept)
		score_not_handed(d->score, &d->handing);
	else
		score_handed(d->score, &d->handing);
	h->count += a->state == KNOWN;
	h->unsure += a->state == LOST && !kept;
	return !h->away;
}

static void
answered(struct ticket *t, const struct answer *a)
{
	struct handed *d = (struct handed *)t;
	struct handover *h = d->handover;

	h->in_flight--;
	if (!heard(d, a))
		h->to_walk = 0; /* until the next walk */
	arena_release(d->arena);
	go_on(h);
}

/* Of what kind it is does not matter to Redis, which goes by the key. */
static const struct question *
ask_to_count(const struct handed *d)
{
	const struct meter m = { .limit.seconds = d->score->seconds,
		.key = d->score->key };
	const struct amounts sent = { .of[RATE_MESSAGES] = d->handing.n };
	struct rate_open open[SCORE_ENDED] = { 0 };
	size_t count = 0;

	for (const struct lease *e = d->handing.ended; e; e = e->next)
		open[count++] = (struct rate_open){ e->end,
			{ .of[RATE_MESSAGES] = e->n } };
	return asked_written(d->arena,
	    rate_settle(d->arena, &(const struct meters){ 1, &m }, &sent, open,
		count, store_time(d->handover->inner)));
}

static void
hand_over(struct handover *h, struct score *s)
{
	struct handing handing;
	struct arena *a;
	struct handed *d;

	if (!score_hand(s, clock_ms(h->clock), &handing))
		return;
	a = arena_new();
	d = arena_alloc(a, sizeof(*d));
	*d = (struct handed){ { answered }, h, s, handing, a, NULL };
	d->question = ask_to_count(d);
	h->in_flight++;
	store_ask(h->inner, d->question, &d->ticket);
}

void
handover_first(struct handover *h, const struct word *keys, unsigned count)
{
	struct score *s;

	if (h->away || scores_count(h->scores) == 0)
		return;
	for (unsigned i = 0; i < count; i++)
		if ((s = scores_find(h->scores, keys[i])) != NULL)
			hand_over(h, s);
}

/* -- the walk -- */

static bool
redis_is_ready(const struct handover *h)
{
	struct store_health health = { .state = "" };

	h->inner->health(h->inner, &health);
	return strcmp(health.state, "ready") == 0;
}

static void
go_on(struct handover *h)
{
	const unsigned most = h->away ? 1 : HANDOVER_MOST;
	int steps = 0;
	struct score *s;

	while (h->to_walk > 0 && h->in_flight < most && steps++ < STEPS) {
		h->to_walk--;
		s = scores_walk(h->scores, clock_ms(h->clock));
		if (s)
			hand_over(h, s);
	}
	if (h->to_walk == 0 && h->in_flight == 0 && !h->away)
		say_told(h);
}

/* What is over is taken away on a walk, Redis or not. */
static void
only_look(struct handover *h)
{
	for (int i = 0; i < STEPS && h->to_walk > 0; i++, h->to_walk--)
		scores_walk(h->scores, clock_ms(h->clock));
}

static void
walk(struct timer *timer)
{
	struct handover *h = (struct handover *)((char *)timer -
	    offsetof(struct handover, walk));

	if (h->to_walk == 0)
		h->to_walk = scores_count(h->scores);
	if (redis_is_ready(h))
		go_on(h);
	else
		only_look(h);
	if (scores_count(h->scores) > 0)
		timer_start(timer, h->clock,
		    h->to_walk > 0 && !h->away ? SOON_MS : WALK_MS);
}

static void
walk_within(struct handover *h, uint64_t ms)
{
	if (scores_count(h->scores) > 0 &&
	    (!timer_running(&h->walk) || h->walk.due > clock_ms(h->clock) + ms))
		timer_start(&h->walk, h->clock, ms);
}

void
handover_back(struct handover *h)
{
	if (h->away)
		walk_within(h, SOON_MS);
	h->away = false;
}

void
handover_lost(struct handover *h, enum loss loss)
{
	h->away |= handover_is_away(loss);
}

void
handover_counted(struct handover *h)
{
	walk_within(h, WALK_MS);
}

bool
handover_finish(struct handover *h)
{
	if (!redis_is_ready(h))
		return h->in_flight == 0;
	if (!h->finishing)
		h->to_walk = scores_count(h->scores);
	h->finishing = true;
	go_on(h);
	return h->in_flight == 0 && h->to_walk == 0;
}

void
handover_init(struct handover *h)
{
	h->walk.fire = walk;
}

void
handover_clear(struct handover *h)
{
	timer_stop(&h->walk);
}
