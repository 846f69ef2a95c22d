/*
 * identity - a domain, an organisation, a network
 */
#include "checks/identity.h"

#include <string.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/suffix.h"
#include "base/text.h"
#include "checks/generic.h"
#include "engine/request.h"

const char *
identity_by(enum greylist_identity by)
{
	static const char *const names[] = { "network", "name", "spf" };

	return names[by];
}

const char *
identity_organisation(const struct request *req, const char *host)
{
	const char *name = text_lower(req->arena, host);
	const char *organisation = suffixes_organisation(
	    req->conf->suffixes, req->arena, name);

	if (!organisation || generic_name(name, organisation, &req->client))
		return NULL;
	return organisation;
}

struct identity
identity_network(const struct request *req)
{
	const int64_t bits = req->client.family == 4
	    ? req->set->greylist.ipv4_bits
	    : req->set->greylist.ipv6_bits;
	const char *name = "unknown";
	struct network net;

	if (req->client.family != 0) {
		net = network_of(&req->client, (unsigned)bits);
		name = network_text(&net, arena_take(req->arena, NETWORK_TEXT));
	}
	return (struct identity){ name, IDENTITY_NETWORK };
}

struct identity
identity_of(const struct request *req, const char *domain)
{
	const enum greylist_identity best = req->set->greylist.identity;
	const char *organisation;

	if (best >= IDENTITY_SPF && domain)
		return (struct identity){ domain, IDENTITY_SPF };
	organisation = best >= IDENTITY_NAME
	    ? identity_organisation(req, req->client_name)
	    : NULL;
	if (organisation)
		return (struct identity){ organisation, IDENTITY_NAME };
	return identity_network(req);
}
