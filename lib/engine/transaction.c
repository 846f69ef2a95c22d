/*
 * transaction - found by instance, ended once
 */
#include "engine/transaction.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "base/arena.h"
#include "base/hash.h"

/* Postfix' instances have some 30 bytes; a longer one names nothing. */
enum { INSTANCE_LIMIT = 256, NAME_LIMIT = INSTANCE_LIMIT + 128 };

/* An answer, and a hash of its question: idle clients keep their last ones. */
struct kept {
	struct kept *next;
	uint64_t of;
	const struct answer *answer;
};

/* The last decision, for the same request by another list. */
struct last {
	bool any;
	uint64_t of; /* a hash of the request */
	uint64_t when_ms;
	bool refused;
	int code;
	char enhanced[12];
	char *text;
};

struct transaction {
	struct transactions *all; /* NULL: it has no name and is not found */
	enum transaction_kind kind;
	UT_hash_handle hh;
	struct transaction *prev, *next; /* of a visit, among those heard of */
	uint64_t heard_ms; /* when; 0: it is not among them */
	unsigned references, joined;
	bool ended;
	enum outcome outcome;
	struct last last;
	struct arena *arena;
	struct charge *charges;
	struct kept *kept;
	char name[];
};

struct transactions {
	struct transaction *table;
	struct transaction *heard; /* visits; the latest is the first */
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
	free(all);
}

/* An instance names a transaction of one smtpd; with the client's address and
 * port behind it, equal instances of two machines stay apart. False when the
 * request is in no transaction yet. */
static bool
name_of(enum transaction_kind kind, const struct request *req, char *name,
    size_t *size)
{
	/* No instance has a blank in it. */
	const char *const first = kind == VISIT ? " " : req->instance;
	const char *const parts[] = { first, req->client_address,
		req->client_port };

	*size = 0;
	if (kind == VISIT ? strtoul(req->client_port, NULL, 10) == 0
			  : !*first || strlen(first) > INSTANCE_LIMIT)
		return false;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const size_t n = strnlen(parts[i], NAME_LIMIT - *size - 1);

		memcpy(name + *size, parts[i], n);
		*size += n;
		if (*size < NAME_LIMIT - 1)
			name[(*size)++] = ' ';
	}
	return true;
}

struct transaction *
transaction_of(struct transactions *all, enum transaction_kind kind,
    const struct request *req, bool *is_new)
{
	char name[NAME_LIMIT];
	struct transaction *t = NULL;
	size_t size;
	const bool named = name_of(kind, req, name, &size);
	unsigned hash = 0;

	if (named) {
		hash = (unsigned)hash_bytes(all->seed, name, size);
		HASH_FIND_BYHASHVALUE(hh, all->table, name, size, hash, t);
	}
	*is_new = !t;
	if (t)
		return transaction_ref(t);
	t = xmalloc(sizeof(*t) + size); /* calloc() has no cache */
	*t = (struct transaction){ .references = 1, .kind = kind };
	if (named) {
		t->all = all;
		memcpy(t->name, name, size);
		HASH_ADD_KEYPTR_BYHASHVALUE(
		    hh, all->table, t->name, size, hash, t);
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
		HASH_DEL(t->all->table, t);
		if (t->heard_ms > 0)
			DL_DELETE(t->all->heard, t);
	}
	arena_release(t->arena);
	free(t->last.text);
	free(t);
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
		t->arena = arena_new_small();
	return t->arena;
}

void
transaction_charge(struct transaction *t, const struct check *check, void *data)
{
	struct charge *c = arena_alloc(transaction_arena(t), sizeof(*c));

	c->check = check;
	c->data = data;
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
    void (*each)(void *ctx, const void *data), void *ctx)
{
	for (const struct charge *c = t->charges; c; c = c->next)
		if (c->check == check)
			each(ctx, c->data);
}

void
transaction_end(struct transaction *t, enum outcome outcome)
{
	t->ended = true;
	t->outcome = outcome;
}

/* Visits and what has no name are not what an administrator would count. */
void
transaction_count(const struct transaction *t, struct engine_counts *c)
{
	if (t->kind == VISIT || !t->all)
		return;
	if (t->outcome == COMMITTED)
		c->committed++;
	else
		c->released++;
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

/* Of what may differ between two requests of a transaction. SMTP lets a session
 * greet, log in or start TLS only outside of one; queue_id is left out, it
 * appears when Postfix accepts the first recipient. */
static uint64_t
digest(const struct transactions *all, const struct request *req)
{
	const char *parts[] = { req->protocol_state, req->sender,
		req->recipient, req->recipient_count, req->size,
		req->policy_context };
	uint64_t hash = all->seed;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		hash = hash_text(hash, parts[i]);
	return hash;
}

bool
transaction_repeat(const struct transaction *t, const struct request *req,
    uint64_t now_ms, struct decision *d)
{
	const struct last *l = &t->last;

	if (!l->any || now_ms - l->when_ms > REPEAT_MS ||
	    l->of != digest(t->all, req))
		return false;
	d->repeated = true;
	d->refused = l->refused;
	if (l->refused) {
		d->reply.code = l->code;
		d->reply.enhanced = arena_strdup(req->arena, l->enhanced);
		d->reply.text = arena_strdup(req->arena, l->text);
	}
	return true;
}

void
transaction_decided(struct transaction *t, const struct request *req,
    uint64_t now_ms, const struct decision *d)
{
	struct last *l = &t->last;

	if (!t->all)
		return; /* nobody finds it again */
	free(l->text);
	*l = (struct last){ .any = true,
		.of = digest(t->all, req),
		.when_ms = now_ms,
		.refused = d->refused };
	if (!d->refused)
		return;
	l->code = d->reply.code;
	l->text = xstrdup(d->reply.text);
	strncpy(l->enhanced, d->reply.enhanced, sizeof(l->enhanced) - 1);
}
