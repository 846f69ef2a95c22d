/*
 * flight - those who wait are a list, each with a timer
 */
#include "ask/dns/flight.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"

struct waiter {
	struct timer timer; /* its deadline, or now */
	struct waiter *next, **at;
	struct flight *flight;
	struct ticket *ticket;
};

/* -- who waits -- */

void
flight_let_go(struct flight *f)
{
	if (f->waiters || f->away)
		return;
	*f->at = f->next;
	if (f->next)
		f->next->at = f->at;
	arena_release(f->arena);
}

void
flight_answer(const struct cached *c, bool remembered, struct answer *out)
{
	const bool lost = c->outcome == DNS_FAILED;

	out->state = lost ? LOST : KNOWN;
	out->loss = lost ? c->loss : LOSS_NONE;
	out->remembered = remembered;
	out->count = lost ? 0 : 2;
	out->values[0] = (struct value){ .is_number = true,
		.number = c->outcome };
	out->values[1] = (struct value){ .text = c->records.text,
		.size = c->records.size };
}

static void
tell(struct waiter *w, enum loss otherwise)
{
	struct flight *f = w->flight;
	struct ticket *t = w->ticket;
	const struct cached late = { .outcome = DNS_FAILED, .loss = otherwise };
	struct answer a;

	flight_answer(f->known ? &f->answer : &late, f->remembered, &a);
	timer_stop(&w->timer);
	*w->at = w->next;
	if (w->next)
		w->next->at = w->at;
	free(w);
	t->answered(t, &a); /* whose texts are the flight's */
	flight_let_go(f);
}

static void
on_time(struct timer *t)
{
	struct waiter *w = (struct waiter *)t;

	if (!w->flight->known)
		w->flight->flights->late(w->flight);
	tell(w, LOSS_TIMEOUT);
}

void
flight_wait(struct flight *f, struct ticket *t)
{
	struct waiter *w = xcalloc(1, sizeof(*w));

	w->timer.fire = on_time;
	w->flight = f;
	w->ticket = t;
	w->next = f->waiters;
	w->at = &f->waiters;
	if (w->next)
		w->next->at = &w->next;
	f->waiters = w;
	timer_start(&w->timer, f->flights->clock,
	    f->known ? 0 : f->flights->deadline_ms);
}

/* -- from its beginning to its end -- */

struct flight *
flight_new(struct flights *fs, enum dns_type type, const char *name)
{
	struct arena *a = arena_new_small();
	struct flight *f = arena_alloc(a, sizeof(*f));

	f->flights = fs;
	f->arena = a;
	f->type = type;
	f->name = arena_strdup(a, name);
	f->next = fs->all;
	f->at = &fs->all;
	if (f->next)
		f->next->at = &f->next;
	fs->all = f;
	return f;
}

void
flight_list(struct flight *f, uint64_t number)
{
	f->link.number = number;
	table_add(&f->flights->table, &f->link);
	f->listed = true;
}

bool
flight_taken(const struct flights *fs, uint64_t number)
{
	return table_find(&fs->table, number);
}

struct flight *
flight_find(const struct flights *fs, uint64_t number, enum dns_type type,
    const char *name)
{
	struct flight *f = (struct flight *)table_find(&fs->table, number);

	return f && f->type == type && strcmp(f->name, name) == 0 ? f : NULL;
}

void
flight_land(struct flight *f, const struct cached *answer)
{
	f->answer = *answer;
	f->answer.records.text = arena_memdup(f->arena,
	    answer->records.size ? answer->records.text : "",
	    answer->records.size);
	f->known = true;
	if (f->listed)
		table_remove(&f->flights->table, &f->link);
	f->listed = false;
	for (struct waiter *w = f->waiters; w; w = w->next)
		timer_start(&w->timer, f->flights->clock, 0);
}

void
flight_lost(struct flight *f, enum loss loss)
{
	flight_land(f, &(struct cached){ .outcome = DNS_FAILED, .loss = loss });
}

void
flights_end(struct flights *fs)
{
	while (fs->all)
		tell(fs->all->waiters, LOSS_DOWN);
	table_clear(&fs->table);
}
