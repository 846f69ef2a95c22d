/*
 * page - a field of the journal's hash, written and deleted
 */
#include "rate/page.h"

#include <string.h>

#include "base/arena.h"
#include "rate/spell.h"

enum {
	STRIKES = QUESTION_WORDS - 2, /* pages that one HDEL takes */
	NAME = sizeof(((struct journal *)NULL)->run) + TEXT_DIGITS /* "RUN.N" */
};

/* -- asking -- */

static void
begin_command(struct journal *j, struct question *q, const char *name)
{
	memset(q, 0, offsetof(struct question, words));
	q->script = &plain_commands;
	spell_word(q, (struct word){ name, strlen(name) });
	spell_word(q, j->key);
}

static struct word
name_of(const struct journal *j, uint64_t page, char to[NAME])
{
	memcpy(to, j->run, sizeof(j->run));
	return (struct word){ to,
		(size_t)(text_number(to + sizeof(j->run), page) - to) };
}

static bool
was_heard(const struct answer *a)
{
	return a->state == KNOWN && a->values[0].is_number;
}

/* -- striking out -- */

/* Pages that are to be struck out by one command. */
struct strike {
	struct ticket ticket;
	struct journal *journal;
	struct arena *arena;
	struct question question;
	uint64_t pages[STRIKES];
	char names[STRIKES][NAME];
};

/* It can be said again: until it is known to have been heard. */
static void
struck(struct ticket *t, const struct answer *a)
{
	struct strike *s = (struct strike *)t;
	struct journal *j = s->journal;
	const unsigned count = s->question.count - 2;

	j->in_flight--;
	j->striking--;
	j->away = !was_heard(a);
	if (j->away && j->lost + count <= JOURNAL_LOST)
		for (unsigned i = 0; i < count; i++)
			j->unheard[j->lost++] = s->pages[i];
	arena_release(s->arena);
}

void
page_send_strikes(struct journal *j)
{
	struct strike *s = j->strike;

	if (!s)
		return;
	j->strike = NULL;
	j->in_flight++;
	j->striking++;
	store_ask(j->store, &s->question, &s->ticket);
}

static struct strike *
begin_strikes(struct journal *j)
{
	struct arena *a = arena_new_small();
	struct strike *s = arena_take(a, sizeof(*s));

	s->ticket.answered = struck;
	s->journal = j;
	s->arena = a;
	begin_command(j, &s->question, "HDEL");
	return s;
}

void
page_strike(struct journal *j, uint64_t page)
{
	struct strike *s = j->strike ? j->strike : begin_strikes(j);
	const unsigned i = s->question.count - 2;

	j->strike = s;
	s->pages[i] = page;
	spell_word(&s->question, name_of(j, page, s->names[i]));
	if (i + 1 == STRIKES)
		page_send_strikes(j);
}

void
page_strike_again(struct journal *j)
{
	const unsigned count = j->lost;

	j->lost = 0;
	for (unsigned i = 0; i < count; i++)
		page_strike(j, j->unheard[i]);
}

/* -- writing -- */

struct writing {
	struct ticket ticket;
	struct journal *journal;
	struct arena *arena;
	struct question question;
	uint64_t page;
	bool less; /* than what stood there */
	char name[NAME];
};

/* A page that is not there is missed only by those who come when we have died;
 * one that says too much would have them give that back. */
static void
written(struct ticket *t, const struct answer *a)
{
	struct writing *w = (struct writing *)t;
	struct journal *j = w->journal;

	j->in_flight--;
	j->away |= !was_heard(a);
	for (struct page *p = j->first; p && !was_heard(a); p = p->next)
		if (p->number == w->page) {
			p->less |= w->less;
			p->again = true;
		}
	arena_release(w->arena);
}

static struct word
spell_page(struct arena *a, const struct page *p)
{
	char *from = arena_take(a, 2 * TEXT_DIGITS + 1 + p->bytes), *at;

	at = text_number(from, (uint64_t)p->end);
	*at++ = ' ';
	at = text_number(at, (uint64_t)p->charged);
	for (const struct entry *e = p->newest; e; e = e->older) {
		if (e->state == ENTRY_DOUBT)
			continue; /* what did not run must not stand there */
		*at++ = ' ';
		memcpy(at, e->key, e->size);
		at += e->size;
		*at++ = ' ';
		at = text_number(at, (uint64_t)e->seconds);
		*at++ = ' ';
		at = text_number(at, (uint64_t)e->n);
	}
	return (struct word){ from, (size_t)(at - from) };
}

void
page_write(struct journal *j, struct page *p)
{
	struct arena *a = arena_new_brief();
	struct writing *w = arena_take(a, sizeof(*w));

	w->ticket.answered = written;
	w->journal = j;
	w->arena = a;
	w->page = p->number;
	begin_command(j, &w->question, "HSET");
	spell_word(&w->question, name_of(j, p->number, w->name));
	spell_word(&w->question, spell_page(a, p));
	p->seen = clock_ms(j->clock);
	p->written = true;
	w->less = p->less;
	p->less = p->back = p->again = false;
	j->in_flight++;
	store_ask(j->store, &w->question, &w->ticket);
}

void
page_clear_strikes(struct journal *j)
{
	if (j->strike)
		arena_release(j->strike->arena);
	j->strike = NULL;
}
