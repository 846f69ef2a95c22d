/*
 * town - made and torn down
 */
#include "kit/town.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "checks/checks.h"
#include "checks/quick.h"
#include "checks/recent.h"
#include "engine/engine.h"
#include "rate/local.h"
#include "http/sizes.h"
#include "kit/suite.h"
#include "wire/wire.h"

static void
complain(void *data, const char *file, int line, const char *text)
{
	(void)data;
	print_error("%s:%d: %s\n", file, line, text);
}

static struct conf *
conf_of(const char *text)
{
	struct conf *c = conf_parse(text, "test", complain, NULL);

	assert_non_null(c);
	c->settings.greylist.identity = IDENTITY_NETWORK; /* it has no DNS */
	return c;
}

struct town *
town_open(const char *conf)
{
	struct town *t = xcalloc(1, sizeof(*t));

	t->web = web_open();
	t->redis = false_redis_new(t->web->clock);
	t->local = local_new(t->web->clock, false_redis_store(t->redis));
	t->quick = quick_new(local_store(t->local));
	t->recent = recent_new(t->web->clock, quick_store(t->quick));
	t->conf = conf_of(conf);
	recent_configure(t->recent, t->conf->settings.greylist.local_memory);
	t->engine = engine_new(
	    t->web->clock, checks, recent_store(t->recent), t->conf);
	t->wire = wire_new(&t->web->loop, t->web->clock, t->engine);
	t->site = (struct site){ .clock = t->web->clock,
		.engine = t->engine,
		.checks = checks,
		.wire = t->wire,
		.local = t->local,
		.recent = t->recent,
		.started = clock_unix(t->web->clock) };
	t->sizes = sizes_new(&t->site);
	t->site.sizes = t->sizes;
	web_serve(t->web, site_routes, &t->site);
	t->site.http = t->web->http;
	return t;
}

static void
gone(void *data)
{
	(void)data;
}

void
town_close(struct town *t)
{
	sizes_free(t->sizes);
	web_close_http(t->web);
	wire_close(t->wire, gone, NULL);
	web_later(t->web, 60 * 1000); /* the last answers */
	engine_free(t->engine);
	recent_free(t->recent);
	quick_free(t->quick);
	local_free(t->local);
	false_redis_free(t->redis);
	conf_unref(t->conf);
	web_close(t->web);
	free(t);
}

void
town_reload(struct town *t, const char *conf)
{
	conf_unref(t->conf);
	t->conf = conf_of(conf);
	engine_configure(t->engine, t->conf, recent_store(t->recent));
}

static void
decided(void *data, const struct decision *d)
{
	(void)d;
	*(bool *)data = true;
}

static void
set(struct request *r, const char *line)
{
	request_set(r, line, strlen(line));
}

void
town_mail(struct town *t, const char *client, const char *sender)
{
	struct session session = { 0 };
	struct request *r = request_new(arena_new());
	bool done = false;

	set(r, "protocol_state=RCPT");
	set(r, arena_printf(r->arena, "client_address=%s", client));
	set(r, arena_printf(r->arena, "sender=%s", sender));
	set(r, "recipient=alice@example.com");
	engine_ask(t->engine, &session, r, decided, &done);
	for (int i = 0; i < 100 && !done; i++)
		clock_turn(t->web->clock, 1);
	assert_true(done);
	engine_leave(t->engine, &session);
}
