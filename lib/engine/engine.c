/*
 * engine - where requests come in, and what is kept between them
 */
#include "engine/engine.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/hash.h"
#include "engine/transaction.h"
#include "engine/work.h"
#include "register/lists.h"
#include "scope/scope.h"

struct engine *
engine_new(struct clock *clock, const struct check *const *checks,
    struct store *store, struct conf *conf)
{
	struct engine *e = xcalloc(1, sizeof(*e));

	e->number = hash_seed();
	e->clock = clock;
	e->deadline.fire = deadline_passed;
	e->checks = checks;
	while (checks[e->check_count])
		e->check_count++;
	e->check_counts = xcalloc(e->check_count, sizeof(*e->check_counts));
	e->store = store;
	e->conf = conf_ref(conf);
	choose_for(e);
	/* Ids are told to strangers, the other number is not. */
	e->transactions = transactions_new(hash_seed());
	e->scopes = scopes_known_new(clock);
	return e;
}

void
engine_free(struct engine *e)
{
	if (!e)
		return;
	transactions_free(e->transactions);
	scopes_known_free(e->scopes);
	conf_unref(e->conf);
	lists_unref(e->lists);
	free(e->check_counts);
	free(e->choices);
	free(e);
}

void
engine_configure(struct engine *e, struct conf *conf, struct store *store)
{
	conf_ref(conf);
	conf_unref(e->conf);
	e->conf = conf;
	e->store = store;
	choose_for(e);
	scopes_known_configure(e->scopes);
}

struct conf *
engine_conf(const struct engine *e)
{
	return e->conf;
}

struct store *
engine_store(const struct engine *e)
{
	return e->store;
}

struct lists *
engine_known_lists(const struct engine *e)
{
	return e->lists;
}

void
engine_lists(struct engine *e, struct lists *lists)
{
	lists_unref(e->lists);
	e->lists = lists;
}

void
engine_watch(struct engine *e, engine_event *told, void *data)
{
	e->watcher = told;
	e->watcher_data = data;
}

unsigned
engine_in_work(const struct engine *e)
{
	return e->in_work;
}

unsigned
engine_in_flight(const struct engine *e)
{
	return e->in_flight;
}

const struct engine_counts *
engine_counts(const struct engine *e)
{
	return &e->counts;
}

struct scopes_known *
engine_scopes(const struct engine *e)
{
	return e->scopes;
}

struct scopes_counts
engine_scopes_counts(const struct engine *e)
{
	return scopes_known_counts(e->scopes);
}

const struct check_counts *
engine_check_counts(const struct engine *e, size_t i)
{
	return &e->check_counts[i];
}

/* The stages at which Postfix shows that a transaction, if there was one, is
 * over, though it names no new one yet. */
static bool
starts_anew(const struct request *r)
{
	return !*r->instance && (r->stage & (AT_CONNECT | AT_HELO | AT_MAIL));
}

/* From what `place` holds into `t`. */
static void
move_on(struct engine *e, struct transaction **place, struct transaction *t)
{
	if (t == *place)
		return;
	leave_transaction(e, place);
	if (!transaction_named(t))
		return;
	*place = transaction_ref(t);
	transaction_join(t);
}

static void
enter_transaction(struct work *w)
{
	struct engine *e = w->engine;
	struct session *s = w->session;
	bool is_new;

	w->transaction = transaction_of(
	    e->transactions, TRANSACTION, w->req, &is_new);
	if (!s || (!transaction_named(w->transaction) && !starts_anew(w->req)))
		return;
	if (is_new && transaction_named(w->transaction))
		e->counts.transactions++;
	move_on(e, &s->transaction, w->transaction);
}

/* Nobody follows sessions for checks that charge nothing to them; but one that
 * was charged ends with the next, whatever that is. */
static void
enter_visit(struct work *w, bool may_charge)
{
	struct engine *e = w->engine;
	bool is_new;

	if (!may_charge && !(w->session && w->session->visit))
		return;
	w->visit = transaction_of(e->transactions, VISIT, w->req, &is_new);
	visit_heard(w->visit, clock_ms(e->clock));
	if (w->session)
		move_on(e, &w->session->visit, w->visit);
}

void
work_choose(struct work *w)
{
	enter_visit(w, choose_parts(w));
}

static struct work *
begin(struct engine *e, struct session *s, struct request *r)
{
	struct work *w = arena_alloc(r->arena, sizeof(*w));

	if (s) /* mostly it goes on with the same */
		memory_fetch(s->transaction, 2 * CACHE_LINE);
	w->engine = e;
	w->req = r;
	w->store = e->store;
	w->session = s;
	w->started_us = clock_turn_us(e->clock);
	w->patience.fire = scout_impatient;
	request_classify(r, e->conf, e->lists, clock_unix(e->clock));
	work_expect(w);
	r->server_time = store_time(e->store);
	r->number = e->number++;
	expand_id(w, r->number);
	e->in_work++;
	enter_transaction(w);
	work_expect_more(w);
	return w;
}

static void
count_request(struct engine *e, const struct request *r)
{
	const int class = __builtin_ctz(r->class);

	e->counts.requests++;
	e->counts.by_class[class]++;
	e->counts.by_stage[class][__builtin_ctz(r->stage)]++;
}

void
engine_ask(struct engine *e, struct session *s, struct request *r,
    engine_done *done, void *data)
{
	struct work *w = begin(e, s, r);

	w->done = done;
	w->data = data;
	s->work = w;
	count_request(e, r);
	if (transaction_repeat(
		w->transaction, r, clock_ms(e->clock), &w->decision)) {
		e->counts.repeated++;
		work_repeat(w);
		return;
	}
	work_walk(w);
}

void
engine_explain(
    struct engine *e, struct request *r, engine_explained *done, void *data)
{
	struct work *w;

	r->dry = true;
	w = begin(e, NULL, r);
	w->explained = done;
	w->data = data;
	work_walk(w);
}

void
engine_leave(struct engine *e, struct session *s)
{
	if (s->work) {
		s->work->session = NULL;
		s->work->done = NULL;
		s->work = NULL;
	}
	leave_transaction(e, &s->transaction);
	leave_transaction(e, &s->visit);
}
