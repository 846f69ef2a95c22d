/*
 * policyctl_feed_out - lines, and JSON objects one a line
 */
#include "policyctl_feed_out.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "base/text.h"
#include "policyctl.h"
#include "policyctl_out.h"

static const char *const services[] = { "smtp", "imap", "pop3" };

/* NULL where it does not apply. */
static const char *
service_of(const struct feed_act *act)
{
	return act->what == FEED_FAILURE ? services[act->service] : NULL;
}

/* One object a line: a stream has no end that an array could wait for. */
static void
put(json_t *object)
{
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
	json_decref(object);
}

static json_t *
text_or_null(const char *text)
{
	return out_json_text(text && *text ? text : NULL);
}

static void
put_act(const struct feed_act *act, const struct register_result *r)
{
	char client[ADDRESS_TEXT];
	json_t *o = json_pack("{s:s, s:s, s:o, s:i, s:o, s:o}", "what",
	    feed_what_name(act->what), "client",
	    address_text(&act->client, client), "service",
	    text_or_null(service_of(act)), "count", (int)act->count, "user",
	    text_or_null(act->user), "reason", text_or_null(act->reason));

	json_object_set_new(o, "failures",
	    out_json_number(
		r && act->what == FEED_FAILURE, r ? r->failures : 0));
	json_object_set_new(
	    o, "listed", r ? json_boolean(r->listed) : json_null());
	json_object_set_new(
	    o, "banned", r ? json_boolean(r->banned) : json_null());
	json_object_set_new(
	    o, "until", out_json_number(r && r->until != 0, r ? r->until : 0));
	put(o);
}

void
feed_out_act(struct ctl *ctl, const struct feed_act *act,
    const struct register_result *r)
{
	struct line l;
	char client[ADDRESS_TEXT];

	if (ctl->json) {
		put_act(act, r);
		return;
	}
	if (r)
		return; /* the log tells what matters of it */
	line_clear(&l);
	line_add(&l, feed_what_name(act->what));
	line_field(&l, "client", address_text(&act->client, client));
	line_field(&l, "service", service_of(act) ? service_of(act) : "");
	line_number(&l, "count", act->count);
	line_field(&l, "user", act->user);
	line_field(&l, "reason", act->reason);
	puts(l.text);
	fflush(stdout);
}

void
feed_out_counts(struct ctl *ctl, const struct feed_counts *c)
{
	const struct {
		const char *name;
		uint64_t count;
	} own[] = {
		{ "lines", c->lines },
		{ "old", c->old },
		{ "own", c->own },
		{ "immune", c->immune },
		{ "failures", c->failures },
		{ "strikes", c->strikes },
		{ "written", c->written },
		{ "lost", c->lost },
		{ "dropped", c->dropped },
	};
	json_t *o = json_pack("{s:s}", "what", "counts");
	struct line l;

	line_clear(&l);
	line_add(&l, "feed");
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		json_object_set_new(
		    o, own[i].name, json_integer((json_int_t)own[i].count));
		line_number(&l, own[i].name, (long long)own[i].count);
	}
	for (int i = EVENT_NONE + 1; i < EVENT_KINDS; i++)
		json_object_set_new(o, event_kind_name(i),
		    json_integer((json_int_t)c->events[i]));
	if (ctl->json)
		put(json_incref(o));
	else
		log_line(LEVEL_INFO, &l);
	json_decref(o);
}
