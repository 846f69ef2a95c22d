/*
 * gather - the replies to plain commands, until the last one is here
 */
#ifndef ASK_REDIS_GATHER_H
#define ASK_REDIS_GATHER_H

#include "ask/ask.h"

struct arena;
struct redisReply;

/* Embed it, zeroed. */
struct gathered {
	struct answer *answer; /* NULL: no reply is here */
	struct arena *arena; /* of the answer */
	enum loss loss; /* of the first that failed */
};

/* `left`: how many are to come, this one among them. The texts of the last one
 * are the reply's. */
void gather(struct gathered *g, const struct redisReply *reply, unsigned left);

void gathered_clear(struct gathered *g);

#endif
