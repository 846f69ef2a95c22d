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
#include "policyctl_waiting.h"
#include "register/lists.h"

/* Records on their way in. */
struct search {
	struct standing *found, *other;
	struct ctl *ctl;
	const struct address *client;
	const char *host;
	struct waiting mails;
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

static bool
take_record(void *data, const struct grey_record *r)
{
	struct search *s = data;

	if (is_still_greylisted(s, r))
		waiting_add(&s->mails, s->ctl->arena, r);
	return true;
}

/* The latest comes first. */
static void
add(struct standing *s, const struct grey_record *r)
{
	if (s->waiting++ == 0)
		s->latest = *r;
}

static void
sort_out(const struct search *s)
{
	for (size_t i = 0; i < s->mails.count; i++) {
		const struct mail *m = &s->mails.mails[i];
		const bool found = !strcmp(
		    m->record.identity, s->found->identity.name);

		if (!m->let_in)
			add(found ? s->found : s->other, &m->record);
	}
}

bool
standings_fetch(struct standing *s, struct standing *other, struct ctl *ctl,
    struct door *d, struct lists *lists, const struct address *client,
    const char *host)
{
	const struct selection wanted = { .identity = s->identity.name,
		.other = other->identity.name,
		.state = GREY_FRESH,
		.optional = true };
	struct search search = { s, other, ctl, client, host, { 0 } };

	if (!identity_fetch(ctl, d, &s->identity) ||
	    (wanted.other && !identity_fetch(ctl, d, &other->identity)))
		return false;
	s->searched = grey_walk(ctl, d, &wanted, take_record, &search);
	other->searched = s->searched && wanted.other;
	if (search.mails.count > 0 && !door_trouble(d))
		waiting_ask(
		    &search.mails, ctl, d, lists_ref(lists), client, host);
	sort_out(&search);
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
