/*
 * torn - a queue, and of its first question the command that is next
 */
#include "kit/torn.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ask/front.h"
#include "base/arena.h"
#include "base/clock.h"

enum { APART_MS = 3 };

struct waiting {
	struct waiting *next;
	const struct question *question;
	struct ticket *asker;
	unsigned at; /* the word that is next */
	enum loss loss; /* of one that is refused */
	struct question one; /* command */
	struct answer said; /* by those before */
	struct arena *arena; /* of its texts */
};

struct torn {
	struct front front;
	struct ticket ticket;
	struct clock *clock;
	struct timer moment;
	unsigned *seed;
	struct waiting *first, **last;
	bool asking; /* for the first one */
	bool cut;
	bool held;
	bool broken; /* until all that waits was told */
	enum loss loss; /* of what is asked now */
	struct waiting *refused, **last_refused;
	struct timer refusal;
	unsigned absences;
};

unsigned
torn_dice(unsigned *seed, unsigned sides)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 16) % sides;
}

static const struct answer broken = { .state = LOST, .loss = LOSS_BROKEN };

static void
go_on_soon(struct torn *t)
{
	if (t->first && !t->asking && !t->held && !timer_running(&t->moment))
		timer_start(&t->moment, t->clock, torn_dice(t->seed, APART_MS));
}

static bool
is_plain(const struct waiting *w)
{
	return w->question->script == &plain_commands;
}

static const struct question *
next_command(struct waiting *w)
{
	const struct question *q = w->question;

	w->one = (struct question){ .script = &plain_commands };
	for (; w->at < q->count && q->words[w->at].text; w->at++)
		w->one.words[w->one.count++] = q->words[w->at];
	w->at++;
	return &w->one;
}

static void tell(struct torn *t, const struct answer *a);

static void
go_on(struct timer *timer)
{
	struct torn *t = (struct torn *)((char *)timer -
	    offsetof(struct torn, moment));
	struct waiting *w = t->first;

	if (t->cut || t->broken) {
		tell(t, &broken);
		go_on_soon(t);
		return;
	}
	t->asking = true;
	store_ask(t->front.inner, is_plain(w) ? next_command(w) : w->question,
	    &t->ticket);
}

static void
tell_one(struct waiting *w, const struct answer *a)
{
	w->asker->answered(w->asker, a);
	arena_release(w->arena);
	free(w);
}

static void
tell(struct torn *t, const struct answer *a)
{
	struct waiting *w = t->first;

	t->first = w->next;
	if (!t->first) {
		t->last = &t->first;
		t->broken = false;
	}
	tell_one(w, a);
}

/* Those refused meanwhile come the next time. */
static void
tell_refused(struct timer *timer)
{
	struct torn *t = (struct torn *)((char *)timer -
	    offsetof(struct torn, refusal));
	struct waiting *w = t->refused, *next;

	t->refused = NULL;
	t->last_refused = &t->refused;
	for (; w; w = next) {
		const struct answer lost = { .state = LOST, .loss = w->loss };

		next = w->next;
		tell_one(w, &lost);
	}
}

/* Redis' own error is of that command only. */
static bool
is_said(const struct answer *a)
{
	return a->state == KNOWN || a->loss == LOSS_REFUSED;
}

/* True when it was the last command. */
static bool
gather(struct waiting *w, const struct answer *a)
{
	struct value *v = &w->said.values[w->said.count++];

	w->said.state = KNOWN;
	*v = a->state == KNOWN ? a->values[0]
			       : (struct value){ .loss = a->loss };
	if (v->text)
		v->text = arena_memdup(w->arena, v->text, v->size);
	return w->at >= w->question->count;
}

static void
answered(struct ticket *ticket, const struct answer *a)
{
	struct torn *t = (struct torn *)((char *)ticket -
	    offsetof(struct torn, ticket));
	struct waiting *w = t->first;

	t->asking = false;
	if (t->broken)
		tell(t, &broken);
	else if (!is_plain(w) || !is_said(a) || t->cut)
		tell(t, a);
	else if (gather(w, a))
		tell(t, &w->said);
	go_on_soon(t);
}

static void
refuse(struct torn *t, struct waiting *w)
{
	w->loss = t->loss;
	*t->last_refused = w;
	t->last_refused = &w->next;
	if (!timer_running(&t->refusal))
		timer_start(&t->refusal, t->clock, 0);
}

static void
ask(struct store *s, const struct question *q, struct ticket *ticket)
{
	struct torn *t = (struct torn *)s;
	struct waiting *w = xcalloc(1, sizeof(*w));

	w->question = q;
	w->asker = ticket;
	w->arena = arena_new();
	if (t->loss != LOSS_NONE) {
		refuse(t, w);
		return;
	}
	*t->last = w;
	t->last = &w->next;
	go_on_soon(t);
}

static unsigned
absences(const struct store *s)
{
	const struct torn *t = (const struct torn *)s;

	return t->absences + store_absences(t->front.inner);
}

/* Nobody tells what time it is where nobody answers. */
static int64_t
time_there(const struct store *s)
{
	const struct torn *t = (const struct torn *)s;

	return t->loss == LOSS_DOWN ? 0 : store_time(t->front.inner);
}

struct torn *
torn_new(struct clock *clock, struct store *inner, unsigned *seed)
{
	struct torn *t = xcalloc(1, sizeof(*t));

	front_init(&t->front, inner, ask, NULL);
	t->front.store.absences = absences;
	t->front.store.time = time_there;
	t->ticket.answered = answered;
	t->clock = clock;
	t->moment.fire = go_on;
	t->seed = seed;
	t->last = &t->first;
	t->refusal.fire = tell_refused;
	t->last_refused = &t->refused;
	return t;
}

void
torn_free(struct torn *t)
{
	assert(!t->first && !t->refused);
	free(t);
}

bool
torn_cut(struct torn *t)
{
	t->cut = true;
	return t->first || t->refused;
}

void
torn_hold(struct torn *t, bool held)
{
	t->held = held;
	go_on_soon(t);
}

void
torn_refuse(struct torn *t, enum loss loss)
{
	t->absences += loss == LOSS_DOWN;
	t->loss = loss;
}

void
torn_break(struct torn *t)
{
	t->absences++;
	t->broken = t->first != NULL;
}

struct store *
torn_store(struct torn *t)
{
	return &t->front.store;
}
