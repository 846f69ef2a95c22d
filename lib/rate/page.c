/*
 * page - a field of the journal's hash, written and deleted
 */
#include "rate/page.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "rate/copy.h"
#include "rate/handover.h"
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
	struct store *store; /* that is asked: the journal's may change */
	struct arena *arena;
	bool late; /* a page that others may have taken */
	unsigned count;
	struct copy *copies[STRIKES];
	char names[STRIKES][NAME];
	struct question question;
};

static void
count_again(struct journal *j, const struct copy *c)
{
	struct copied e;
	int64_t n;
	const char *at = c->text.size > 0 ? text_read_number(c->text.text, &n)
					  : NULL;

	at = copy_read_charged(at, &n);
	while ((at = copy_read(j->key, at, &e)) != NULL)
		j->tell(j, &(struct settlement){ e.key, e.seconds, e.n, 0, 0 });
}

static void
end_strike(struct strike *s)
{
	for (unsigned i = 0; i < s->count; i++)
		copy_release(s->journal, s->copies[i]);
	arena_release(s->arena);
}

static void
say_later(struct journal *j, struct copy *c)
{
	c->next = j->unheard;
	j->unheard = c;
}

/* It can be said again: until it is known to have been heard. */
static void
not_heard(struct journal *j, struct strike *s)
{
	j->away = true;
	for (unsigned i = 0; i < s->count; i++)
		say_later(j, s->copies[i]);
	s->count = 0;
}

static void
struck(struct ticket *t, const struct answer *a)
{
	struct strike *s = (struct strike *)t;
	struct journal *j = s->journal;

	j->in_flight--;
	j->striking--;
	if (s->store != j->store) {
		end_strike(s);
		return;
	}
	if (!was_heard(a))
		not_heard(j, s);
	else
		j->away = false;
	if (s->count > 0 && s->late && a->values[0].number == 0)
		count_again(j, s->copies[0]);
	end_strike(s);
}

static void
send(struct journal *j, struct strike *s)
{
	j->in_flight++;
	j->striking++;
	store_ask(s->store, &s->question, &s->ticket);
}

void
page_send_strikes(struct journal *j)
{
	struct strike *s = j->strike;

	j->strike = NULL;
	if (s)
		send(j, s);
}

static struct strike *
begin_strike(struct journal *j)
{
	struct arena *a = arena_new_small();
	struct strike *s = arena_take(a, sizeof(*s));

	s->ticket.answered = struck;
	s->journal = j;
	s->store = j->store;
	s->arena = a;
	s->late = false;
	s->count = 0;
	begin_command(j, &s->question, "HDEL");
	return s;
}

static void
add(struct strike *s, struct copy *c)
{
	const unsigned i = s->count++;

	s->copies[i] = c;
	spell_word(&s->question, name_of(s->journal, c->number, s->names[i]));
}

/* Of one that others may have taken it must be told whether they have. Nobody
 * else waits for that: it leaves room for other questions. */
static void
strike_late(struct journal *j, struct copy *c)
{
	struct strike *s;

	if (j->striking >= STRIKES) {
		say_later(j, c);
		return;
	}
	s = begin_strike(j);
	s->late = true;
	add(s, c);
	send(j, s);
}

static void
strike(struct journal *j, struct copy *c)
{
	if (c->end <= store_time(j->store)) {
		strike_late(j, c);
		return;
	}
	j->strike = j->strike ? j->strike : begin_strike(j);
	add(j->strike, c);
	if (j->strike->count == STRIKES)
		page_send_strikes(j);
}

void
page_strike(struct journal *j, struct page *p)
{
	struct copy *c = p->copy;

	p->copy = NULL;
	if (c)
		strike(j, c);
}

void
page_leave(struct journal *j, struct page *p)
{
	copy_release(j, p->copy);
	p->copy = NULL;
}

void
page_try_out(struct journal *j)
{
	struct strike *s = begin_strike(j);

	spell_word(&s->question, name_of(j, 0, s->names[0]));
	send(j, s);
}

void
page_strike_again(struct journal *j)
{
	struct copy *next, *c = j->unheard;

	for (j->unheard = NULL; c; c = next) {
		next = c->next;
		strike(j, c);
	}
}

void
page_forget_strikes(struct journal *j)
{
	if (j->strike)
		end_strike(j->strike);
	j->strike = NULL;
	for (struct copy *c = j->unheard, *next; c; c = next) {
		next = c->next;
		copy_release(j, c);
	}
	j->unheard = NULL;
}

/* -- writing -- */

struct writing {
	struct ticket ticket;
	struct journal *journal;
	struct arena *arena;
	struct copy *copy;
	struct word text;
	bool less; /* than what stood there */
	char name[NAME];
	struct question question;
};

/* Of two that it may be it is the older one, which says more. */
static void
keep_copy(struct writing *w, const struct answer *a)
{
	const enum loss loss = a->state == LOST ? a->loss : a->values[0].loss;
	const bool was_written = was_heard(a) ||
	    (!handover_did_not_run(loss) && !w->copy->arena);
	struct copy *c = w->copy;
	struct journal *j = w->journal;

	if (was_written)
		copy_says(c, w->arena, w->text);
	else
		arena_release(w->arena);
	copy_release(j, c);
}

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
		if (p->number == w->copy->number) {
			p->less |= w->less;
			p->again = true;
		}
	keep_copy(w, a);
}

static struct word
spell_page(struct arena *a, const struct page *p)
{
	char *from = arena_take(a, 2 * (TEXT_DIGITS + 1) + p->bytes), *at;

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
	*at = '\0';
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
	if (!p->copy)
		p->copy = copy_new(j, p->number, p->end);
	w->copy = p->copy;
	w->copy->holders++;
	w->text = spell_page(a, p);
	begin_command(j, &w->question, "HSET");
	spell_word(&w->question, name_of(j, p->number, w->name));
	spell_word(&w->question, w->text);
	p->seen = clock_ms(j->clock);
	p->written = true;
	w->less = p->less;
	p->less = p->back = p->again = false;
	j->in_flight++;
	store_ask(j->store, &w->question, &w->ticket);
}
