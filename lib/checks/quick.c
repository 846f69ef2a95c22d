/*
 * quick - two commands, what they tell, and what is left for the script
 */
#include "checks/quick.h"

#include <stdlib.h>
#include <string.h>

#include "ask/front.h"
#include "base/arena.h"
#include "base/pool.h"
#include "checks/grey.h"
#include "checks/record.h"

enum { RECORD, IDENTITY }; /* the two values */
enum {
	WORDS = 10,
	SIZE = offsetof(struct question, words) + WORDS * sizeof(struct word)
};

struct quick {
	struct front front;
	struct pool passing;
};

/* A question on its way through us. */
struct passing {
	struct ticket ticket;
	struct quick *quick;
	const struct question *asked;
	struct ticket *asker;
	char key[RECORD_KEY]; /* of the identity */
	char line[RECORD_LINE]; /* a stranger's record */
	struct question question; /* with WORDS words */
};

static void
add(struct question *q, const char *text, size_t size)
{
	q->words[q->count++] = (struct word){ text, size };
}

/* -- what the two tell -- */

static bool
failed(const struct answer *a)
{
	return a->count != 2 || a->values[RECORD].loss != LOSS_NONE ||
	    a->values[IDENTITY].loss != LOSS_NONE;
}

/* As greylist.lua judges, or GREY_STATES: it has to look. */
static enum grey_state
judge(const struct question *q, const struct answer *a)
{
	const struct value *record = &a->values[RECORD],
			   *identity = &a->values[IDENTITY];

	if (failed(a))
		return GREY_STATES;
	if (record->text && record_is_recent(q, record))
		return GREY_PASSED;
	if (identity->text && record_is_known(q, identity))
		return GREY_KNOWN;
	if (!record->text && (!identity->text || record_has_room(q, identity)))
		return GREY_NEW;
	return GREY_STATES;
}

/* -- the way back -- */

/* A record that was written for nothing. */
struct deletion {
	struct ticket ticket;
	struct arena *arena;
};

/* When it was lost: a record too many ends with the retry window. */
static void
deleted(struct ticket *t, const struct answer *a)
{
	(void)a;
	arena_release(((struct deletion *)t)->arena);
}

static void
take_back(struct quick *quick, struct word key)
{
	struct arena *a = arena_new_of(
	    sizeof(struct deletion) + SIZE + key.size);
	struct deletion *d = arena_take(a, sizeof(*d));
	struct question *q = question_new(a, &plain_commands, 2);

	d->ticket.answered = deleted;
	d->arena = a;
	add(q, "DEL", 3);
	add(q, arena_memdup(a, key.text, key.size), key.size);
	store_ask(quick->front.inner, q, &d->ticket);
}

static void
tell(struct passing *p, enum grey_state state)
{
	struct ticket *asker = p->asker;
	struct answer a;

	a.state = KNOWN;
	a.loss = LOSS_NONE;
	a.remembered = false;
	a.count = 1;
	a.values[0] = grey_value(state);
	pool_give(&p->quick->passing, p);
	asker->answered(asker, &a);
}

static void
answered(struct ticket *t, const struct answer *a)
{
	struct passing *p = (struct passing *)t;
	struct quick *quick = p->quick;
	const struct question *q = p->asked;
	struct ticket *asker = p->asker;
	enum grey_state state;
	bool written;

	if (a->state != KNOWN) {
		pool_give(&quick->passing, p);
		asker->answered(asker, a);
		return;
	}
	state = judge(q, a);
	written = a->values[RECORD].loss == LOSS_NONE &&
	    !a->values[RECORD].text;
	if (written && state != GREY_NEW)
		take_back(quick, record_key_of(q));
	if (state != GREY_STATES) {
		tell(p, state);
		return;
	}
	pool_give(&quick->passing, p);
	store_ask(quick->front.inner, q, asker);
}

/* -- the way there -- */

static void
ask_both(struct quick *quick, const struct question *q, struct ticket *t)
{
	const struct word key = record_key_of(q), window = record_window_of(q);
	struct passing *p = pool_take(&quick->passing);
	struct question *both = &p->question;

	p->ticket.answered = answered;
	p->quick = quick;
	p->asked = q;
	p->asker = t;
	memset(both, 0, offsetof(struct question, words));
	both->script = &plain_commands;
	add(both, "SET", 3);
	add(both, key.text, key.size);
	add(both, p->line, record_of_stranger(q, p->line));
	add(both, "NX", 2);
	add(both, "GET", 3);
	add(both, "EX", 2);
	add(both, window.text, window.size);
	add(both, NULL, 0);
	add(both, "GET", 3);
	add(both, p->key, record_identity_key(q, p->key));
	store_ask(quick->front.inner, both, &p->ticket);
}

static void
ask(struct store *s, const struct question *q, struct ticket *t)
{
	struct quick *quick = (struct quick *)s;

	if (q->script == &script_greylist && record_is_plain(q))
		ask_both(quick, q, t);
	else
		store_ask(quick->front.inner, q, t);
}

struct quick *
quick_new(struct store *inner)
{
	struct quick *q = xcalloc(1, sizeof(*q));

	front_init(&q->front, inner, ask, NULL);
	q->passing.size = offsetof(struct passing, question) + SIZE;
	return q;
}

struct store *
quick_store(struct quick *q)
{
	return &q->front.store;
}

void
quick_free(struct quick *q)
{
	if (q)
		pool_clear(&q->passing);
	free(q);
}
