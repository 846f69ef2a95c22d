/*
 * policyctl_identity - known: and fresh: of the greylist
 */
#include "policyctl_identity.h"

#include <inttypes.h>
#include <stdio.h>

#include "ask/key.h"
#include "base/arena.h"
#include "conf/conf.h"
#include "policyctl.h"
#include "policyctl_grey.h"
#include "policyctl_out.h"
#include "policyctl_paper.h"
#include "policyctl_redis.h"

static void
alone(struct ctl *ctl, struct order *o, const char *command, const char *name,
    const char *identity)
{
	struct arena *a = ctl->arena;

	order_words(o, command,
	    key_make(a, ctl->conf->prefix, name, identity, NULL, 0).text, NULL);
}

bool
identity_fetch(struct ctl *ctl, struct door *d, struct identity *i)
{
	enum { KNOWN_VALUE, KNOWN_TTL, FRESH_VALUE, ORDERS };
	struct order o[ORDERS] = { 0 };
	const char *known, *fresh;
	const int64_t needed = ctl->conf->settings.greylist.known_after;

	alone(ctl, &o[KNOWN_VALUE], "GET", "known", i->name);
	alone(ctl, &o[KNOWN_TTL], "TTL", "known", i->name);
	alone(ctl, &o[FRESH_VALUE], "GET", "fresh", i->name);
	if (!door_ask(d, ctl->arena, o, ORDERS))
		return false;
	known = o[KNOWN_VALUE].reply.text;
	fresh = o[FRESH_VALUE].reply.text;
	i->known = grey_number(known, "passes", &i->passes) &&
	    grey_number(known, "since", &i->since) &&
	    grey_number(known, "last", &i->last);
	i->proven = i->known && needed > 0 && i->passes >= needed;
	i->ttl = o[KNOWN_TTL].reply.number;
	i->counted = grey_number(fresh, "count", &i->fresh) &&
	    grey_number(fresh, "since", &i->hour);
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
