/*
 * shut - one question, and names for what is known
 */
#include "checks/shut.h"

#include "base/text.h"
#include "register/account.h"
#include "scope/scope.h"

void
shut_ask(const struct request *req, struct questions *qs, unsigned slot,
    const char *login)
{
	ask_once(qs, slot,
	    account_read(req->arena, req->conf, text_lower(req->arena, login),
		&req->client));
}

/* Who said so: the widest of them. */
static const char *
scope_name(const struct request *req, const struct scope *s)
{
	const enum account_word state = s->set->account.state;

	if (state == req->sets[OF_SERVER]->account.state)
		return "server";
	return state == s->domain_set->account.state ? "domain" : "mailbox";
}

void
shut_by_settings(
    struct verdict *v, const struct request *req, const struct scope *s)
{
	verdict_text(v, "mailbox", s->mailbox);
	verdict_text(v, "state",
	    s->set->account.state == ACCOUNT_DENIED ? "denied" : "disabled");
	verdict_text(v, "scope", scope_name(req, s));
}

static void
tell(struct verdict *v, const char *name, const char *text)
{
	if (*text)
		verdict_text(v, name, text);
}

void
shut_by_register(struct verdict *v, const char *mailbox, const struct answer *a)
{
	verdict_text(v, "mailbox", mailbox);
	verdict_text(v, "state", "disabled");
	tell(v, "by", account_by(a));
	tell(v, "reason", account_reason(a));
}
