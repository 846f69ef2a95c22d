/*
 * transaction - found by instance, ended once
 */
#include "engine/transaction.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/table.h"
#include "engine/last.h"

/* Postfix' instances have some 30 bytes; a longer one names nothing. */
enum { INSTANCE_LIMIT = 256 };

/* For an answer; for what `connections` keeps; of a charge what is read. */
enum { TRANSACTION_ROOM = 80, VISIT_ROOM = 176, CHARGE_ROOM = 384 };

/* An answer, and a hash of its question: idle clients keep their last ones. */
struct kept {
	struct kept *next;
	uint64_t of;
	const struct answer *answer;
};

struct mark {
	struct mark *next;
	const struct check *check;
	const char *text;
	bool given;
};

/* Thousands of idle clients have one each: it is small. */
struct transaction {
	struct link link; /* its number is a hash of its name */
	struct transactions *all; /* NULL: it has no name and is not found */
	unsigned references;
	unsigned joined : 24; /* clients */
	unsigned kind : 1, outcome : 2; /* enum transaction_kind, outcome */
	bool ended : 1, repeated : 1;
	union {
		struct last last; /* of a TRANSACTION */
		struct { /* of a VISIT, among those heard of */
			struct transaction *prev, *next;
			uint64_t heard_ms; /* when; 0: it is not among them */
		};
	};
	struct arena *arena;
	struct charge *charges;
	struct kept *kept;
	struct mark *marks;
};

struct transactions {
	struct table table;
	struct transaction *heard; /* visits; the latest is the first */
	struct told *told; /* the latest */
	struct transaction *spare; /* memory of one that is over: a client that
				      begins the next has just left the last */
	uint64_t seed;
};

struct transactions *
transactions_new(uint64_t seed)
{
	struct transactions *all = xcalloc(1, sizeof(*all));

	all->seed = seed;
	return all;
}

void
transactions_free(struct transactions *all)
{
	table_clear(&all->table);
	told_unref(all->told);
	free(all->spare);
	free(all);
}

/* An instance names a transaction of one smtpd; with the client's address and
 * port behind it, equal instances of two machines stay apart. A visit has but
 * these. False when the request is in no transaction yet. */
static bool
number_of(const struct transactions *all, enum transaction_kind kind,
    const struct request *req, uint64_t *number)
{
	const size_t size = strlen(req->instance);
	uint64_t hash = all->seed;

	if (kind == VISIT) {
		if (strtoul(req->client_port, NULL, 10) == 0)
			return false;
	} else {
		if (size == 0 || size > INSTANCE_LIMIT)
			return false;
		hash = hash_bytes(hash, req->instance, size);
	}
	*number = hash_text(
	    hash_text(hash, req->client_address), req->client_port);
	return true;
}

static struct transaction *
take_memory(struct transactions *all)
{
	struct transaction *t = all->spare;

	all->spare = NULL;
	return t ? t : xmalloc(sizeof(*t)); /* calloc() has no cache */
}

static void
give_memory(struct transactions *all, struct transaction *t)
{
	if (all && !all->spare)
		all->spare = t;
	else
		free(t);
}

struct transaction *
transaction_of(struct transactions *all, enum transaction_kind kind,
    const struct request *req, bool *is_new)
{
	struct transaction *t = NULL;
	uint64_t number;
	const bool named = number_of(all, kind, req, &number);

	if (named) /* the link is its first member */
		t = (struct transaction *)table_find(&all->table, number);
	*is_new = !t;
	if (t) {
		memory_fetch(t->charges, CACHE_LINE);
		memory_fetch(t->arena, t->charges ? CHARGE_ROOM : 0);
		return transaction_ref(t);
	}
	t = take_memory(all);
	*t = (struct transaction){ .references = 1, .kind = kind };
	if (named) {
		t->all = all;
		t->link.number = number;
		table_add(&all->table, &t->link);
	}
	return t;
}

bool
transaction_named(const struct transaction *t)
{
	return t->all != NULL;
}

void
visit_heard(struct transaction *visit, uint64_t now_ms)
{
	struct transactions *all = visit->all;

	if (!all)
		return; /* it has no name: nobody hears of it again */
	if (visit->heard_ms > 0)
		DL_DELETE(all->heard, visit);
	DL_PREPEND(all->heard, visit);
	visit->heard_ms = now_ms + 1;
}

unsigned
visits_heard(const struct transactions *all, uint64_t since_ms,
    const struct check *check, bool (*wanted)(const void *data))
{
	const struct transaction *t = all->heard;
	unsigned n = 0;

	for (; t && t->heard_ms > since_ms; t = t->next) {
		const void *data = transaction_charged(t, check);

		n += data && wanted(data);
	}
	return n;
}

struct transaction *
transaction_ref(struct transaction *t)
{
	t->references++;
	return t;
}

static void
forget(struct transaction *t)
{
	arena_release(t->arena);
	t->arena = NULL;
	t->charges = NULL;
	t->kept = NULL;
	t->marks = NULL;
}

/* After its end, those who are in the middle of it are idle and may keep it
 * for long: nothing of it is needed. A request in work still needs it, for
 * what it has charged. */
static bool
only_idle(const struct transaction *t)
{
	return t->ended && t->references == t->joined;
}

void
transaction_unref(struct transaction *t)
{
	if (!t)
		return;
	if (--t->references > 0) {
		if (only_idle(t))
			forget(t);
		return;
	}
	if (t->all) {
		table_remove(&t->all->table, &t->link);
		if (t->kind == VISIT && t->heard_ms > 0)
			DL_DELETE(t->all->heard, t);
	}
	arena_release(t->arena);
	if (t->kind == TRANSACTION)
		told_unref(t->last.told);
	give_memory(t->all, t);
}

void
transaction_join(struct transaction *t)
{
	t->joined++;
}

unsigned
transaction_leave(struct transaction *t)
{
	return --t->joined;
}

struct arena *
transaction_arena(struct transaction *t)
{
	if (!t->arena)
		t->arena = arena_new_of(
		    t->kind == VISIT ? VISIT_ROOM : TRANSACTION_ROOM);
	return t->arena;
}

struct arena *
transaction_charge_arena(struct transaction *t)
{
	if (!t->arena)
		t->arena = arena_new_brief();
	return t->arena;
}

void
transaction_charge(struct transaction *t, struct charge *c)
{
	c->next = t->charges;
	t->charges = c;
}

struct charge *
transaction_take_charges(struct transaction *t)
{
	struct charge *list = t->charges;

	t->charges = NULL;
	return list;
}

const void *
transaction_charged(const struct transaction *t, const struct check *check)
{
	const struct charge *c = t->charges;

	while (c && c->check != check)
		c = c->next;
	return c ? c->data : NULL;
}

void
transaction_charged_each(const struct transaction *t, const struct check *check,
    bool (*each)(void *ctx, void *data), void *ctx)
{
	for (const struct charge *c = t->charges; c; c = c->next)
		if (c->check == check && !each(ctx, c->data))
			return;
}

void
transaction_end(struct transaction *t, enum outcome outcome)
{
	t->ended = true;
	t->outcome = outcome;
}

bool
transaction_counts(const struct transaction *t)
{
	return t->kind == TRANSACTION && t->all;
}

bool
transaction_ended(const struct transaction *t, enum outcome *outcome)
{
	if (t->ended)
		*outcome = t->outcome;
	return t->ended;
}

/* What question_equal() compares. */
static uint64_t
question_digest(const struct transactions *all, const struct question *q)
{
	uint64_t hash = hash_bytes(all->seed, &q->script, sizeof(q->script));

	hash = hash_bytes(hash, &q->read_only, sizeof(q->read_only));
	hash = hash_bytes(hash, &q->keys, sizeof(q->keys));
	hash = hash_bytes(hash, &q->dns, sizeof(q->dns));
	hash = hash_text(hash, q->zone ? q->zone : "");
	for (unsigned i = 0; i < q->count; i++)
		hash = hash_bytes(hash, q->words[i].text, q->words[i].size);
	return hash;
}

const struct answer *
transaction_recall(const struct transaction *t, const struct question *q)
{
	uint64_t of;

	if (!t->kept)
		return NULL;
	of = question_digest(t->all, q);
	for (const struct kept *k = t->kept; k; k = k->next)
		if (k->of == of)
			return k->answer;
	return NULL;
}

void
transaction_keep(struct transaction *t, const struct question *q,
    const struct answer *answer)
{
	struct arena *a;
	struct kept *k;

	if (!t->all || transaction_recall(t, q))
		return; /* nobody finds it again, or it is there */
	a = transaction_arena(t);
	k = arena_alloc(a, sizeof(*k));
	k->of = question_digest(t->all, q);
	k->answer = answer_copy(a, answer);
	k->next = t->kept;
	t->kept = k;
}

void
transaction_mark(
    struct transaction *t, const struct check *check, const char *mark)
{
	struct mark **end = &t->marks;
	struct arena *a;

	if (!t->all)
		return;
	for (; *end; end = &(*end)->next)
		if ((*end)->check == check)
			return;
	a = transaction_arena(t);
	*end = arena_alloc(a, sizeof(**end));
	(*end)->check = check;
	(*end)->text = arena_strdup(a, mark);
}

const char *
transaction_next_mark(struct transaction *t, const struct check **check)
{
	struct mark *m = t->marks;

	while (m && m->given)
		m = m->next;
	if (!m)
		return NULL;
	m->given = true;
	*check = m->check;
	return m->text;
}

bool
transaction_repeated(const struct transaction *t)
{
	return t->repeated;
}

bool
transaction_repeat(struct transaction *t, const struct request *req,
    uint64_t now_ms, struct decision *d)
{
	if (!t->all || !last_recall(&t->last, t->all->seed, req, now_ms, d))
		return false;
	t->repeated = true;
	return true;
}

void
transaction_decided(struct transaction *t, const struct request *req,
    uint64_t now_ms, const struct decision *d)
{
	struct transactions *all = t->all;

	if (all) /* else nobody finds it again */
		last_keep(&t->last, &all->told, all->seed, req, now_ms, d);
}
