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

/* What `current` has to change by. */
static int64_t
less(const struct settlement *s)
{
	return s->sent - s->open;
}

static bool
opens(const struct settlement *s)
{
	return s->open < 0;
}

/* Who opens looks whether it is there. */
static bool
has_current(const struct settlement *s)
{
	return less(s) != 0 || opens(s);
}

/* -- answered -- */

/* Of a meter that somebody deleted there was nothing to take off: what is below
 * 0 is given back. NULL is what need not change. */
static struct settlement
rest_of(const struct settlement *s, const struct value *open,
    const struct value *current)
{
	struct settlement rest = *s;

	rest.sent = rest.open = 0;
	if (open && !open->is_number) {
		rest.sent = s->open;
		rest.open = s->open;
	} else if (open && open->number < 0 && !opens(s)) {
		rest.open = -s->open;
	}
	if (current && !current->is_number)
		rest.sent += less(s);
	return rest;
}

/* What was changed has made it anew, without an end. */
static bool
was_deleted(const struct settlement *s, const struct value *current)
{
	return current && current->is_number &&
	    current->number < (opens(s) ? -s->open : 0);
}

static void
read_one(struct batch *b, const struct settlement *s, const struct value *open,
    const struct value *current)
{
	const struct settlement rest = rest_of(s, open, current);

	if (opens(s))
		b->opened(b, s, open->loss);
	if (opens(s) && handover_did_not_run(open->loss))
		return;
	if (rest.sent != 0 || rest.open != 0 || was_deleted(s, current))
		b->undone(b, &rest,
		    open && (open->loss || !current) ? open->loss
						     : current->loss);
}

static void
read_values(struct flight *f, const struct value *v)
{
	for (unsigned i = 0; i < f->count; i++) {
		const struct settlement *s = &f->items[i];
		const struct value *open = s->open ? v++ : NULL;
		const struct value *current = has_current(s) ? v++ : NULL;

		read_one(f->batch, s, open, current);
	}
}

static void
is_lost(struct flight *f, enum loss loss)
{
	const bool ran = !handover_did_not_run(loss);
	struct batch *b = f->batch;

	if (ran)
		b->lost(b, f->count, loss);
	for (unsigned i = 0; i < f->count; i++)
		if (opens(&f->items[i]))
			b->opened(b, &f->items[i], loss);
		else if (!ran)
			b->undone(b, &f->items[i], loss);
}

static void
answered(struct ticket *t, const struct answer *a)
{
	struct flight *f = (struct flight *)t;

	f->batch->in_flight--;
	if (a->state == KNOWN && a->count == f->commands)
		read_values(f, a->values);
	else
		is_lost(f, a->state == LOST ? a->loss : LOSS_SHAPE);
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

static void
add_command(struct flight *f, struct word key, struct word field, int64_t n)
{
	char *from = f->at;

	if (n < 0)
		*f->at++ = '-';
	f->at = text_number(f->at, n < 0 ? -(uint64_t)n : (uint64_t)n);
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
	if (s->open)
		add_command(f, own->key, lease_of(f, s->end), -s->open);
	if (has_current(s))
		add_command(f, own->key, current, less(s));
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
