/*
 * plain - which steps have begun, what is charged and settled within them
 *
 * What is known of a meter stands at the place that its key's hash says; who
 * comes later takes it over. Then the script is asked once more than need be.
 */
#include "rate/plain.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/text.h"

enum {
	KNOWN_METERS = 1 << 15, /* a power of two; 512 KB when all are used */
	MOST = 8 /* meters of a settlement */
};

struct known {
	uint64_t number; /* its key's */
	uint32_t since; /* Unix seconds: they fit until 2106 */
	uint32_t seconds; /* that it holds */
};

struct plain {
	uint64_t seed; /* a number that no stranger knows */
	bool any; /* is known */
	struct known meters[KNOWN_METERS];
};

/* Sums of a meter: what was sent, and what is open. */
enum { SENT, OPEN, SUMS };

struct command {
	struct ticket ticket;
	struct settling *settling;
	bool ran;
	enum loss loss; /* why it did not */
	int64_t sum; /* as it is now */
};

struct settling {
	struct ticket closer; /* the script's, for the rest */
	struct ticket *asker;
	struct store *store;
	struct arena *arena;
	const struct question *question; /* the asker's */
	int64_t now;
	unsigned count, left; /* meters; commands on their way */
	struct {
		struct word key;
		int64_t seconds, n, end; /* the window, how much, the lease */
		struct command commands[SUMS];
	} meters[MOST];
};

struct charging {
	struct ticket ticket;
	struct ticket *asker;
	struct store *store;
	struct arena *arena;
	const struct question *question; /* the asker's */
	int64_t end;
};

static const struct script hincrby = { "HINCRBY", NULL };
extern const struct script script_charge;

struct plain *
plain_new(void)
{
	struct plain *p = xcalloc(1, sizeof(*p));

	p->seed = hash_seed();
	return p;
}

void
plain_free(struct plain *p)
{
	free(p);
}

/* -- what is known -- */

static struct known *
place_of(struct plain *p, const struct asked_meter *m, uint64_t *number)
{
	*number = hash_bytes(p->seed, m->key.text, m->key.size);
	return &p->meters[*number & (KNOWN_METERS - 1)];
}

/* Seconds that a step lasts from `now` on: it ends with the window, too. */
static int64_t
rest_of_step(int64_t seconds, int64_t now)
{
	const int64_t step = (seconds + 19) / 20, into = now % seconds;
	const int64_t rest = step - into % step;

	return rest < seconds - into ? rest : seconds - into;
}

void
plain_learn(struct plain *p, const struct asked *w)
{
	for (unsigned i = 0; i < w->count && w->now > 0; i++) {
		const struct asked_meter *m = &w->meters[i];
		const int64_t rest = rest_of_step(m->seconds, w->now);
		uint64_t number;
		struct known *k = place_of(p, m, &number);

		if (m->amount > 0)
			*k = (struct known){ number, (uint32_t)w->now,
				(uint32_t)(rest < PLAIN_SECONDS
					? rest
					: PLAIN_SECONDS) };
		p->any = true;
	}
}

/* Many are lost one after the other: all but the first find nothing. */
void
plain_forget(struct plain *p)
{
	if (p->any)
		memset(p->meters, 0, sizeof(p->meters));
	p->any = false;
}

static bool
has_begun(struct plain *p, const struct asked_meter *m, int64_t now)
{
	uint64_t number;
	const struct known *k = place_of(p, m, &number);

	return k->number == number && now >= k->since &&
	    now - k->since < k->seconds;
}

/* -- settling -- */

/* All that was charged was sent, and in time. */
static bool
is_plain(struct plain *p, const struct asked *w)
{
	if (w->count == 0 || w->count > MOST)
		return false;
	for (unsigned i = 0; i < w->count; i++) {
		const struct asked_meter *m = &w->meters[i];

		if (m->count != 1 || m->leases[0].n != m->amount ||
		    m->amount <= 0 || m->leases[0].end <= w->now ||
		    !has_begun(p, m, w->now))
			return false;
	}
	return true;
}

static void
tell(struct settling *s, const struct answer *a)
{
	s->asker->answered(s->asker, a);
	arena_release(s->arena);
}

static void
tell_lost(struct settling *s, enum loss loss)
{
	tell(s, &(struct answer){ .state = LOST, .loss = loss });
}

static void
tell_well(struct settling *s)
{
	tell(s,
	    &(struct answer){ .state = KNOWN,
		.count = 1,
		.values = { { .number = 1, .is_number = true } } });
}

/* Some of it has run, and nobody must do it again. */
static void
looked_closer(struct ticket *t, const struct answer *a)
{
	struct settling *s = (struct settling *)t;

	if (a->state == KNOWN)
		tell_well(s);
	else
		tell_lost(s, LOSS_BROKEN);
}

/* What has not run, and a look at the sums. */
static void
look_closer(struct settling *s)
{
	struct question *q = arena_alloc(s->arena, sizeof(*q));
	const char *line = arena_printf(
	    s->arena, "settle %lld", (long long)s->now);

	q->script = s->question->script;
	for (unsigned i = 0; i < s->count; i++) {
		const struct command *c = s->meters[i].commands;
		const long long n = s->meters[i].n;

		q->words[q->keys++] = s->meters[i].key;
		line = arena_printf(s->arena, "%s %lld %lld", line,
		    c[SENT].ran ? 0 : n, (long long)s->meters[i].seconds);
		line = c[OPEN].ran ? arena_printf(s->arena, "%s -", line)
				   : arena_printf(s->arena, "%s %lld=%lld",
					 line, (long long)s->meters[i].end, n);
	}
	q->count = q->keys;
	q->words[q->count++] = (struct word){ line, strlen(line) };
	s->closer.answered = looked_closer;
	store_ask(s->store, q, &s->closer);
}

/* Neither of the two can be as small, where somebody has sent before. */
static bool
is_sound(const struct command *c, int64_t n)
{
	return c[SENT].ran && c[SENT].sum > n && c[OPEN].ran &&
	    c[OPEN].sum >= 0;
}

static bool
may_have_run(const struct command *c)
{
	return c->loss == LOSS_TIMEOUT || c->loss == LOSS_BROKEN;
}

static void
all_told(struct settling *s)
{
	const struct command *first = s->meters[0].commands;
	unsigned sound = 0, ran = 0;

	for (unsigned i = 0; i < s->count; i++) {
		const struct command *c = s->meters[i].commands;

		if (may_have_run(&c[SENT]) || may_have_run(&c[OPEN])) {
			tell_lost(s, LOSS_BROKEN);
			return;
		}
		sound += is_sound(c, s->meters[i].n);
		ran += c[SENT].ran + c[OPEN].ran;
	}
	if (sound == s->count)
		tell_well(s);
	else if (ran == 0 && first->loss != LOSS_WRONG_TYPE &&
	    first->loss != LOSS_SCRIPT)
		tell_lost(s, first->loss);
	else
		look_closer(s);
}

static void
answered(struct ticket *t, const struct answer *a)
{
	struct command *c = (struct command *)t;
	struct settling *s = c->settling;

	c->ran = a->state == KNOWN;
	c->loss = a->state == KNOWN ? LOSS_NONE : a->loss;
	c->sum = c->ran ? a->values[0].number : 0;
	if (--s->left == 0)
		all_told(s);
}

static struct word
text_of(struct arena *a, const char *before, int64_t n)
{
	const size_t size = strlen(before);
	char *text = arena_take(a, size + TEXT_DIGITS);

	memcpy(text, before, size);
	return (struct word){ text,
		(size_t)(text_number(text + size, (uint64_t)n) - text) };
}

static void
ask(struct settling *s, struct command *c, struct word key, struct word field,
    struct word n)
{
	struct question *q = arena_take(s->arena,
	    offsetof(struct question, words) + 3 * sizeof(q->words[0]));

	memset(q, 0, offsetof(struct question, words));
	q->script = &hincrby;
	q->keys = 1;
	q->count = 3;
	q->words[0] = key;
	q->words[1] = field;
	q->words[2] = n;
	c->ticket.answered = answered;
	c->settling = s;
	store_ask(s->store, q, &c->ticket);
}

static void
settle_meter(struct settling *s, unsigned i, const struct asked_meter *m)
{
	static const struct word current = { "current", 7 };
	struct arena *a = s->arena;
	struct command *c = s->meters[i].commands;
	const struct word less = text_of(a, "-", m->amount);

	s->meters[i].key = m->key;
	s->meters[i].seconds = m->seconds;
	s->meters[i].n = m->amount;
	s->meters[i].end = m->leases[0].end;
	ask(s, &c[SENT], m->key, current,
	    (struct word){ less.text + 1, less.size - 1 });
	ask(s, &c[OPEN], m->key, text_of(a, "open:", m->leases[0].end), less);
}

bool
plain_settle(struct plain *p, struct store *store, const struct question *q,
    const struct asked *w, struct ticket *t)
{
	struct arena *a;
	struct settling *s;

	if (!is_plain(p, w))
		return false;
	a = arena_new_small();
	s = arena_take(a, sizeof(*s));
	s->asker = t;
	s->store = store;
	s->arena = a;
	s->question = q;
	s->now = w->now;
	s->count = w->count;
	s->left = SUMS * w->count;
	for (unsigned i = 0; i < w->count; i++)
		settle_meter(s, i, &w->meters[i]);
	return true;
}

/* -- charging -- */

/* All of it opens a lease, and no key ends before that does: each was given
 * two windows when its step was found to have begun. */
static bool
charges_plainly(
    struct plain *p, const struct question *q, const struct asked *w)
{
	uint64_t number;

	if (w->end == 0 || w->count == 0 || w->count > MOST ||
	    q->count != q->keys + 1)
		return false;
	for (unsigned i = 0; i < w->count; i++) {
		const struct asked_meter *m = &w->meters[i];

		if (m->amount <= 0 || !has_begun(p, m, w->now) ||
		    place_of(p, m, &number)->since + 2 * m->seconds < w->end)
			return false;
	}
	return true;
}

static void
charged(struct ticket *t, const struct answer *a)
{
	struct charging *c = (struct charging *)t;
	struct answer done = { .state = KNOWN,
		.count = 1,
		.values = { { .number = c->end, .is_number = true } } };

	if (a->state != KNOWN)
		c->asker->answered(c->asker, a);
	else if (a->values[0].number != 0)
		c->asker->answered(c->asker, &done);
	else
		store_ask(c->store, c->question, c->asker);
	arena_release(c->arena);
}

static struct word
amounts_of(struct arena *a, const struct asked *w)
{
	char *text = arena_take(a, w->count * 2 * (TEXT_DIGITS + 1)),
	     *at = text;

	for (unsigned i = 0; i < w->count; i++) {
		at = text_number(at, (uint64_t)w->meters[i].amount);
		*at++ = ' ';
		at = text_number(at, (uint64_t)w->meters[i].warn);
		*at++ = ' ';
	}
	return (struct word){ text, (size_t)(at - text - 1) };
}

bool
plain_charge(struct plain *p, struct store *store, const struct question *q,
    const struct asked *w, struct ticket *t)
{
	struct arena *a;
	struct charging *c;
	struct question *own;

	if (!charges_plainly(p, q, w))
		return false;
	a = arena_new_small();
	c = arena_take(a, sizeof(*c));
	*c = (struct charging){ { charged }, t, store, a, q, w->end };
	own = arena_take(a,
	    offsetof(struct question, words) +
		(q->keys + 2) * sizeof(q->words[0]));
	memcpy(own, q,
	    offsetof(struct question, words) + q->keys * sizeof(q->words[0]));
	own->script = &script_charge;
	own->words[q->keys] = text_of(a, "open:", w->end);
	own->words[q->keys + 1] = amounts_of(a, w);
	own->count = q->keys + 2;
	store_ask(store, own, &c->ticket);
	return true;
}
