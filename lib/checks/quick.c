/*
 * quick - two commands, what they tell, and what is left for the script
 */
#include "checks/quick.h"

#include <stdlib.h>
#include <string.h>

#include "ask/front.h"
#include "base/arena.h"
#include "checks/grey.h"
#include "checks/record.h"

enum { RECORD, IDENTITY }; /* the two values */
enum { WORDS = 10 };

struct quick {
	struct front front;
	struct passing *free; /* used before, and will be again */
};

/* A question on its way through us. */
struct passing {
	struct ticket ticket;
	struct quick *quick;
	const struct question *asked;
	struct ticket *asker; /* NULL: nobody waits for it */
	struct passing *next; /* while it is free */
	char key[RECORD_KEY]; /* of the identity; or one to delete */
	char line[RECORD_LINE]; /* a stranger's record */
	struct question question; /* with WORDS words */
};

static struct passing *
take(struct quick *quick,
    void (*answered)(struct ticket *, const struct answer *),
    const struct question *q, struct ticket *asker)
{
	struct passing *p = quick->free;

	if (p)
		quick->free = p->next;
	else
		p = xmalloc(offsetof(struct passing, question.words) +
		    WORDS * sizeof(struct word));
	p->ticket.answered = answered;
	p->quick = quick;
	p->asked = q;
	p->asker = asker;
	memset(&p->question, 0, offsetof(struct question, words));
	p->question.script = &plain_commands;
	return p;
}

static void
give_back(struct passing *p)
{
	p->next = p->quick->free;
	p->quick->free = p;
}

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

/* As greylist.lua judges, or NULL: it has to look. */
static const char *
judge(const struct question *q, const struct answer *a)
{
	const struct value *record = &a->values[RECORD],
			   *identity = &a->values[IDENTITY];

	if (failed(a))
		return NULL;
	if (record->text && record_is_recent(q, record))
		return grey_passed;
	if (identity->text && record_is_known(q, identity))
		return grey_known;
	if (!record->text && (!identity->text || record_has_room(q, identity)))
		return grey_new;
	return NULL;
}

/* -- the way back -- */

static void
forgotten(struct ticket *t, const struct answer *a)
{
	(void)a; /* a record too many ends with the retry window */
	give_back((struct passing *)t);
}

/* The record that was written for nothing. */
static void
take_back(struct quick *quick, struct word key)
{
	struct passing *p = take(quick, forgotten, NULL, NULL);

	memcpy(p->key, key.text, key.size);
	add(&p->question, "DEL", 3);
	add(&p->question, p->key, key.size);
	store_ask(quick->front.inner, &p->question, &p->ticket);
}

static void
tell(struct passing *p, const char *state)
{
	struct ticket *asker = p->asker;
	struct answer a;

	a.state = KNOWN;
	a.loss = LOSS_NONE;
	a.remembered = false;
	a.count = 1;
	a.values[0] = (struct value){ state, strlen(state) };
	give_back(p);
	asker->answered(asker, &a);
}

static void
answered(struct ticket *t, const struct answer *a)
{
	struct passing *p = (struct passing *)t;
	struct quick *quick = p->quick;
	const struct question *q = p->asked;
	struct ticket *asker = p->asker;
	const char *state;
	bool written;

	if (a->state != KNOWN) {
		give_back(p);
		asker->answered(asker, a);
		return;
	}
	state = judge(q, a);
	written = a->values[RECORD].loss == LOSS_NONE &&
	    !a->values[RECORD].text;
	if (written && state != grey_new)
		take_back(quick, record_key_of(q));
	if (state) {
		tell(p, state);
		return;
	}
	give_back(p);
	store_ask(quick->front.inner, q, asker);
}

/* -- the way there -- */

static void
ask_both(struct quick *quick, const struct question *q, struct ticket *t)
{
	const struct word key = record_key_of(q), window = record_window_of(q);
	struct passing *p = take(quick, answered, q, t);
	struct question *both = &p->question;

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
	while (q && q->free) {
		struct passing *p = q->free;

		q->free = p->next;
		free(p);
	}
	free(q);
}
