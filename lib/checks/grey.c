/*
 * grey - one word of settings, and one line of an answer
 */
#include "checks/grey.h"

#include <string.h>

#include "ask/key.h"
#include "base/arena.h"
#include "base/text.h"
#include "checks/sender.h"
#include "conf/terms.h"

static const char from[] = "last=";
enum { HOUR = 3600, TIME_DIGITS = 10, BEFORE_TERMS = GREY_AFTER };
static const int64_t NEVER = 9999999999;

/* What greylist.lua answers: a state, and numbers when it had to look. */
enum { PASSES, REPLACED, WAIT, TRIES, NUMBERS };

const char grey_passed[] = "passed", grey_known[] = "known", grey_new[] = "new";

static const struct {
	const char *name;
	bool refuse;
	int64_t tries; /* without being told */
} states[] = {
	{ grey_passed, false, 0 }, { grey_known, false, 0 },
	{ grey_new, true, 1 }, { "early", true, 0 },
	{ "capped", true, 0 }, /* too many strangers of one identity */
};

enum { STATES = sizeof(states) / sizeof(states[0]) };

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
how(const struct request *req, bool look)
{
	const int64_t step = terms_step(req->set);

	if (look)
		return '2';
	if (req->set->greylist.delay <= 0)
		return '3';
	return step > 0 && req->number % (uint64_t)step == 0 ? '1' : '0';
}

/* Records that last for less than two hours must be refreshed sooner than each
 * hour. */
static bool
ends_soon(const struct request *req)
{
	return req->set->greylist.memory < 2 * HOUR ||
	    req->set->greylist.known_memory < 2 * HOUR;
}

static bool
look_closely(const struct request *req)
{
	return ends_soon(req) || req->server_time < HOUR;
}

/* All of them are one word: see greylist.lua. */
static struct word
settings_of(const struct request *req, bool look)
{
	const struct greylist_terms *terms = &req->set->greylist.terms;
	const int64_t now = req->server_time,
		      since = look_closely(req) ? NEVER : now - HOUR + 1;
	char *text = arena_take(req->arena, BEFORE_TERMS + terms->size);
	char *end = text + sizeof(from) - 1;

	memcpy(text, from, sizeof(from) - 1);
	end = text_digits(end, TIME_DIGITS, (uint64_t)since);
	*end++ = ' ';
	end = text_digits(end, TIME_DIGITS, (uint64_t)now);
	*end++ = ' ';
	*end++ = how(req, look);
	*end++ = ' ';
	memcpy(end, terms->text, terms->size);
	return (struct word){ text, (size_t)(end - text) + terms->size };
}

struct question *
grey_question(const struct request *req, const char *identity, bool look)
{
	struct question *q = question_new(req->arena, &script_greylist, 2);

	q->fresh = look || ends_soon(req);
	q->read_only = look;
	q->words[GREY_KEY] = record_key(req, identity);
	q->words[GREY_SETTINGS] = settings_of(req, look);
	q->keys = 1;
	q->count = 2;
	return q;
}

struct word
grey_terms_of(const struct question *q)
{
	const struct word all = q->words[GREY_SETTINGS];

	return (
	    struct word){ all.text + BEFORE_TERMS, all.size - BEFORE_TERMS };
}

/* "policyd:grey:{192.0.2.0/24}": a brace of its own has none in it. */
struct word
grey_identity_of(const struct question *q)
{
	const struct word all = q->words[GREY_KEY];
	const char *end = memchr(all.text, '}', all.size);

	return (struct word){ all.text,
		end ? (size_t)(end - all.text) + 1 : all.size };
}

/* " 300": returns its end, NULL when it is none. strtoll() is dear, and takes
 * more than the script writes. */
static const char *
read_number(const char *text, int64_t *number)
{
	return *text == ' ' ? text_read_number(text + 1, number) : NULL;
}

/* "STATE PASSES REPLACED WAIT TRIES", or only the beginning of it. False when
 * it is neither. */
static bool
read_line(const struct answer *a, size_t *state, int64_t numbers[NUMBERS])
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

bool
grey_read(const struct request *req, const struct answer *a, struct grey *out)
{
	int64_t numbers[NUMBERS] = { 0 };
	size_t state;

	numbers[WAIT] = req->set->greylist.delay; /* unless told otherwise */
	if (a->state != KNOWN || !read_line(a, &state, numbers))
		return false;
	*out = (struct grey){
		.state = states[state].name,
		.refuses = states[state].refuse,
		.replaced = numbers[REPLACED] != 0,
		.passes = numbers[PASSES],
		.wait = numbers[WAIT],
		.tries = numbers[TRIES],
	};
	return true;
}
