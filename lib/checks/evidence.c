/*
 * evidence - one question, and names for what came back
 */
#include "checks/evidence.h"

#include <string.h>

extern const struct script script_client;

/* What is kept about spam is kept for domains too. */
static const char *
domain_of(const struct request *req)
{
	const char *at = strrchr(req->recipient, '@');

	return at ? at + 1 : "";
}

void
evidence_ask(const struct request *req, const struct facts *facts,
    struct questions *qs, unsigned slot)
{
	if (facts_get(facts, slot)->state == UNASKED &&
	    req->client.family != 0 && !ask_shared(qs, slot, &script_client))
		ask_once(qs, slot,
		    register_read(
			req->arena, req->conf, &req->client, domain_of(req)));
}

bool
evidence_of(const struct request *req, const struct facts *facts, unsigned slot,
    struct register_entry *e, struct verdict *v)
{
	const struct answer *a = facts_get(facts, slot);

	*v = verdict_pass();
	memset(e, 0, sizeof(*e));
	if (req->client.family == 0)
		return true;
	if (register_entry(a, e) && a->state == KNOWN)
		return true;
	*v = verdict_unknown(a);
	return false;
}

void
evidence_identity(struct verdict *v, const struct request *req)
{
	if (req->client.family != 0)
		verdict_text(
		    v, "identity", register_client(req->arena, &req->client));
}

void
evidence_until(struct verdict *v, const struct request *req, int64_t until)
{
	if (until == FOREVER) {
		verdict_text(v, "until", "permanent");
		return;
	}
	verdict_number(v, "until", until);
	verdict_number(
	    v, "wait", until > req->unix_time ? until - req->unix_time : 0);
}

static void
part(struct verdict *v, const struct request *req, const struct list_entry *e,
    const char *detail, const char *name)
{
	const char *text = list_entry_part(req->arena, e, name);

	if (*text)
		verdict_text(v, detail, text);
}

void
evidence_entry(
    struct verdict *v, const struct request *req, const struct list_entry *e)
{
	part(v, req, e, "entry", "");
	if (e->since > 0)
		verdict_number(v, "since", e->since);
	evidence_until(v, req, e->until > 0 ? e->until : FOREVER);
	part(v, req, e, "by", "by=");
	part(v, req, e, "reason", "reason=");
}
