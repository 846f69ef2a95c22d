/*
 * reply - a table of Redis' error words
 */
#include "ask/redis/reply.h"

#include <hiredis/hiredis.h>
#include <string.h>

struct error {
	const char *word;
	enum loss loss;
	bool leave;
};

// clang-format off
static const struct error errors[] = {
	{ "READONLY", LOSS_READ_ONLY, true },
	{ "MASTERDOWN", LOSS_READ_ONLY, true },
	{ "NOREPLICAS", LOSS_READ_ONLY, false },
	{ "LOADING", LOSS_DOWN, true },
	/* A cluster's; none of them ran. Not what a single server says. */
	{ "CLUSTERDOWN", LOSS_DOWN, true },
	{ "MOVED", LOSS_DOWN, true },
	{ "ASK", LOSS_DOWN, true },
	{ "TRYAGAIN", LOSS_DOWN, true },
	{ "BUSY", LOSS_BUSY, false }, /* a script of somebody else's runs */
	{ "OOM", LOSS_FULL, false },
	{ "MISCONF", LOSS_FULL, false },
	{ "NOAUTH", LOSS_REFUSED, true },
	{ "WRONGPASS", LOSS_REFUSED, true },
	{ "NOPERM", LOSS_REFUSED, false },
	{ "WRONGTYPE", LOSS_WRONG_TYPE, false },
	{ NULL, LOSS_SCRIPT, false },
};
// clang-format on

static bool
begins(const redisReply *reply, const char *word)
{
	const size_t size = strlen(word);

	return reply->len >= size && memcmp(reply->str, word, size) == 0 &&
	    (reply->len == size || reply->str[size] == ' ');
}

static const struct error *
find(const redisReply *reply)
{
	const struct error *e = errors;

	while (e->word && !begins(reply, e->word))
		e++;
	return e;
}

enum loss
reply_loss(const redisReply *reply)
{
	if (reply->type != REDIS_REPLY_ERROR)
		return LOSS_NONE;
	return find(reply)->loss;
}

bool
reply_leave(const redisReply *reply)
{
	return reply->type == REDIS_REPLY_ERROR && find(reply)->leave;
}

bool
reply_noscript(const redisReply *reply)
{
	return reply->type == REDIS_REPLY_ERROR && begins(reply, "NOSCRIPT");
}

static bool
read_value(const redisReply *reply, struct value *v)
{
	switch (reply->type) {
	case REDIS_REPLY_INTEGER:
		*v = (struct value){ .number = reply->integer,
			.is_number = true };
		return true;
	case REDIS_REPLY_STRING:
	case REDIS_REPLY_STATUS:
		*v = (struct value){ .text = reply->str, .size = reply->len };
		return true;
	case REDIS_REPLY_NIL:
		*v = (struct value){ 0 };
		return true;
	default:
		return false;
	}
}

void
reply_value(const redisReply *reply, struct value *v)
{
	enum loss loss = reply_loss(reply);

	if (loss == LOSS_NONE && !read_value(reply, v))
		loss = LOSS_SHAPE;
	if (loss != LOSS_NONE)
		*v = (struct value){ .loss = loss };
}

static bool
read_values(const redisReply *reply, struct answer *a)
{
	if (reply->type != REDIS_REPLY_ARRAY) {
		a->count = 1;
		return read_value(reply, &a->values[0]);
	}
	if (reply->elements > ANSWER_VALUES)
		return false;
	a->count = (unsigned)reply->elements;
	for (size_t i = 0; i < reply->elements; i++)
		if (!read_value(reply->element[i], &a->values[i]))
			return false;
	return true;
}

void
reply_answer(const redisReply *reply, struct answer *answer)
{
	answer->loss = reply_loss(reply);
	if (answer->loss == LOSS_NONE && !read_values(reply, answer))
		answer->loss = LOSS_SHAPE;
	answer->state = answer->loss == LOSS_NONE ? KNOWN : LOST;
	answer->remembered = false;
	if (answer->state == LOST)
		answer->count = 0;
}
