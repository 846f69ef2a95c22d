/*
 * policyctl_verified - there and back
 */
#include "policyctl_verified.h"

#include <string.h>

#include "ask/dns/dns.h"
#include "ask/dns/words.h"
#include "base/address.h"
#include "base/arena.h"
#include "checks/identity.h"
#include "engine/request.h"
#include "policyctl.h"
#include "policyctl_redis.h"

enum { NAMES = 5 }; /* of one address that are tried */

struct lookup {
	struct ticket ticket;
	struct arena *arena;
	struct dns_message message;
	bool done;
};

static void
answered(struct ticket *ticket, const struct answer *answer)
{
	struct lookup *l = (struct lookup *)ticket; /* its first member */

	l->done = true;
	if (!dns_answer(l->arena, answer, &l->message))
		l->message.count = 0;
}

/* No records where nobody tells. */
static struct dns_message
look_up(struct ctl *ctl, struct door *d, struct dns *dns, enum dns_type type,
    const char *name)
{
	const struct question q = dns_question(ctl->arena, type, name);
	struct lookup l = { { answered }, .arena = ctl->arena };

	store_ask(dns_store(dns), &q, &l.ticket);
	while (!l.done)
		door_turn(d);
	return l.message;
}

static bool
leads_back(struct ctl *ctl, struct door *d, struct dns *dns,
    const struct address *client, const char *name)
{
	const struct dns_message m = look_up(
	    ctl, d, dns, client->family == 4 ? DNS_A : DNS_AAAA, name);

	for (size_t i = 0; i < m.count; i++)
		if (memcmp(m.records[i].data, client->bytes,
			m.records[i].size) == 0)
			return true;
	return false;
}

static const char *
search(struct ctl *ctl, struct door *d, struct dns *dns,
    const struct address *client)
{
	char reversed[ADDRESS_REVERSED];
	const struct dns_message m = look_up(ctl, d, dns, DNS_PTR,
	    arena_printf(ctl->arena, "%s.%s.arpa",
		address_reversed(client, reversed),
		client->family == 4 ? "in-addr" : "ip6"));

	for (size_t i = 0; i < m.count && i < NAMES; i++)
		if (leads_back(ctl, d, dns, client, m.records[i].data))
			return m.records[i].data;
	return NULL;
}

static void
note_closed(void *data)
{
	*(bool *)data = true;
}

const char *
verified_name(struct ctl *ctl, struct door *d, const struct address *client)
{
	struct dns *dns = dns_new(door_loop(d), door_clock(d), &ctl->conf->dns);
	const char *name = search(ctl, d, dns, client);
	bool closed = false;

	dns_free(dns, note_closed, &closed);
	while (!closed)
		door_turn(d);
	return name;
}

const char *
verified_organisation(
    struct ctl *ctl, const struct address *client, const char *name)
{
	const struct request req = {
		.arena = ctl->arena, .conf = ctl->conf, .client = *client
	};

	if (!name || ctl->conf->settings.greylist.identity < IDENTITY_NAME)
		return NULL;
	return identity_organisation(&req, name);
}
