/*
 * dnsbl - DNS lists, for those who look
 */
#include <jansson.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "dnsbl/zones.h"

#include "daemon.h"

static void
log_list(const struct zone_view *v)
{
	struct line l;

	line_clear(&l);
	line_add(&l, "counts of=dnsbl");
	line_field(&l, "zone", v->name);
	line_field(&l, "state", zone_state_name(v->state));
	line_number(&l, "since", v->since);
	line_field(&l, "why", v->why);
	line_number(&l, "asked", (long long)v->asked);
	line_number(&l, "listed", (long long)v->listed);
	for (int i = LOSS_NONE + 1; i < LOSS_COUNT; i++)
		if (v->lost[i] > 0)
			line_number(
			    &l, loss_name((enum loss)i), (long long)v->lost[i]);
	log_line(LEVEL_INFO, &l);
}

void
dnsbl_log(const struct daemon *d)
{
	struct zone_view v;

	for (size_t i = 0; zones_view(d->zones, i, &v); i++)
		log_list(&v);
}

static json_t *
losses(const uint64_t *lost)
{
	json_t *o = json_object();

	for (int i = LOSS_NONE + 1; i < LOSS_COUNT; i++)
		if (lost[i] > 0)
			json_object_set_new(o, loss_name((enum loss)i),
			    json_integer((json_int_t)lost[i]));
	return o;
}

const char *
dnsbl_record(const struct daemon *d, struct arena *a)
{
	json_t *list = json_array();
	struct zone_view v;
	const char *copy;
	char *text;

	for (size_t i = 0; zones_view(d->zones, i, &v); i++)
		json_array_append_new(list,
		    json_pack("{s:s, s:s, s:I, s:s, s:I, s:I, s:o}", "zone",
			v.name, "state", zone_state_name(v.state), "since",
			(json_int_t)v.since, "why", text_as_utf8(a, v.why),
			"asked", (json_int_t)v.asked, "listed",
			(json_int_t)v.listed, "lost", losses(v.lost)));
	text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	copy = arena_strdup(a, text ? text : "[]");
	free(text);
	return copy;
}
