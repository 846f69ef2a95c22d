/*
 * policyctl_rate_who - who pays: as a person names him, and as a key does
 */
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/text.h"
#include "conf/conf.h"
#include "conf/syntax.h"
#include "policyctl.h"
#include "policyctl_holder.h"
#include "policyctl_key.h"
#include "policyctl_rate.h"
#include "policyctl_rate_terms.h"
#include "register/register.h"
#include "scope/scope.h"

static const char no_domain[] = "(none)";

/* -- names -- */

/* Of a mailbox the parts of its key, and how it is called. */
static void
name_mailbox(struct arena *a, struct payer *p, const char *mailbox)
{
	const char *at = strrchr(mailbox, '@');

	p->domain = at ? at + 1 : NULL;
	p->user = at ? arena_memdup(a, mailbox, (size_t)(at - mailbox))
		     : mailbox;
	p->name = at ? mailbox : arena_printf(a, "%s@%s", mailbox, no_domain);
}

/* Without a dot it would be a login. */
const char *
domain_name(struct arena *a, const char *domain)
{
	return strchr(domain, '.') ? domain : arena_printf(a, "@%s", domain);
}

static void
name_domain(struct arena *a, struct payer *p, const char *domain)
{
	p->domain = p->address = domain;
	p->name = domain_name(a, domain);
}

static void
name_client(struct arena *a, struct payer *p, const struct address *client)
{
	p->client = *client;
	p->domain = p->name = register_client(a, client);
	p->address = "";
}

static void
name_server(struct payer *p)
{
	p->name = "server";
	p->address = "";
}

/* -- as a person does -- */

static int
read_domain(struct arena *a, const char *text, struct payer *out)
{
	const char *domain = scope_address(a, text, "");
	const char *wrong = syntax_domain(domain);

	out->owner = OWNER_DOMAIN;
	name_domain(a, out, domain);
	return wrong ? fail(EX_USAGE, "'%s' %s", text, wrong) : EX_OK;
}

void
payer_login(struct ctl *ctl, const char *text, struct payer *out)
{
	struct arena *a = ctl->arena;
	const char *at = strrchr(text, '@');
	const bool nowhere = at && !strcmp(at + 1, no_domain);

	*out = (struct payer){ .owner = OWNER_MAILBOX };
	out->address = nowhere
	    ? text_lower(a, arena_memdup(a, text, (size_t)(at - text)))
	    : scope_address(a, text, ctl->conf->realm);
	name_mailbox(a, out, out->address);
}

static bool
read_client(struct arena *a, const char *text, struct payer *out)
{
	struct address client;

	if (!address_parse(&client, text) &&
	    !register_client_parse(text_lower(a, text), &client))
		return false;
	out->owner = OWNER_INBOUND;
	name_client(a, out, &client);
	return true;
}

int
payer_read(struct ctl *ctl, const char *text, struct payer *out)
{
	struct arena *a = ctl->arena;
	struct network n;

	*out = (struct payer){ 0 };
	if (!*text)
		return fail(EX_USAGE, "rate: '' is nobody");
	if (!strcmp(text, "server")) {
		out->owner = OWNER_SERVER;
		name_server(out);
		return EX_OK;
	}
	if (read_client(a, text, out))
		return EX_OK;
	if (network_parse(&n, text))
		return fail(EX_USAGE,
		    "'%s' is a network: meters are of single clients", text);
	if (*text == '@')
		return read_domain(a, text + 1, out);
	if (!strchr(text, '@') && strchr(text, '.'))
		return read_domain(a, text, out);
	payer_login(ctl, text, out);
	return EX_OK;
}

/* -- as a key does -- */

static bool
is_digits(const char *text)
{
	return *text && text[strspn(text, "0123456789")] == '\0';
}

/* A login has the part before the meter, a client says what it was. */
static void
read_owner(struct arena *a, const char *tag, const char *part, struct payer *p)
{
	struct address client;

	for (int o = OWNER_INBOUND; o <= OWNER_TRUSTED; o++)
		if (!strcmp(part, rate_owner_name((enum rate_owner)o)) &&
		    register_client_parse(tag, &client)) {
			p->owner = (enum rate_owner)o;
			name_client(a, p, &client);
			return;
		}
	p->owner = OWNER_MAILBOX;
	p->address = !strcmp(tag, no_domain)
	    ? part
	    : arena_printf(a, "%s@%s", part, tag);
	name_mailbox(a, p, p->address);
}

static void
read_whole(struct arena *a, const char *tag, struct payer *p)
{
	if (!strcmp(tag, "(server)")) {
		p->owner = OWNER_SERVER;
		name_server(p);
	} else {
		p->owner = OWNER_DOMAIN;
		name_domain(a, p, tag);
	}
}

/* Half a window of networks has a key of its own. */
static size_t
parts_of(const struct key_parts *k)
{
	const bool half = k->count > 1 && is_digits(k->parts[k->count - 1]) &&
	    !strncmp(k->parts[k->count - 2], "networks/", 9);

	return k->count - half;
}

/* What policyd would call this meter is its key, and nothing else is. */
bool
payer_of_key(const struct ctl *ctl, struct arena *a, const char *key,
    struct payer *p, struct meter *m)
{
	struct key_parts k;
	struct meter_wish w;
	size_t count;

	*p = (struct payer){ 0 };
	if (!key_split(&k, a, ctl->conf->prefix, key) || !k.tag ||
	    strcmp(k.name, "rate") != 0)
		return false;
	count = parts_of(&k);
	if (!*k.tag || count < 1 || count > 2 || !*k.parts[0] ||
	    !meter_wish_parse(&w, k.parts[count - 1]) || !w.by_window)
		return false;
	if (count == 2)
		read_owner(a, k.tag, k.parts[0], p);
	else
		read_whole(a, k.tag, p);
	*m = (struct meter){ .kind = w.kind,
		.owner = p->owner,
		.limit.seconds = w.seconds,
		.key = rate_key(a, ctl->conf->prefix, p->owner, p->domain,
		    p->user, w.kind, w.seconds) };
	return !strncmp(m->key.text, key, m->key.size) &&
	    (key[m->key.size] == '\0' || count < k.count);
}

/* -- what holds for him -- */

/* As that of a login without a name: its domain's meters are those meant. */
static const struct scope *
scope_of_domain(struct arena *a, const struct scope *s)
{
	struct scope *whole = arena_alloc(a, sizeof(*whole));

	*whole = *s;
	whole->mailbox = arena_printf(a, "@%s", s->domain);
	return whole;
}

void
payers_scope(struct ctl *ctl, struct door *d, struct arena *a,
    struct payer *list, size_t count)
{
	const char **addresses = arena_alloc(a, count * sizeof(*addresses));
	const struct scope **scopes = arena_alloc(a, count * sizeof(*scopes));
	struct payer **asked = arena_alloc(a, count * sizeof(struct payer *));
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		if (*list[i].address) {
			addresses[n] = list[i].address;
			asked[n++] = &list[i];
		} else {
			list[i].scope = scope_server(a, ctl->conf);
		}
	holder_scopes(ctl, d, a, addresses, scopes, n);
	for (size_t i = 0; i < n; i++)
		asked[i]->scope = asked[i]->owner == OWNER_DOMAIN
		    ? scope_of_domain(a, scopes[i])
		    : scopes[i];
}

void
payer_find(struct ctl *ctl, struct door *d, struct payer *p)
{
	payers_scope(ctl, d, ctl->arena, p, 1);
	if (p->owner != OWNER_MAILBOX || !strcmp(p->scope->mailbox, p->address))
		return;
	p->alias = p->name;
	name_mailbox(ctl->arena, p, p->scope->mailbox);
}
