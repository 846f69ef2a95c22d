/*
 * policyctl_immune - loopback, trusted, allowed, and this host itself
 */
#include "policyctl_immune.h"

#include <string.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "conf/lookup.h"
#include "policyctl_shelf.h"

const char *
exempt_client(struct arena *a, const struct lists *l, const struct conf *conf,
    const struct address *client, const char *name, int64_t now)
{
	struct list_entry e;

	if (lookups_client(conf->trusted, client, name))
		return "it is trusted in the configuration";
	if (lookups_redis(conf->trusted) &&
	    lists_find(l, LIST_TRUSTED, client, name, now, &e))
		return arena_printf(a, "it is on the list of trusted ones (%s)",
		    list_entry_part(a, &e, ""));
	if (lookups_client(conf->allow_clients, client, name))
		return "allow.clients of the configuration has it";
	if (lists_find(l, LIST_ALLOW, client, name, now, &e))
		return arena_printf(a, "it is on the allow list (%s)",
		    list_entry_part(a, &e, ""));
	return NULL;
}

const char *
immune_client(struct arena *a, const struct lists *l, const struct conf *conf,
    const struct address *client, const char *name, int64_t now)
{
	const char *why;

	if (!lists_immune(l, conf, client, name, now))
		return NULL;
	if (address_is_loopback(client))
		return "it is a loopback address";
	why = exempt_client(a, l, conf, client, name, now);
	return why ? why : "it is an address of this host";
}

static bool
overlap(const struct network *a, const struct network *b)
{
	return network_has(a, &b->base) || network_has(b, &a->base);
}

const char *
immune_network(struct arena *a, const struct lists *l, const struct conf *conf,
    const struct network *n, int64_t now)
{
	static const char *const loopback[] = { "127.0.0.0/8", "::1" };
	struct network other;

	for (size_t i = 0; i < 2; i++)
		if (network_parse(&other, loopback[i]) && overlap(n, &other))
			return "loopback lies in it";
	for (size_t i = 0; i < lookups_count(conf->trusted); i++)
		if (network_parse(&other, lookups_item(conf->trusted, i)) &&
		    overlap(n, &other))
			return arena_printf(a,
			    "%s is trusted in the configuration",
			    lookups_item(conf->trusted, i));
	if (lists_own(l, n))
		return "an address of this host lies in it";
	return immune_client(a, l, conf, &n->base, "", now);
}

/* "192.0.2.*", "192.0.2" and "*" are networks, too. */
static bool
read_network(struct arena *a, const char *pattern, struct network *n)
{
	const size_t size = strlen(pattern);
	const bool star = size > 2 && strcmp(pattern + size - 2, ".*") == 0;
	const char *head = star ? arena_memdup(a, pattern, size - 2) : pattern;
	unsigned dots = 0;

	if (strcmp(pattern, "*") == 0)
		head = "0.0.0.0/0"; /* of two: also each IPv6 address */
	if (network_parse(n, head))
		return true;
	for (const char *p = head; *p; p++)
		dots += *p == '.';
	return dots <= 2 &&
	    network_parse(n,
		arena_printf(
		    a, "%s%s/%u", head, &".0.0.0"[2 * dots], 8 * (dots + 1)));
}

const char *
immune_subject(struct arena *a, const struct lists *l, const struct conf *conf,
    const struct subject *who, int64_t now)
{
	struct network n;

	if (who->client)
		return immune_client(a, l, conf, &who->address, "", now);
	if (read_network(a, who->name, &n))
		return immune_network(a, l, conf, &n, now);
	return NULL;
}
