/*
 * gather - the replies to plain commands, until the last one is here
 *
 * A connection's replies come in the order of the commands, so those to one
 * question follow each other, and one at a time is gathered.
 */
#ifndef ASK_REDIS_GATHER_H
#define ASK_REDIS_GATHER_H

#include "ask/ask.h"

struct arena;
struct redisReply;

/* Embed it, zeroed. */
struct gathered {
	struct answer answer; /* its texts are good until the next begins */
	enum loss loss; /* of the one that said the server is no good, behind
			   which nothing comes; or LOSS_NONE */
	struct arena *texts; /* NULL: none was kept */
};

/* A question's first reply is next. */
void gather_begin(struct gathered *g);

/* One reply more. `last`: its text is the reply's, and need not be kept. */
void gather(struct gathered *g, const struct redisReply *reply, bool last);

void gather_clear(struct gathered *g);

#endif
