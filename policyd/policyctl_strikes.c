/*
 * policyctl_strikes - reading and showing a client's history
 */
#include "policyctl_strikes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask/key.h"
#include "base/arena.h"
#include "conf/conf.h"
#include "policyctl.h"
#include "policyctl_out.h"
#include "policyctl_paper.h"
#include "policyctl_redis.h"
#include "register/register.h"

/* -- reading -- */

/* What stands behind NAME= in one event; "" when nothing does. */
static const char *
part(struct arena *a, const char *event, const char *name)
{
	const size_t size = strlen(name);

	for (const char *p = event; p; p = strchr(p, ' ')) {
		p += *p == ' ';
		if (!strncmp(p, name, size))
			return arena_memdup(
			    a, p + size, strcspn(p + size, " "));
		if (!strncmp(p, "reason=", 7))
			return "";
	}
	return "";
}

static const char *
reason(struct arena *a, const char *event)
{
	const char *at = strstr(event, " reason=");

	return at ? arena_strdup(a, at + 8) : "";
}

static bool
read_event(struct arena *a, struct event *e, const char *text)
{
	const char *until = part(a, text, "until=");

	*e = (struct event){
		.at = strtoll(part(a, text, "at="), NULL, 10),
		.level = strtoll(part(a, text, "level="), NULL, 10),
		.until = !strcmp(until, "permanent") ? FOREVER
						     : strtoll(until, NULL, 10),
		.what = part(a, text, "what="),
		.by = part(a, text, "by="),
		.reason = reason(a, text),
	};
	return e->at > 0 && *e->what;
}

size_t
strikes_read(struct arena *a, const char *history, struct event **events)
{
	char *rest = arena_strdup(a, history), *text;
	size_t most = 1, n = 0;

	for (const char *p = history; *p; p++)
		most += *p == ';';
	*events = arena_alloc(a, most * sizeof(**events));
	while ((text = strsep(&rest, ";")))
		if (read_event(a, &(*events)[n], text + strspn(text, " ")))
			n++;
	return n;
}

/* The rung that the next offence leads to. */
static void
look_ahead(struct strikes *s, const struct conf *conf)
{
	const struct times *ladder = &conf->strikes.ladder;
	const int64_t top = (int64_t)ladder->count;

	s->next_level = s->count < top ? s->count + 1 : top;
	s->next_seconds = s->next_level > 0 ? ladder->items[s->next_level - 1]
					    : 0;
}

bool
strikes_fetch(
    struct strikes *s, struct ctl *ctl, struct door *d, const char *client)
{
	struct arena *a = ctl->arena;
	struct order o[2] = { 0 };
	const struct node *values = &o[0].reply;

	*s = (struct strikes){ .client = client };
	s->key =
	    key_make(a, ctl->conf->prefix, "strikes", client, NULL, 0).text;
	order_words(&o[0], "HMGET", s->key, "count", "last", "history", NULL);
	order_words(&o[1], "EXPIRETIME", s->key, NULL);
	if (!door_ask(d, a, o, 2))
		return false;
	if (values->kind == NODE_LIST && values->count == 3) {
		s->count = strtoll(values->items[0].text, NULL, 10);
		s->last = strtoll(values->items[1].text, NULL, 10);
		s->event_count = strikes_read(
		    a, values->items[2].text, &s->events);
		s->ends = o[1].reply.number;
	}
	look_ahead(s, ctl->conf);
	return true;
}

/* -- showing -- */

static const struct column columns[] = { { "AT", 19 }, { "WHAT", 6 },
	{ "LEVEL", 5 }, { "UNTIL", 19 }, { "BY", 16 }, { "REASON", 1 }, { 0 } };

static void
print_event(struct arena *a, const struct event *e)
{
	out_row(columns,
	    (const char *const[]){ out_time(a, e->at), e->what,
		e->level ? arena_printf(a, "%" PRId64, e->level) : "-",
		e->until == FOREVER ? "permanent" : out_time(a, e->until),
		*e->by ? e->by : "-", e->reason });
}

static const char *
next_text(struct arena *a, const struct strikes *s)
{
	return arena_printf(a, "level %" PRId64 ", %s", s->next_level,
	    s->next_seconds == FOREVER ? "permanent"
				       : out_span(a, s->next_seconds));
}

void
strikes_print(const struct strikes *s, int64_t now)
{
	struct arena *a = arena_new();

	printf("strikes ");
	out_text(stdout, s->client);
	putchar('\n');
	paper_line("count", arena_printf(a, "%" PRId64, s->count));
	if (s->last > 0)
		paper_line("last", out_moment(a, s->last, now));
	if (s->ends > 0)
		paper_line("forgotten", out_moment(a, s->ends, now));
	if (s->next_seconds)
		paper_line("next", next_text(a, s));
	if (s->event_count > 0)
		out_head(columns);
	for (size_t i = 0; i < s->event_count; i++)
		print_event(a, &s->events[i]);
	arena_release(a);
}

static json_t *
event_json(const struct event *e)
{
	return json_pack("{s:I, s:o, s:I, s:o, s:b, s:o, s:o}", "at",
	    (json_int_t)e->at, "what", out_json_text(e->what), "level",
	    (json_int_t)e->level, "until", paper_json_time(e->until),
	    "permanent", e->until == FOREVER, "by", out_json_text(e->by),
	    "reason", out_json_text(e->reason));
}

json_t *
strikes_json(const struct strikes *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->event_count; i++)
		json_array_append_new(list, event_json(&s->events[i]));
	return json_pack("{s:o, s:I, s:o, s:o, s:I, s:o, s:o}", "client",
	    out_json_text(s->client), "count", (json_int_t)s->count, "last",
	    paper_json_time(s->last), "forgotten", paper_json_time(s->ends),
	    "next_level", (json_int_t)s->next_level, "next_seconds",
	    paper_json_time(s->next_seconds), "history", list);
}
