/*
 * recent - a table of a fixed size between the engine and Redis
 *
 * What passed is known by a number alone: the hash of the settings, and of the
 * record's key or the part of it that is the identity's. It begins with a
 * number that nobody outside knows, so nobody can choose a stranger who has the
 * number of a friend. By chance he has it once in 2^50 questions; then he is
 * let in for once without having waited.
 */
#include "checks/recent.h"

#include <stdlib.h>

#include "ask/front.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/pool.h"
#include "checks/grey.h"

enum { SETS = 2048, WAYS = 4 };

/* An empty one was long ago. */
struct pass {
	uint64_t number;
	uint64_t since_ms; /* when Redis was asked */
};

struct recent {
	struct front front; /* what the engine asks */
	struct clock *clock;
	uint64_t seed;
	uint64_t memory_ms;
	struct recent_counts counts;
	struct pool passing;
	unsigned char tags[SETS][WAYS]; /* of their numbers, see tag_of() */
	struct pass passes[SETS][WAYS];
};

/* A question on its way through us. */
struct passing {
	struct ticket ticket;
	struct recent *recent;
	const struct question *question;
	struct ticket *asker;
	uint64_t since_ms;
};

/* What a question is about. */
struct numbers {
	uint64_t record, identity;
};

/* -- the table -- */

/* A byte of each number stands apart: strangers are not here, and nearly all
 * of them are told so by eight kilobytes that stay in the processor's caches.
 * The table itself does not. */
static unsigned char
tag_of(uint64_t number)
{
	return (unsigned char)(number >> 56);
}

static bool
holds(const struct recent *r, uint64_t number)
{
	const unsigned char *tags = r->tags[number % SETS];
	const struct pass *set = r->passes[number % SETS];

	for (int i = 0; i < WAYS; i++)
		if (tags[i] == tag_of(number) && set[i].number == number)
			return clock_ms(r->clock) - set[i].since_ms <
			    r->memory_ms;
	return false;
}

static void
note(struct recent *r, uint64_t number, uint64_t since_ms)
{
	struct pass *set = r->passes[number % SETS], *at = set;

	for (int i = 0; i < WAYS && at->number != number; i++)
		if (set[i].number == number || set[i].since_ms < at->since_ms)
			at = &set[i];
	*at = (struct pass){ number, since_ms };
	r->tags[number % SETS][at - set] = tag_of(number);
}

static struct numbers
numbers_of(const struct recent *r, const struct question *q)
{
	const struct word terms = grey_terms_of(q), who = grey_identity_of(q),
			  key = q->words[0];
	struct numbers n;

	n.identity = hash_bytes(
	    hash_bytes(r->seed, terms.text, terms.size), who.text, who.size);
	n.record = hash_bytes(
	    n.identity, key.text + who.size, key.size - who.size);
	return n;
}

/* -- answers -- */

static void
answered(struct ticket *t, const struct answer *a)
{
	struct passing *p = (struct passing *)t;
	struct ticket *asker = p->asker;
	struct recent *r = p->recent;

	if (grey_is(a, GREY_PASSED))
		note(r, numbers_of(r, p->question).record, p->since_ms);
	else if (grey_is(a, GREY_KNOWN))
		note(r, numbers_of(r, p->question).identity, p->since_ms);
	pool_give(&r->passing, p);
	asker->answered(asker, a); /* who may be the last to need us */
}

/* -- the store -- */

static bool
is_for_us(const struct recent *r, const struct question *q)
{
	return r->memory_ms > 0 && q->script == &script_greylist && !q->fresh;
}

static void
ask(struct store *s, const struct question *q, struct ticket *t)
{
	struct recent *r = (struct recent *)s;
	struct passing *p;

	r->counts.asked += q->script == &script_greylist;
	if (!is_for_us(r, q)) {
		store_ask(r->front.inner, q, t);
		return;
	}
	p = pool_take(&r->passing);
	*p = (struct passing){ { answered }, r, q, t, clock_ms(r->clock) };
	store_ask(r->front.inner, q, &p->ticket);
}

static bool
known(struct store *s, const struct question *q, struct answer *out)
{
	struct recent *r = (struct recent *)s;
	struct numbers n;
	enum grey_state state;

	if (!is_for_us(r, q))
		return store_known(r->front.inner, q, out);
	n = numbers_of(r, q);
	if (holds(r, n.record))
		state = GREY_PASSED;
	else if (holds(r, n.identity))
		state = GREY_KNOWN;
	else
		return false;
	r->counts.remembered++;
	out->state = KNOWN;
	out->loss = LOSS_NONE;
	out->remembered = true;
	out->count = 1;
	out->values[0] = grey_value(state);
	return true;
}

struct recent *
recent_new(struct clock *clock, struct store *inner)
{
	struct recent *r = xcalloc(1, sizeof(*r));

	front_init(&r->front, inner, ask, known);
	r->clock = clock;
	r->seed = hash_seed();
	r->passing.size = sizeof(struct passing);
	return r;
}

struct store *
recent_store(struct recent *r)
{
	return &r->front.store;
}

void
recent_configure(struct recent *r, int64_t seconds)
{
	r->memory_ms = (uint64_t)seconds * 1000;
}

struct recent_counts
recent_counts(const struct recent *r)
{
	return r->counts;
}

void
recent_free(struct recent *r)
{
	if (r)
		pool_clear(&r->passing);
	free(r);
}
