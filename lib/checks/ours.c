/*
 * ours - tables first, then what Redis could not add to them
 */
#include "checks/ours.h"

#include <string.h>

#include "conf/lookup.h"
#include "register/lists.h"
#include "scope/scope.h"

enum ours
ours_domain(const struct request *req)
{
	const struct scope *s = req->recipient_scope;

	if (!*s->domain || lookups_count(req->conf->local_domains) == 0)
		return OURS_UNTOLD;
	if (s->local)
		return OURS_YES;
	return s->loss != LOSS_NONE && scope_may_be_local(req->conf, s->domain)
	    ? OURS_LOST
	    : OURS_NO;
}

/* A scope has no extension; "jo+shop@" may stand in a table where "jo@" does
 * not. */
static bool
is_listed(const struct request *req)
{
	return lookups_key(req->conf->mailboxes, req->recipient) ||
	    lookups_key(req->conf->aliases, req->recipient);
}

/* RFC 5321, section 4.5.1: wherever there is mail, there is a postmaster. */
static bool
exists(const struct request *req)
{
	const struct scope *s = req->recipient_scope;

	return s->known || s->domain_set->mailbox.catch_all ||
	    strcmp(s->user, "postmaster") == 0 || is_listed(req);
}

enum ours
ours_address(const struct request *req)
{
	const struct scope *s = req->recipient_scope;
	const enum ours domain = ours_domain(req);

	if (domain != OURS_YES)
		return domain;
	if (exists(req))
		return OURS_YES;
	if (lookups_count(req->conf->mailboxes) == 0)
		return OURS_UNTOLD;
	return s->loss != LOSS_NONE ? OURS_LOST : OURS_NO;
}

bool
ours_client(const struct request *req)
{
	const struct network client = network_of(&req->client, 128);

	return req->client.family != 0 &&
	    (address_is_loopback(&req->client) ||
		lists_own(req->lists, &client));
}
