/*
 * spoof - who sends from our domains is one of us
 *
 * Strangers must log in for that (33); trusted clients too, unless they are
 * privileged; this host itself never. And nobody sends as a mailbox that is
 * disabled (34): the client hears the same then, but the log knows better.
 */
#include "checks/checks.h"

#include "checks/ours.h"
#include "checks/shut.h"
#include "register/account.h"
#include "scope/scope.h"

enum { REGISTER }; /* our one question */

static const char *const names[] = {
	[SPOOF_ANYONE] = "anyone",
	[SPOOF_AUTHENTICATED] = "authenticated",
	[SPOOF_PRIVILEGED] = "privileged",
};

/* As far as is known, and `lost` when it is not. A sender without "@" is a
 * domain here, whole. */
static bool
is_ours(const struct request *req, bool *lost)
{
	const struct scope *s = req->sender_scope;

	*lost = *req->sender && !s->local && s->loss != LOSS_NONE &&
	    scope_may_be_local(req->conf, s->domain);
	return *req->sender && s->local;
}

static void
ask(const struct request *req, const struct facts *facts, struct questions *qs)
{
	const struct scope *s = req->sender_scope;
	bool lost;

	if (is_ours(req, &lost) && *s->user &&
	    s->set->account.state != ACCOUNT_DISABLED &&
	    facts_get(facts, REGISTER)->state == UNASKED)
		shut_ask(req, qs, REGISTER, s->mailbox);
}

static bool
may_spoof(const struct request *req)
{
	switch (req->sender_scope->set->spoof.who) {
	case SPOOF_ANYONE:
		return true;
	case SPOOF_PRIVILEGED:
		return req->class == TRUSTED || ours_client(req);
	case SPOOF_AUTHENTICATED:
		break;
	}
	return ours_client(req);
}

static bool
is_disabled(
    const struct request *req, const struct answer *a, struct verdict *v)
{
	const struct scope *s = req->sender_scope;
	struct account_state is;

	*v = verdict_refuse(REPLY_SENDER_DISABLED);
	if (s->set->account.state == ACCOUNT_DISABLED)
		shut_by_settings(v, req, s);
	else if (account_state(a, &is) && is.disabled)
		shut_by_register(v, s->mailbox, a);
	else
		return false;
	return true;
}

static struct verdict
refuse(const struct scope *sender)
{
	struct verdict v = verdict_refuse(REPLY_SPOOF);

	verdict_text(&v, "domain", sender->domain);
	verdict_text(&v, "who", names[sender->set->spoof.who]);
	return v;
}

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	const struct answer *a = facts_get(facts, REGISTER);
	const struct scope *sender = req->sender_scope;
	struct verdict v;
	bool lost;

	if (!is_ours(req, &lost))
		return lost ? verdict_lost(sender->loss) : verdict_pass();
	if (is_disabled(req, a, &v))
		return v;
	if (!may_spoof(req))
		return refuse(sender);
	if (sender->loss != LOSS_NONE)
		return verdict_lost(sender->loss);
	return a->state == LOST ? verdict_unknown(a) : verdict_pass();
}

const struct check check_spoof = {
	.name = "spoof",
	.stages = AT_MAIL | AT_RCPT,
	.classes = INBOUND | TRUSTED,
	.tier = TIER_REGISTERS,
	.whose = OF_SENDER,
	.policy = offsetof(struct settings, spoof.policy),
	.ask = ask,
	.judge = judge,
};
