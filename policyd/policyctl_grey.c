/*
 * policyctl_grey - walking over greylist records
 */
#include "policyctl_grey.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ask/key.h"
#include "base/arena.h"
#include "base/idn.h"
#include "base/text.h"
#include "checks/sender.h"
#include "conf/conf.h"
#include "policyctl.h"
#include "policyctl_holder.h"
#include "policyctl_key.h"
#include "policyctl_redis.h"
#include "policyctl_scan.h"
#include "scope/scope.h"

bool
grey_number(const char *value, const char *name, int64_t *number)
{
	const size_t size = strlen(name);
	char *end;

	for (const char *p = value; p; p = strchr(p, ' ')) {
		p += *p == ' ';
		if (strncmp(p, name, size) != 0 || p[size] != '=')
			continue;
		*number = strtoll(p + size + 1, &end, 10);
		return end > p + size + 1 && (*end == ' ' || *end == '\0');
	}
	return false;
}

static const char *
domain_identity(struct arena *a, const char *text)
{
	const char *ascii = idn_ascii(a, text);

	return text_lower(a, ascii ? ascii : text);
}

const char *
grey_identity(struct ctl *ctl, const char *text)
{
	const struct settings *set = &ctl->conf->settings;
	char *out = arena_alloc(ctl->arena, NETWORK_TEXT);
	struct address address;
	struct network network;

	if (address_parse(&address, text))
		network = network_of(&address,
		    (unsigned)(address.family == 4 ? set->greylist.ipv4_bits
						   : set->greylist.ipv6_bits));
	else if (!network_parse(&network, text))
		return domain_identity(ctl->arena, text);
	return network_text(&network, out);
}

/* Whose records are meant: an address, or all addresses of a domain. */
struct who {
	const char *component; /* as it stands in a key; NULL: anybody */
	const char *domain; /* "@domain"; NULL: `component` alone */
};

struct walk {
	struct ctl *ctl;
	struct door *door;
	const struct selection *wanted;
	struct who sender, recipient;
};

/* "example.org" and "@example.org" are domains; all else is an address. */
static const char *
domain_of(struct arena *a, const char *text)
{
	if (!*text || !strcmp(text, "<>") || strchr(text + 1, '@'))
		return NULL;
	return arena_printf(a, "@%s", text + (*text == '@'));
}

static struct who
sender_of(struct arena *a, const char *text)
{
	if (!text)
		return (struct who){ 0 };
	return (struct who){ key_component(a, sender_canonical(a, text)),
		domain_of(a, text) };
}

static struct who
recipient_of(struct arena *a, const char *text)
{
	if (!text)
		return (struct who){ 0 };
	return (struct who){ key_component(a, text), domain_of(a, text) };
}

static bool
who_is(const struct who *w, struct arena *a, const char *part)
{
	const size_t size = part ? strlen(part) : 0;
	const size_t tail = w->domain ? strlen(w->domain) : 0;

	if (!w->component)
		return true;
	if (!part)
		return false;
	if (w->domain)
		return size >= tail &&
		    !strcasecmp(part + size - tail, w->domain);
	return !strcmp(key_component(a, part), w->component);
}

bool
grey_means(const struct selection *s, const char *identity)
{
	struct network n;

	if (s->identity && strcmp(s->identity, identity) != 0 &&
	    !(s->other && strcmp(s->other, identity) == 0))
		return false;
	if (!s->by_network)
		return true;
	return network_parse(&n, identity) && n.bits >= s->network.bits &&
	    network_has(&s->network, &n.base);
}

/* By its key alone: what is not wanted need not be fetched. */
static bool
named_right(const struct walk *w, struct arena *a, struct grey_record *r)
{
	struct key_parts k;

	if (!key_split(&k, a, w->ctl->conf->prefix, r->key) ||
	    strcmp(k.name, "grey") != 0 || !k.tag)
		return false;
	r->identity = k.tag;
	r->sender = k.parts[0];
	r->recipient = k.parts[1];
	return grey_means(w->wanted, r->identity) &&
	    who_is(&w->sender, a, r->sender) &&
	    who_is(&w->recipient, a, r->recipient);
}

static void
read_record(
    struct grey_record *r, const struct node *value, const struct node *ttl)
{
	const char *text = value->kind == NODE_TEXT ? value->text : NULL;

	r->ttl = ttl->number;
	r->readable = grey_number(text, "first", &r->first) &&
	    grey_number(text, "last", &r->last) &&
	    grey_number(text, "tries", &r->tries) &&
	    grey_number(text, "passed", &r->passed);
}

static bool
state_is(enum grey_state wanted, const struct grey_record *r)
{
	if (wanted == GREY_ANY)
		return true;
	return r->readable && (r->passed > 0) == (wanted == GREY_PASSED);
}

/* As policyd would find them, for those that wait. False without Redis. */
static bool
find_settings(const struct walk *w, struct arena *a,
    struct grey_record *records, size_t count)
{
	struct grey_record **fresh = arena_alloc(a, count * sizeof(*fresh));
	const char **names = arena_alloc(a, count * sizeof(*names));
	const struct scope **scopes = arena_alloc(a, count * sizeof(*scopes));
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		struct grey_record *r = &records[i];
		const bool named = r->recipient && strchr(r->recipient, '@');

		if (!state_is(GREY_FRESH, r))
			continue;
		names[n] = named ? scope_address(a, r->recipient, "") : "";
		fresh[n++] = r;
	}
	if (n == 0)
		return true;
	holder_scopes(w->ctl, w->door, a, names, scopes, n);
	for (size_t i = 0; i < n; i++) {
		fresh[i]->set = scopes[i]->set;
		fresh[i]->may_pass = fresh[i]->first +
		    scopes[i]->set->greylist.delay;
	}
	return door_trouble(w->door) == NULL;
}

/* Fetches the values of a page's records and tells of them. */
static bool
tell_page(const struct walk *w, struct arena *a, struct grey_record *records,
    size_t count, grey_told *told, void *data)
{
	struct order *orders = arena_alloc(a, 2 * count * sizeof(*orders));

	for (size_t i = 0; i < count; i++) {
		order_words(&orders[2 * i], "GET", records[i].key, NULL);
		order_words(&orders[2 * i + 1], "TTL", records[i].key, NULL);
	}
	if (!door_ask(w->door, a, orders, 2 * count))
		return false;
	for (size_t i = 0; i < count; i++)
		read_record(&records[i], &orders[2 * i].reply,
		    &orders[2 * i + 1].reply);
	if (!find_settings(w, a, records, count))
		return false;
	for (size_t i = 0; i < count; i++)
		if (records[i].ttl != -2 && /* it has expired meanwhile */
		    state_is(w->wanted->state, &records[i]) &&
		    !told(data, &records[i]))
			return false;
	return true;
}

static bool
walk_page(const struct walk *w, struct arena *a, const struct node *keys,
    grey_told *told, void *data)
{
	struct grey_record *records = arena_alloc(
	    a, keys->count * sizeof(*records));
	size_t count = 0;

	for (size_t i = 0; i < keys->count; i++) {
		records[count].key = keys->items[i].text;
		if (named_right(w, a, &records[count]))
			count++;
	}
	return tell_page(w, a, records, count, told, data);
}

static const char *
key_of(struct ctl *ctl, const char *identity)
{
	return key_make(
	    ctl->arena, ctl->conf->prefix, "grey", identity, NULL, 0)
	    .text;
}

static const char *
pattern_of(struct ctl *ctl, const struct selection *s)
{
	struct arena *a = ctl->arena;

	if (!s->identity)
		return key_pattern(
		    a, arena_printf(a, "%sgrey:{", ctl->conf->prefix));
	if (s->other)
		return key_pattern_of_two(
		    a, key_of(ctl, s->identity), key_of(ctl, s->other));
	return key_pattern(a, key_of(ctl, s->identity));
}

bool
grey_walk(struct ctl *ctl, struct door *d, const struct selection *s,
    grey_told *told, void *data)
{
	const struct walk w = { .ctl = ctl,
		.door = d,
		.wanted = s,
		.sender = sender_of(ctl->arena, s->sender),
		.recipient = recipient_of(ctl->arena, s->recipient) };
	struct scan scan;
	bool more = true;

	scan_start(&scan, d, pattern_of(ctl, s));
	scan.optional = s->optional;
	while (more) {
		struct arena *page = arena_new();
		struct node keys;

		more = scan_next(&scan, page, &keys) &&
		    walk_page(&w, page, &keys, told, data);
		arena_release(page);
	}
	scan_end(&scan);
	return door_trouble(d) == NULL && (scan.cursor || scan.whole);
}
