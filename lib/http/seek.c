/*
 * seek - looked for again with each answer
 */
#include "http/seek.h"

#include "base/clock.h"
#include "engine/engine.h"
#include "http/site.h"
#include "scope/scope.h"

static void
look(struct seek *s)
{
	struct engine *e = s->site->engine;
	const struct scope *scope;

	if (scope_find(engine_scopes(e), s->req->arena, s->conf, s->address,
		s->since_ms, &scope, &s->question))
		s->found(s, scope);
	else
		store_ask(engine_store(e), &s->question, &s->ticket);
}

static void
answered(struct ticket *ticket, const struct answer *answer)
{
	struct seek *s = (struct seek *)((char *)ticket -
	    offsetof(struct seek, ticket));

	scope_learn(engine_scopes(s->site->engine), &s->question, answer);
	look(s);
}

void
seek_scope(struct seek *s)
{
	s->ticket.answered = answered;
	s->since_ms = clock_ms(s->site->clock);
	look(s);
}
