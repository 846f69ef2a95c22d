/*
 * page - a field of the journal's hash, written and deleted
 */
#include "rate/page.h"

#include <string.h>

#include "base/arena.h"
#include "rate/spell.h"
#include "rate/taken.h"

enum {
	STRIKES = QUESTION_WORDS - 2, /* pages that one HDEL takes; late ones */
	OVER = 0, /* an end: whatever it was, others may have taken that page */
	NAME = sizeof(((struct journal *)NULL)->run) + TEXT_DIGITS /* "RUN.N" */
};

/* -- asking -- */

static void
begin_command(struct question *q, const char *name, struct word key)
{
	spell_word(q, (struct word){ name, strlen(name) });
	spell_word(q, key);
}

static void
begin_question(struct question *q, const char *name, struct word key)
{
	memset(q, 0, offsetof(struct question, words));
	q->script = &plain_commands;
	begin_command(q, name, key);
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

struct writing {
	struct ticket ticket;
	struct journal *journal;
	struct arena *arena;
	struct question question;
	struct page *page; /* NULL: that is gone, or was written again */
	bool less; /* than what stood there */
	char name[NAME];
};

static void
is_written_no_more(struct page *p)
{
	if (p->writing)
		p->writing->page = NULL;
	p->writing = NULL;
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
	uint64_t numbers[STRIKES];
	int64_t ends[STRIKES];
	char names[STRIKES][NAME];
	struct question question;
};

static void struck(struct ticket *t, const struct answer *a);

static struct strike *
begin_strike(struct journal *j, struct word key)
{
	struct arena *a = arena_new_small();
	struct strike *s = arena_take(a, sizeof(*s));

	s->ticket.answered = struck;
	s->journal = j;
	s->store = j->store;
	s->arena = a;
	s->late = false;
	s->count = 0;
	begin_question(&s->question, "HDEL", key);
	return s;
}

static void
add(struct strike *s, uint64_t number, int64_t end)
{
	const unsigned i = s->count++;

	s->numbers[i] = number;
	s->ends[i] = end;
	spell_word(&s->question, name_of(s->journal, number, s->names[i]));
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

/* One that is none of its pages, or not any more: there is no more to it. */
static void
send_name(struct journal *j, struct word key, uint64_t number)
{
	struct strike *s = begin_strike(j, key);

	spell_word(&s->question, name_of(j, number, s->names[0]));
	send(j, s);
}

static void
say_later(struct journal *j, uint64_t number, int64_t end)
{
	j->unheard[j->lost].number = number;
	j->unheard[j->lost++].end = end;
}

/* Of one that others may have taken it must be told whether they have. Nobody
 * else waits for that: it leaves room for other questions. */
static void
strike_late(struct journal *j, uint64_t number, int64_t end)
{
	struct strike *s;

	if (j->striking >= STRIKES) {
		say_later(j, number, end);
		return;
	}
	s = begin_strike(j, j->key);
	s->late = true;
	add(s, number, end);
	spell_word(&s->question, (struct word){ NULL, 0 });
	begin_command(&s->question, "HGET", j->taken);
	spell_word(&s->question, name_of(j, number, s->names[1]));
	send(j, s);
}

static void
strike(struct journal *j, uint64_t number, int64_t end)
{
	if (end <= store_time(j->store)) {
		strike_late(j, number, end);
		return;
	}
	j->strike = j->strike ? j->strike : begin_strike(j, j->key);
	add(j->strike, number, end);
	if (j->strike->count == STRIKES)
		page_send_strikes(j);
}

void
page_strike(struct journal *j, struct page *p)
{
	is_written_no_more(p);
	if (p->written)
		strike(j, p->number, p->end);
	p->written = false;
}

void
page_leave(struct journal *j, struct page *p)
{
	is_written_no_more(p);
	j->there -= p->written;
	p->written = false;
}

void
page_try_out(struct journal *j)
{
	send_name(j, j->key, 0);
}

void
page_strike_again(struct journal *j)
{
	const unsigned count = j->lost;

	j->lost = 0; /* what has no room is put back, never further on */
	for (unsigned i = 0; i < count; i++)
		strike(j, j->unheard[i].number, j->unheard[i].end);
}

void
page_forget_strikes(struct journal *j)
{
	if (j->strike) {
		j->there -= j->strike->count;
		arena_release(j->strike->arena);
	}
	j->strike = NULL;
	j->there -= j->lost;
	j->lost = 0;
}

/* -- what became of that -- */

static void
count_again(struct journal *j, const char *page)
{
	struct taken e;
	int64_t n;

	page = taken_read_charged(taken_read_end(page, &n), &n);
	while ((page = taken_read(j->key, page, &e)) != NULL)
		j->tell(j, &(struct settlement){ e.key, e.seconds, e.n, 0, 0 });
}

/* Others took none of them: all were there, and not put there again by what
 * was on its way for as long. */
static bool
was_in_time(
    const struct journal *j, const struct strike *s, const struct answer *a)
{
	const int64_t now = store_time(j->store);

	for (unsigned i = 0; i < s->count; i++)
		if (s->ends[i] <= now)
			return false;
	return a->values[0].number >= s->count;
}

static void
ask_for_each(struct journal *j, const struct strike *s)
{
	for (unsigned i = 0; i < s->count; i++)
		say_later(j, s->numbers[i], OVER);
}

static void
is_struck(struct journal *j, const struct strike *s, const struct answer *a)
{
	const char *taken = s->late && a->count > 1 ? a->values[1].text : NULL;

	j->away = false;
	if (!s->late && !was_in_time(j, s, a)) {
		ask_for_each(j, s);
		return;
	}
	j->there -= s->count;
	if (!taken)
		return;
	count_again(j, taken);
	send_name(j, j->taken, s->numbers[0]);
}

/* What is no hash tells nothing of any page. */
static bool
was_all_heard(const struct strike *s, const struct answer *a)
{
	return was_heard(a) &&
	    (!s->late || a->values[1].loss == LOSS_NONE ||
		a->values[1].loss == LOSS_WRONG_TYPE);
}

/* It can be said again: until it is known to have been heard. */
static void
is_not_struck(struct journal *j, const struct strike *s)
{
	j->away = true;
	for (unsigned i = 0; i < s->count; i++)
		say_later(j, s->numbers[i], s->ends[i]);
}

static void
struck(struct ticket *t, const struct answer *a)
{
	struct strike *s = (struct strike *)t;
	struct journal *j = s->journal;

	j->in_flight--;
	j->striking--;
	if (s->store != j->store)
		j->there -= s->count;
	else if (was_all_heard(s, a))
		is_struck(j, s, a);
	else
		is_not_struck(j, s);
	arena_release(s->arena);
}

/* -- writing -- */

/* A page that is not there is missed only by those who come when we have died;
 * one that says too much would have them give that back. */
static void
written(struct ticket *t, const struct answer *a)
{
	struct writing *w = (struct writing *)t;
	struct journal *j = w->journal;
	struct page *p = w->page;

	j->in_flight--;
	j->away |= !was_heard(a);
	if (p) {
		p->writing = NULL;
		p->less |= w->less && !was_heard(a);
		p->again |= !was_heard(a);
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
	is_written_no_more(p);
	p->writing = w;
	w->page = p;
	begin_question(&w->question, "HSET", j->key);
	spell_word(&w->question, name_of(j, p->number, w->name));
	spell_word(&w->question, spell_page(a, p));
	p->seen = clock_ms(j->clock);
	j->there += !p->written;
	p->written = true;
	w->less = p->less;
	p->less = p->back = p->again = false;
	j->in_flight++;
	store_ask(j->store, &w->question, &w->ticket);
}
