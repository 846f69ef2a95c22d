/*
 * spam_report - a user says that a client sent spam
 *
 *     POST {"client":"192.0.2.1","reporter":"alice@example.com"}
 *     {"counted":true,"reporters":2,"listed":false}
 *
 * A report counts once for each reporter. What no register may hold against a
 * client is not counted, and said so.
 */
#include "http/site.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "conf/conf.h"
#include "engine/engine.h"
#include "http/body.h"
#include "http/seek.h"
#include "register/aftermath.h"
#include "register/lists.h"
#include "scope/scope.h"

enum { REPORTER_MOST = 320 };

struct report {
	struct ticket ticket;
	struct http_request *req;
	const struct site *site;
	struct conf *conf;
	struct address client;
	const char *reporter;
	struct seek seek; /* what holds for him */
	struct question question;
};

static void
let_go(void *conf)
{
	conf_unref(conf);
}

static void
reply(struct report *r, const struct register_result *is, bool immune)
{
	http_reply(r->req, 200, BODY_TYPE,
	    arena_printf(r->req->arena,
		"{\"counted\":%s,\"reporters\":%" PRId64 ",\"listed\":%s,"
		"\"immune\":%s}\n",
		is->counted ? "true" : "false", is->failures,
		is->listed ? "true" : "false", immune ? "true" : "false"));
}

static void
answered(struct ticket *ticket, const struct answer *a)
{
	struct report *r = (struct report *)ticket;
	const struct offence o = { .which = REGISTER_SPAM,
		.why = "spam reports",
		.by = "spam-report",
		.user = r->reporter };
	struct register_result result;

	if (!register_result(a, &result)) {
		http_reply(r->req, 503, BODY_TYPE,
		    arena_printf(r->req->arena, "{\"error\":\"redis: %s\"}\n",
			loss_name(a->loss)));
		return;
	}
	aftermath(engine_store(r->site->engine), r->conf, &r->client, &result,
	    &o, NULL);
	reply(r, &result, false);
}

/* user@domain, in lower case; NULL when it is something else. */
static const char *
reporter_of(struct arena *a, const char *text)
{
	const char *at = strrchr(text, '@');

	if (!at || at == text || !at[1] || strlen(text) > REPORTER_MOST ||
	    strpbrk(text, " \t\r\n"))
		return NULL;
	return text_lower(a, text);
}

static void
found(struct seek *seek, const struct scope *scope)
{
	struct report *r = (struct report *)((char *)seek -
	    offsetof(struct report, seek));

	r->question = register_spam(
	    r->req->arena, r->conf, &r->client, r->reporter, scope->set);
	store_ask(engine_store(r->site->engine), &r->question, &r->ticket);
}

void
serve_spam_report(struct http_request *req, void *data)
{
	const struct site *site = data;
	const struct json_t *body = body_object(req);
	struct report *r = arena_alloc(req->arena, sizeof(*r));

	if (!body)
		return;
	r->ticket.answered = answered;
	r->req = req;
	r->site = site;
	r->conf = conf_ref(engine_conf(site->engine));
	arena_defer(req->arena, let_go, r->conf);
	r->reporter = reporter_of(req->arena, body_text(body, "reporter"));
	if (!body_address(body, "client", &r->client)) {
		body_refuse(req, "client is no address");
		return;
	}
	if (!r->reporter) {
		body_refuse(req, "reporter is no user@domain");
		return;
	}
	if (lists_immune(engine_known_lists(site->engine), r->conf, &r->client,
		"", clock_unix(site->clock))) {
		reply(r, &(struct register_result){ 0 }, true);
		return;
	}
	r->seek = (struct seek){ req, site, r->conf,
		scope_address(req->arena, r->reporter, ""), found };
	seek_scope(&r->seek);
}
