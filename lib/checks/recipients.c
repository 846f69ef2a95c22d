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
#include "base/text.h"
#include "checks/named.h"
#include "scope/scope.h"

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

static void
keep(const struct facts *facts, struct named *before, const char *name)
{
	struct named_one *one = arena_alloc(charge_arena(facts), sizeof(*one));

	named_make(facts, before, one, name);
	charge(facts, one);
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
	struct named *before = named_before(facts);

	if (named_has(before, facts, name))
		return verdict_pass();
	if (!req->dry)
		keep(facts, before, name);
	return compare(named_count(before) + 1, limit);
}

/* The whole message, when nobody asked us about its recipients. Otherwise our
 * own count holds: for Postfix one who is named twice is two. */
static struct verdict
at_data(const struct request *req, const struct facts *facts, int64_t limit)
{
	if (named_before(facts))
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
