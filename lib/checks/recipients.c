/*
 * recipients - a message to so many is a newsletter, or worse
 *
 * Postfix tells no number before DATA, so that those it may accept are counted
 * as they come; one too many is refused, and those before stay. A recipient
 * that is named twice counts once, whichever list of Postfix asks.
 */
#include "checks/checks.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/table.h"
#include "base/text.h"
#include "scope/scope.h"

/* Those of a transaction that were accepted. */
struct set {
	struct table table;
	int64_t count;
};

/* What each of them charges. */
struct counted {
	struct link link; /* its number is a hash of its name */
	const char *name;
	struct set *set;
	bool is_in; /* the set */
};

/* The case of letters matters before the last @ only. */
static const char *
name_of(const struct request *req)
{
	char *name = arena_strdup(req->arena, req->recipient);
	char *at = strrchr(name, '@');

	if (at)
		strcpy(at, text_lower(req->arena, at));
	return name;
}

/* Where the arena lies strangers do not know. */
static uint64_t
number_of(const struct facts *facts, const char *name)
{
	return hash_text((uintptr_t)charge_arena(facts), name);
}

static bool
has(const struct set *set, uint64_t number, const char *name)
{
	struct link *l = table_find(&set->table, number);

	return l && strcmp(((struct counted *)l)->name, name) == 0;
}

/* Since the last time; whoever is in the set already was there then. */
static bool
take_in(void *ctx, void *data)
{
	struct set **set = ctx;
	struct counted *c = data;

	if (!*set)
		*set = c->set;
	if (c->is_in)
		return false;
	c->is_in = true;
	if (has(*set, c->link.number, c->name))
		return true;
	(*set)->count++;
	if (!table_find(&(*set)->table, c->link.number))
		table_add(&(*set)->table, &c->link);
	return true;
}

static void
let_go_table(void *table)
{
	table_clear(table);
}

static void
keep(const struct facts *facts, struct set *set, const char *name)
{
	struct arena *a = charge_arena(facts);
	struct counted *c = arena_alloc(a, sizeof(*c));

	if (!set) {
		set = arena_alloc(a, sizeof(*set));
		arena_defer(a, let_go_table, &set->table);
	}
	c->link.number = number_of(facts, name);
	c->name = arena_strdup(a, name);
	c->set = set;
	charge(facts, c);
}

static struct verdict
compare(int64_t count, int64_t limit)
{
	struct verdict v;

	if (count <= limit)
		return verdict_pass();
	v = verdict_refuse(REPLY_RECIPIENTS);
	verdict_number(&v, "count", count);
	verdict_number(&v, "limit", limit);
	return v;
}

static struct verdict
at_rcpt(const struct request *req, const struct facts *facts, int64_t limit)
{
	const char *name = name_of(req);
	struct set *set = NULL;

	charged_each(facts, take_in, &set);
	if (set && has(set, number_of(facts, name), name))
		return verdict_pass();
	if (!req->dry)
		keep(facts, set, name);
	return compare((set ? set->count : 0) + 1, limit);
}

static bool
note(void *any, void *data)
{
	(void)data;
	*(bool *)any = true;
	return false;
}

/* The whole message, when nobody asked us about its recipients. Otherwise our
 * own count holds: for Postfix one who is named twice is two. */
static struct verdict
at_data(const struct request *req, const struct facts *facts, int64_t limit)
{
	bool any = false;

	charged_each(facts, note, &any);
	if (any)
		return verdict_pass();
	return compare(strtoll(req->recipient_count, NULL, 10), limit);
}

static struct verdict
by_what_is_known(const struct request *req, const struct facts *facts)
{
	const int64_t limit = req->login_scope->set->recipients.limit;

	if (limit == 0)
		return verdict_pass();
	return req->stage == AT_RCPT ? at_rcpt(req, facts, limit)
				     : at_data(req, facts, limit);
}

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	const struct verdict v = by_what_is_known(req, facts);
	const enum loss loss = req->login_scope->loss;

	return v.kind == VERDICT_PASS && loss != LOSS_NONE ? verdict_lost(loss)
							   : v;
}

const struct check check_recipients = {
	.name = "recipients",
	.stages = AT_RCPT | AT_DATA,
	.classes = INBOUND | AUTHENTICATED | TRUSTED,
	.tier = TIER_LOCAL,
	.whose = OF_LOGIN,
	.policy = offsetof(struct settings, recipients.policy),
	.judge = judge,
};
