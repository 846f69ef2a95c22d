/*
 * identity - the client's network
 */
#include "checks/identity.h"

#include "base/address.h"
#include "base/arena.h"
#include "conf/conf.h"
#include "engine/request.h"

const char *
identity_of(const struct request *req)
{
	const int64_t bits = req->client.family == 4
	    ? req->set->greylist.ipv4_bits
	    : req->set->greylist.ipv6_bits;
	struct network net;

	if (req->client.family == 0)
		return "unknown";
	net = network_of(&req->client, (unsigned)bits);
	return network_text(&net, arena_take(req->arena, NETWORK_TEXT));
}
