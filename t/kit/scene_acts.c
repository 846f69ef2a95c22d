/*
 * scene_acts - what happens
 */
#include "kit/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "checks/checks.h"
#include "kit/false_dns.h"
#include "kit/false_redis.h"
#include "kit/suite.h"
#include "kit/theatre.h"

static void
do_conf(struct scene *s, const char *rest)
{
	const char *at = strstr(rest, "$DIR");

	if (at)
		rest = arena_printf(s->arena, "%.*s%s%s", (int)(at - rest),
		    rest, s->directory, at + strlen("$DIR"));
	s->conf = arena_printf(s->arena, "%s%s\n", s->conf, rest);
}

/* only CHECK: the others are off. */
static void
do_only(struct scene *s, const char *rest)
{
	for (size_t i = 0; checks[i]; i++)
		if (strcmp(checks[i]->name, rest) != 0)
			do_conf(s,
			    arena_printf(s->arena, "%s { mode = off }",
				checks[i]->name));
}

static void
do_file(struct scene *s, const char *rest)
{
	size_t count;
	const char *name = scene_cut(s, rest, 2, &count)[0];
	FILE *f;

	if (!*s->directory) {
		strcpy(s->directory, "/tmp/policyd-scene.XXXXXX");
		if (!mkdtemp(s->directory))
			scene_wrong(s, "cannot make '%s'", s->directory);
	}
	f = fopen(arena_printf(s->arena, "%s/%s", s->directory, name), "a");
	fprintf(f, "%s\n", rest + strlen(name) + 1);
	fclose(f);
}

/* at TIME [LINE] */
static void
do_at(struct scene *s, const char *rest)
{
	size_t count;
	const char *when = scene_cut(s, rest, 1, &count)[0];
	const int64_t ms = scene_time(s, when) -
	    (int64_t)theatre_ms(scene_theatre(s));

	if (ms < 0)
		scene_wrong(s, "it is later than %s", when);
	theatre_turn(scene_theatre(s), (uint64_t)ms);
	rest += strlen(when);
	rest += strspn(rest, " ");
	if (*rest)
		scene_line(s, rest);
}

/* times N LINE: $N in it is 40001, 40002 ... */
static void
do_times(struct scene *s, const char *rest)
{
	size_t count;
	const char *n = scene_cut(s, rest, 2, &count)[0], *at;

	rest += strlen(n);
	rest += strspn(rest, " ");
	at = strstr(rest, "$N");
	for (int i = 1; i <= atoi(n); i++)
		scene_line(s,
		    at ? arena_printf(s->arena, "%.*s%d%s", (int)(at - rest),
			     rest, 40000 + i, at + strlen("$N"))
		       : rest);
}

/* as CLIENT LINE */
static void
do_as(struct scene *s, const char *rest)
{
	size_t count;

	s->client = scene_cut(s, rest, 2, &count)[0];
	rest += strlen(s->client);
	scene_line(s, rest + strspn(rest, " "));
}

/* Its name is not verified, and example.org says nothing: it counts as its
 * network. */
static const struct attribute usual[] = {
	{ "request", "smtpd_access_policy" },
	{ "protocol_state", "RCPT" },
	{ "protocol_name", "ESMTP" },
	{ "client_address", "192.0.2.7" },
	{ "client_name", "unknown" },
	{ "client_port", "40000" },
	{ "helo_name", "mx.example.org" },
	{ "sender", "anna@example.org" },
	{ "recipient", "jo@example.net" },
	{ "queue_id", "" },
	{ "sasl_username", "" },
};

static void
set_attribute(struct scene *s, const char *name, const char *value)
{
	struct attribute *a = s->attributes;

	while (a->name && strcmp(a->name, name) != 0)
		if (++a == s->attributes + SCENE_ATTRIBUTES - 1)
			scene_wrong(s, "too many attributes");
	*a = (struct attribute){ name, value };
}

/* [again] NAME=VALUE...: `again` starts from the request before, else from the
 * usual one. A transaction of its own unless an instance is given. */
static const char *
request(struct scene *s, const char *rest)
{
	size_t count, i = 0;
	const char *const *words = scene_cut(s, rest, 0, &count);
	const char *bytes = "";

	if (count > 0 && strcmp(words[0], "again") == 0) {
		i++;
	} else {
		memset(s->attributes, 0, sizeof(s->attributes));
		memcpy(s->attributes, usual, sizeof(usual));
	}
	set_attribute(s, "instance",
	    arena_printf(s->arena, "%x.6740.0.0", ++s->instance));
	for (; i < count; i++) {
		const char *equals = strchr(words[i], '=');

		if (!equals)
			scene_wrong(s, "'%s' is no attribute", words[i]);
		set_attribute(s,
		    arena_memdup(
			s->arena, words[i], (size_t)(equals - words[i])),
		    equals + 1);
	}
	for (const struct attribute *a = s->attributes; a->name; a++)
		bytes = arena_printf(
		    s->arena, "%s%s=%s\n", bytes, a->name, a->value);
	return arena_printf(s->arena, "%s\n", bytes);
}

static void
before_request(struct scene *s)
{
	s->asked = theatre_asked(scene_theatre(s));
	s->looked_up = false_dns_asked(theatre_dns(s->theatre));
	theatre_forget_log(s->theatre);
}

static void
do_ask(struct scene *s, const char *rest)
{
	const char *bytes = request(s, rest), *error;

	before_request(s);
	error = theatre_send(s->theatre, s->client, bytes, strlen(bytes));
	if (error)
		scene_wrong(s, "not understood: %s", error);
}

static void
do_explain(struct scene *s, const char *rest)
{
	const char *bytes = request(s, rest), *error;

	before_request(s);
	error = theatre_explain(s->theatre, s->client, bytes, strlen(bytes));
	if (error)
		scene_wrong(s, "not understood: %s", error);
}

static void
do_mirror(struct scene *s, const char *rest)
{
	(void)rest;
	theatre_mirror(scene_theatre(s));
}

static void
do_leave(struct scene *s, const char *rest)
{
	(void)rest;
	theatre_leave(scene_theatre(s), s->client);
}

/* The configuration is what has been said since the last time. */
static void
do_reload(struct scene *s, const char *rest)
{
	const char *error;

	(void)rest;
	if (!theatre_reload(
		scene_theatre(s), s->conf, s->directory, s->arena, &error))
		scene_wrong(s, "%s", error);
}

static void
do_forget(struct scene *s, const char *rest)
{
	(void)rest;
	s->conf = "";
}

/* redis WORD..., see README. */
static void
do_redis(struct scene *s, const char *rest)
{
	static const struct {
		const char *word;
		enum mood mood;
	} moods[] = { { "well", MOOD_WELL }, { "silent", MOOD_SILENT },
		{ "full", MOOD_FULL }, { "replica", MOOD_REPLICA } };
	struct false_redis *r = theatre_redis(scene_theatre(s));
	size_t count;
	const char *const *words = scene_cut(s, rest, 1, &count);

	for (size_t i = 0; i < sizeof(moods) / sizeof(moods[0]); i++)
		if (strcmp(words[0], moods[i].word) == 0) {
			false_redis_mood(r, moods[i].mood);
			false_redis_lose(r, LOSS_NONE);
			false_redis_delay(r, 0);
			return;
		}
	for (enum loss loss = LOSS_TIMEOUT; loss < LOSS_COUNT; loss++)
		if (strcmp(words[0], loss_name(loss)) == 0) {
			false_redis_lose(r, loss);
			return;
		}
	if (count == 2 && strcmp(words[0], "slow") == 0)
		false_redis_delay(r, (uint64_t)scene_time(s, words[1]));
	else if (count == 2 && strcmp(words[0], "patience") == 0)
		false_redis_deadline(r, (uint64_t)scene_time(s, words[1]));
	else if (count == 2 && strcmp(words[0], "clock") == 0)
		false_redis_step(r, scene_time(s, words[1]) / 1000);
	else if (false_redis_command(r, s->arena, words).kind == RESP_ERROR)
		scene_wrong(s, "Redis does not understand '%s'", rest);
}

/* dns NAME TYPE DATA, or how that is; see README. */
static void
do_dns(struct scene *s, const char *rest)
{
	struct false_dns *d = theatre_dns(scene_theatre(s));
	size_t count;
	const char *const *words = scene_cut(s, rest, 2, &count);

	if (strcmp(words[0], "slow") == 0)
		false_dns_delay(d, (uint64_t)scene_time(s, words[1]));
	else if (!false_dns_tell(d, rest))
		scene_wrong(s, "the DNS does not understand '%s'", rest);
}

const struct scene_verb scene_acts[] = {
	{ "conf ", do_conf },
	{ "only ", do_only },
	{ "file ", do_file },
	{ "forget conf", do_forget },
	{ "register ", scene_register },
	{ "reload", do_reload },
	{ "mirror", do_mirror },
	{ "times ", do_times },
	{ "at ", do_at },
	{ "as ", do_as },
	{ "ask", do_ask },
	{ "explain", do_explain },
	{ "leave", do_leave },
	{ "redis ", do_redis },
	{ "dns ", do_dns },
	{ 0 },
};
