/*
 * scene_expectations - what must be so
 */
#include "kit/scene.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "kit/false_dns.h"
#include "kit/false_redis.h"
#include "kit/suite.h"
#include "kit/theatre.h"

enum { LINE = 4096 };

/* The line itself is what is expected. */
static void
must_action(struct scene *s, const char *rest)
{
	const char *reply = theatre_reply(scene_theatre(s), s->client);

	if (!reply)
		scene_wrong(
		    s, "expected 'action=%s', there is no answer", rest);
	scene_expect(s, rest, reply + strlen("action="));
	s->let_pass += strcmp(rest, "DUNNO") == 0;
}

static void
must_no_answer(struct scene *s, const char *rest)
{
	const char *reply = theatre_reply(scene_theatre(s), s->client);

	(void)rest;
	if (reply)
		scene_wrong(s, "expected no answer, got '%s'", reply);
}

static void
must_log(struct scene *s, const char *rest)
{
	if (!strstr(theatre_log(scene_theatre(s)), rest))
		scene_wrong(s, "expected '%s' in the log, got:\n%s", rest,
		    theatre_log(s->theatre));
}

static void
must_no_log(struct scene *s, const char *rest)
{
	if (strstr(theatre_log(scene_theatre(s)), rest))
		scene_wrong(s, "expected no '%s' in the log, got:\n%s", rest,
		    theatre_log(s->theatre));
}

static void
must_finding(struct scene *s, const char *rest)
{
	if (!strstr(theatre_findings(scene_theatre(s)), rest))
		scene_wrong(s, "expected the finding '%s', got:\n%s", rest,
		    theatre_findings(s->theatre));
}

static void
must_number(const struct scene *s, const char *text, int64_t got)
{
	const int64_t expected = strtoll(text, NULL, 10);

	if (got != expected)
		scene_wrong(
		    s, "expected %" PRId64 ", got %" PRId64, expected, got);
}

/* Questions to Redis since the last request. */
static void
must_asked(struct scene *s, const char *rest)
{
	must_number(s, rest, theatre_asked(scene_theatre(s)) - s->asked);
}

/* And to the DNS. */
static void
must_look_up(struct scene *s, const char *rest)
{
	must_number(s, rest,
	    false_dns_asked(theatre_dns(scene_theatre(s))) - s->looked_up);
}

static struct resp
look(struct scene *s, const char *command, const char *key)
{
	return false_redis_command(theatre_redis(scene_theatre(s)), s->arena,
	    (const char *const[]){ command, key, NULL });
}

/* value KEY TEXT */
static void
must_value(struct scene *s, const char *rest)
{
	size_t count;
	const char *key = scene_cut(s, rest, 2, &count)[0];
	const struct resp r = look(s, "GET", key);

	scene_expect(s, rest + strlen(key) + 1,
	    r.kind == RESP_STRING ? r.text.text : "(no string)");
}

/* ttl KEY TIME */
static void
must_ttl(struct scene *s, const char *rest)
{
	size_t count;
	const char *const *words = scene_cut(s, rest, 2, &count);
	const int64_t expected = scene_time(s, words[1]) / 1000;
	const int64_t got = look(s, "TTL", words[0]).number;

	if (got != expected)
		scene_wrong(s, "expected %" PRId64 " s, got %" PRId64 " s",
		    expected, got);
}

static void
must_no_key(struct scene *s, const char *rest)
{
	if (look(s, "EXISTS", rest).number)
		scene_wrong(s, "there is a key '%s'", rest);
}

static void
add_key(void *data, const char *key)
{
	const char **keys = data;
	static char all[LINE];
	const size_t used = **keys ? strlen(all) : 0;

	snprintf(all + used, sizeof(all) - used, "%s%s", used ? " " : "", key);
	*keys = all;
}

/* keys [KEY...]: these and no other, in the order of their names. */
static void
must_keys(struct scene *s, const char *rest)
{
	size_t count;
	const char *const *words = scene_cut(s, rest, 0, &count);
	const char *keys = "", *expected = "";

	for (size_t i = 0; i < count; i++)
		expected = arena_printf(
		    s->arena, "%s%s%s", expected, i ? " " : "", words[i]);
	false_redis_keys(theatre_redis(scene_theatre(s)), add_key, &keys);
	scene_expect(s, expected, keys);
}

/* No control byte in the log, nothing but ASCII in the reply. */
static void
must_printable(struct scene *s, const char *rest)
{
	const char *reply = theatre_reply(scene_theatre(s), s->client);

	(void)rest;
	for (const char *p = theatre_log(s->theatre); *p; p++)
		if ((unsigned char)*p < ' ' && *p != '\n')
			scene_wrong(s, "byte %d in the log", *p);
	for (const char *p = reply ? reply : ""; *p; p++)
		if (*p < ' ' || *p > '~')
			scene_wrong(s, "byte %d in the reply", *p);
}

const struct scene_verb scene_expectations[] = {
	{ "action=", must_action },
	{ "told ", scene_told },
	{ "no answer", must_no_answer },
	{ "log ", must_log },
	{ "no log ", must_no_log },
	{ "finding ", must_finding },
	{ "questions ", must_asked },
	{ "lookups ", must_look_up },
	{ "value ", must_value },
	{ "ttl ", must_ttl },
	{ "no key ", must_no_key },
	{ "keys", must_keys },
	{ "all printable", must_printable },
	{ 0 },
};
