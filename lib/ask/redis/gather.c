/*
 * gather - an answer that grows
 *
 * A reply is gone when the next one comes; its text is copied, but for that of
 * the last.
 */
#include "ask/redis/gather.h"

#include "ask/redis/reply.h"
#include "base/arena.h"

void
gather_begin(struct gathered *g)
{
	gather_clear(g);
	g->answer.state = KNOWN;
	g->answer.loss = LOSS_NONE;
	g->answer.remembered = false;
	g->answer.count = 0;
	g->loss = LOSS_NONE;
}

static const char *
keep(struct gathered *g, const struct value *v)
{
	if (!g->texts)
		g->texts = arena_new();
	return arena_memdup(g->texts, v->text, v->size);
}

void
gather(struct gathered *g, const struct redisReply *reply, bool last)
{
	struct value *v = &g->answer.values[g->answer.count++];

	reply_value(reply, v);
	if (v->text && !last)
		v->text = keep(g, v);
	if (reply_leave(reply))
		g->loss = v->loss;
}

void
gather_clear(struct gathered *g)
{
	arena_release(g->texts);
	g->texts = NULL;
}
