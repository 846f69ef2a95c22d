/*
 * dnsbl_search - names, answers, weights
 */
#include "checks/dnsbl_search.h"

#include <string.h>

#include "ask/dns/words.h"
#include "base/address.h"
#include "base/arena.h"
#include "base/text.h"
#include "checks/ours.h"
#include "scope/scope.h"

enum { WHY = 200 }; /* bytes of a text */

/* -- names -- */

/* NULL for what is no domain: of one word, as nobody's is, or an address. No
 * top-level domain is a number. */
static const char *
domain_of(struct arena *a, const char *text)
{
	const char *name = dns_name(a, text), *last = strrchr(name, '.');

	return last && dns_is_name(name) &&
		last[1 + strspn(last + 1, "0123456789")] != '\0' && *name != '['
	    ? name
	    : NULL;
}

static const char *
sender_domain(const struct request *req)
{
	const char *at = strrchr(req->sender, '@');

	return at && !req->sender_scope->local ? domain_of(req->arena, at + 1)
					       : NULL;
}

/* "NAME.ZONE" */
static const char *
below(struct arena *a, const char *name, const char *zone)
{
	const size_t size = strlen(name), rest = strlen(zone) + 1;
	char *out = arena_take(a, size + 1 + rest);

	memcpy(out, name, size);
	out[size] = '.';
	memcpy(out + size + 1, zone, rest);
	return out;
}

/* One that was built already, or a new one. NULL: it is no name that can be
 * asked for. */
static const struct dnsbl_name *
name_for(struct dnsbl_search *s, struct arena *a, enum dnsbl_by by,
    const char *what, const struct dnsbl *list)
{
	struct dnsbl_name *n = s->names;

	for (; n < s->names + s->name_count; n++)
		if (n->by == by && strcmp(n->zone, list->zone) == 0)
			return n;
	n->name = below(a, what, list->zone);
	n->zone = list->zone;
	n->by = by;
	n->domain = by == BY_CLIENT ? NULL : what;
	if (!dns_is_name(n->name))
		return NULL;
	s->name_count++;
	return n;
}

/* `what` NULL: there is nothing to look for. */
static void
add(struct dnsbl_search *s, struct arena *a, enum dnsbl_by by, const char *what,
    const struct dnsbls *lists)
{
	for (size_t i = 0; what && i < lists->count; i++) {
		const struct dnsbl *list = &lists->items[i];
		const struct dnsbl_name *name = name_for(s, a, by, what, list);

		if (name)
			s->items[s->item_count++] =
			    (struct dnsbl_item){ .list = list, .of = name };
	}
}

struct dnsbl_search *
dnsbl_search_of(const struct request *req)
{
	const struct settings *server = &req->conf->settings;
	const struct dnsbls *clients = &server->dnsbl.clients;
	const struct dnsbls *helos = &server->dnsbl.helos;
	const struct dnsbls *senders = &server->dnsbl.senders;
	const size_t most = clients->count + helos->count + senders->count;
	struct arena *a = req->arena;
	struct dnsbl_search *s = arena_alloc(a, sizeof(*s));

	s->names = arena_alloc(a, (most + 1) * sizeof(*s->names));
	s->items = arena_alloc(a, (most + 1) * sizeof(*s->items));
	if (ours_client(req))
		return s;
	if (!address_is_private(&req->client))
		add(s, a, BY_CLIENT,
		    address_reversed(
			&req->client, arena_alloc(a, ADDRESS_REVERSED)),
		    clients);
	if (helos->count > 0)
		add(s, a, BY_HELO, domain_of(a, req->helo_name), helos);
	if (senders->count > 0)
		add(s, a, BY_SENDER, sender_domain(req), senders);
	return s;
}

/* -- questions: one for each name, and behind these one for each text -- */

static void
ask(struct questions *qs, const struct dnsbl_name *n, unsigned slot,
    enum dns_type type)
{
	struct question q = dns_question(questions_arena(qs), type, n->name);

	q.zone = n->zone;
	ask_once(qs, slot, q);
}

void
dnsbl_search_ask(const struct dnsbl_search *s, struct questions *qs)
{
	for (unsigned i = 0; i < s->name_count; i++)
		ask(qs, &s->names[i], i, DNS_A);
}

static unsigned
why_slot(const struct dnsbl_search *s, const struct dnsbl_item *item)
{
	return (unsigned)(s->name_count + (size_t)(item->of - s->names));
}

void
dnsbl_search_ask_why(const struct dnsbl_search *s, struct questions *qs)
{
	for (size_t i = 0; i < s->item_count; i++)
		if (dnsbl_lists(&s->items[i]))
			ask(qs, s->items[i].of, why_slot(s, &s->items[i]),
			    DNS_TXT);
}

/* -- answers -- */

/* What a list in its right mind has not said is not believed at all. */
static bool
is_sound(const struct dns_message *m, bool one)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->records[i].size != DNSBL_OCTETS ||
		    !dnsbl_sane((const unsigned char *)m->records[i].data, one))
			return false;
	return true;
}

/* Whether an item about it says that 127.0.0.1 is an answer. */
static bool
one_is_sound(const struct dnsbl_search *s, const struct dnsbl_name *n)
{
	for (size_t i = 0; i < s->item_count; i++)
		if (s->items[i].of == n && s->items[i].list->one)
			return true;
	return false;
}

/* NULL: it is lost. */
static const struct dns_message *
message(struct dnsbl_search *s, struct arena *a, const struct dnsbl_name *n,
    const struct answer *answer)
{
	struct dns_message *m = arena_alloc(a, sizeof(*m));

	if (dns_answer(a, answer, m) && is_sound(m, one_is_sound(s, n)))
		return m;
	s->lost++;
	s->loss = answer->state == KNOWN ? LOSS_SHAPE
	    : answer->state == LOST      ? answer->loss
					 : LOSS_TIMEOUT; /* too late to ask */
	return NULL;
}

static const char *
first_counting(
    struct arena *a, const struct dnsbl *list, const struct dns_message *m)
{
	for (size_t i = 0; i < m->count; i++) {
		const char *data = m->records[i].data;
		struct address answer = { .family = 4 };

		if (!dnsbl_counts(list, (const unsigned char *)data))
			continue;
		memcpy(answer.bytes, data, DNSBL_OCTETS);
		return address_text(&answer, arena_take(a, ADDRESS_TEXT));
	}
	return NULL;
}

static void
weigh(struct dnsbl_search *s, struct arena *a, struct dnsbl_item *item,
    const struct dns_message *m)
{
	const int64_t weight = item->list->weight;

	item->answer = m ? first_counting(a, item->list, m) : NULL;
	if (item->answer)
		s->score += weight;
	else if (!m && weight > 0)
		s->more += weight;
	else if (!m)
		s->less += weight;
}

void
dnsbl_search_weigh(
    struct dnsbl_search *s, struct arena *a, const struct facts *facts)
{
	s->score = s->more = s->less = 0;
	s->lost = 0;
	for (unsigned i = 0; i < s->name_count; i++) {
		const struct dns_message *m = message(
		    s, a, &s->names[i], facts_get(facts, i));

		for (size_t j = 0; j < s->item_count; j++)
			if (s->items[j].of == &s->names[i])
				weigh(s, a, &s->items[j], m);
	}
}

const char *
dnsbl_search_why(
    const struct dnsbl_search *s, struct arena *a, const struct facts *facts)
{
	for (size_t i = 0; i < s->item_count; i++) {
		const struct dnsbl_item *item = &s->items[i];
		struct dns_message m;

		if (dnsbl_lists(item) &&
		    dns_answer(a, facts_get(facts, why_slot(s, item)), &m) &&
		    m.count > 0 && m.records[0].size > 0)
			return arena_memdup(a, m.records[0].data,
			    m.records[0].size < WHY ? m.records[0].size : WHY);
	}
	return NULL;
}
