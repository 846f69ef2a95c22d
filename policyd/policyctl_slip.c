/*
 * policyctl_slip - from JSON to fields of a hash
 */
#include "policyctl_slip.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "policyctl_shelf.h"
#include "register/put.h"

/* What is being read, and what is wrong with it. */
struct reading {
	struct arena *arena;
	const struct conf *conf;
	const struct shelf *shelf;
	const json_t *line;
	const char *wrong;
};

/* "" for null and for what is not there. */
static const char *
text(struct reading *r, const char *name)
{
	const json_t *value = json_object_get(r->line, name);

	if (json_is_string(value))
		return json_string_value(value);
	if (value && !json_is_null(value))
		r->wrong = arena_printf(r->arena, "'%s' is no text", name);
	return "";
}

/* From 0; 0 for null and for what is not there. */
static int64_t
number_of(struct reading *r, const char *name, const json_t *value)
{
	if (json_is_integer(value) && json_integer_value(value) >= 0)
		return json_integer_value(value);
	if (value && !json_is_null(value))
		r->wrong = arena_printf(r->arena, "'%s' is no number", name);
	return 0;
}

static int64_t
number(struct reading *r, const char *name)
{
	return number_of(r, name, json_object_get(r->line, name));
}

static int64_t
until(struct reading *r)
{
	return json_is_true(json_object_get(r->line, "permanent"))
	    ? FOREVER
	    : number(r, "until");
}

static int64_t
later(int64_t a, int64_t b)
{
	if (a == FOREVER || b == FOREVER)
		return FOREVER;
	return a > b ? a : b;
}

static const char *
time_text(struct arena *a, int64_t t)
{
	return t == FOREVER ? "permanent" : arena_printf(a, "%" PRId64, t);
}

static void
add(struct slip *s, struct arena *a, const char *name, const char *value)
{
	s->fields[s->count++] = (struct put_field){ name,
		arena_strdup(a, value) };
}

/* A word of an author: no blank ends it early. */
static const char *
one_word(struct arena *a, const char *from)
{
	char *word = arena_strdup(a, from);

	for (char *p = word; *p; p++)
		if (*p == ' ')
			*p = '_';
	return word;
}

/* -- lists -- */

static void
read_pattern(struct reading *r, struct slip *s)
{
	struct arena *a = r->arena;
	const char *by = one_word(a, text(r, "by"));

	s->until = s->ends = until(r);
	s->fields = arena_alloc(a, sizeof(*s->fields));
	add(s, a, s->client,
	    arena_printf(a,
		"since=%" PRId64 " until=%" PRId64 " by=%s reason=%s",
		number(r, "since"), s->until == FOREVER ? 0 : s->until,
		*by ? by : "unknown", text(r, "reason")));
}

/* -- registers -- */

static void
read_ban(struct reading *r, struct slip *s)
{
	struct arena *a = r->arena;

	s->until = s->ends = until(r);
	s->fields = arena_alloc(a, 5 * sizeof(*s->fields));
	add(s, a, "reason", text(r, "reason"));
	add(s, a, "by", one_word(a, text(r, "by")));
	add(s, a, "since", time_text(a, number(r, "since")));
	add(s, a, "until", time_text(a, s->until));
	add(s, a, "level", time_text(a, number(r, "level")));
}

/* An array of texts as one, with blanks between them. */
static const char *
words(struct reading *r, const char *name)
{
	const json_t *list = json_object_get(r->line, name);
	const char *whole = "";

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *word = json_string_value(json_array_get(list, i));

		if (!word) {
			r->wrong = arena_printf(
			    r->arena, "'%s' has what is no text", name);
			break;
		}
		whole = arena_printf(
		    r->arena, "%s%s%s", whole, *whole ? " " : "", word);
	}
	return whole;
}

static void
read_service(struct reading *r, struct slip *s)
{
	const char *service = text(r, "service");

	if (!*service)
		return;
	s->service = arena_strdup(r->arena, service);
	if (strcmp(service, "smtp") != 0 && strcmp(service, "imap") != 0 &&
	    strcmp(service, "pop3") != 0)
		r->wrong = "'service' is none of smtp, imap, pop3";
}

/* With the reason of one put there by hand. */
static void
read_abuse(struct reading *r, struct slip *s)
{
	struct arena *a = r->arena;
	const int64_t last = number(r, "last");

	read_service(r, s);
	s->until = number(r, "until");
	s->ends = later(s->until, last + r->conf->settings.abuse.window);
	s->fields = arena_alloc(a, 8 * sizeof(*s->fields));
	add(s, a, "failures", time_text(a, number(r, "failures")));
	add(s, a, "first", time_text(a, number(r, "since")));
	add(s, a, "last", time_text(a, last));
	add(s, a, "until", time_text(a, s->until));
	add(s, a, "users", words(r, "users"));
	add(s, a, "times", words(r, "times"));
	if (*text(r, "by")) {
		add(s, a, "by", one_word(a, text(r, "by")));
		add(s, a, "reason", text(r, "reason"));
	}
}

/* An object of names and times; the latest is returned. */
static int64_t
read_marks(
    struct reading *r, struct slip *s, const char *name, const char *before)
{
	json_t *marks = json_object_get(r->line, name), *value;
	int64_t latest = 0;
	const char *key;

	json_object_foreach(marks, key, value)
	{
		const int64_t t = number_of(r, name, value);

		latest = later(latest, t);
		add(s, r->arena, arena_printf(r->arena, "%s%s", before, key),
		    time_text(r->arena, t));
	}
	return latest;
}

static void
read_spam(struct reading *r, struct slip *s)
{
	const json_t *reporters = json_object_get(r->line, "reporters");
	const json_t *domains = json_object_get(r->line, "domains");
	int64_t everywhere = until(r), last;

	s->fields = arena_alloc(r->arena,
	    (json_object_size(reporters) + json_object_size(domains) + 1) *
		sizeof(*s->fields));
	last = read_marks(r, s, "reporters", "");
	s->until = later(everywhere, read_marks(r, s, "domains", "until:"));
	if (everywhere)
		add(s, r->arena, "until", time_text(r->arena, everywhere));
	s->ends = later(s->until, last + r->conf->settings.spam_source.window);
	if (s->count == 0)
		r->wrong = "nobody has reported it, and it is not listed";
}

static void
read_register(struct reading *r, struct slip *s)
{
	if (r->shelf->kept == REGISTER_ABUSE)
		read_abuse(r, s);
	else if (r->shelf->kept == REGISTER_SPAM)
		read_spam(r, s);
	else
		read_ban(r, s);
}

const char *
slip_read(struct slip *out, struct arena *a, const struct conf *conf,
    const struct shelf *s, const json_t *line)
{
	struct reading r = { a, conf, s, line, NULL };
	struct subject who;

	*out = (struct slip){ 0 };
	if (!json_is_object(line))
		return "no object";
	if (strcmp(text(&r, "register"), s->name) != 0)
		return arena_printf(a, "'register' is not '%s'", s->name);
	if ((r.wrong = subject_wrong(&who, s, a, text(&r, "client"))))
		return r.wrong;
	out->client = who.name;
	out->address = who.address;
	out->pattern = !who.client;
	if (out->pattern)
		read_pattern(&r, out);
	else
		read_register(&r, out);
	if (!r.wrong && out->until == 0 && s->has_list)
		r.wrong = "neither 'until' nor 'permanent'";
	return r.wrong;
}
