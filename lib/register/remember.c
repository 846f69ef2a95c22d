/*
 * remember - a table of banned clients between the engine and Redis
 *
 * A client is known by the key of its mark. Entries hang in chains of a table
 * of fixed size, and on a list in the order in which they were seen.
 */
#include "register/remember.h"

#include <stdlib.h>
#include <string.h>

#include "ask/front.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "register/register.h"

extern const struct script script_client;

enum {
	CHAINS = 1 << 14,
	MEMORY = 24 * 3600, /* seconds after it was last seen */
	CLIENT_KEY = 0, /* among the words of register_read() */
	SAY_MS = 60 * 1000
};

struct banned {
	struct banned *next; /* of its chain */
	struct banned *older, *younger;
	uint64_t hash;
	char *key;
	int64_t seen;
	int64_t until, since, level; /* as Redis said */
	char *reason, *by;
};

struct remember {
	struct front front; /* what the engine asks */
	struct clock *clock;
	uint64_t seed;
	struct banned *chains[CHAINS];
	struct banned *oldest, *youngest;
	size_t count;
	uint64_t well_ms; /* when Redis answered last */
	uint64_t said_ms; /* when its silence was logged; 0: it was not */
};

/* A question on its way through us. */
struct passing {
	struct ticket ticket;
	struct remember *remember;
	const struct question *question;
	struct ticket *asker;
};

/* -- the table -- */

static uint64_t
hash_of(const struct remember *r, struct word key)
{
	return hash_bytes(r->seed, key.text, key.size);
}

static struct banned *
find(const struct remember *r, struct word key)
{
	const uint64_t hash = hash_of(r, key);
	struct banned *b = r->chains[hash % CHAINS];

	while (b &&
	    (b->hash != hash || strlen(b->key) != key.size ||
		memcmp(b->key, key.text, key.size) != 0))
		b = b->next;
	return b;
}

static void
unlink_age(struct remember *r, struct banned *b)
{
	*(b->older ? &b->older->younger : &r->oldest) = b->younger;
	*(b->younger ? &b->younger->older : &r->youngest) = b->older;
}

static void
link_youngest(struct remember *r, struct banned *b)
{
	b->younger = NULL;
	b->older = r->youngest;
	*(b->older ? &b->older->younger : &r->oldest) = b;
	r->youngest = b;
}

static void
forget(struct remember *r, struct banned *b)
{
	struct banned **at = &r->chains[b->hash % CHAINS];

	while (*at != b)
		at = &(*at)->next;
	*at = b->next;
	unlink_age(r, b);
	r->count--;
	free(b->key);
	free(b->reason);
	free(b->by);
	free(b);
}

static struct banned *
add(struct remember *r, struct word key)
{
	struct banned *b = xcalloc(1, sizeof(*b));

	if (r->count == REMEMBER_MOST)
		forget(r, r->oldest);
	b->hash = hash_of(r, key);
	b->key = xmalloc(key.size + 1);
	memcpy(b->key, key.text, key.size);
	b->key[key.size] = '\0';
	b->next = r->chains[b->hash % CHAINS];
	r->chains[b->hash % CHAINS] = b;
	link_youngest(r, b);
	r->count++;
	return b;
}

static void
note(struct remember *r, struct word key, const struct register_entry *e)
{
	struct banned *b = find(r, key);

	if (!e->banned) {
		if (b)
			forget(r, b);
		return;
	}
	if (!b)
		b = add(r, key);
	unlink_age(r, b);
	link_youngest(r, b);
	free(b->reason);
	free(b->by);
	b->reason = xstrdup(e->ban_reason);
	b->by = xstrdup(e->ban_by);
	b->seen = clock_unix(r->clock);
	b->until = e->ban_until;
	b->since = e->ban_since;
	b->level = e->ban_level;
}

/* -- answers -- */

/* As register_entry() reads it: the ban, while all else is lost. */
static struct answer
remembered(const struct banned *b, enum loss loss)
{
	const struct value nothing = { .is_number = true };
	struct answer a = { .state = LOST, .loss = loss, .count = 10 };
	struct value *v = a.values;

	for (unsigned i = 0; i < a.count; i++)
		v[i] = nothing;
	v[0].number = b->until;
	v[1].number = b->since;
	v[2].number = b->level;
	v[3] = (struct value){ .text = b->reason, .size = strlen(b->reason) };
	v[4] = (struct value){ .text = b->by, .size = strlen(b->by) };
	return a;
}

static bool
over(const struct remember *r, const struct banned *b)
{
	const int64_t now = clock_unix(r->clock);

	return (b->until != FOREVER && b->until <= now) ||
	    now - b->seen >= MEMORY;
}

static void
say(struct remember *r)
{
	const uint64_t now = clock_ms(r->clock);

	if (r->said_ms != 0 && now - r->said_ms < SAY_MS)
		return;
	r->said_ms = now;
	log_warning("bans: Redis is silent, what is known of %zu clients is "
		    "%llu s old",
	    r->count, (unsigned long long)(now - r->well_ms) / 1000);
}

/* The ban of a client whose question was lost; NULL when none is known. */
static const struct banned *
recall(struct remember *r, struct word key)
{
	struct banned *b = find(r, key);

	if (b && over(r, b)) {
		forget(r, b);
		b = NULL;
	}
	if (b)
		say(r);
	return b;
}

static void
answered(struct ticket *t, const struct answer *a)
{
	struct passing *p = (struct passing *)t;
	struct remember *r = p->remember;
	const struct word key = p->question->words[CLIENT_KEY];
	const struct banned *b;
	struct register_entry e;
	struct answer known;

	if (a->state == KNOWN) {
		r->well_ms = clock_ms(r->clock);
		r->said_ms = 0;
		if (register_entry(a, &e))
			note(r, key, &e);
	} else if ((b = recall(r, key)) != NULL) {
		known = remembered(b, a->loss);
		a = &known;
	}
	p->asker->answered(p->asker, a);
	free(p);
}

/* -- the store -- */

static void
ask(struct store *s, const struct question *q, struct ticket *t)
{
	struct remember *r = (struct remember *)s;
	struct passing *p;

	if (q->script != &script_client) {
		store_ask(r->front.inner, q, t);
		return;
	}
	p = xmalloc(sizeof(*p));
	*p = (struct passing){ { answered }, r, q, t };
	store_ask(r->front.inner, q, &p->ticket);
}

struct remember *
remember_new(struct clock *clock, struct store *inner)
{
	struct remember *r = xcalloc(1, sizeof(*r));

	front_init(&r->front, inner, ask, NULL);
	r->clock = clock;
	r->seed = hash_seed();
	r->well_ms = clock_ms(clock);
	return r;
}

struct store *
remember_store(struct remember *r)
{
	return &r->front.store;
}

void
remember_free(struct remember *r)
{
	if (!r)
		return;
	while (r->oldest)
		forget(r, r->oldest);
	free(r);
}
