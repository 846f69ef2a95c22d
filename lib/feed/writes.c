/*
 * writes - a table of what waits, in the order it came in
 */
#include "feed/writes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "register/aftermath.h"

enum { WARN_MS = 60 * 1000, SECOND_MS = 1000 };

/* What is added up. Zeroed before it is filled in: uthash compares bytes. */
struct key {
	struct address client;
	unsigned char what, service;
	const char *reason;
};

/* Waits in the table, or is in flight and in no table. */
struct write {
	struct ticket ticket; /* first */
	UT_hash_handle hh;
	struct writes *writes;
	struct key key;
	struct feed_act act;
	uint64_t since_ms;
	struct arena *arena; /* of the question */
	struct question question;
};

struct writes {
	struct clock *clock;
	struct store *store;
	const struct conf *conf;
	feed_told *told;
	void *data;
	struct write *pending; /* a hash table, oldest first */
	unsigned in_flight;
	unsigned following; /* questions of the aftermath */
	struct timer batch; /* until the next are sent */
	struct timer quiet; /* runs: trouble was told a short time ago */
	enum loss loss; /* why Redis was away the last time */
	bool waits; /* some were refused since trouble was told */
	uint64_t written, lost, dropped, told_lost, told_dropped;
};

static const char *const whats[] = { "failure", "strike", "end" };

const char *
feed_what_name(enum feed_what what)
{
	return whats[what];
}

static void send_batch(struct timer *t);
static void tell_trouble(struct timer *t);

struct writes *
writes_new(struct clock *clock, struct store *store, const struct conf *conf,
    feed_told *told, void *data)
{
	struct writes *w = xcalloc(1, sizeof(*w));

	w->clock = clock;
	w->store = store;
	w->conf = conf;
	w->told = told;
	w->data = data;
	w->batch.fire = send_batch;
	w->quiet.fire = tell_trouble;
	return w;
}

static void
write_free(struct write *p)
{
	arena_release(p->arena);
	free(p);
}

static void
take_off(struct writes *w, struct write *p)
{
	HASH_DEL(w->pending, p);
}

void
writes_configure(struct writes *w, const struct conf *conf)
{
	w->conf = conf;
}

void
writes_free(struct writes *w)
{
	struct write *p;

	if (!w)
		return;
	timer_stop(&w->batch);
	timer_stop(&w->quiet);
	while ((p = w->pending)) {
		take_off(w, p);
		write_free(p);
	}
	free(w);
}

/* -- trouble, once a minute -- */

static void
tell_trouble(struct timer *t)
{
	struct writes *w = (struct writes *)((char *)t -
	    offsetof(struct writes, quiet));
	const uint64_t lost = w->lost - w->told_lost,
		       dropped = w->dropped - w->told_dropped;

	if (lost + dropped == 0 && !w->waits)
		return;
	log_warning("feed: %" PRIu64 " writes lost, %" PRIu64
		    " dropped, %u wait: %s",
	    lost, dropped, HASH_COUNT(w->pending), loss_name(w->loss));
	w->told_lost = w->lost;
	w->told_dropped = w->dropped;
	w->waits = false;
	timer_start(&w->quiet, w->clock, WARN_MS);
}

static void
note_trouble(struct writes *w)
{
	if (!timer_running(&w->quiet))
		tell_trouble(&w->quiet);
}

/* -- waiting -- */

static void
key_of(const struct feed_act *act, struct key *key)
{
	memset(key, 0, sizeof(*key));
	key->client = act->client;
	key->what = (unsigned char)act->what;
	key->service = (unsigned char)act->service;
	key->reason = act->reason;
}

/* Adds `p` to one that is equal, or puts it behind all others. */
static void
put(struct writes *w, struct write *p)
{
	struct write *equal;

	HASH_FIND(hh, w->pending, &p->key, sizeof(p->key), equal);
	if (equal) {
		equal->act.count += p->act.count;
		if (p->since_ms < equal->since_ms)
			equal->since_ms = p->since_ms;
		write_free(p);
		return;
	}
	if (HASH_COUNT(w->pending) >= WRITES_PENDING) {
		struct write *oldest = w->pending;

		w->dropped++;
		take_off(w, oldest);
		write_free(oldest);
		note_trouble(w);
	}
	HASH_ADD(hh, w->pending, key, sizeof(p->key), p);
}

void
writes_add(struct writes *w, const struct feed_act *act)
{
	struct write *p = xcalloc(1, sizeof(*p));

	p->writes = w;
	p->act = *act;
	p->since_ms = clock_ms(w->clock);
	key_of(act, &p->key);
	put(w, p);
	if (!timer_running(&w->batch))
		timer_start(&w->batch, w->clock, WRITES_BATCH_MS);
}

/* -- sending -- */

static struct question
question_of(struct writes *w, struct write *p)
{
	const struct feed_act *act = &p->act;
	const struct failure f = { act->user, "", act->service, act->count };

	switch (act->what) {
	case FEED_FAILURE:
		return register_failure(p->arena, w->conf, &act->client, &f);
	case FEED_STRIKE:
		return register_strike(
		    p->arena, w->conf, &act->client, act->reason, "feed");
	default:
		return register_disconnect(p->arena, w->conf, &act->client, "");
	}
}

/* It did not run: it may be asked again. */
static bool
did_not_run(enum loss loss)
{
	return loss == LOSS_DOWN || loss == LOSS_BUSY ||
	    loss == LOSS_READ_ONLY || loss == LOSS_FULL || loss == LOSS_REFUSED;
}

static void
lost(struct writes *w, struct write *p, enum loss loss)
{
	w->loss = loss;
	if (did_not_run(loss) && p->act.what != FEED_END) {
		arena_release(p->arena);
		p->arena = NULL;
		put(w, p);
		timer_start(&w->batch, w->clock, WRITES_RETRY_MS);
		w->waits = true;
	} else {
		w->lost++;
		write_free(p);
	}
	note_trouble(w);
}

static void
tell(struct writes *w, const struct write *p, const struct register_result *r)
{
	const struct feed_act *act = &p->act;
	const struct offence o = {
		.which = act->what == FEED_STRIKE ? REGISTER_BAN
						  : REGISTER_ABUSE,
		.why = act->what == FEED_STRIKE ? act->reason : "failed logins",
		.by = "feed",
		.user = act->user,
	};

	aftermath(w->store, w->conf, &act->client, r, &o, &w->following);
	if (w->told)
		w->told(w->data, act, r);
}

/* The end of one connection is one question: the others follow. */
static void
written(struct writes *w, struct write *p, const struct register_result *r)
{
	tell(w, p, r);
	if (p->act.what == FEED_END && --p->act.count > 0) {
		arena_release(p->arena);
		p->arena = NULL;
		put(w, p);
	} else {
		write_free(p);
	}
}

static void
answered(struct ticket *t, const struct answer *a)
{
	struct write *p = (struct write *)t;
	struct writes *w = p->writes;
	struct register_result r;

	w->in_flight--;
	if (a->state != KNOWN) {
		lost(w, p, a->loss);
	} else if (!register_result(a, &r)) {
		lost(w, p, LOSS_SHAPE);
	} else {
		w->written++;
		written(w, p, &r);
	}
	if (w->pending && !timer_running(&w->batch))
		timer_start(&w->batch, w->clock, 0);
}

/* A failure that waited longer than failures count would count too late. */
static bool
too_late(const struct writes *w, const struct write *p)
{
	const uint64_t age = clock_ms(w->clock) - p->since_ms;

	return age / SECOND_MS > (uint64_t)w->conf->settings.abuse.window;
}

static void
send(struct writes *w, struct write *p)
{
	take_off(w, p);
	if (too_late(w, p)) {
		w->dropped++;
		write_free(p);
		note_trouble(w);
		return;
	}
	if (!w->store) {
		if (w->told)
			w->told(w->data, &p->act, NULL);
		write_free(p);
		return;
	}
	p->arena = arena_new();
	p->question = question_of(w, p);
	p->ticket.answered = answered;
	w->in_flight++;
	store_ask(w->store, &p->question, &p->ticket);
}

static void
send_batch(struct timer *t)
{
	struct writes *w = (struct writes *)((char *)t -
	    offsetof(struct writes, batch));

	while (w->pending && w->in_flight < WRITES_IN_FLIGHT)
		send(w, w->pending);
}

void
writes_flush(struct writes *w)
{
	timer_stop(&w->batch);
	send_batch(&w->batch);
}

unsigned
writes_waiting(const struct writes *w)
{
	return HASH_COUNT(w->pending) + w->in_flight + w->following;
}

void
writes_counts(const struct writes *w, struct feed_counts *out)
{
	out->written = w->written;
	out->lost = w->lost;
	out->dropped = w->dropped;
}
