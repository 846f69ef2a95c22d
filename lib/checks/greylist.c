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
#include "base/text.h"
#include "checks/identity.h"
#include "checks/sender.h"
#include "conf/lookup.h"
#include "conf/terms.h"

extern const struct script script_greylist;

enum { RECORD }; /* our one question */
enum { HOUR = 3600, DIGITS = 18, TIME_DIGITS = 10 };
static const int64_t NEVER = 9999999999;

/* What greylist.lua answers: a state, and numbers when it had to look. */
enum { PASSES, REPLACED, WAIT, TRIES, NUMBERS };

static const struct {
	const char *name;
	bool refuse;
	int64_t tries; /* without being told */
} states[] = {
	{ "passed", false, 0 }, { "known", false, 0 }, { "new", true, 1 },
	{ "early", true, 0 },
	{ "capped", true, 0 }, /* too many strangers of one identity */
};

enum { STATES = sizeof(states) / sizeof(states[0]) };

/* What ask() found out. */
struct plan {
	const char *list; /* the one that lets it pass, NULL: none does */
	const char *identity;
};

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

/* HOW of greylist.lua. Whoever wants to get around the limit of new records
 * must not know which of them are counted. */
static char
how(const struct request *req)
{
	const int64_t step = terms_step(req->set);

	if (req->dry)
		return '2';
	if (req->set->greylist.delay <= 0)
		return '3';
	return step > 0 && req->number % (uint64_t)step == 0 ? '1' : '0';
}

/* Records that last for less than two hours must be refreshed sooner than each
 * hour. */
static bool
look_closely(const struct request *req)
{
	return req->set->greylist.memory < 2 * HOUR ||
	    req->set->greylist.known_memory < 2 * HOUR ||
	    req->server_time < HOUR;
}

/* All of them are one word: see greylist.lua. */
static struct word
settings_of(const struct request *req)
{
	static const char from[] = "last=";
	const struct greylist_terms *terms = &req->set->greylist.terms;
	const int64_t now = req->server_time,
		      since = look_closely(req) ? NEVER : now - HOUR + 1;
	char *text = arena_take(
	    req->arena, sizeof(from) + 2 * TIME_DIGITS + 4 + terms->size);
	char *end = text + sizeof(from) - 1;

	memcpy(text, from, sizeof(from));
	end = text_digits(end, TIME_DIGITS, (uint64_t)since);
	*end++ = ' ';
	end = text_digits(end, TIME_DIGITS, (uint64_t)now);
	*end++ = ' ';
	*end++ = how(req);
	*end++ = ' ';
	memcpy(end, terms->text, terms->size);
	return (struct word){ text, (size_t)(end - text) + terms->size };
}

static void
ask(const struct request *req, const struct facts *facts, struct questions *qs)
{
	struct plan *plan;

	if (facts_left(facts))
		return;
	plan = arena_alloc(req->arena, sizeof(*plan));
	facts_leave(qs, plan);
	plan->list = allowing_list(req);
	if (plan->list)
		return;
	plan->identity = identity_of(req);
	ask_script(qs, RECORD,
	    (struct question){ .script = &script_greylist,
		.read_only = req->dry,
		.keys = 1,
		.count = 2,
		.words = {
		    record_key(req, plan->identity),
		    settings_of(req),
		} });
}

/* " 300": returns its end, NULL when it is none. strtoll() is dear, and takes
 * more than the script writes. */
static const char *
read_number(const char *text, int64_t *number)
{
	const char *p = text + 1;

	for (*number = 0; *p >= '0' && *p <= '9' && p - text < DIGITS; p++)
		*number = 10 * *number + (*p - '0');
	return *text == ' ' && p > text + 1 ? p : NULL;
}

/* "STATE PASSES REPLACED WAIT TRIES", or only the beginning of it. False when
 * it is neither. */
static bool
read_answer(const struct answer *a, size_t *state, int64_t numbers[NUMBERS])
{
	const char *p = a->count == 1 ? a->values[0].text : NULL;
	size_t size = p ? strcspn(p, " ") : 0;

	for (*state = 0; *state < STATES; ++*state)
		if (size == strlen(states[*state].name) &&
		    strncmp(p, states[*state].name, size) == 0)
			break;
	if (*state == STATES)
		return false;
	p += size;
	numbers[TRIES] = states[*state].tries;
	for (int i = 0; i < NUMBERS && p && *p; i++)
		p = read_number(p, &numbers[i]);
	return p && *p == '\0';
}

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	const struct answer *a = facts_get(facts, RECORD);
	const struct plan *plan = facts_left(facts);
	int64_t numbers[NUMBERS] = { 0 };
	struct verdict v = verdict_pass();
	size_t state;

	numbers[WAIT] = req->set->greylist.delay; /* unless told otherwise */
	if (plan->list) {
		verdict_text(&v, "state", "allowed");
		verdict_text(&v, "by", plan->list);
		return v;
	}
	if (a->state != KNOWN || !read_answer(a, &state, numbers))
		return verdict_unknown(a);

	if (states[state].refuse)
		v = verdict_refuse(REPLY_GREYLISTED);
	verdict_text(&v, "state", states[state].name);
	verdict_text(&v, "identity", plan->identity);
	if (states[state].refuse)
		verdict_number(&v, "wait", numbers[WAIT]);
	if (numbers[TRIES] > 0)
		verdict_number(&v, "tries", numbers[TRIES]);
	if (numbers[PASSES] > 0)
		verdict_number(&v, "passes", numbers[PASSES]);
	if (numbers[REPLACED])
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
