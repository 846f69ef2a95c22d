/*
 * journal - what is written down, and what becomes of it
 */
#include "rate/journal.h"

#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "rate/page.h"

enum {
	REWRITE_MS = 400, /* what was sent is not given back for longer */
	TRY_MS = 400 /* whether Redis is back */
};

/* -- pages -- */

static void
close_page(struct journal *j)
{
	struct page *p = j->open;

	j->open = NULL;
	if (p)
		page_write(j, p);
}

static void
turn_is_over(struct timer *t)
{
	close_page(
	    (struct journal *)((char *)t - offsetof(struct journal, turn)));
}

/* Nothing of it is open any more, or is ours to see to. */
static void
end_page(struct journal *j, struct page *p, bool strike)
{
	while (p->newest)
		book_remove(j, p->newest);
	(strike ? page_strike : page_leave)(j, p);
	if (j->open == p)
		j->open = NULL;
	book_remove_page(j, p);
}

/* Of what is in doubt nobody hears any more. It is left behind, where nothing
 * else would be given back with that. */
static void
see_to(struct journal *j, struct page *p)
{
	if (p->count == p->doubts)
		end_page(j, p, p->less);
}

/* -- entries -- */

/* The first one of so much. */
static struct entry *
find_such(const struct journal *j, enum entry_state state,
    const struct settlement *s, int64_t n)
{
	struct entry *e = NULL;

	do
		e = book_find(j, e, state, s->key, s->end);
	while (e && e->n != n);
	return e;
}

/* The one that is written next, and another one for the rest. */
static bool
has_pages(const struct journal *j)
{
	return j->there + 2 <= JOURNAL_PAGES;
}

bool
journal_has_room(const struct journal *j, struct word key)
{
	return !j->away && j->entries < JOURNAL_MOST && has_pages(j) &&
	    key.size <= JOURNAL_KEY;
}

void
journal_add(struct journal *j, const struct settlement *s, int64_t until)
{
	struct page *p = j->open;

	if (p && (p->end != s->end || p->count == JOURNAL_PAGE)) {
		close_page(j);
		p = NULL;
	}
	if (!p)
		p = j->open = book_add_page(j, s->end);
	book_add(j, p, s);
	if (p->until > until)
		p->until = until;
	if (!timer_running(&j->turn))
		timer_start(&j->turn, j->clock, 0);
}

static int64_t
settled(const struct entry *e)
{
	return e->sent + e->back;
}

int64_t
journal_find(const struct journal *j, struct word key, int64_t now, int64_t end,
    int64_t most)
{
	const struct entry *e = NULL;
	int64_t found = 0;

	if (now >= end)
		return 0;
	while (
	    found < most && (e = book_find(j, e, ENTRY_OPEN, key, end)) != NULL)
		found += e->n;
	while (found < most &&
	    (e = book_find(j, e, ENTRY_MOVING, key, end)) != NULL)
		found += e->n - settled(e);
	return found < most ? found : most;
}

static void
take(struct journal *j, struct entry *e, int64_t *n, bool sent)
{
	struct page *p = e->page;

	p->less = true;
	p->back |= !sent;
	if (e->n > *n) {
		e->n -= *n;
		*n = 0;
		return;
	}
	*n -= e->n;
	book_remove(j, e);
	see_to(j, p);
}

/* What is left of `n`. */
static int64_t
take_open(struct journal *j, struct word key, int64_t end, int64_t n, bool sent)
{
	struct entry *e;

	while (n > 0 && (e = book_find(j, NULL, ENTRY_OPEN, key, end)) != NULL)
		take(j, e, &n, sent);
	return n;
}

/* It waits there for what becomes of the lease. */
static void
settle_moving(
    struct journal *j, struct word key, int64_t end, int64_t n, bool sent)
{
	struct entry *e = NULL;

	while (n > 0 && (e = book_find(j, e, ENTRY_MOVING, key, end)) != NULL) {
		const int64_t left = e->n - settled(e);
		const int64_t some = n < left ? n : left;

		*(sent ? &e->sent : &e->back) += some;
		n -= some;
	}
}

int64_t
journal_settle(
    struct journal *j, struct word key, int64_t end, int64_t n, bool sent)
{
	const int64_t rest = take_open(j, key, end, n, sent);

	settle_moving(j, key, end, rest, sent);
	return n - rest;
}

void
journal_tell(struct journal *j)
{
	for (struct page *p = j->first; p; p = p->next)
		if (p->back && p->written)
			page_write(j, p);
	page_send_strikes(j);
}

/* One that waits for its answer. As much must be asked of it: one that is
 * refused at once is heard of before those that are on their way. */
static struct entry *
find_asked(const struct journal *j, const struct settlement *s)
{
	return find_such(j, ENTRY_ASKED, s, s->open);
}

void
journal_charged(struct journal *j, const struct settlement *s)
{
	struct entry *e = find_asked(j, s);

	if (!e)
		return;
	e->state = ENTRY_OPEN;
	e->page->asked--;
}

void
journal_doubt(struct journal *j, const struct settlement *s)
{
	struct entry *e = find_asked(j, s);

	if (!e)
		return;
	e->state = ENTRY_DOUBT;
	e->page->asked--;
	e->page->doubts++;
	see_to(j, e->page);
}

bool
journal_take_back(struct journal *j, const struct settlement *s)
{
	struct entry *e = find_asked(j, s);
	int64_t n = s->open;

	if (e)
		take(j, e, &n, false);
	return e != NULL;
}

/* -- opening leases -- */

static void
tell_lease(struct journal *j, const struct entry *e)
{
	j->tell(j,
	    &(struct settlement){
		{ e->key, e->size }, e->seconds, -e->n, e->page->end, -e->n });
}

/* Of one that is a lease now, what was settled meanwhile. */
static void
tell_settled(struct journal *j, const struct entry *e)
{
	if (settled(e) > 0)
		j->tell(j,
		    &(struct settlement){ { e->key, e->size }, e->seconds,
			e->sent, e->page->end, settled(e) });
}

/* Not while answers are to come: soon there are. */
static bool
is_due(const struct journal *j, const struct page *p, int64_t now)
{
	const uint64_t ms = clock_ms(j->clock);

	if (p->asked > 0 || p->moving > 0)
		return false;
	if (p->struck)
		return ms - p->seen >= REWRITE_MS;
	return p->until <= now || ms - p->since >= JOURNAL_MS;
}

static void
strike(struct journal *j, struct page *p)
{
	page_strike(j, p);
	if (j->open == p)
		j->open = NULL;
	p->struck = true;
	p->seen = clock_ms(j->clock);
}

static void
move(struct journal *j, struct page *p)
{
	for (struct entry *e = p->newest, *older; e; e = older) {
		older = e->older;
		if (e->state != ENTRY_OPEN) {
			book_remove(j, e);
			continue;
		}
		e->state = ENTRY_MOVING;
		p->moving++;
		tell_lease(j, e);
	}
	if (p->count == 0)
		end_page(j, p, false);
}

/* Redis hears first that they are struck out. */
static void
move_due(struct journal *j, int64_t now)
{
	struct page *p, *next;

	for (p = j->first; p; p = p->next) {
		p->due = is_due(j, p, now);
		if (p->due)
			strike(j, p);
	}
	page_send_strikes(j);
	for (p = j->first; p; p = next) {
		next = p->next;
		if (p->due)
			move(j, p);
	}
}

static void
stay(struct journal *j, struct entry *e)
{
	if (e->back > 0)
		j->tell(j,
		    &(struct settlement){
			{ e->key, e->size }, e->seconds, -e->back, 0, 0 });
	e->n -= settled(e);
	e->sent = e->back = 0;
	e->state = ENTRY_OPEN;
	e->page->moving--;
}

void
journal_moved(struct journal *j, const struct settlement *s, bool is_open)
{
	struct entry *e = find_such(j, ENTRY_MOVING, s, -s->open);
	struct page *p = e ? e->page : NULL;

	if (!e)
		return;
	if (is_open)
		tell_settled(j, e);
	else
		stay(j, e);
	if (is_open || e->n == 0) {
		book_remove(j, e);
		see_to(j, p);
	}
}

static bool
is_over(const struct page *p, int64_t now)
{
	return p->end <= now && p->asked == 0 && p->moving == 0 && !p->writing;
}

static void
tell_back(struct journal *j, const struct entry *e)
{
	if (e->state == ENTRY_OPEN)
		j->tell(j,
		    &(struct settlement){
			{ e->key, e->size }, e->seconds, -e->n, 0, 0 });
}

/* Whoever comes by gives back what is written there, a moment later
 * (reap.lua). Where that is not what is open, or may not stand there, it is for
 * us. */
static void
give_up_what_is_over(struct journal *j, int64_t now)
{
	struct page *p, *next;

	for (p = j->first; p; p = p->next)
		if (is_over(p, now) && (p->less || p->again))
			strike(j, p);
	page_send_strikes(j);
	for (p = j->first; p; p = next) {
		next = p->next;
		if (!is_over(p, now))
			continue;
		for (const struct entry *e = p->newest; e && p->struck;
		     e = e->older)
			tell_back(j, e);
		end_page(j, p, false);
	}
}

/* Of a page that there never was, if there is no other. */
static void
try_out(struct journal *j)
{
	j->tried = clock_ms(j->clock);
	if (j->lost == 0 && !j->strike)
		page_try_out(j);
	page_strike_again(j);
	page_send_strikes(j);
}

bool
journal_walk(struct journal *j, int64_t now)
{
	const uint64_t ms = clock_ms(j->clock);

	give_up_what_is_over(j, now);
	if ((j->away || j->lost > 0) && j->striking == 0 &&
	    ms - j->tried >= TRY_MS)
		try_out(j);
	if (!j->away)
		move_due(j, now);
	for (struct page *p = j->first; p && !j->away; p = p->next)
		if ((p->less || p->again) && p->written && p->end > now &&
		    ms - p->seen >= REWRITE_MS)
			page_write(j, p);
	page_send_strikes(j);
	return j->first || j->lost > 0 || j->away || j->in_flight > 0;
}

static void
leave_all(struct journal *j)
{
	while (j->first)
		end_page(j, j->first, false);
}

void
journal_hold_all(struct journal *j)
{
	if (j->away) {
		leave_all(j);
		return;
	}
	page_strike_again(j);
	for (struct page *p = j->first; p; p = p->next)
		strike(j, p);
	page_send_strikes(j);
	for (; j->first; end_page(j, j->first, false))
		for (const struct entry *e = j->first->newest; e; e = e->older)
			if (e->state == ENTRY_OPEN)
				tell_lease(j, e);
			else if (e->state == ENTRY_MOVING)
				tell_settled(j, e);
}

void
journal_use(struct journal *j, struct store *store)
{
	leave_all(j);
	page_forget_strikes(j);
	j->store = store;
}

/* -- its life -- */

static void
begin_run(struct journal *j)
{
	static const char digits[] = "0123456789abcdef";
	const uint64_t run = hash_seed();

	for (unsigned i = 0; i < sizeof(j->run) - 1; i++)
		j->run[i] = digits[run >> 4 * i & 15];
	j->run[sizeof(j->run) - 1] = '.';
}

void
journal_init(struct journal *j)
{
	j->seed = hash_seed();
	j->pages.size = sizeof(struct page);
	j->pool.size = sizeof(struct entry);
	j->turn.fire = turn_is_over;
	j->arena = arena_new_small();
	begin_run(j);
	journal_prefix(j, "policyd:");
}

void
journal_prefix(struct journal *j, const char *prefix)
{
	const struct word key = rate_journal(j->arena, prefix);

	if (key.size == j->key.size &&
	    memcmp(key.text, j->key.text, key.size) == 0)
		return;
	journal_use(j, j->store);
	j->key = key;
	j->taken = rate_taken(j->arena, prefix);
}

void
journal_clear(struct journal *j)
{
	timer_stop(&j->turn);
	journal_use(j, NULL);
	arena_release(j->arena);
	pool_clear(&j->pages);
	pool_clear(&j->pool);
}
