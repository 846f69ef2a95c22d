/*
 * scene_told - an answer is that of a decision, to the letter
 */
#include "kit/scene.h"

#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "kit/catalogue.h"
#include "kit/suite.h"
#include "kit/theatre.h"

/* What a brace of its text stands for. */
struct meaning {
	const char *name, *text;
};

static const char *
attribute(const struct scene *s, const char *name)
{
	for (const struct attribute *a = s->attributes; a->name; a++)
		if (strcmp(a->name, name) == 0)
			return a->value;
	return "";
}

static const char *
now(struct scene *s)
{
	char text[32];
	time_t t = THEATRE_BEGINS + (time_t)(theatre_ms(s->theatre) / 1000);
	struct tm tm;

	localtime_r(&t, &tm);
	strftime(text, sizeof(text), "%m/%d/%y %H:%M:%S", &tm);
	return arena_strdup(s->arena, text);
}

static const char *
value(struct scene *s, const char *name, const char *const *given)
{
	const struct conf *conf = theatre_conf(scene_theatre(s));
	const struct meaning values[] = {
		{ "ip", attribute(s, "client_address") },
		{ "time", now(s) },
		{ "host", conf->host },
		{ "service", conf->service },
		{ "version", VERSION },
	};
	const size_t size = strlen(name);

	for (; *given; given++)
		if (strncmp(*given, name, size) == 0 && (*given)[size] == '=')
			return *given + size + 1;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (strcmp(values[i].name, name) == 0)
			return values[i].text;
	scene_wrong(s, "nobody says what {%s} is", name);
}

static const char *
expand(struct scene *s, const char *text, const char *const *given)
{
	const char *out = "", *open, *close;

	for (; (open = strchr(text, '{')); text = close + 1) {
		close = strchr(open, '}');
		out = arena_printf(s->arena, "%s%.*s%s", out,
		    (int)(open - text), text,
		    value(s,
			arena_memdup(
			    s->arena, open + 1, (size_t)(close - open - 1)),
			given));
	}
	return arena_printf(s->arena, "%s%s", out, text);
}

/* "33", "18 sender"; `given` are the words behind it. */
static const struct decision_entry *
entry_of(struct scene *s, const char *rest, const char *const **given)
{
	const struct decision_entry *e;
	size_t count;
	const char *const *words = scene_cut(s, rest, 1, &count);
	const char *name = words[0];

	*given = words + 1;
	if (**given && !strchr(**given, '=')) {
		name = arena_printf(s->arena, "%s %s", name, **given);
		(*given)++;
	}
	e = catalogue_find(name);
	if (!e || e->by != BY_POLICYD)
		scene_wrong(s, "policyd has no decision '%s'", name);
	return e;
}

static unsigned
class_in_log(struct scene *s)
{
	for (unsigned class = INBOUND; class <= TRUSTED; class <<= 1)
		if (strstr(theatre_log(s->theatre),
			arena_printf(s->arena, " class=%s ",
			    class_name((enum request_class) class))))
			return class;
	scene_wrong(s, "the log tells no class:\n%s", theatre_log(s->theatre));
}

/* Or it was decided when another list asked the same. */
static void
must_be_of(struct scene *s, const char *check)
{
	const char *log = theatre_log(s->theatre);

	if (!strstr(log, " repeated=yes ") &&
	    !strstr(log, arena_printf(s->arena, " check=%s", check)))
		scene_wrong(s, "it was not '%s' that decided:\n%s", check, log);
}

void
scene_told(struct scene *s, const char *rest)
{
	const char *reply = theatre_reply(scene_theatre(s), s->client);
	const char *const *given;
	const struct decision_entry *e = entry_of(s, rest, &given);

	if (!reply)
		scene_wrong(s, "expected %s, there is no answer", e->name);
	scene_expect(s,
	    arena_printf(s->arena, "action=%d %s %s", e->code, e->enhanced,
		expand(s, e->text, given)),
	    reply);
	must_be_of(s, e->check);
	if (s->told_count == SCENE_TOLD)
		scene_wrong(s, "more than %d decisions", SCENE_TOLD);
	s->told[s->told_count++] = (struct scene_told){ e, class_in_log(s) };
}
