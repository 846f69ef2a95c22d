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

// clang-format off
#define WORD(text) { text, sizeof(text) - 1 }
// clang-format on

static const struct {
	struct word word;
	bool refuses;
	int64_t tries; /* without being told */
} states[GREY_STATES] = {
	[GREY_PASSED] = { WORD("passed"), false, 0 },
	[GREY_KNOWN] = { WORD("known"), false, 0 },
	[GREY_NEW] = { WORD("new"), true, 1 },
	[GREY_EARLY] = { WORD("early"), true, 0 },
	[GREY_CAPPED] = { WORD("capped"), true, 0 },
};

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

static bool
is_word(const char *text, size_t size, enum grey_state s)
{
	const struct word *w = &states[s].word;

	return size == w->size && memcmp(text, w->text, size) == 0;
}

struct value
grey_value(enum grey_state s)
{
	return (struct value){ states[s].word.text, states[s].word.size };
}

bool
grey_is(const struct answer *a, enum grey_state s)
{
	return a->state == KNOWN && a->count == 1 &&
	    is_word(a->values[0].text, a->values[0].size, s);
}

/* "STATE PASSES REPLACED WAIT TRIES", or only the beginning of it. False when
 * it is neither. */
static bool
read_line(
    const struct value *v, enum grey_state *state, int64_t numbers[NUMBERS])
{
	const char *blank = v->text ? memchr(v->text, ' ', v->size) : NULL;
	const size_t size = blank ? (size_t)(blank - v->text) : v->size;
	const char *p = blank;

	for (*state = 0; !is_word(v->text, size, *state); ++*state)
		if (*state == GREY_CAPPED)
			return false; /* it was the last one */
	numbers[TRIES] = states[*state].tries;
	for (int i = 0; i < NUMBERS && p && *p; i++)
		p = read_number(p, &numbers[i]);
	return !blank || (p && *p == '\0');
}

bool
grey_read(const struct request *req, const struct answer *a, struct grey *out)
{
	int64_t numbers[NUMBERS] = { 0 };
	enum grey_state state;

	numbers[WAIT] = req->set->greylist.delay; /* unless told otherwise */
	if (a->state != KNOWN || a->count != 1 ||
	    !read_line(&a->values[0], &state, numbers))
		return false;
	*out = (struct grey){
		.state = states[state].word.text,
		.refuses = states[state].refuses,
		.replaced = numbers[REPLACED] != 0,
		.passes = numbers[PASSES],
		.wait = numbers[WAIT],
		.tries = numbers[TRIES],
	};
	return true;
}
