/*
 * reap - a script, the words that it answers, and what becomes of them
 */
#include "rate/reap.h"

#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "rate/rate.h"
#include "rate/spell.h"
#include "rate/taken.h"

enum {
	EVERY = 15, /* seconds */
	MOST = 32 /* meters that are given back to in one question */
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

/* -- giving back -- */

/* Should it be lost, that counts for its window. */
static void
told(struct ticket *t, const struct answer *a)
{
	struct reaping *g = (struct reaping *)t;

	(void)a;
	g->reap->in_flight--;
	arena_release(g->arena);
}

static struct reaping *
begin(struct reap *r, struct store *store,
    void (*answered)(struct ticket *, const struct answer *))
{
	struct arena *a = arena_new_small();
	struct reaping *g = arena_take(a, sizeof(*g));

	g->ticket.answered = answered;
	g->reap = r;
	g->store = store;
	g->arena = a;
	memset(&g->question, 0, offsetof(struct question, words));
	return g;
}

static void
ask(struct reaping *g, const struct script *script)
{
	g->question.script = script;
	g->reap->in_flight++;
	store_ask(g->store, &g->question, &g->ticket);
}

static void
give_back(struct reap *r, struct store *store, const struct taken *list,
    unsigned count, int64_t charged)
{
	struct reaping *g;
	struct spell text;

	if (count == 0)
		return;
	r->count += charged > 0 ? count : 0;
	g = begin(r, store, told);
	text = spell_begin(g->arena, "left ", 1 + 3 * count);
	spell_number(&text, store_time(store), ' ');
	for (unsigned i = 0; i < count; i++) {
		const struct taken *l = &list[i];

		spell_key(&g->question, copy(g->arena, l->key));
		spell_number(&text, l->n, ' ');
		spell_number(&text, l->seconds, ' ');
		spell_number(&text, charged, ' ');
	}
	spell_word(&g->question, spell_end(&text));
	ask(g, &script_rate);
}

void
reap_look(struct reap *r, const struct settlement *s)
{
	give_back(
	    r, r->store, &(const struct taken){ s->key, s->seconds, 0 }, 1, 0);
}

/* -- what they have left -- */

static void
read_page(const struct reaping *g, const char *at)
{
	struct taken list[MOST];
	unsigned count = 0;
	int64_t charged;

	at = taken_read_charged(at, &charged);
	while ((at = taken_read(g->journal, at, &list[count])) != NULL)
		if (++count == MOST) {
			give_back(g->reap, g->store, list, count, charged);
			count = 0;
		}
	give_back(g->reap, g->store, list, count, charged);
}

/* There may be more. */
static void
read_pages(const struct reaping *g, const char *at)
{
	struct reap *r = g->reap;
	const uint64_t before = r->count;

	r->last = 0;
	for (; at && *at; at = strchr(at, ';'), at += at != NULL)
		read_page(g, at);
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

void
reap(struct reap *r, int64_t now)
{
	struct reaping *g;

	if (now == 0 || (now >= r->last && now - r->last < EVERY))
		return;
	r->last = now;
	g = begin(r, r->store, taken);
	g->journal = copy(g->arena, *r->journal);
	spell_key(&g->question, g->journal);
	spell_key(&g->question, copy(g->arena, *r->taken));
	spell_word(&g->question,
	    (struct word){ g->now,
		(size_t)(text_number(g->now, (uint64_t)now) - g->now) });
	ask(g, &script_reap);
}

void
reap_later(struct reap *r)
{
	r->last = store_time(r->store);
}
