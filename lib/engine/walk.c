/*
 * walk - tiers, the first refusal in table order, the deadline
 *
 * A request's work is over twice: when the reply leaves, and when the last
 * answer has come. Between the two only its memory waits.
 */
#include "engine/work.h"

#include <string.h>

#include "base/arena.h"
#include "engine/transaction.h"

/* Nobody else will. */
static void
end_if_unnamed(struct engine *e, struct transaction *t)
{
	if (t && !transaction_named(t))
		end_transaction(e, t, RELEASED, NULL);
}

static void
finish(struct work *w)
{
	if (!w->explained) {
		find_late_charges(w);
		hand_over_charges(w);
	}
	end_if_unnamed(w->engine, w->transaction);
	end_if_unnamed(w->engine, w->visit);
	transaction_unref(w->transaction);
	transaction_unref(w->visit);
	arena_release(w->req->arena);
}

static void
reply(struct work *w)
{
	struct engine *e = w->engine;

	arena_expect_release(w->req->arena);
	deadline_end(w);
	timer_stop(&w->patience);
	w->replied = true;
	e->in_work--;
	if (w->session)
		w->session->work = NULL;
	if (!w->explained) {
		w->took_us = clock_us(e->clock) - w->started_us;
		histogram_add(&e->counts.times, w->took_us);
		report(w);
	}
	if (w->done)
		w->done(w->data, &w->decision);
	if (w->scouts)
		scout_behind(w);
	if (w->in_flight == 0)
		finish(w);
}

static struct check_counts *
counts_of(const struct facts *f)
{
	return &f->work->engine->check_counts[f->number];
}

/* 451 tells them apart: what broke inside, and what is away outside. */
static enum reply_name
reply_for_loss(const struct verdict *v)
{
	const enum loss loss = v->loss;

	if (v->in_dns)
		return REPLY_LOOKUP;
	return loss == LOSS_SCRIPT || loss == LOSS_SHAPE ||
		loss == LOSS_WRONG_TYPE
	    ? REPLY_BROKEN
	    : REPLY_AWAY;
}

static void
explain(struct work *w)
{
	struct engine *e = w->engine;
	struct finding *findings = arena_alloc(
	    w->req->arena, e->check_count * sizeof(*findings));

	for (size_t i = 0; i < e->check_count; i++) {
		findings[i].check = e->checks[i];
		findings[i].mode = check_policy(e->checks[i], w->req)->mode;
	}
	for (const struct facts *part = w->parts; part < w->end; part++) {
		struct finding *f = &findings[part->number];

		f->mode = facts_policy(part)->mode;
		f->applies = f->mode != MODE_OFF;
		f->judged = f->applies && part->verdict;
		if (f->judged)
			f->verdict = *part->verdict;
	}
	w->explained(w->data, w->req, &w->decision, findings, e->check_count);
}

static void
conclude(struct work *w)
{
	struct engine *e = w->engine;
	struct decision *d = &w->decision;
	const struct facts *f = w->deciding;

	if (f) {
		d->check = f->check;
		d->verdict = f->verdict;
		d->refused = f->verdict->kind != VERDICT_EXEMPT;
	}
	if (d->refused) {
		d->name = d->verdict->kind == VERDICT_REFUSE
		    ? d->verdict->reply
		    : reply_for_loss(d->verdict);
		expand(w, d->name);
	}
	mark_find(w);
	if (w->explained) {
		explain(w);
		reply(w);
		return;
	}
	if (d->refused) {
		counts_of(f)->refused++;
		counts_of(f)->replies[d->name]++;
		if (d->verdict->kind == VERDICT_REFUSE &&
		    w->req->stage == AT_RCPT)
			errand_refused(w);
	}
	hand_over_charges(w);
	if (w->req->stage == AT_END_OF_MESSAGE && *w->req->instance)
		end_transaction(e, w->transaction,
		    d->refused ? RELEASED : COMMITTED, w->req);
	transaction_decided(w->transaction, w->req, clock_ms(e->clock), d);
	mark_give(w);
	reply(w);
}

/* Another list's question about what was just decided: it may have the next
 * mark. */
void
work_repeat(struct work *w)
{
	mark_give(w);
	reply(w);
}

static bool
lacks_answers(const struct facts *f)
{
	for (const struct fact *fact = f->list; fact; fact = fact->next)
		if (fact->asked->answer->state == LOST)
			return true;
	return false;
}

static void
count(const struct facts *f)
{
	const enum mode mode = facts_policy(f)->mode;

	if (mode == MODE_OBSERVE)
		counts_of(f)->observed[f->verdict->kind]++;
	if (mode == MODE_ENFORCE)
		counts_of(f)->verdicts[f->verdict->kind]++;
}

void
tell_watcher(const struct facts *f, const struct verdict *v)
{
	const struct engine *e = f->work->engine;

	if (v->event && e->watcher)
		e->watcher(e->watcher_data, f->work->req, f->check, v,
		    facts_policy(f)->mode);
}

static bool
says_nothing(const struct verdict *v)
{
	return v->kind == VERDICT_PASS && v->count == 0 && !v->policy &&
	    !v->event && !v->mark;
}

/* In a list of those that say something, in table order. */
static void
keep(struct facts *f, const struct verdict *v)
{
	struct facts **at = &f->work->telling;

	f->verdict = memcpy(
	    arena_take(f->work->req->arena, sizeof(*v)), v, sizeof(*v));
	while (*at && (*at)->number < f->number)
		at = &(*at)->next_telling;
	f->next_telling = *at;
	*at = f;
}

/* Nearly all say that they have nothing to say, and one verdict does for all
 * of them. */
static void
judge(struct facts *f)
{
	static const struct verdict pass = { .kind = VERDICT_PASS };
	const struct work *w = f->work;
	const struct verdict v = f->check->judge(w->req, f);

	if (says_nothing(&v))
		f->verdict = &pass;
	else
		keep(f, &v);
	f->judged_late = w->late && lacks_answers(f);
	if (w->req->dry)
		return;
	count(f);
	tell_watcher(f, f->verdict);
}

static bool
decides(const struct facts *f)
{
	const struct policy *p;

	if (f->verdict->kind == VERDICT_PASS)
		return false; /* nearly all do */
	p = facts_policy(f);
	if (p->mode != MODE_ENFORCE)
		return false;
	return f->verdict->kind != VERDICT_UNKNOWN ||
	    p->on_failure == FAILURE_DEFER;
}

enum step { WAIT, DECIDED, NEXT_TIER };

/* Judges the tier's checks in table order as far as their answers are here. */
static enum step
judge_tier(struct work *w)
{
	struct facts *const end = w->end;
	const enum tier tier = w->tier;
	struct facts *f = w->first;

	for (; f < end && f->tier == tier; f++) {
		if (!f->verdict) {
			if (!f->told)
				return WAIT;
			judge(f);
		}
		if (!w->deciding && decides(f)) {
			w->deciding = f;
			if (!w->explained)
				return DECIDED;
		}
	}
	w->first = f;
	return NEXT_TIER;
}

static void
ask_tier(struct work *w)
{
	struct facts *const end = w->end;
	const enum tier tier = w->tier;

	if (w->scouts)
		scout_ahead(w);
	for (struct facts *f = w->first; f < end && f->tier == tier; f++)
		if (!f->told && (f->scouted || scout_done(w, f)))
			facts_ask(f);
	/* What the DNS' own checks look for, scouts need not. */
	if (tier == TIER_DNS && !w->scouts)
		scout_begin(w);
}

void
work_walk(struct work *w)
{
	if (!work_scoped(w)) {
		deadline_wait(w);
		return;
	}
	for (; w->tier < TIER_COUNT; w->tier++) {
		enum step step;

		ask_tier(w);
		step = judge_tier(w);
		if (step == WAIT) {
			deadline_wait(w);
			return;
		}
		if (step == DECIDED)
			break;
	}
	conclude(w);
}

void
work_answered(struct work *w)
{
	if (!w->replied) {
		work_walk(w);
		return;
	}
	if (w->scouts)
		scout_behind(w);
	if (w->in_flight == 0)
		finish(w);
}

void
work_late(struct work *w)
{
	w->late = true;
	w->engine->counts.late++;
	for (struct asked *a = w->asked; a; a = a->next)
		if (a->answer->state == PENDING)
			a->answer = &late_answer;
	work_walk(w);
}
