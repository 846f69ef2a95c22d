/*
 * scoping - what holds for the addresses of a request, before the tiers
 *
 * Whether a check is asked at all may be for a mailbox to say. Its scope is
 * mostly in memory. When Redis must be asked for it, the checks that go by the
 * server's settings alone are asked in the same turn of the loop: their
 * registers come back with it, and the tier that wants them need not wait.
 */
#include "engine/work.h"

#include <string.h>

#include "base/arena.h"
#include "scope/scope.h"

/* A strange domain's mailboxes are nothing to us; but whoever has logged in may
 * be known by other names. */
static bool
sender_may_be_ours(const struct request *r)
{
	return r->class == AUTHENTICATED ||
	    scope_may_be_local(r->conf, r->sender);
}

/* Postfix puts a domain of its own behind one that has none ($myorigin), and
 * tells nobody which. */
static const char *
recipient_of(const struct request *r)
{
	return strchr(r->recipient, '@') ? r->recipient : "";
}

/* Where there is no address the server's settings hold: most requests have two
 * such, which share them. */
static void
do_without(struct work *w, struct wanted *wanted)
{
	if (!w->server)
		w->server = scope_server(w->req->arena, w->req->conf);
	wanted->address = "";
	wanted->scope = w->server;
}

static void
want(struct work *w, enum whose whose, const char *address)
{
	struct wanted *wanted = &w->wanted[whose];
	struct request *r = w->req;

	if (!*address) {
		do_without(w, wanted);
		return;
	}
	wanted->address = scope_address(
	    r->arena, address, whose == OF_LOGIN ? r->conf->realm : "");
	wanted->number = scope_expect(w->engine->scopes, wanted->address);
}

void
work_expect(struct work *w)
{
	const struct request *r = w->req;

	w->scoping_ms = clock_ms(w->engine->clock);
	want(w, OF_RECIPIENT, recipient_of(r));
	want(w, OF_LOGIN, r->sasl_username);
	want(w, OF_SENDER, sender_may_be_ours(r) ? r->sender : "");
}

void
work_expect_more(struct work *w)
{
	for (int i = 0; i < ADDRESSES; i++)
		if (!w->wanted[i].scope)
			scope_expect_more(
			    w->engine->scopes, w->wanted[i].number);
}

/* Of most domains that write to us one sender in half a second is looked up:
 * then they are known to be none of ours. */
static bool
is_stranger_from_afar(const struct work *w)
{
	return w->req->class != AUTHENTICATED &&
	    scope_is_strange(w->engine->scopes, w->req->conf,
		w->wanted[OF_SENDER].address, w->scoping_ms);
}

/* What is wanted of one address; false when Redis must be asked first. */
static bool
find(struct work *w, struct wanted *wanted)
{
	struct engine *e = w->engine;
	struct request *r = w->req;
	struct question q;

	if (wanted->asked && wanted->asked->answer->state == PENDING)
		return false;
	if (wanted->asked)
		scope_learn(
		    e->scopes, wanted->asked->question, wanted->asked->answer);
	wanted->asked = NULL;
	while (!scope_find(e->scopes, r->arena, r->conf, wanted->address,
	    w->scoping_ms, &wanted->scope, &q)) {
		if (!w->late) {
			wanted->question = question_copy(r->arena, &q);
			return false;
		}
		scope_learn(e->scopes, &q, &late_answer);
	}
	return true;
}

static bool
find_all(struct work *w)
{
	bool all = true;

	for (int i = 0; i < ADDRESSES; i++)
		if (!w->wanted[i].scope && !find(w, &w->wanted[i]))
			all = false;
	return all;
}

static void
ask_all(struct work *w)
{
	for (int i = 0; i < ADDRESSES; i++) {
		struct wanted *wanted = &w->wanted[i];

		if (wanted->question)
			wanted->asked = work_ask(w, wanted->question);
		wanted->question = NULL;
	}
}

/* A question that is asked here is not asked again by its tier. */
static void
ask_meanwhile(struct work *w)
{
	const struct choice *all = choice_of(w->engine, w->req);

	for (unsigned i = 0; i < all->count; i++) {
		const struct check *c = all->parts[i].check;
		struct facts *f;

		if (c->whose != OF_SERVER || c->tier != TIER_REGISTERS ||
		    !c->ask || !check_applies(c, w->req))
			continue;
		f = arena_take(w->req->arena, sizeof(*f));
		*f = all->parts[i];
		f->work = w;
		facts_ask(f);
	}
}

static void
settle_settings(struct work *w)
{
	struct request *r = w->req;

	r->recipient_scope = w->wanted[OF_RECIPIENT].scope;
	r->login_scope = w->wanted[OF_LOGIN].scope;
	r->sender_scope = w->wanted[OF_SENDER].scope;
	for (int i = 0; i < ADDRESSES; i++)
		r->sets[i] = w->wanted[i].scope->set;
	r->set = r->sets[r->class == AUTHENTICATED ? OF_LOGIN : OF_RECIPIENT];
}

/* By a check that goes by the server's settings and by what is in memory, and
 * stands before all that a scope could let refuse: who is on the access list
 * costs Redis nothing. But who explains wants to know of the others, too, and
 * what somebody is refused who has logged in may be counted by his mailbox. */
static bool
refused_anyway(struct work *w)
{
	struct request *r = w->req;
	struct facts nothing = { .work = w };

	if (w->explained || r->class == AUTHENTICATED)
		return false;
	for (size_t i = 0; i < w->engine->check_count; i++) {
		const struct check *c = w->engine->checks[i];

		if (c->tier != TIER_LOCAL || !(c->stages & r->stage) ||
		    !(c->classes & r->class))
			continue;
		if (c->whose != OF_SERVER || c->ask || c->settle)
			return false;
		if (check_applies(c, r) &&
		    check_policy(c, r)->mode == MODE_ENFORCE &&
		    c->judge(r, &nothing).kind == VERDICT_REFUSE)
			return true;
	}
	return false;
}

static void
do_without_the_rest(struct work *w)
{
	for (int i = 0; i < ADDRESSES; i++)
		if (!w->wanted[i].scope)
			do_without(w, &w->wanted[i]);
}

bool
work_scoped(struct work *w)
{
	const bool again = w->sought;

	if (w->scoped)
		return true;
	w->sought = true;
	if (!again && !w->wanted[OF_SENDER].scope && is_stranger_from_afar(w))
		do_without(w, &w->wanted[OF_SENDER]);
	if (!find_all(w)) {
		if (again || !refused_anyway(w)) {
			ask_all(w);
			if (!again)
				ask_meanwhile(w);
			return false;
		}
		do_without_the_rest(w);
	}
	settle_settings(w);
	w->scoped = true;
	work_choose(w);
	return true;
}
