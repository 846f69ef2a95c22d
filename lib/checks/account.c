/*
 * account - whose mailbox is closed does not send
 *
 * A login that the register has as locked or disabled is turned away by Dovecot
 * where its auth policy asks us; this is for those that were logged in before,
 * for servers where nobody asks, and for what settings say. Who may not log in
 * (denied) and who is locked for a while is told one thing, who is disabled
 * altogether, or is of a domain that is, another.
 */
#include "checks/checks.h"

#include "checks/evidence.h"
#include "checks/shut.h"
#include "register/account.h"
#include "scope/scope.h"

enum { REGISTER }; /* our one question */

static bool
is_open(const struct request *req)
{
	return req->login_scope->set->account.state == ACCOUNT_ENABLED;
}

static void
ask(const struct request *req, const struct facts *facts, struct questions *qs)
{
	if (is_open(req) && facts_get(facts, REGISTER)->state == UNASKED)
		shut_ask(req, qs, REGISTER, req->sasl_username);
}

static struct verdict
by_settings(const struct request *req)
{
	const struct scope *login = req->login_scope;
	struct verdict v = verdict_refuse(
	    login->set->account.state == ACCOUNT_DENIED
		? REPLY_ACCOUNT_DENIED
		: REPLY_ACCOUNT_DISABLED);

	shut_by_settings(&v, req, login);
	return v;
}

static struct verdict
locked(const struct request *req, int64_t until)
{
	struct verdict v = verdict_refuse(REPLY_ACCOUNT_DENIED);

	verdict_text(&v, "mailbox", req->sasl_username);
	verdict_text(&v, "state", "locked");
	evidence_until(&v, req, until);
	return v;
}

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	const struct answer *a = facts_get(facts, REGISTER);
	struct account_state is;
	struct verdict v;

	if (!is_open(req))
		return by_settings(req);
	if (!account_state(a, &is))
		return verdict_unknown(a);
	if (is.disabled) {
		v = verdict_refuse(REPLY_ACCOUNT_DISABLED);
		shut_by_register(&v, req->sasl_username, a);
		return v;
	}
	if (is.locked_until > 0 && req->conf->account.lockout > 0)
		return locked(req, is.locked_until);
	return req->login_scope->loss == LOSS_NONE
	    ? verdict_pass()
	    : verdict_lost(req->login_scope->loss);
}

const struct check check_account = {
	.name = "account",
	.stages = AT_MAIL | AT_RCPT,
	.classes = AUTHENTICATED,
	.tier = TIER_REGISTERS,
	.whose = OF_LOGIN,
	.policy = offsetof(struct settings, account.policy),
	.ask = ask,
	.judge = judge,
};
