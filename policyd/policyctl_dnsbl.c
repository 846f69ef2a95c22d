/*
 * policyctl_dnsbl - from JSON to lines
 */
#include "policyctl_dnsbl.h"

#include <string.h>

#include "base/text.h"
#include "dnsbl/zones.h"
#include "policyctl_health.h"
#include "policyctl_out.h"

const char dnsbl_field[] = "dnsbl";

json_t *
dnsbl_of(const struct node *fields)
{
	json_t *lists = NULL;

	for (size_t k = 0; !lists && k + 1 < fields->count; k += 2)
		if (strcmp(fields->items[k].text, dnsbl_field) == 0)
			lists = json_loads(fields->items[k + 1].text, 0, NULL);
	if (json_is_array(lists))
		return lists;
	json_decref(lists); /* somebody else's idea of one */
	return json_array();
}

static void
add(struct line *l, const char *name, json_t *value)
{
	const char *key;
	json_t *inner;

	if (json_is_string(value))
		line_field(l, name, json_string_value(value));
	else if (json_is_integer(value))
		line_number(l, name, json_integer_value(value));
	else if (json_is_object(value))
		json_object_foreach(value, key, inner)
		{
			if (json_is_integer(inner))
				line_number(l, key, json_integer_value(inner));
		}
}

void
dnsbl_line(struct line *l, json_t *list)
{
	const char *key;
	json_t *value;

	line_clear(l);
	json_object_foreach(list, key, value)
	{
		add(l, key, value);
	}
}

json_t *
dnsbl_own(const struct zones *zones)
{
	json_t *lists = json_array();
	struct zone_view v;

	for (size_t i = 0; zones_view(zones, i, &v); i++)
		json_array_append_new(lists,
		    json_pack("{s:s, s:s, s:o}", "zone", v.name, "state",
			zone_state_name(v.state), "why", out_json_text(v.why)));
	return lists;
}
