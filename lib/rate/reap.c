/*
 * reap - a script, the words that it answers, and what becomes of them
 */
#include "rate/reap.h"

#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "rate/handover.h"
#include "rate/rate.h"
#include "rate/spell.h"
#include "rate/taken.h"

enum {
	EVERY = 15, /* seconds */
	MOST = 32, /* meters that are given back to in one question */
	REFUSED = 100 /* questions that are kept */
};

extern const struct script script_reap, script_rate;

struct reaping {
	struct ticket ticket;
	struct reap *reap;
	struct store *store; /* that is asked: the reap's may change */
	struct arena *arena;
	struct question question;
	struct word journal; /* the key then */
	char now[TEXT_DIGITS];
};

static struct word
copy(struct arena *a, struct word w)
{
	return (struct word){ arena_memdup(a, w.text, w.size), w.size };
}

static void
begin(struct reaping *g, struct reap *r, struct store *store, struct arena *a,
    void (*answered)(struct ticket *, const struct answer *))
{
	g->ticket.answered = answered;
	g->reap = r;
	g->store = store;
	g->arena = a;
	memset(&g->question, 0, offsetof(struct question, words));
}

static void
ask(struct reaping *g, const struct script *script)
{
	g->question.script = script;
	g->reap->in_flight++;
	store_ask(g->store, &g->question, &g->ticket);
}

/* -- giving back -- */

/* What was charged in one step. */
struct back {
	struct reaping asking; /* first */
	struct back *next;
	int64_t charged;
	unsigned count;
	struct taken list[MOST];
};

static void
keep(struct reap *r, struct back *b)
{
	b->next = r->refused;
	r->refused = b;
	r->refused_count++;
}

/* Should it be lost, and perhaps have run, that counts for its window. */
static void
told(struct ticket *t, const struct answer *a)
{
	struct back *b = (struct back *)t;
	struct reap *r = b->asking.reap;

	r->in_flight--;
	if (a->state == LOST && handover_did_not_run(a->loss) &&
	    r->refused_count < REFUSED)
		keep(r, b);
	else
		arena_release(b->asking.arena);
}

static struct back *
begin_back(struct reap *r, struct store *store, const struct taken *list,
    unsigned count, int64_t charged)
{
	struct arena *a = arena_new_small();
	struct back *b = arena_take(a, sizeof(*b));

	begin(&b->asking, r, store, a, told);
	b->charged = charged;
	b->count = count;
	for (unsigned i = 0; i < count; i++) {
		b->list[i] = list[i];
		b->list[i].key = copy(a, list[i].key);
	}
	return b;
}

static void
give_back(struct reap *r, struct store *store, const struct taken *list,
    unsigned count, int64_t charged)
{
	struct back *b;
	struct spell text;

	if (count == 0)
		return;
	b = begin_back(r, store, list, count, charged);
	text = spell_begin(b->asking.arena, "left ", 1 + 3 * count);
	spell_number(&text, store_time(store), ' ');
	for (unsigned i = 0; i < count; i++) {
		const struct taken *l = &b->list[i];

		spell_key(&b->asking.question, l->key);
		spell_number(&text, l->n, ' ');
		spell_number(&text, l->seconds, ' ');
		spell_number(&text, charged, ' ');
	}
	spell_word(&b->asking.question, spell_end(&text));
	ask(&b->asking, &script_rate);
}

/* To another Redis it is nothing. */
static void
give_back_again(struct reap *r)
{
	struct back *b = r->refused, *next;

	r->refused = NULL;
	r->refused_count = 0;
	for (; b; b = next) {
		next = b->next;
		if (b->asking.store == r->store)
			give_back(r, r->store, b->list, b->count, b->charged);
		arena_release(b->asking.arena);
	}
}

void
reap_look(struct reap *r, const struct settlement *s)
{
	give_back(
	    r, r->store, &(const struct taken){ s->key, s->seconds, 0 }, 1, 0);
}

/* -- what they have left -- */

/* How many there were. */
static unsigned
read_page(const struct reaping *g, const char *at)
{
	struct taken list[MOST];
	unsigned count = 0, all = 0;
	int64_t charged;

	at = taken_read_charged(at, &charged);
	while ((at = taken_read(g->journal, at, &list[count])) != NULL) {
		all++;
		if (++count == MOST) {
			give_back(g->reap, g->store, list, count, charged);
			count = 0;
		}
	}
	give_back(g->reap, g->store, list, count, charged);
	return all;
}

/* There may be more. */
static void
read_pages(const struct reaping *g, const char *at)
{
	struct reap *r = g->reap;
	const uint64_t before = r->count;

	r->last = 0;
	for (; at && *at; at = strchr(at, ';'), at += at != NULL)
		r->count += read_page(g, at);
	if (r->count > before)
		log_info("rate: %llu open charges of a policyd that died are "
			 "given back",
		    (unsigned long long)(r->count - before));
}

static void
taken(struct ticket *t, const struct answer *a)
{
	struct reaping *g = (struct reaping *)t;
	const struct value *v = a->values;

	g->reap->in_flight--;
	if (a->state == KNOWN && a->count == 1 && v->text && *v->text)
		read_pages(g, v->text);
	arena_release(g->arena);
}

static void
take(struct reap *r, int64_t now)
{
	struct arena *a = arena_new_small();
	struct reaping *g = arena_take(a, sizeof(*g));

	begin(g, r, r->store, a, taken);
	g->journal = copy(a, *r->journal);
	spell_key(&g->question, g->journal);
	spell_key(&g->question, copy(a, *r->taken));
	spell_word(&g->question,
	    (struct word){ g->now,
		(size_t)(text_number(g->now, (uint64_t)now) - g->now) });
	ask(g, &script_reap);
}

void
reap(struct reap *r, int64_t now)
{
	if (r->refused && now != r->tried) {
		r->tried = now;
		give_back_again(r);
	}
	if (now == 0 || (now >= r->last && now - r->last < EVERY))
		return;
	r->last = now;
	take(r, now);
}

void
reap_later(struct reap *r)
{
	r->last = store_time(r->store);
}

void
reap_clear(struct reap *r)
{
	struct back *b = r->refused, *next;

	for (; b; b = next) {
		next = b->next;
		arena_release(b->asking.arena);
	}
	r->refused = NULL;
	r->refused_count = 0;
}
