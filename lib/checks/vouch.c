/*
 * vouch - a search, or what the check spf has found
 */
#include "checks/vouch.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "checks/identity.h"
#include "checks/spf.h"
#include "checks/spf_search.h"

/* A shorter prefix is no network of a domain's own: the largest that anybody
 * was given are /8, and a few /19 or /20 of IPv6. */
enum { SHORTEST4 = 8, SHORTEST6 = 16 };

struct vouch {
	struct spf_search search;
	bool done;
	struct spf_verdict verdict;
};

struct vouch *
vouch_new(const struct request *req, unsigned slot)
{
	struct vouch *v = arena_alloc(req->arena, sizeof(*v));

	v->search.client = (struct spf_client){ req->client, req->helo_name,
		req->sender };
	v->search.names.slot = slot;
	return v;
}

void
vouch_ask(struct vouch *v, const struct request *req, const struct facts *facts,
    struct questions *qs)
{
	const struct spf_verdict *found;

	if (v->done || spf_found(facts, &found) || req->client.family == 0 ||
	    address_is_loopback(&req->client))
		return;
	v->done = spf_search(&v->search, req, facts, qs, NULL, &v->verdict);
}

/* Behind the slash, as in "ip4:192.0.2.0/24" and "mx/24//64"; NULL: the whole
 * address counts. */
static const char *
prefix_of(const char *term, unsigned family)
{
	const char *six = strstr(term, "//"), *slash;

	if (family == 6 && six)
		return six + 2;
	if (family == 6 && !strcasestr(term, "ip6:"))
		return NULL;
	slash = memrchr(term, '/', six ? (size_t)(six - term) : strlen(term));
	return slash ? slash + 1 : NULL;
}

static bool
is_everybody(const char *term, unsigned family)
{
	const char *prefix = prefix_of(term, family);

	return strcasecmp(term + (*term == '+'), "all") == 0 ||
	    (prefix &&
		strtol(prefix, NULL, 10) <
		    (family == 4 ? SHORTEST4 : SHORTEST6));
}

/* The terms that match are the one that lets pass and, when that is an include,
 * those of the records it leads to. */
static bool
names_client(const struct spf_verdict *v, unsigned family)
{
	if (v->result != SPF_PASS)
		return false;
	for (const struct spf_step *s = v->steps; s; s = s->next)
		if (strcmp(s->outcome, "match") == 0 &&
		    is_everybody(s->term, family))
			return false;
	return true;
}

const char *
vouch_domain(
    const struct vouch *v, const struct request *req, const struct facts *facts)
{
	const struct spf_verdict *verdict = NULL;

	if (!spf_found(facts, &verdict) && v && v->done)
		verdict = &v->verdict;
	if (!verdict || !names_client(verdict, req->client.family))
		return NULL;
	return *req->sender ? verdict->domain
			    : identity_organisation(req, verdict->domain);
}
