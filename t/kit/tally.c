/*
 * tally - one question at a time
 */
#include "kit/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "kit/suite.h"
#include "rate/asked.h"

static const struct amounts one = { { 1, 1, 0, 0, 0 } };

struct tally *
tally_begin(void)
{
	struct tally *t = xcalloc(1, sizeof(*t));

	t->arena = arena_new();
	t->clock = clock_new_virtual(NOON);
	t->redis = false_redis_new(t->clock);
	t->store = false_redis_store(t->redis);
	t->meters.items = t->items;
	t->lease = 15 * MINUTE;
	return t;
}

void
tally_end(struct tally *t)
{
	false_redis_free(t->redis);
	clock_free(t->clock);
	arena_release(t->arena);
	arena_pool_clear();
	free(t);
}

void
tally_wait(struct tally *t, int64_t seconds)
{
	clock_turn(t->clock, 1000 * (uint64_t)seconds);
}

int64_t
tally_now(const struct tally *t)
{
	return store_time(false_redis_store(t->redis));
}

const char *
tally_meter(struct tally *t, enum rate_owner owner, enum rate_kind kind,
    int64_t count, int64_t seconds)
{
	static const char *const domains[] = { "example.com", "example.com",
		NULL, "192.0.2.7", "192.0.2.7" };
	struct meter *m = &t->items[t->meters.count++];

	*m = (struct meter){ kind, owner, { count, seconds }, 80,
		rate_key(t->arena, "policyd:", owner, domains[owner], "alice",
		    kind, seconds) };
	return m->key.text;
}

/* -- asking -- */

static void
answered(struct ticket *ticket, const struct answer *a)
{
	struct tally *t = (struct tally *)ticket;

	t->told = true;
	t->answered = a->state == KNOWN;
	t->loss = a->loss;
	t->raw = *a;
	for (unsigned i = 0; i < a->count; i++)
		if (a->values[i].text)
			t->raw.values[i].text = arena_memdup(
			    t->arena, a->values[i].text, a->values[i].size);
}

/* Redis itself wants them all. */
static const struct question *
words_for(struct tally *t, struct store *store, const struct question *q)
{
	return store == false_redis_store(t->redis) ? asked_written(t->arena, q)
						    : q;
}

void
tally_ask(struct tally *t, struct store *store, const struct question *q)
{
	t->ticket.answered = answered;
	t->told = t->answered = false;
	store_ask(store, words_for(t, store, q), &t->ticket);
	clock_turn(t->clock, 0);
	if (!t->told)
		clock_turn(t->clock, 500);
	assert_true(t->told);
}

static void
ask_redis(struct tally *t, const struct question *q)
{
	tally_ask(t, false_redis_store(t->redis), q);
}

static int64_t
told_time(const struct tally *t)
{
	return t->blind ? 0 : tally_now(t);
}

static bool
charge(struct tally *t, const struct amounts *n, const char *network, bool dry)
{
	const struct question *q = rate_charge(t->arena, &t->meters, n,
	    t->lease, network, told_time(t), dry, t->alone);

	tally_ask(t, t->store, q);
	t->answered &= rate_result(&t->raw, &t->meters, &t->did);
	return t->answered && t->did.charged;
}

bool
tally_charge(
    struct tally *t, int64_t messages, int64_t recipients, int64_t bytes)
{
	const struct amounts n = { { messages, recipients, bytes, 0, 0 } };

	return charge(t, &n, NULL, false);
}

bool
tally_try(struct tally *t, const struct amounts *n, const char *network)
{
	return charge(t, n, network, false);
}

bool
tally_dry(struct tally *t, const struct amounts *n, const char *network)
{
	return charge(t, n, network, true);
}

bool
tally_open(struct tally *t)
{
	return charge(t, &one, NULL, false);
}

void
tally_settle(struct tally *t, const struct amounts *sent,
    const struct rate_open *open, size_t count)
{
	const struct question *q = rate_settle(
	    t->arena, &t->meters, sent, open, count, told_time(t));

	tally_ask(t, t->store, q);
}

void
tally_commit(struct tally *t, int64_t lease)
{
	const struct rate_open open = { lease, one };

	tally_settle(t, &one, &open, 1);
}

void
tally_release(struct tally *t, int64_t lease)
{
	const struct rate_open open = { lease, one };

	tally_settle(t, &(const struct amounts){ { 0 } }, &open, 1);
}

bool
tally_send(struct tally *t)
{
	const bool charged = tally_open(t);

	if (charged && t->lease > 0)
		tally_commit(t, t->did.lease);
	return charged;
}

const struct rate_state *
tally_look(struct tally *t)
{
	struct question q = rate_look(t->arena, &t->meters, told_time(t),
	    rate_journal(t->arena, "policyd:"));

	ask_redis(t, &q);
	t->answered &= rate_state(&t->raw, &t->meters, t->is);
	if (!t->answered)
		fail_msg("cannot look: %s", loss_name(t->loss));
	return t->is;
}

void
tally_grant(struct tally *t, unsigned meter, int64_t n, int64_t until)
{
	const struct question q = rate_grant(
	    t->arena, &t->items[meter], n, until);

	ask_redis(t, &q);
}

int64_t
tally_reset(struct tally *t, bool all)
{
	const struct question q = rate_reset(
	    t->arena, &t->meters, all, rate_journal(t->arena, "policyd:"));

	ask_redis(t, &q);
	return t->answered ? t->raw.values[0].number : -1;
}

/* -- commands -- */

const char *
tally_do(struct tally *t, const char *const *words)
{
	const struct resp r = false_redis_command(t->redis, t->arena, words);
	const char *text = "";

	switch (r.kind) {
	case RESP_INTEGER:
		return arena_printf(t->arena, "%lld", (long long)r.number);
	case RESP_ARRAY:
		for (size_t i = 0; i < r.count; i++)
			text = arena_printf(t->arena, "%s%s%s", text,
			    i ? " " : "", r.items[i].text.text);
		return text;
	case RESP_NIL:
		return "";
	default:
		return r.text.text;
	}
}

const char *
tally_field(struct tally *t, const char *key, const char *field)
{
	return TALLY_DO(t, "HGET", key, field);
}

int64_t
tally_ttl(struct tally *t, const char *key)
{
	return atoll(TALLY_DO(t, "TTL", key));
}
