/*
 * own - what getifaddrs(3) tells
 */
#include "register/own.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#include "base/address.h"
#include "base/arena.h"

struct own {
	size_t count;
	struct network *list;
};

/* False for what has no IP address. */
static bool
read_address(struct address *a, const struct sockaddr *sa)
{
	char text[ADDRESS_TEXT];
	const void *bytes;

	if (!sa || (sa->sa_family != AF_INET && sa->sa_family != AF_INET6))
		return false;
	bytes = sa->sa_family == AF_INET
	    ? (const void *)&((const struct sockaddr_in *)sa)->sin_addr
	    : (const void *)&((const struct sockaddr_in6 *)sa)->sin6_addr;
	return inet_ntop(sa->sa_family, bytes, text, sizeof(text)) &&
	    address_parse(a, text);
}

const struct own *
own_addresses(struct arena *a)
{
	struct own *own = arena_alloc(a, sizeof(*own));
	struct ifaddrs *all, *i;
	struct address address;
	size_t room = 0;

	if (getifaddrs(&all) < 0)
		return own; /* nobody is us, then */
	for (i = all; i; i = i->ifa_next)
		room++;
	own->list = arena_alloc(a, room * sizeof(*own->list) + 1);
	for (i = all; i; i = i->ifa_next)
		if (read_address(&address, i->ifa_addr))
			own->list[own->count++] = network_of(
			    &address, address_client_bits(&address));
	freeifaddrs(all);
	return own;
}

bool
own_meets(const struct own *own, const struct network *n)
{
	for (size_t i = 0; i < own->count; i++)
		if (network_has(&own->list[i], &n->base) ||
		    network_has(n, &own->list[i].base))
			return true;
	return false;
}
