/*
 * known - layers laid over each other
 *
 * Addresses without settings of their own, which are nearly all, share those of
 * their domain or of the server: a hundred thousand of them are in memory.
 */
#include "scope/known.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "conf/lookup.h"

_Static_assert(offsetof(struct known, scope.target_count) <= KNOWN_LOOK,
    "what each look touches");

/* An address without a user is a domain. The text is the address, and behind
 * its NUL the user. */
struct known *
known_new(const char *address)
{
	const size_t size = strlen(address);
	const char *at = strrchr(address, '@');
	const size_t user = at ? (size_t)(at - address) : 0;
	struct known *e = xmalloc(sizeof(*e) + size + 1 + user + 1);

	*e = (struct known){ .references = 1 };
	memcpy(e->address, address, size + 1);
	memcpy(e->address + size + 1, address, user);
	e->address[size + 1 + user] = '\0';
	e->scope.address = e->address;
	e->scope.user = e->address + size + 1;
	e->scope.domain = at ? e->address + user + 1 : e->address;
	return e;
}

struct known *
known_copy(const struct known *e)
{
	struct known *copy = known_new(e->address);

	copy->asked_ms = e->asked_ms;
	copy->told = e->told;
	copy->there = e->there;
	copy->denies = e->denies;
	copy->stale = e->stale;
	copy->changed = e->changed;
	copy->lasts = e->lasts;
	copy->loss = e->loss;
	copy->used = e->used;
	copy->said = said_ref(e->said);
	return copy;
}

struct known *
known_ref(struct known *e)
{
	e->references++;
	return e;
}

void
known_unref(struct known *e)
{
	if (!e || --e->references > 0)
		return;
	known_unmake(e);
	said_unref(e->said);
	free(e);
}

void
known_unmake(struct known *e)
{
	arena_release(e->arena);
	known_unref(e->domain);
	known_unref(e->led);
	conf_unref(e->conf);
	e->arena = NULL;
	e->domain = e->led = NULL;
	e->conf = NULL;
	e->stray = false;
}

size_t
known_size(const struct known *e)
{
	size_t size = sizeof(*e) + strlen(e->address) + strlen(e->scope.user);

	if (e->arena)
		size += arena_size(e->arena);
	if (e->said)
		size += arena_size(e->said->arena);
	return size;
}

/* -- making -- */

static struct arena *
own_arena(struct known *e)
{
	if (!e->arena)
		e->arena = arena_new_small();
	return e->arena;
}

/* The layers of one level over what holds around it. */
static const struct settings *
lay(struct known *e, const struct layer *const own[2],
    const struct settings *wider)
{
	struct settings *set;

	if (!own[0] && !own[1])
		return wider;
	set = (void *)arena_memdup(own_arena(e), wider, sizeof(*wider));
	for (int i = 0; i < 2; i++)
		if (own[i])
			layer_apply(own[i], set);
	return set;
}

/* "user@domain", or "@domain" for all of them. */
static const char *
find_address(const struct lookups *l, const struct scope *s)
{
	const char *found = lookups_key(l, s->address);

	return found || s->domain == s->address ? found
						: lookups_key(l, s->domain - 1);
}

static struct targets
find_targets(struct known *e)
{
	const struct lookups *aliases = e->conf->aliases;
	const char *text;

	if (e->said && e->said->targets.count > 0 && lookups_redis(aliases))
		return e->said->targets;
	text = find_address(aliases, &e->scope);
	return text ? alias_targets(own_arena(e), e->address, text)
		    : (struct targets){ 0 };
}

static void
make_known(struct known *e)
{
	const struct lookups *mailboxes = e->conf->mailboxes;
	const struct targets targets = find_targets(e);
	struct scope *s = &e->scope;

	s->targets = targets.items;
	s->target_count = targets.count;
	s->is_alias = targets.count > 0;
	s->known = s->is_alias || (e->there && lookups_redis(mailboxes)) ||
	    find_address(mailboxes, s);
}

static void
make_domain(struct known *e)
{
	const struct conf *conf = e->conf;
	struct scope *s = &e->scope;

	s->layers[0] = layer_of_domain(conf, s->domain);
	s->layers[1] = e->said ? e->said->layer : NULL;
	s->set = s->domain_set = lay(e, s->layers, &conf->settings);
	s->local = (e->there && lookups_redis(conf->local_domains)) ||
	    lookups_domain(conf->local_domains, s->domain);
	s->domain_denies = e->denies;
	s->loss = e->loss;
}

static void
make_mailbox(struct known *e)
{
	const struct scope *d = &e->domain->scope;
	struct scope *s = &e->scope;

	s->layers[0] = d->layers[0];
	s->layers[1] = d->layers[1];
	s->layers[2] = layer_of_mailbox(e->conf, s->address);
	s->layers[3] = e->said ? e->said->layer : NULL;
	s->domain_set = d->set;
	s->set = lay(e, s->layers + 2, d->set);
	s->local = d->local;
	s->domain_denies = d->domain_denies;
	s->mailbox_denies = e->denies;
	s->loss = e->loss != LOSS_NONE ? e->loss : d->loss;
	make_known(e);
}

void
known_make(struct known *e, struct known *domain, struct conf *conf)
{
	struct scope *s = &e->scope;

	*s = (struct scope){ .address = s->address,
		.user = s->user,
		.domain = s->domain,
		.mailbox = s->address };
	e->conf = conf_ref(conf);
	if (domain) {
		e->domain = known_ref(domain);
		make_mailbox(e);
	} else {
		make_domain(e);
	}
}

void
known_lead(struct known *e, struct known *end)
{
	const struct scope *to = &end->scope;
	struct scope *s = &e->scope;

	e->led = known_ref(end);
	s->mailbox = to->mailbox;
	s->set = to->set;
	s->domain_set = to->domain_set;
	memcpy(s->layers, to->layers, sizeof(s->layers));
	s->domain_denies = to->domain_denies;
	s->mailbox_denies = to->mailbox_denies;
	s->loss = to->loss;
}
