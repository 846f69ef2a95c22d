/*
 * policyctl_identity - known: of the greylist
 */
#include "policyctl_identity.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "ask/key.h"
#include "base/arena.h"
#include "conf/conf.h"
#include "policyctl.h"
#include "policyctl_grey.h"
#include "policyctl_out.h"
#include "policyctl_paper.h"
#include "policyctl_redis.h"

enum { HOUR = 3600 };

static void
known(
    struct ctl *ctl, struct order *o, const char *command, const char *identity)
{
	struct arena *a = ctl->arena;

	order_words(o, command,
	    key_make(a, ctl->conf->prefix, "known", identity, NULL, 0).text,
	    NULL);
}

bool
identity_fetch(struct ctl *ctl, struct door *d, struct identity *i)
{
	enum { VALUE, TTL, ORDERS };
	struct order o[ORDERS] = { 0 };
	const char *value;
	const int64_t needed = ctl->conf->settings.greylist.known_after;

	known(ctl, &o[VALUE], "GET", i->name);
	known(ctl, &o[TTL], "TTL", i->name);
	if (!door_ask(d, ctl->arena, o, ORDERS))
		return false;
	value = o[VALUE].reply.text;
	i->known = grey_number(value, "passes", &i->passes) &&
	    grey_number(value, "since", &i->since) &&
	    grey_number(value, "last", &i->last);
	i->proven = i->known && needed > 0 && i->passes >= needed;
	i->ttl = o[TTL].reply.number;
	i->counted = grey_number(value, "fresh", &i->fresh) &&
	    grey_number(value, "hour", &i->hour) && time(NULL) - i->hour < HOUR;
	return true;
}

json_t *
identity_known_json(const struct identity *i, int64_t now)
{
	if (!i->known)
		return json_null();
	return json_pack("{s:b, s:I, s:I, s:I, s:o}", "proven", i->proven,
	    "passes", (json_int_t)i->passes, "since", (json_int_t)i->since,
	    "last", (json_int_t)i->last, "expires",
	    out_json_number(i->ttl >= 0, now + i->ttl));
}

json_t *
identity_fresh_json(const struct identity *i)
{
	if (!i->counted)
		return json_null();
	return json_pack("{s:I, s:I}", "count", (json_int_t)i->fresh, "since",
	    (json_int_t)i->hour);
}

void
identity_print(const struct identity *i, int64_t now)
{
	struct arena *a = arena_new();

	printf("identity ");
	out_text(stdout, i->name);
	putchar('\n');
	if (i->known) {
		paper_line("passes",
		    arena_printf(a, "%" PRId64 "%s", i->passes,
			i->proven ? ", known" : ", not known yet"));
		paper_line("since", out_moment(a, i->since, now));
		paper_line("last", out_moment(a, i->last, now));
		paper_line("expires",
		    i->ttl < 0 ? "never" : out_moment(a, now + i->ttl, now));
	} else {
		paper_line("passes", "none");
	}
	if (i->counted)
		paper_line("new",
		    arena_printf(a, "%" PRId64 " since %s", i->fresh,
			out_moment(a, i->hour, now)));
	arena_release(a);
}
