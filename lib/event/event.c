/*
 * event - of a verdict and its request, what a stranger to both understands
 */
#include "event/event.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"

static const char *
mode_name(enum mode m)
{
	static const char *const names[] = { "off", "observe", "enforce" };

	return names[m];
}

/* The names are those of the decision line. */
void
event_log(const struct event *e)
{
	const struct request *r = e->request;
	const struct verdict *v = e->verdict;
	struct line l;

	line_clear(&l);
	line_add(&l, "event");
	line_field(&l, "kind", v->event);
	line_word(&l, "check", e->check->name);
	line_word(&l, "mode", mode_name(e->mode));
	line_word(&l, "verdict", verdict_name(v->kind));
	for (unsigned i = 0; i < v->count; i++)
		if (v->details[i].text)
			line_field(&l, v->details[i].name, v->details[i].text);
		else
			line_number(
			    &l, v->details[i].name, v->details[i].number);
	line_word(&l, "class", class_name(r->class));
	line_field(&l, "client", r->client_address);
	line_field(&l, "user", r->sasl_username);
	line_field(&l, "sender", *r->sender ? r->sender : "<>");
	line_field(&l, "recipient", r->recipient);
	line_field(&l, "instance", r->instance);
	log_line(LEVEL_WARNING, &l);
}

/* Not within a character: what is left would be told as bytes. */
static const char *
cut(struct arena *a, const char *text)
{
	size_t size = EVENT_TEXT;

	if (strlen(text) <= EVENT_TEXT)
		return text;
	while (size > EVENT_TEXT - 3 && (text[size] & 0xc0) == 0x80)
		size--;
	return arena_memdup(a, text, size);
}

static void
add_text(json_t *to, struct arena *a, const char *name, const char *text)
{
	json_object_set_new(
	    to, name, json_string(text_as_utf8(a, cut(a, text))));
}

static void
add_time(json_t *to, struct arena *a, int64_t unix_time)
{
	const time_t seconds = (time_t)unix_time;
	char text[32];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	add_text(to, a, "time", text);
}

static void
add_reply(json_t *to, struct arena *a, const struct event *e)
{
	const struct reply *r;

	if (e->verdict->kind != VERDICT_REFUSE)
		return;
	r = &e->request->conf->replies[e->verdict->reply];
	add_text(
	    to, a, "reply", arena_printf(a, "%d %s", r->code, r->enhanced));
}

static void
add_request(json_t *to, struct arena *a, const struct request *r)
{
	add_text(to, a, "class", class_name(r->class));
	add_text(to, a, "login", r->sasl_username);
	add_text(to, a, "sender", r->sender);
	add_text(to, a, "client", r->client_address);
	add_text(to, a, "recipient", r->recipient);
	add_text(to, a, "instance", r->instance);
}

/* What every event has keeps its meaning, whatever a check calls its own. */
static void
add_detail(json_t *to, struct arena *a, const struct detail *d)
{
	if (json_object_get(to, d->name))
		return;
	if (d->text)
		add_text(to, a, d->name, d->text);
	else
		json_object_set_new(to, d->name, json_integer(d->number));
}

static json_t *
object(const struct event *e, struct arena *a)
{
	json_t *o = json_object();

	add_text(o, a, "event", e->verdict->event);
	add_time(o, a, e->request->unix_time);
	add_text(o, a, "host", e->request->conf->host);
	add_text(o, a, "check", e->check->name);
	add_text(o, a, "mode", mode_name(e->mode));
	add_text(o, a, "verdict", verdict_name(e->verdict->kind));
	add_reply(o, a, e);
	add_request(o, a, e->request);
	for (unsigned i = 0; i < e->verdict->count; i++)
		add_detail(o, a, &e->verdict->details[i]);
	return o;
}

/* ASCII, so that a mail or a terminal can show it as it is. */
const char *
event_json(const struct event *e, struct arena *a)
{
	json_t *o = object(e, a);
	char *text = json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII);
	const char *line = arena_printf(a, "%s\n", text ? text : "{}");

	free(text);
	json_decref(o);
	return line;
}
