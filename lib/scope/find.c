/*
 * find - the scope of an address, or what Redis must be asked for it
 *
 * Who is asked for and lies in memory costs one look. All else is here: an
 * alias is followed, a scope is made anew under another configuration, and of
 * domains that cannot be ours Redis is not asked.
 */
#include "scope/scope.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "conf/conf.h"
#include "conf/lookup.h"
#include "conf/syntax.h"
#include "scope/keys.h"
#include "scope/memory.h"

extern const struct script script_scope;

/* Of a copy: when nobody tells of changes, and when somebody does. The second
 * is for what Redis does not tell of, as SWAPDB. */
enum { AGE_MS = 500, LASTS_MS = 5 * 60 * 1000 };

struct search {
	struct scopes_known *memory;
	struct arena *arena;
	struct conf *conf;
	uint64_t since_ms;
	struct question *question; /* when seek() has found none */
};

/* -- asking -- */

static bool
is_young(const struct scopes_known *k, const struct known *e, uint64_t since_ms)
{
	if (!e->told && e->loss == LOSS_NONE)
		return false;
	if (e->asked_ms >= since_ms)
		return true; /* whatever was changed meanwhile */
	if (e->changed)
		return false;
	return e->asked_ms + (memory_hears(k, e) ? LASTS_MS : AGE_MS) >=
	    since_ms;
}

static bool
is_good(const struct scopes_known *k, const struct known *e,
    const struct conf *conf, uint64_t since_ms)
{
	if (e->stray)
		return e->conf == conf;
	return is_young(k, e, since_ms) &&
	    (!e->domain || is_young(k, e->domain, since_ms));
}

/* The words end with what scope_learn() reads in them. Of a domain that is
 * known nothing is asked again. */
static void
ask(struct search *s, const char *address)
{
	const char *at = strrchr(address, '@'), *domain = at ? at + 1 : address;
	const struct known *known = at ? memory_get(s->memory, domain) : NULL;
	struct question *q = s->question;

	*q = (struct question){ .script = &script_scope, .read_only = true };
	if (!known || known->stray || !is_young(s->memory, known, s->since_ms))
		keys_all(q, s->arena, s->conf, domain);
	if (at)
		keys_all(q, s->arena, s->conf, address);
	keys_word(q, arena_strdup(s->arena, address));
	keys_number(q, s->arena, clock_ms(s->memory->clock));
	s->memory->counts.misses++;
}

/* Nobody said whose the domains are, or it may be ours. */
static bool
may_follow(const struct conf *conf, const char *address)
{
	return lookups_count(conf->local_domains) == 0 ||
	    scope_may_be_local(conf, address);
}

static bool
in_redis(const struct conf *conf, const char *address)
{
	const char *at = strrchr(address, '@');

	return !syntax_domain(at ? at + 1 : address) &&
	    may_follow(conf, address);
}

/* -- one address -- */

/* Of a domain that cannot be ours: Redis is not asked, the file holds. */
static struct known *
make_stray(struct search *s, const char *address)
{
	const char *at = strrchr(address, '@');
	struct known *domain = at ? make_stray(s, at + 1) : NULL;
	struct known *e = memory_get(s->memory, address);

	if (e && e->stray && e->conf == s->conf)
		return e;
	e = known_new(address);
	e->stray = true;
	known_make(e, domain, s->conf);
	memory_put(s->memory, e);
	return e;
}

/* NULL when its domain is not in memory any more, or what Redis says of it. */
static struct known *
make(struct search *s, struct known *e)
{
	struct known *domain = NULL;

	if (e->conf == s->conf)
		return e;
	if (e->scope.domain != e->address) {
		domain = memory_get(s->memory, e->scope.domain);
		if (!domain || domain->stray)
			return NULL;
		domain = make(s, domain);
	}
	e = memory_anew(s->memory, e);
	known_make(e, domain, s->conf);
	memory_weigh(s->memory, e);
	return e;
}

/* NULL when there is a question. */
static struct known *
seek(struct search *s, const char *address)
{
	struct known *e = memory_get(s->memory, address);

	if (e && is_good(s->memory, e, s->conf, s->since_ms) &&
	    (e = make(s, e)))
		return e;
	if (!in_redis(s->conf, address))
		return make_stray(s, address);
	ask(s, address);
	return NULL;
}

/* -- aliases -- */

static bool
is_strange(const struct conf *conf, const struct scope *at)
{
	return !at->local && at->loss == LOSS_NONE &&
	    lookups_count(conf->local_domains) > 0;
}

/* The address that this one leads to, NULL when it leads nowhere. */
static const char *
next(const struct search *s, const struct known *e)
{
	const struct scope *at = &e->scope;

	return at->target_count == 1 && may_follow(s->conf, at->targets[0])
	    ? at->targets[0]
	    : NULL;
}

/* Where the scope of `e` is; itself when it goes around in circles. NULL when
 * there is a question. */
static struct known *
follow(struct search *s, struct known *e)
{
	struct known *end = e, *found;
	const char *address;

	for (int hops = 0; (address = next(s, end)); hops++) {
		if (hops == SCOPE_HOPS)
			return e;
		found = seek(s, address);
		if (!found)
			return NULL;
		if (is_strange(s->conf, &found->scope))
			break;
		end = found;
	}
	return end;
}

/* The same with the scope of `end`. */
static struct known *
lead(struct search *s, struct known *e, struct known *end)
{
	struct known *domain = known_ref(e->domain);
	const bool itself = end == e, stray = e->stray;

	e = memory_anew(s->memory, e);
	e->stray = stray;
	known_make(e, domain, s->conf);
	known_unref(domain);
	if (!itself)
		known_lead(e, end);
	memory_weigh(s->memory, e);
	return e;
}

static void
release(void *e)
{
	known_unref(e);
}

bool
scope_find(struct scopes_known *k, struct arena *a, struct conf *conf,
    const char *address, uint64_t since_ms, const struct scope **out,
    struct question *q)
{
	struct search s = { k, a, conf, since_ms, q };
	struct known *e, *end;

	if (!*address) {
		*out = scope_server(a, conf);
		return true;
	}
	e = seek(&s, address);
	end = e ? follow(&s, e) : NULL;
	if (!end)
		return false;
	if (end != (e->led ? e->led : e))
		e = lead(&s, e, end);
	memory_found(k, e, since_ms);
	if (e->led && e->led->in_memory)
		memory_found(k, e->led, since_ms);
	k->counts.hits++;
	k->counts.stale += e->stale || (e->led && e->led->stale);
	arena_defer(a, release, known_ref(e));
	memory_make_room(k);
	*out = &e->scope;
	return true;
}

bool
scope_is_strange(const struct scopes_known *k, struct conf *conf,
    const char *address, uint64_t since_ms)
{
	const char *at = strrchr(address, '@');
	const struct known *e = memory_get(k, at ? at + 1 : address);

	return e && e->conf == conf && is_good(k, e, conf, since_ms) &&
	    is_strange(conf, &e->scope);
}
