/*
 * meters - limits of a request, as meters with keys
 */
#include "checks/meters.h"

#include <string.h>

#include "base/arena.h"
#include "register/register.h"
#include "scope/scope.h"

/* Of one owner: what all its meters have in common. */
struct owner {
	enum rate_owner owner;
	const char *domain, *user; /* as rate_key() wants them */
	int64_t warn;
	struct word stem; /* of its keys; no text: not needed yet */
};

struct gathered {
	struct arena *arena;
	const char *prefix;
	unsigned count;
	struct meter *items; /* NULL while there are none */
};

static void
add(struct gathered *l, struct owner *o, enum rate_kind kind,
    const struct rates *rates)
{
	if (rates->count > 0 && !l->items)
		l->items = arena_take(l->arena, METERS * sizeof(*l->items));
	if (rates->count > 0 && !o->stem.text)
		o->stem = rate_stem(
		    l->arena, l->prefix, o->owner, o->domain, o->user);
	for (size_t i = 0; i < rates->count; i++)
		l->items[l->count++] = (struct meter){ .kind = kind,
			.owner = o->owner,
			.limit = rates->items[i],
			.warn = o->warn,
			.key = rate_key_of(
			    l->arena, o->stem, kind, rates->items[i].seconds) };
}

static void
add_all(struct gathered *l, struct owner *o, const struct rates *rates)
{
	for (int kind = 0; kind < RATE_KINDS; kind++)
		add(l, o, (enum rate_kind)kind, &rates[kind]);
}

/* A login without a domain has a mailbox all the same. */
static struct owner
mailbox_of(struct arena *a, const struct scope *s)
{
	const char *at = strrchr(s->mailbox, '@');

	return (struct owner){ OWNER_MAILBOX, at ? at + 1 : NULL,
		at ? arena_memdup(a, s->mailbox, (size_t)(at - s->mailbox))
		   : s->mailbox,
		s->set->rate.warn };
}

/* Where the domain has a limit, and that wins. */
static bool
is_overridden(const struct settings *set, const struct owner *mailbox, int kind)
{
	return kind < RATE_KINDS && mailbox->domain &&
	    set->rate.domain_limits == DOMAIN_OVERRIDES &&
	    set->rate.domain[kind].count > 0;
}

static void
add_login(struct gathered *l, const struct request *req)
{
	const struct settings *set = req->login_scope->set;
	const struct settings *server = req->sets[OF_SERVER];
	struct owner mailbox = mailbox_of(l->arena, req->login_scope);
	struct owner domain = { OWNER_DOMAIN, mailbox.domain, NULL,
		req->login_scope->domain_set->rate.warn };
	struct owner all = { OWNER_SERVER, NULL, NULL, server->rate.warn };

	for (int kind = 0; kind < RATE_METERS; kind++)
		if (!is_overridden(set, &mailbox, kind))
			add(l, &mailbox, (enum rate_kind)kind,
			    &set->rate.mailbox[kind]);
	if (mailbox.domain)
		add_all(l, &domain, set->rate.domain);
	add_all(l, &all, server->rate.server);
}

/* Without an address nobody knows who it is. */
static void
add_client(struct gathered *l, const struct request *req)
{
	const struct settings *server = req->sets[OF_SERVER];
	const bool trusted = req->class == TRUSTED;
	struct owner client = { trusted ? OWNER_TRUSTED : OWNER_INBOUND, NULL,
		NULL, server->rate.warn };

	if (req->client.family == 0)
		return;
	client.domain = register_client(l->arena, &req->client);
	add_all(
	    l, &client, trusted ? server->rate.trusted : server->rate.inbound);
}

static struct gathered
gather(struct arena *a, const struct request *req)
{
	return (struct gathered){ .arena = a, .prefix = req->conf->prefix };
}

static struct meters
done(const struct gathered *l)
{
	return (struct meters){ l->count, l->items };
}

struct meters
meters_of(struct arena *a, const struct request *req)
{
	struct gathered l = gather(a, req);

	if (req->class == AUTHENTICATED)
		add_login(&l, req);
	else
		add_client(&l, req);
	return done(&l);
}

struct meters
meters_of_login(struct arena *a, const struct request *req, enum rate_kind kind)
{
	const struct scope *s = req->login_scope;
	struct owner mailbox = mailbox_of(a, s);
	struct gathered l = gather(a, req);

	add(&l, &mailbox, kind, &s->set->rate.mailbox[kind]);
	return done(&l);
}

static size_t
keys_size(const struct meters *m)
{
	size_t size = 0;

	for (unsigned i = 0; i < m->count; i++)
		size += m->items[i].key.size + 1;
	return size;
}

/* Keys behind them, in one piece. */
struct meters
meters_copy(struct arena *a, const struct meters *m)
{
	struct meter *items = arena_take(
	    a, m->count * sizeof(*items) + keys_size(m));
	char *text = (char *)(items + m->count);

	for (unsigned i = 0; i < m->count; i++) {
		const struct word *key = &m->items[i].key;

		items[i] = m->items[i];
		items[i].key.text = text;
		memcpy(text, key->text, key->size);
		text[key->size] = '\0';
		text += key->size + 1;
	}
	return (struct meters){ m->count, items };
}

bool
meters_have(const struct meters *m, enum rate_kind kind)
{
	for (unsigned i = 0; i < m->count; i++)
		if (m->items[i].kind == kind)
			return true;
	return false;
}

bool
meters_sum(const struct meters *m, const struct amounts *n)
{
	for (unsigned i = 0; i < m->count; i++)
		if (n->of[m->items[i].kind] != 0)
			return true;
	return false;
}

bool
meters_count(const struct meters *m, const struct amounts *n)
{
	return meters_sum(m, n) || meters_have(m, RATE_REFUSED);
}
