/*
 * batch - gathered, asked, and heard of
 */
#include "rate/batch.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "rate/handover.h"
#include "rate/spell.h"

enum { COMMANDS = (QUESTION_WORDS + 1) / SPELL_ADD_WORDS };

struct flight {
	struct ticket ticket;
	struct batch *batch;
	struct arena *arena;
	unsigned count, commands;
	struct settlement items[COMMANDS];
	char *at; /* in `text` */
	struct question question;
	char text[COMMANDS * (sizeof("open:") + 2 * (TEXT_DIGITS + 1))];
};

/* What is more in `current` than was sent, below 0. */
static int64_t
less(const struct settlement *s)
{
	return s->sent - s->open;
}

/* -- answered -- */

/* Of a meter that somebody deleted there was nothing to take off: what is below
 * 0 is given back. */
static struct settlement
rest_of(const struct settlement *s, const struct value *open,
    const struct value *current)
{
	struct settlement rest = *s;

	rest.sent = current && current->is_number ? 0 : less(s);
	if (!open->is_number)
		rest.sent += s->open;
	else
		rest.open = open->number < 0 ? -s->open : 0;
	return rest;
}

static void
read_values(struct flight *f, const struct value *v)
{
	for (unsigned i = 0; i < f->count; i++) {
		const struct settlement *s = &f->items[i];
		const struct value *open = v++, *current = less(s) ? v++ : NULL;
		const struct settlement rest = rest_of(s, open, current);

		if (rest.sent != 0 || rest.open != 0)
			f->batch->undone(f->batch, &rest,
			    open->loss || !current ? open->loss
						   : current->loss);
	}
}

static void
answered(struct ticket *t, const struct answer *a)
{
	struct flight *f = (struct flight *)t;
	struct batch *b = f->batch;

	b->in_flight--;
	if (a->state == KNOWN && a->count == f->commands)
		read_values(f, a->values);
	else if (a->state == LOST && handover_did_not_run(a->loss))
		for (unsigned i = 0; i < f->count; i++)
			b->undone(b, &f->items[i], a->loss);
	else
		b->lost(b, f->count, a->state == LOST ? a->loss : LOSS_SHAPE);
	arena_release(f->arena);
}

/* -- asked -- */

static struct flight *
begin(struct batch *b)
{
	struct arena *a = arena_new_small();
	struct flight *f = arena_take(a, sizeof(*f));

	f->ticket.answered = answered;
	f->batch = b;
	f->arena = a;
	f->count = f->commands = 0;
	f->at = f->text;
	memset(&f->question, 0, offsetof(struct question, words));
	f->question.script = &plain_commands;
	return f;
}

/* Takes so much off. */
static void
add_command(struct flight *f, struct word key, struct word field, int64_t n)
{
	char *from = f->at;

	*f->at++ = '-';
	f->at = text_number(f->at, (uint64_t)n);
	spell_add(&f->question, key, field,
	    (struct word){ from, (size_t)(f->at - from) });
	f->commands++;
}

static struct word
lease_of(struct flight *f, int64_t end)
{
	char *from = f->at;

	f->at = spell_lease(from, end);
	return (struct word){ from, (size_t)(f->at - from) };
}

void
batch_add(struct batch *b, const struct settlement *s)
{
	static const struct word current = { "current", 7 };
	struct flight *f = b->next ? b->next : begin(b);
	struct settlement *own = &f->items[f->count++];

	b->next = f;
	*own = *s;
	own->key.text = arena_memdup(f->arena, s->key.text, s->key.size);
	add_command(f, own->key, lease_of(f, s->end), s->open);
	if (less(s))
		add_command(f, own->key, current, -less(s));
	if (f->commands + 2 > COMMANDS)
		batch_send(b);
}

void
batch_send(struct batch *b)
{
	struct flight *f = b->next;

	if (!f)
		return;
	b->next = NULL;
	b->in_flight++;
	store_ask(b->store, &f->question, &f->ticket);
}

void
batch_clear(struct batch *b)
{
	if (b->next)
		arena_release(b->next->arena);
	b->next = NULL;
}
