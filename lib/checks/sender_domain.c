/*
 * sender_domain - a sender must be of a domain that can be written back to
 *
 * It has an MX record, or an address (RFC 5321, 5.1); one that says it takes no
 * mail (RFC 7505) sends none either. That the DNS does not answer says nothing
 * about a domain.
 */
#include "checks/checks.h"

#include <string.h>

#include "base/arena.h"
#include "checks/names.h"
#include "scope/scope.h"

enum found { YES, NO, TAKES_NONE, LOST_IT, NOT_YET };

struct plan {
	const char *domain; /* NULL: nothing to find out */
	struct names names;
};

/* The domain that is to be looked for: none of a bounce, none of ours, none
 * that is an address, which the check `address` is for. One that cannot be
 * asked for, as no name of the DNS looks like it, does not exist. */
static const char *
domain_of(const struct request *req)
{
	const char *at = strrchr(req->sender, '@');

	if (!at || !at[1] || at[1] == '[' || req->sender_scope->local)
		return NULL;
	return dns_name(req->arena, at + 1);
}

static enum found
found_as(const struct dns_message *m)
{
	if (!m)
		return NOT_YET;
	if (m->outcome == DNS_FAILED)
		return LOST_IT;
	return m->outcome == DNS_FOUND ? YES : NO;
}

/* Either address is enough. */
static enum found
either(enum found a, enum found b)
{
	if (a == YES || b == YES)
		return YES;
	if (a == NOT_YET || b == NOT_YET)
		return NOT_YET;
	return a == LOST_IT || b == LOST_IT ? LOST_IT : NO;
}

struct search {
	const struct request *req;
	const struct facts *facts;
	struct plan *plan;
	struct questions *qs; /* NULL: nothing more can be asked */
};

static const struct dns_message *
look(struct search *s, enum dns_type type)
{
	struct names *names = &s->plan->names;

	if (s->qs)
		names_ask(names, s->qs, type, s->plan->domain);
	return names_get(names, s->req->arena, s->facts, type, s->plan->domain);
}

static enum found
search(struct search *s)
{
	const struct dns_message *mx = look(s, DNS_MX);
	const struct dns_message *a, *aaaa;
	enum found found = found_as(mx);

	if (found == YES && mx->count == 1 && mx->records[0].size == 0)
		return TAKES_NONE;
	if (found != NO || mx->outcome == DNS_NO_NAME ||
	    s->req->set->sender_domain.require == REQUIRE_MX)
		return found;
	a = look(s, DNS_A);
	aaaa = look(s, DNS_AAAA);
	return either(found_as(a), found_as(aaaa));
}

static void
ask(const struct request *req, const struct facts *facts, struct questions *qs)
{
	struct plan *plan = (struct plan *)facts_left(facts);
	struct search s = { req, facts, plan, qs };

	if (!plan) {
		plan = arena_alloc(req->arena, sizeof(*plan));
		plan->domain = domain_of(req);
		facts_leave(qs, plan);
		s.plan = plan;
	}
	if (plan->domain)
		search(&s);
}

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	struct plan *plan = (struct plan *)facts_left(facts);
	struct search s = { req, facts, plan, NULL };
	struct verdict v = verdict_pass();

	if (!plan->domain)
		return v;
	switch (search(&s)) {
	case NO:
		v = verdict_refuse(REPLY_SENDER_DOMAIN);
		break;
	case TAKES_NONE:
		v = verdict_refuse(REPLY_NULL_MX);
		break;
	case LOST_IT:
		v = verdict_not_found_out(plan->names.loss);
		break;
	case NOT_YET: /* there was no time to ask */
		v = verdict_not_found_out(LOSS_TIMEOUT);
		break;
	case YES:
		return v;
	}
	if (v.kind == VERDICT_REFUSE && req->sender_scope->loss != LOSS_NONE)
		v = verdict_lost(req->sender_scope->loss); /* it may be ours */
	verdict_text(&v, "domain", plan->domain);
	return v;
}

const struct check check_sender_domain = {
	.name = "sender_domain",
	.stages = AT_MAIL | AT_RCPT,
	.classes = INBOUND,
	.tier = TIER_DNS,
	.flags = SKIPS_ALLOWED,
	.whose = OF_SERVER,
	.policy = offsetof(struct settings, sender_domain.policy),
	.ask = ask,
	.judge = judge,
};
