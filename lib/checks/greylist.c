/*
 * greylist - ask strangers to come back later
 *
 * A mail server told 451 tries again; most spam software does not. What is
 * remembered, and for how long, is told by greylist.lua, which Redis runs.
 */
#include "checks/checks.h"

#include <string.h>

#include "ask/key.h"
#include "base/arena.h"
#include "checks/identity.h"
#include "checks/sender.h"
#include "conf/lookup.h"

extern const struct script script_greylist;

enum { RECORD }; /* our one question */

/* What greylist.lua answers. */
enum { STATE, WAIT, TRIES, PASSES, REPLACED, FIELDS };

static const struct {
	const char *name;
	bool refuse;
} states[] = {
	[1] = { "new", true },
	[2] = { "early", true },
	[3] = { "passed", false },
	[4] = { "known", false },
	[5] = { "capped", true }, /* too many strangers of one identity */
};

enum { STATES = sizeof(states) / sizeof(states[0]) };

/* The list that lets the request pass without a question, NULL when none. */
static const char *
allowing_list(const struct request *req)
{
	const struct settings *set = req->set;

	if (lookups_client(
		set->greylist.allow_clients, &req->client, req->client_name))
		return "allow_clients";
	if (lookups_address(set->greylist.allow_senders, req->sender))
		return "allow_senders";
	if (lookups_address(set->greylist.allow_recipients, req->recipient))
		return "allow_recipients";
	return NULL;
}

/*
 * Everybody's bounces have the same sender: without the recipient, one bounce
 * let in would open the door for all that pretend to be one.
 */
static struct word
record_key(const struct request *req, const char *identity)
{
	static const size_t counts[] = {
		[GREYLIST_TRIPLET] = 2,
		[GREYLIST_PAIR] = 1,
		[GREYLIST_CLIENT] = 0,
	};
	const char *const parts[] = {
		sender_canonical(req->arena, req->sender),
		req->recipient,
	};

	return key_make(req->arena, req->conf->prefix, "grey", identity, parts,
	    *req->sender ? counts[req->set->greylist.key] : 2);
}

static struct word
number(struct arena *a, int64_t n)
{
	char digits[20], *p = digits + sizeof(digits);

	do
		*--p = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	return (struct word){ arena_memdup(a, p, digits + sizeof(digits) - p),
		(size_t)(digits + sizeof(digits) - p) };
}

static int64_t
at_least(int64_t least, int64_t n)
{
	return n < least ? least : n;
}

static void
ask(const struct request *req, const struct facts *facts, struct questions *qs)
{
	const struct settings *set = req->set;
	const int64_t delay = at_least(0, set->greylist.delay);
	const char *identity;
	struct question q = { &script_greylist, .read_only = req->dry };

	(void)facts;
	if (allowing_list(req))
		return;
	identity = identity_of(req);
	q.words[q.keys++] = record_key(req, identity);
	q.words[q.keys++] = key_make(
	    req->arena, req->conf->prefix, "known", identity, NULL, 0);
	q.words[q.keys++] = key_make(
	    req->arena, req->conf->prefix, "fresh", identity, NULL, 0);
	q.count = q.keys;

	/* A window that closes before the delay is over lets nobody in, ever;
	 * Redis takes no expiry of 0. */
	const int64_t arguments[] = {
		req->unix_time,
		delay,
		set->greylist.retry_window > delay ? set->greylist.retry_window
						   : 2 * delay + 1,
		at_least(1, set->greylist.memory),
		at_least(0, set->greylist.known_after),
		at_least(1, set->greylist.known_memory),
		at_least(0, set->greylist.fresh_limit),
		req->dry,
	};
	for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++)
		q.words[q.count++] = number(req->arena, arguments[i]);
	ask_script(qs, RECORD, q);
}

static bool
understood(const struct answer *a)
{
	if (a->state != KNOWN || a->count != FIELDS)
		return false;
	for (unsigned i = 0; i < FIELDS; i++)
		if (!a->values[i].is_number)
			return false;
	return a->values[STATE].number > 0 && a->values[STATE].number < STATES;
}

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	const struct answer *a = facts_get(facts, RECORD);
	const char *list = allowing_list(req);
	struct verdict v = verdict_pass();
	size_t state;

	if (list) {
		verdict_text(&v, "state", "allowed");
		verdict_text(&v, "by", list);
		return v;
	}
	if (!understood(a))
		return verdict_unknown(a);

	state = (size_t)a->values[STATE].number;
	if (states[state].refuse)
		v = verdict_refuse(REPLY_GREYLISTED);
	verdict_text(&v, "state", states[state].name);
	verdict_text(&v, "identity", identity_of(req));
	if (states[state].refuse)
		verdict_number(&v, "wait", a->values[WAIT].number);
	if (a->values[TRIES].number > 0)
		verdict_number(&v, "tries", a->values[TRIES].number);
	verdict_number(&v, "passes", a->values[PASSES].number);
	if (a->values[REPLACED].number)
		verdict_text(&v, "replaced", "unreadable");
	return v;
}

static const struct script *const scripts[] = { &script_greylist, NULL };

const struct check check_greylist = {
	.name = "greylist",
	.stages = AT_RCPT,
	.classes = INBOUND,
	.tier = TIER_COUNTERS,
	.flags = SKIPS_ALLOWED,
	.policy = offsetof(struct settings, greylist.policy),
	.ask = ask,
	.judge = judge,
	.scripts = scripts,
};
