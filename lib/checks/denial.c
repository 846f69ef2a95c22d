/*
 * denial - one question for two checks
 */
#include "checks/denial.h"

#include "scope/scope.h"

/* Most recipients have no list: that costs them a look, and no more. */
static __attribute__((noinline)) void
ask_lists(const struct request *req, struct questions *qs, unsigned slot)
{
	const struct question q = deny_read(
	    req->arena, req->conf, req->recipient_scope, req->sender);

	if (q.script)
		ask_script(qs, slot, q);
}

void
denial_ask(const struct request *req, const struct facts *facts,
    struct questions *qs, unsigned slot)
{
	const struct scope *s = req->recipient_scope;

	/* Bounces have no sender: nobody denies them. */
	if (*req->sender && (s->domain_denies || s->mailbox_denies) &&
	    facts_get(facts, slot)->state == UNASKED)
		ask_lists(req, qs, slot);
}

/* Nothing in Redis can change what a forced entry of the server says. */
static bool
is_final(const struct deny_match *m)
{
	return m->forced && m->level == LEVEL_SERVER;
}

static struct verdict
refuse(enum reply_name reply, const struct deny_match *m)
{
	static const char *const levels[] = { [LEVEL_SERVER] = "server",
		[LEVEL_DOMAIN] = "domain",
		[LEVEL_MAILBOX] = "mailbox" };
	struct verdict v = verdict_refuse(reply);

	verdict_text(&v, "entry", m->entry);
	verdict_text(&v, "level", levels[m->level]);
	if (m->since > 0)
		verdict_number(&v, "since", m->since);
	if (m->forced)
		verdict_text(&v, "forced", "yes");
	return v;
}

static __attribute__((noinline)) struct verdict
judge_lists(const struct denial *d, const struct request *req,
    const struct facts *facts)
{
	const struct scope *s = req->recipient_scope;
	const struct answer *a = facts_get(facts, d->slot);
	struct deny_match m = { .entry = NULL };
	bool found;

	found = deny_decide(req->arena, req->conf, s, req->sender,
	    a->state == KNOWN ? a : NULL, check_policy(d->check, req)->mode,
	    &m);
	if (!found || !is_final(&m)) {
		if (s->loss != LOSS_NONE)
			return verdict_lost(s->loss);
		if (a->state == LOST)
			return verdict_unknown(a);
	}
	if (!found || m.allow || m.level < d->widest || m.level > d->narrowest)
		return verdict_pass();
	return refuse(d->reply, &m);
}

struct verdict
denial_judge(const struct denial *d, const struct request *req,
    const struct facts *facts)
{
	const struct scope *s = req->recipient_scope;

	if (!*req->sender ||
	    (s->loss == LOSS_NONE && deny_is_empty(req->conf, s)))
		return verdict_pass();
	return judge_lists(d, req, facts);
}
