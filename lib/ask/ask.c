/*
 * ask - comparing and copying questions and answers, naming losses
 */
#include "ask/ask.h"

#include <string.h>

#include "base/arena.h"

const struct script plain_commands = { "commands", NULL };

static const char *const losses[LOSS_COUNT] = {
	[LOSS_NONE] = "none",
	[LOSS_TIMEOUT] = "timeout",
	[LOSS_DOWN] = "down",
	[LOSS_BROKEN] = "broken",
	[LOSS_BUSY] = "busy",
	[LOSS_READ_ONLY] = "read_only",
	[LOSS_FULL] = "full",
	[LOSS_REFUSED] = "refused",
	[LOSS_WRONG_TYPE] = "wrong_type",
	[LOSS_SCRIPT] = "script_error",
	[LOSS_DNS] = "servfail",
	[LOSS_LIST] = "list",
	[LOSS_SHAPE] = "unexpected_answer",
};

const char *
loss_name(enum loss loss)
{
	return losses[loss];
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

unsigned
question_commands(const struct question *q)
{
	unsigned n = 1;

	for (unsigned i = 0; i < q->count; i++)
		n += !q->words[i].text;
	return n;
}

static bool
same_word(const struct word *a, const struct word *b)
{
	return a->size == b->size && !a->text == !b->text &&
	    (a->size == 0 || memcmp(a->text, b->text, a->size) == 0);
}

bool
question_equal(const struct question *a, const struct question *b)
{
	if (a->script != b->script || a->dns != b->dns ||
	    a->read_only != b->read_only || a->about != b->about ||
	    a->keys != b->keys || a->count != b->count ||
	    !same_text(a->zone, b->zone))
		return false;
	for (unsigned i = 0; i < a->count; i++)
		if (!same_word(&a->words[i], &b->words[i]))
			return false;
	return true;
}

static size_t
question_size(unsigned words)
{
	return offsetof(struct question, words) + words * sizeof(struct word);
}

struct question *
question_new(struct arena *a, const struct script *script, unsigned words)
{
	struct question *q = arena_take(a, question_size(words));

	memset(q, 0, offsetof(struct question, words));
	q->script = script;
	return q;
}

struct question *
question_copy(struct arena *a, const struct question *q)
{
	const size_t size = question_size(q->count);

	return memcpy(arena_take(a, size), q, size);
}

const struct answer *
answer_copy(struct arena *a, const struct answer *answer)
{
	struct answer *copy = arena_take(a,
	    offsetof(struct answer, values) +
		answer->count * sizeof(answer->values[0]));

	copy->state = answer->state;
	copy->loss = answer->loss;
	copy->remembered = answer->remembered;
	copy->count = answer->count;
	for (unsigned i = 0; i < answer->count; i++) {
		const struct value *v = &answer->values[i];

		copy->values[i] = *v;
		if (v->text)
			copy->values[i].text = arena_memdup(
			    a, v->text, v->size);
	}
	return copy;
}
