/*
 * policyctl_standing - the count and the latest of an identity's fresh records
 */
#include "policyctl_standing.h"

#include <string.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "conf/lookup.h"
#include "policyctl.h"
#include "policyctl_greylist.h"
#include "policyctl_out.h"
#include "policyctl_paper.h"
#include "policyctl_redis.h"

/* Records on their way in. */
struct search {
	struct standing *found, *other;
	struct ctl *ctl;
	const struct address *client;
	const char *host;
};

/* The configuration may have changed since it was put off. */
static bool
is_still_greylisted(const struct search *s, const struct grey_record *r)
{
	const struct settings *set = r->set;

	return set->greylist.policy.mode == MODE_ENFORCE &&
	    !lookups_client(set->greylist.allow_clients, s->client, s->host) &&
	    !(r->sender &&
		lookups_address(set->greylist.allow_senders, r->sender)) &&
	    !(r->recipient &&
		lookups_address(set->greylist.allow_recipients, r->recipient));
}

static void
keep(struct grey_record *to, struct arena *a, const struct grey_record *r)
{
	*to = *r;
	to->key = arena_strdup(a, r->key);
	to->identity = arena_strdup(a, r->identity);
	to->sender = r->sender ? arena_strdup(a, r->sender) : NULL;
	to->recipient = r->recipient ? arena_strdup(a, r->recipient) : NULL;
	to->set = NULL;
}

static bool
take_record(void *data, const struct grey_record *r)
{
	const struct search *s = data;
	struct standing *found = s->found;

	if (!is_still_greylisted(s, r))
		return true;
	if (strcmp(r->identity, found->identity.name) != 0)
		found = s->other;
	if (found->waiting++ == 0 || r->last > found->latest.last)
		keep(&found->latest, s->ctl->arena, r);
	return true;
}

bool
standings_fetch(struct standing *s, struct standing *other, struct ctl *ctl,
    struct door *d, const struct address *client, const char *host)
{
	const struct selection wanted = { .identity = s->identity.name,
		.other = other->identity.name,
		.state = GREY_FRESH,
		.optional = true };
	struct search search = { s, other, ctl, client, host };

	if (!identity_fetch(ctl, d, &s->identity) ||
	    (wanted.other && !identity_fetch(ctl, d, &other->identity)))
		return false;
	s->searched = grey_walk(ctl, d, &wanted, take_record, &search);
	other->searched = s->searched && wanted.other;
	return door_trouble(d) == NULL;
}

void
standing_print(const struct standing *s, int64_t now)
{
	struct arena *a;

	if (!s->identity.name)
		return;
	identity_print(&s->identity, now);
	if (s->waiting == 0)
		return;
	a = arena_new();
	paper_line("waiting",
	    arena_printf(a,
		"%zu: policyctl greylist list --identity %s "
		"--state fresh",
		s->waiting, paper_shell(a, s->identity.name)));
	record_print(&s->latest, now);
	arena_release(a);
}

static json_t *
waiting_json(const struct standing *s, int64_t now)
{
	if (!s->searched)
		return json_null();
	return json_pack("{s:I, s:o}", "count", (json_int_t)s->waiting,
	    "latest", s->waiting ? record_json(&s->latest, now) : json_null());
}

json_t *
standing_json(const struct standing *s, int64_t now)
{
	if (!s->identity.name)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o}", "identity",
	    out_json_text(s->identity.name), "known",
	    identity_known_json(&s->identity, now), "fresh",
	    identity_fresh_json(&s->identity), "waiting", waiting_json(s, now));
}

const struct grey_record *
standing_later(const struct standing *s, const struct standing *other)
{
	const struct standing *later = s;

	if (s->waiting == 0 ||
	    (other->waiting > 0 && other->latest.last > s->latest.last))
		later = other;
	return later->waiting > 0 ? &later->latest : NULL;
}
