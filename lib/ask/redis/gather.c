/*
 * gather - an answer that grows
 *
 * A reply is gone when the next one comes; its text is copied, but for that of
 * the last.
 */
#include "ask/redis/gather.h"

#include "ask/redis/reply.h"
#include "base/arena.h"

static void
begin(struct gathered *g, unsigned count)
{
	g->arena = arena_new_small();
	g->answer = arena_take(g->arena,
	    offsetof(struct answer, values) + count * sizeof(struct value));
	g->answer->state = KNOWN;
	g->answer->loss = LOSS_NONE;
	g->answer->remembered = false;
	g->answer->count = 0;
}

void
gather(struct gathered *g, const struct redisReply *reply, unsigned left)
{
	struct value *v;

	if (!g->answer)
		begin(g, left);
	v = &g->answer->values[g->answer->count++];
	reply_value(reply, v);
	if (v->text && left > 1)
		v->text = arena_memdup(g->arena, v->text, v->size);
	if (g->loss == LOSS_NONE)
		g->loss = v->loss;
}

void
gathered_clear(struct gathered *g)
{
	if (g->arena)
		arena_release(g->arena);
	*g = (struct gathered){ 0 };
}
