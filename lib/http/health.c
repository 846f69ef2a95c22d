/*
 * health - is it alive, and would it let mail through
 *
 * Alive is who answers. Ready is more, but not all: without Redis each check
 * does what its on_failure says, and when that is to accept, nobody is better
 * off elsewhere; all nodes of a cluster would go at once, in fact.
 */
#include "http/site.h"

#include <string.h>

#include "ask/ask.h"
#include "base/arena.h"
#include "engine/engine.h"

void
serve_alive(struct http_request *req, void *data)
{
	(void)data;
	http_reply(req, 200, "text/plain", "alive\n");
}

/* The first check that puts mail off without Redis, NULL when none does. */
static const struct check *
deferring(const struct site *site)
{
	for (size_t i = 0; site->checks[i]; i++) {
		const struct policy *p = check_policy_in(
		    site->checks[i], &engine_conf(site->engine)->settings);

		if (p->mode == MODE_ENFORCE && p->on_failure == FAILURE_DEFER)
			return site->checks[i];
	}
	return NULL;
}

void
serve_ready(struct http_request *req, void *data)
{
	const struct site *site = data;
	const struct store *store = engine_store(site->engine);
	const struct check *c = deferring(site);
	struct store_health h = { .state = "" };
	const char *state, *away;

	store->health(store, &h);
	/* The breaker is open, as the log calls it, not Redis. */
	state = strcmp(h.state, "open") == 0 ? "away" : h.state;
	away = arena_printf(req->arena, "redis at %s is %s%s%s", h.where, state,
	    *h.error ? ": " : "", h.error);
	if (site->stopping)
		http_reply(req, 503, "text/plain", "stopping\n");
	else if (strcmp(h.state, "ready") == 0)
		http_reply(req, 200, "text/plain", "ready\n");
	else if (c)
		http_reply(req, 503, "text/plain",
		    arena_printf(req->arena, "not ready: %s, and %s defers\n",
			away, c->name));
	else
		http_reply(req, 200, "text/plain",
		    arena_printf(req->arena, "ready without: %s\n", away));
}
