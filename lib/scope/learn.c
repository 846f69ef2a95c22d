/*
 * learn - what an answer about an address changes in memory
 *
 * Mostly nothing: it is the same as half a second ago, and a scope that was
 * made of it stays. An answer that was lost leaves the last one in force. What
 * was asked before a change was told is not younger for having come later.
 */
#include "scope/scope.h"

#include <stdlib.h>
#include <string.h>

#include "scope/keys.h"
#include "scope/memory.h"

/* Of what scope.lua says of a level. */
enum { HAS_LIST = 1, ENDS = 2 };

/* A level of an address: the domain, or the mailbox. */
struct news {
	enum level level;
	const char *address, *key;
	const char *text; /* NULL: it has no settings */
	bool denies;
	bool lasts; /* until there is a change that is told */
	enum loss loss; /* the answer is lost */
	uint64_t asked_ms;
};

static bool
same(const struct known *e, const struct news *n)
{
	return e->told && e->there == (n->text != NULL) &&
	    e->denies == n->denies &&
	    said_this(e->said, n->text ? n->text : "");
}

static void
change(struct known *e, const struct news *n)
{
	const char *text = n->text ? n->text : "";

	e->told = true;
	e->there = n->text != NULL;
	e->denies = n->denies;
	e->loss = LOSS_NONE;
	if (said_this(e->said, text))
		return;
	said_unref(e->said);
	e->said = said_read(n->level, n->address, n->key, text);
}

static struct known *
learn_known(struct scopes_known *k, struct known *e, const struct news *n)
{
	if (!same(e, n)) {
		e = memory_anew(k, e);
		change(e, n);
		memory_weigh(k, e);
	}
	e->stale = false;
	e->lasts = n->lasts && n->asked_ms >= k->changed_ms;
	return e;
}

static struct known *
learn_lost(struct scopes_known *k, struct known *e, const struct news *n)
{
	e->stale = e->told;
	e->lasts = false;
	if (!e->told && e->loss != n->loss) {
		e = memory_anew(k, e);
		e->loss = n->loss;
	}
	return e;
}

static struct known *
learn_level(struct scopes_known *k, const struct news *n)
{
	struct known *e = memory_get(k, n->address);

	if (!e)
		memory_put(k, e = known_new(n->address));
	memory_used(k, e);
	if (e->told && !e->stale && e->asked_ms > n->asked_ms)
		return e; /* somebody asked later, and knows it already */
	e = n->loss != LOSS_NONE ? learn_lost(k, e, n) : learn_known(k, e, n);
	if (e->asked_ms < n->asked_ms)
		e->asked_ms = n->asked_ms;
	e->changed = false;
	return e;
}

/* False when it is no answer to such a question. */
static bool
read_level(const struct answer *a, unsigned at, struct news *n)
{
	const struct value *v = a->values;

	if (a->count == 1 && v->is_number && v->number == 0)
		return true; /* there is nothing */
	if (at + 1 >= a->count || v[at].is_number || !v[at + 1].is_number)
		return false;
	n->text = v[at].text;
	n->denies = v[at + 1].number & HAS_LIST;
	if (v[at + 1].number & ENDS)
		n->lasts = false; /* that is told late */
	return true;
}

static struct known *
learn(struct scopes_known *k, const struct question *q, const struct answer *a,
    enum level level, const char *address, uint64_t asked_ms)
{
	const unsigned at = level == LEVEL_DOMAIN ? 0 : q->keys - 2;
	struct news n = { .level = level,
		.address = address,
		.key = q->words[at].text,
		.lasts = keys_named(q->words[at]),
		.loss = a->state == KNOWN ? LOSS_NONE : a->loss,
		.asked_ms = asked_ms };

	if (n.loss == LOSS_NONE && !read_level(a, at, &n))
		n.loss = LOSS_SHAPE;
	return learn_level(k, &n);
}

void
scope_learn(struct scopes_known *k, const struct question *q,
    const struct answer *answer)
{
	const char *address = q->words[q->keys].text;
	const char *at = strrchr(address, '@');
	const uint64_t ms = strtoull(q->words[q->keys + 1].text, NULL, 10);
	struct known *e = NULL, *domain;

	if (at)
		e = learn(k, q, answer, LEVEL_MAILBOX, address, ms);
	if (at && q->keys == 2)
		domain = memory_get(k, at + 1); /* it was known */
	else
		domain = learn(
		    k, q, answer, LEVEL_DOMAIN, at ? at + 1 : address, ms);
	if (e && e->conf && e->domain != domain)
		memory_anew(k, e);
	memory_make_room(k);
}
