/*
 * batch - gathered, asked, and heard of
 */
#include "rate/batch.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "rate/handover.h"

enum { LINE = BATCH_MOST * (3 * (TEXT_DIGITS + 1) + sizeof("open:")) };

struct flight {
	struct ticket ticket;
	struct batch *batch;
	struct arena *arena;
	unsigned count;
	struct settlement items[BATCH_MOST];
	char *at; /* in `line` */
	struct question question;
	char line[LINE];
};

extern const struct script script_settle;

static void
all_undone(struct flight *f, uint64_t places, enum loss loss)
{
	struct batch *b = f->batch;

	for (unsigned i = 0; i < f->count; i++)
		if (places & (UINT64_C(1) << i))
			b->undone(b, &f->items[i], loss);
}

static void
answered(struct ticket *t, const struct answer *a)
{
	struct flight *f = (struct flight *)t;

	f->batch->in_flight--;
	if (a->state == KNOWN && a->count == 1 && a->values[0].is_number)
		all_undone(f, (uint64_t)a->values[0].number, LOSS_NONE);
	else if (a->state == LOST && handover_did_not_run(a->loss))
		all_undone(f, UINT64_MAX, a->loss);
	else
		f->batch->lost(f->batch, f->count,
		    a->state == LOST ? a->loss : LOSS_SHAPE);
	arena_release(f->arena);
}

static struct flight *
begin(struct batch *b)
{
	struct arena *a = arena_new_small();
	struct flight *f = arena_take(a, sizeof(*f));

	f->ticket.answered = answered;
	f->batch = b;
	f->arena = a;
	f->count = 0;
	f->at = f->line;
	memset(&f->question, 0, offsetof(struct question, words));
	f->question.script = &script_settle;
	return f;
}

static char *
add_number(char *at, int64_t n)
{
	at = text_number(at, (uint64_t)n);
	*at++ = ' ';
	return at;
}

void
batch_add(struct batch *b, const struct settlement *s)
{
	struct flight *f = b->next ? b->next : begin(b);
	struct settlement *own = &f->items[f->count];

	b->next = f;
	*own = *s;
	own->key.text = arena_memdup(f->arena, s->key.text, s->key.size);
	f->question.words[f->count++] = own->key;
	f->at = add_number(f->at, s->sent);
	f->at = add_number(f->at, s->open);
	memcpy(f->at, "open:", 5);
	f->at = add_number(f->at + 5, s->end);
	if (f->count == BATCH_MOST)
		batch_send(b);
}

void
batch_send(struct batch *b)
{
	struct flight *f = b->next;
	struct question *q;

	if (!f)
		return;
	b->next = NULL;
	q = &f->question;
	q->keys = f->count;
	q->count = f->count + 1;
	q->words[f->count] = (struct word){ f->line,
		(size_t)(f->at - f->line) };
	b->in_flight++;
	store_ask(b->store, q, &f->ticket);
}

void
batch_clear(struct batch *b)
{
	if (b->next)
		arena_release(b->next->arena);
	b->next = NULL;
}
