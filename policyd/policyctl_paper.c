/*
 * policyctl_paper - entries for people and for programs
 */
#include "policyctl_paper.h"

#include <inttypes.h>
#include <string.h>

#include "ask/key.h"
#include "base/arena.h"
#include "policyctl_entry.h"
#include "policyctl_out.h"
#include "policyctl_shelf.h"

/* -- for people -- */

const char *
paper_until(struct arena *a, int64_t until, int64_t now)
{
	if (until == FOREVER)
		return "permanent";
	if (until <= now)
		return "-";
	return out_moment(a, until, now);
}

static const char *
short_until(struct arena *a, int64_t until, int64_t now)
{
	if (until == FOREVER || until <= now)
		return paper_until(a, until, now);
	return out_time(a, until);
}

static const char *
users_text(struct arena *a, const char *users)
{
	const char *text = "";

	for (size_t n; *users; users += n) {
		users += strspn(users, " ");
		n = strcspn(users, " ");
		if (n > 0)
			text = arena_printf(a, "%s%s%s", text,
			    *text ? ", " : "",
			    key_decode(a, arena_memdup(a, users, n)));
	}
	return text;
}

static const char *
abuse_evidence(struct arena *a, const struct entry *e)
{
	const char *text = arena_printf(
	    a, "%" PRId64 " failed logins", e->failures);

	if (e->failures == 0 && (*e->reason || *e->by)) /* by hand */
		return e->reason;
	if (e->service)
		text = arena_printf(a, "%s in %s", text, e->service);
	if (*e->users)
		text = arena_printf(a, "%s: %s", text, users_text(a, e->users));
	if (*e->reason)
		text = arena_printf(a, "%s; %s", text, e->reason);
	return text;
}

/* What it is held for, in one line. */
static const char *
evidence(struct arena *a, const struct entry *e)
{
	if (!strcmp(e->shelf->name, "abuse"))
		return abuse_evidence(a, e);
	if (!strcmp(e->shelf->name, "spam"))
		return arena_printf(a, "reported by %zu", e->reporter_count);
	if (e->level)
		return arena_printf(
		    a, "%s, level %" PRId64, e->reason, e->level);
	return e->reason;
}

static const struct column columns[] = { { "CLIENT", 18 }, { "SINCE", 19 },
	{ "UNTIL", 19 }, { "BY", 16 }, { "REASON", 1 }, { 0 } };

void
paper_head(void)
{
	out_head(columns);
}

void
paper_row(const struct entry *e, int64_t now)
{
	struct arena *a = arena_new();

	out_row(columns,
	    (const char *const[]){ e->client, out_time(a, e->since),
		short_until(a, e->until, now), *e->by ? e->by : "-",
		evidence(a, e) });
	arena_release(a);
}

void
paper_line(const char *name, const char *text)
{
	static const struct column line[] = { { "", 1 }, { "", 9 }, { "", 1 },
		{ 0 } };

	if (*text)
		out_row(line, (const char *const[]){ "", name, text });
}

static void
print_marks(struct arena *a, const char *name, const struct mark *m,
    size_t count, int64_t now)
{
	for (size_t i = 0; i < count; i++)
		paper_line(name,
		    arena_printf(a, "%s, %s", key_decode(a, m[i].name),
			m[i].at == FOREVER ? "permanent"
					   : out_moment(a, m[i].at, now)));
}

static const char *
moment(struct arena *a, int64_t t, int64_t now)
{
	return t > 0 ? out_moment(a, t, now) : "";
}

const char *
paper_shell(struct arena *a, const char *word)
{
	static const char safe[] =
	    "abcdefghijklmnopqrstuvwxyz0123456789.:/-_@+";
	char *out, *to;

	if (*word && word[strspn(word, safe)] == '\0')
		return word;
	out = to = arena_alloc(a, 4 * strlen(word) + 3);
	*to++ = '\'';
	for (; *word; word++)
		if (*word == '\'')
			to = stpcpy(to, "'\\''");
		else
			*to++ = *word;
	*to = '\'';
	return out;
}

const char *
paper_lift(struct arena *a, const struct entry *e)
{
	return arena_printf(a, "policyctl %s del %s", e->shelf->name,
	    paper_shell(a, e->client));
}

void
paper_print(const struct entry *e, int64_t now)
{
	struct arena *a = arena_new();
	const bool spam = e->reporter_count + e->domain_count > 0;

	printf("%s ", e->shelf->name);
	out_text(stdout, e->client);
	putchar('\n');
	paper_line("since", moment(a, e->since, now));
	paper_line("last", moment(a, e->last, now));
	paper_line("until",
	    e->until ? paper_until(a, spam ? e->everywhere : e->until, now)
		     : "not listed yet");
	print_marks(a, "for", e->domains, e->domain_count, now);
	paper_line("because", evidence(a, e));
	print_marks(a, "reporter", e->reporters, e->reporter_count, now);
	paper_line("by", e->by);
	paper_line("key", e->key ? e->key : "");
	paper_line("lift", paper_lift(a, e));
	arena_release(a);
}

/* -- for programs -- */

json_t *
paper_json_time(int64_t t)
{
	return out_json_number(t > 0, t);
}

static json_t *
text_json(const char *text)
{
	return out_json_text(*text ? text : NULL);
}

static json_t *
marks_json(const struct mark *m, size_t count)
{
	json_t *o = json_object();

	for (size_t i = 0; i < count; i++) {
		json_t *name = out_json_text(m[i].name);

		json_object_set_new(
		    o, json_string_value(name), paper_json_time(m[i].at));
		json_decref(name);
	}
	return o;
}

/* Words with blanks between them. */
static json_t *
words_json(struct arena *a, const char *words)
{
	json_t *list = json_array();

	for (size_t n; *words; words += n) {
		words += strspn(words, " ");
		n = strcspn(words, " ");
		if (n > 0)
			json_array_append_new(
			    list, out_json_text(arena_memdup(a, words, n)));
	}
	return list;
}

static void
tell_abuse(json_t *o, const struct entry *e)
{
	struct arena *a = arena_new();

	json_object_set_new(o, "service", out_json_text(e->service));
	json_object_set_new(o, "failures", json_integer(e->failures));
	json_object_set_new(o, "last", paper_json_time(e->last));
	json_object_set_new(o, "users", words_json(a, e->users));
	json_object_set_new(o, "times", words_json(a, e->times));
	arena_release(a);
}

static void
tell_spam(json_t *o, const struct entry *e)
{
	json_object_set_new(o, "last", paper_json_time(e->last));
	json_object_set_new(
	    o, "reporters", marks_json(e->reporters, e->reporter_count));
	json_object_set_new(
	    o, "domains", marks_json(e->domains, e->domain_count));
}

json_t *
paper_json(const struct entry *e)
{
	const bool spam = !strcmp(e->shelf->name, "spam");
	const int64_t until = spam ? e->everywhere : e->until;
	json_t *o = json_pack("{s:s, s:o, s:o, s:o, s:b, s:o, s:o}", "register",
	    e->shelf->name, "client", out_json_text(e->client), "since",
	    paper_json_time(e->since), "until", paper_json_time(until),
	    "permanent", until == FOREVER, "by", text_json(e->by), "reason",
	    text_json(e->reason));

	if (spam)
		tell_spam(o, e);
	else if (!strcmp(e->shelf->name, "abuse"))
		tell_abuse(o, e);
	else if (e->key)
		json_object_set_new(o, "level", json_integer(e->level));
	return o;
}
