/*
 * mailbox - two meters of one, on which policyd may charge and settle ahead of
 * the script
 *
 * For a test's one file.
 */
#ifndef RATE_MAILBOX_H
#define RATE_MAILBOX_H

#include "base/clock.h"
#include "kit/suite.h"
#include "kit/tally.h"
#include "rate/local.h"

static const char messages[] = "policyd:rate:{example.com}:alice:messages/1h";
static const char day[] = "policyd:rate:{example.com}:alice:recipients/1d";

enum { OPEN = 64 };

struct scene {
	struct tally *t;
	struct local *local; /* NULL: always asks the script */
	int64_t leases[OPEN];
	unsigned open;
};

static inline struct scene
begin_with(bool ahead, int64_t limit)
{
	struct scene s = { .t = tally_begin() };

	if (ahead) {
		s.local = local_new(s.t->clock, s.t->store);
		s.t->store = local_store(s.local);
	}
	tally_meter(s.t, OWNER_MAILBOX, RATE_MESSAGES, limit, HOUR);
	tally_meter(s.t, OWNER_MAILBOX, RATE_RECIPIENTS, 10 * limit, DAY);
	return s;
}

static inline struct scene
begin(bool ahead)
{
	return begin_with(ahead, 10);
}

/* Until Redis has been told. */
static inline void
let_tell(struct scene *s)
{
	clock_turn(s->t->clock, 100);
}

static inline void
end(struct scene *s)
{
	local_free(s->local);
	tally_end(s->t);
}

/* A charge is open, and its step has begun. */
static inline struct scene
opened(void)
{
	struct scene s = begin(true);

	assert_true(tally_send(s.t));
	assert_true(tally_open(s.t));
	return s;
}

/* How many commands Redis ran for it in scripts; 0: it was asked for none. */
static inline unsigned
commit(struct scene *s)
{
	const unsigned before = false_redis_calls(s->t->redis);

	tally_commit(s->t, s->t->did.lease);
	let_tell(s);
	return false_redis_calls(s->t->redis) - before;
}

static inline void
is_now(struct scene *s, int64_t used, int64_t open, int64_t current)
{
	let_tell(s);
	tally_look(s->t);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(s->t->is[i].used, used);
		assert_int_equal(s->t->is[i].open, open);
		assert_int_equal(s->t->is[i].current, current);
	}
	assert_true(tally_ttl(s->t, messages) > 0);
	assert_true(tally_ttl(s->t, day) > 0);
}

#endif
