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
#include "base/text.h"
#include "scope/scope.h"

/* What each of them charges. */
struct counted {
	uint64_t hash;
	const char *recipient;
};

struct tally {
	struct counted of;
	int64_t count; /* of those before */
	bool counted; /* it is one of them */
};

/* The case of letters matters before the last @ only. */
static struct counted
name_of(const struct request *req)
{
	char *name = arena_strdup(req->arena, req->recipient);
	char *at = strrchr(name, '@');

	if (at)
		strcpy(at, text_lower(req->arena, at));
	return (struct counted){ hash_text(0, name), name };
}

static void
look(void *ctx, const void *data)
{
	struct tally *t = ctx;
	const struct counted *c = data;

	t->count++;
	if (c->hash == t->of.hash && strcmp(c->recipient, t->of.recipient) == 0)
		t->counted = true;
}

static void
keep(const struct facts *facts, const struct counted *c)
{
	struct arena *a = charge_arena(facts);
	struct counted *kept = arena_alloc(a, sizeof(*kept));

	kept->hash = c->hash;
	kept->recipient = arena_strdup(a, c->recipient);
	charge(facts, kept);
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
	struct tally t = { .of = name_of(req) };

	charged_each(facts, look, &t);
	if (t.counted)
		return verdict_pass();
	if (!req->dry)
		keep(facts, &t.of);
	return compare(t.count + 1, limit);
}

static void
note(void *any, const void *data)
{
	(void)data;
	*(bool *)any = true;
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
judge(const struct request *req, const struct facts *facts)
{
	const int64_t limit = req->login_scope->set->recipients.limit;

	if (limit == 0)
		return verdict_pass();
	return req->stage == AT_RCPT ? at_rcpt(req, facts, limit)
				     : at_data(req, facts, limit);
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
