/*
 * theatre - who stands on it, and what they say
 */
#include "kit/theatre.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask/fork.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "checks/quick.h"
#include "checks/recent.h"
#include "engine/engine.h"
#include "kit/false_dns.h"
#include "kit/false_redis.h"
#include "kit/suite.h"
#include "rate/asked.h"
#include "register/lists_build.h"
#include "register/remember.h"
#include "wire/parser.h"
#include "wire/reply.h"

enum { DAY_MS = 86400 * 1000 };

struct client {
	struct client *next;
	struct theatre *theatre;
	char *name;
	struct session session;
	struct parser parser;
	bool asked, answered;
	char reply[REPLY_BYTES];
};

struct theatre {
	struct clock *clock;
	struct false_redis *redis;
	struct quick *quick;
	struct remember *remember; /* before that */
	struct store store; /* before that: counts what the engine asks */
	struct arena *arena; /* of words that local.h would have written */
	unsigned asked;
	struct recent *recent; /* before that */
	struct false_dns *dns;
	struct fork fork; /* of both */
	struct mirror *mirror; /* NULL: the lists are empty */
	struct engine *engine;
	struct client *clients;
	struct line findings;
	char *log;
	size_t log_size;
};

/* -- configuration -- */

struct complaint {
	struct arena *arena;
	const char *text;
};

static void
complain(void *data, const char *file, int line, const char *text)
{
	struct complaint *c = data;

	c->text = arena_printf(
	    c->arena, "%s%s:%d: %s", c->text, file, line, text);
}

static struct conf *
parse(const char *text, const char *directory, struct arena *a,
    const char **error)
{
	struct complaint c = { a, "" };
	struct conf *conf;
	const char *path;
	FILE *f;

	if (*directory) {
		path = arena_printf(a, "%s/conf", directory);
		f = fopen(path, "w");
		assert_non_null(f);
		fputs(text, f);
		fclose(f);
		conf = conf_read(path, complain, &c);
	} else {
		conf = conf_parse(text, "conf", complain, &c);
	}
	*error = c.text;
	return conf;
}

static void
set_times(struct theatre *s, const struct conf *c)
{
	recent_configure(s->recent, c->settings.greylist.local_memory);
	false_redis_deadline(s->redis, (uint64_t)c->redis.deadline_ms);
	false_dns_deadline(s->dns, (uint64_t)c->dns.deadline_ms);
}

bool
theatre_reload(struct theatre *s, const char *conf, const char *directory,
    struct arena *a, const char **error)
{
	struct conf *c = parse(conf, directory, a, error);

	if (!c)
		return false;
	engine_configure(s->engine, c, &s->fork.store);
	set_times(s, c);
	conf_unref(c);
	return true;
}

/* -- stores -- */

extern const struct script script_scope;

static void
count(struct store *store, const struct question *q, struct ticket *t)
{
	struct theatre *s = (struct theatre *)((char *)store -
	    offsetof(struct theatre, store));

	s->asked += q->script != &script_scope;
	store_ask(remember_store(s->remember), asked_written(s->arena, q), t);
}

static int64_t
server_time(const struct store *store)
{
	const struct theatre *s = (const struct theatre *)((const char *)store -
	    offsetof(struct theatre, store));

	return store_time(remember_store(s->remember));
}

unsigned
theatre_asked(const struct theatre *s)
{
	return s->asked;
}

static void
ignore(struct ticket *ticket, const struct answer *answer)
{
	(void)ticket;
	(void)answer;
}

void
theatre_write(struct theatre *s, const struct question *q)
{
	struct ticket t = { ignore };

	store_ask(false_redis_store(s->redis), q, &t);
	clock_turn(s->clock, 0);
}

static void
take_lists(void *data, struct lists *l)
{
	engine_lists(((struct theatre *)data)->engine, l);
}

void
theatre_mirror(struct theatre *s)
{
	engine_lists(s->engine, NULL);
	s->mirror = mirror_new(s->clock, false_redis_store(s->redis),
	    theatre_conf(s)->prefix, take_lists, s);
	clock_turn(s->clock, 0);
}

/* -- the log -- */

static void
take_line(enum log_level level, const char *text, void *data)
{
	struct theatre *s = data;
	const size_t size = strlen(text);

	(void)level;
	s->log = xrealloc(s->log, s->log_size + size + 2);
	memcpy(s->log + s->log_size, text, size);
	s->log_size += size;
	memcpy(s->log + s->log_size, "\n", 2);
	s->log_size++;
}

const char *
theatre_log(const struct theatre *s)
{
	return s->log;
}

void
theatre_forget_log(struct theatre *s)
{
	s->log[0] = '\0';
	s->log_size = 0;
}

/* -- beginning and end -- */

struct theatre *
theatre_open(const struct check *const *checks, const char *conf,
    const char *directory, struct arena *a, const char **error)
{
	struct conf *c = parse(conf, directory, a, error);
	struct theatre *s;

	if (!c)
		return NULL;
	s = xcalloc(1, sizeof(*s));
	s->log = xcalloc(1, 1);
	s->arena = arena_new();
	s->clock = clock_new_virtual(THEATRE_BEGINS);
	s->redis = false_redis_new(s->clock);
	s->quick = quick_new(false_redis_store(s->redis));
	s->remember = remember_new(s->clock, quick_store(s->quick));
	s->store = (struct store){ .ask = count, .time = server_time };
	s->recent = recent_new(s->clock, &s->store);
	s->dns = false_dns_new(s->clock);
	fork_init(&s->fork, recent_store(s->recent), false_dns_store(s->dns));
	s->engine = engine_new(s->clock, checks, &s->fork.store, c);
	engine_lists(s->engine, lists_new(THEATRE_BEGINS));
	set_times(s, c);
	conf_unref(c);
	log_open("theatre", LOG_TO_NOWHERE, LEVEL_INFO);
	log_redirect(take_line, s);
	return s;
}

void
theatre_close(struct theatre *s)
{
	while (s->clients)
		theatre_leave(s, s->clients->name);
	mirror_free(s->mirror);
	clock_turn(s->clock, DAY_MS);
	assert_int_equal(engine_in_work(s->engine), 0);
	assert_int_equal(engine_in_flight(s->engine), 0);
	assert_int_equal(clock_next(s->clock), -1);
	engine_free(s->engine);
	recent_free(s->recent);
	remember_free(s->remember);
	quick_free(s->quick);
	false_redis_free(s->redis);
	false_dns_free(s->dns);
	clock_free(s->clock);
	log_redirect(NULL, NULL);
	arena_release(s->arena);
	free(s->log);
	free(s);
	arena_pool_clear();
}

uint64_t
theatre_ms(const struct theatre *s)
{
	return clock_ms(s->clock);
}

void
theatre_turn(struct theatre *s, uint64_t ms)
{
	clock_turn(s->clock, ms);
}

struct conf *
theatre_conf(const struct theatre *s)
{
	return engine_conf(s->engine);
}

struct false_redis *
theatre_redis(struct theatre *s)
{
	return s->redis;
}

struct false_dns *
theatre_dns(struct theatre *s)
{
	return s->dns;
}

/* -- clients -- */

static struct client *
find(const struct theatre *s, const char *name)
{
	struct client *c = s->clients;

	while (c && strcmp(c->name, name) != 0)
		c = c->next;
	return c;
}

static struct client *
enter(struct theatre *s, const char *name)
{
	struct client *c = find(s, name);

	if (c)
		return c;
	c = xcalloc(1, sizeof(*c));
	c->theatre = s;
	c->name = xstrdup(name);
	c->next = s->clients;
	s->clients = c;
	return c;
}

void
theatre_leave(struct theatre *s, const char *name)
{
	struct client **at = &s->clients, *c = find(s, name);

	if (!c)
		return;
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	engine_leave(s->engine, &c->session);
	parser_clear(&c->parser);
	free(c->name);
	free(c);
}

/* Without its line ends, which are what every reply has. */
static void
take_reply(struct client *c, const struct decision *d)
{
	const size_t size = reply_write(c->reply, d);

	assert_false(c->answered);
	assert_true(size > 2 && size < REPLY_BYTES);
	assert_string_equal(c->reply + size - 2, "\n\n");
	c->reply[size - 2] = '\0';
	assert_null(strchr(c->reply, '\n'));
	c->answered = true;
}

static void
done(void *data, const struct decision *d)
{
	take_reply(data, d);
}

static void
explained(void *data, const struct request *r, const struct decision *d,
    const struct finding *findings, size_t count)
{
	struct client *c = data;
	struct line *l = &c->theatre->findings;

	(void)r;
	line_clear(l);
	for (size_t i = 0; i < count; i++) {
		const struct verdict *v = &findings[i].verdict;

		line_printf(l, "%s %s", findings[i].check->name,
		    findings[i].judged ? verdict_name(v->kind) : "-");
		for (unsigned n = 0; n < v->count; n++)
			if (v->details[n].text)
				line_field(
				    l, v->details[n].name, v->details[n].text);
			else
				line_number(l, v->details[n].name,
				    v->details[n].number);
		line_add(l, "\n");
	}
	take_reply(c, d);
}

/* NULL when a request came out; at most one does. */
static const char *
parse_request(
    struct client *c, const char *bytes, size_t size, struct request **req)
{
	const char *error = NULL;
	size_t used;

	switch (parser_take(&c->parser, bytes, size, &used, req, &error)) {
	case PARSED_REQUEST:
		assert_int_equal(used, size);
		c->asked = true;
		c->answered = false;
		return NULL;
	case PARSED_ERROR:
		return error;
	default:
		return "half a request";
	}
}

const char *
theatre_send(
    struct theatre *s, const char *name, const char *bytes, size_t size)
{
	struct client *c = enter(s, name);
	struct request *req;
	const char *error;

	assert_true(!c->asked || c->answered);
	error = parse_request(c, bytes, size, &req);
	if (!error)
		engine_ask(s->engine, &c->session, req, done, c);
	clock_turn(s->clock, 0);
	return error;
}

const char *
theatre_explain(
    struct theatre *s, const char *name, const char *bytes, size_t size)
{
	struct client *c = enter(s, name);
	struct request *req;
	const char *error = parse_request(c, bytes, size, &req);

	if (!error)
		engine_explain(s->engine, req, explained, c);
	clock_turn(s->clock, 0);
	return error;
}

const char *
theatre_findings(const struct theatre *s)
{
	return s->findings.text;
}

const char *
theatre_reply(const struct theatre *s, const char *name)
{
	const struct client *c = find(s, name);

	return c && c->answered ? c->reply : NULL;
}
