/*
 * book - chains of entries, and two lists
 */
#include "rate/book.h"

#include <string.h>

#include "base/hash.h"

/* -- pages -- */

struct page *
book_add_page(struct journal *j, int64_t end)
{
	struct page *p = pool_take(&j->pages);

	*p = (struct page){ .prev = j->last,
		.number = ++j->count,
		.end = end,
		.until = INT64_MAX,
		.charged = store_time(j->store),
		.since = clock_ms(j->clock) };
	*(p->prev ? &p->prev->next : &j->first) = p;
	j->last = p;
	return p;
}

void
book_remove_page(struct journal *j, struct page *p)
{
	*(p->prev ? &p->prev->next : &j->first) = p->next;
	*(p->next ? &p->next->prev : &j->last) = p->prev;
	pool_give(&j->pages, p);
}

/* -- entries -- */

static uint64_t
number_of(const struct journal *j, struct word key)
{
	return hash_bytes(j->seed, key.text, key.size);
}

static struct entry **
chain_of(struct journal *j, uint64_t number)
{
	return &j->chains[number & (JOURNAL_MOST - 1)];
}

static bool
is_such(const struct entry *e, enum entry_state state, uint64_t number,
    struct word key, int64_t end)
{
	return e->number == number && e->page->end == end &&
	    e->state == state && e->size == key.size &&
	    memcmp(e->key, key.text, key.size) == 0;
}

struct entry *
book_find(const struct journal *j, const struct entry *e,
    enum entry_state state, struct word key, int64_t end)
{
	uint64_t number;

	if (j->entries == 0)
		return NULL;
	number = e ? e->number : number_of(j, key);
	e = e ? e->next : j->chains[number & (JOURNAL_MOST - 1)];
	while (e && !is_such(e, state, number, key, end))
		e = e->next;
	return (struct entry *)e;
}

struct entry *
book_add(struct journal *j, struct page *p, const struct settlement *s)
{
	struct entry *e = pool_take(&j->pool), **at;

	e->next = NULL;
	e->page = p;
	e->newer = NULL;
	e->older = p->newest;
	e->number = number_of(j, s->key);
	e->seconds = s->seconds;
	e->n = s->open;
	e->sent = e->back = 0;
	e->state = ENTRY_ASKED;
	e->size = s->key.size;
	memcpy(e->key, s->key.text, s->key.size);
	for (at = chain_of(j, e->number); *at; at = &(*at)->next)
		;
	*at = e;
	if (p->newest)
		p->newest->newer = e;
	p->newest = e;
	p->count++;
	p->asked++;
	p->bytes += (unsigned)e->size + BOOK_NUMBERS;
	j->entries++;
	return e;
}

void
book_remove(struct journal *j, struct entry *e)
{
	struct entry **at = chain_of(j, e->number);
	struct page *p = e->page;

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	*(e->newer ? &e->newer->older : &p->newest) = e->older;
	if (e->older)
		e->older->newer = e->newer;
	p->count--;
	p->asked -= e->state == ENTRY_ASKED;
	p->moving -= e->state == ENTRY_MOVING;
	p->doubts -= e->state == ENTRY_DOUBT;
	p->bytes -= (unsigned)e->size + BOOK_NUMBERS;
	j->entries--;
	pool_give(&j->pool, e);
}
