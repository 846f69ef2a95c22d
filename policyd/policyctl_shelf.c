/*
 * policyctl_shelf - the table of registers and lists, and what stands in them
 */
#include "policyctl_shelf.h"

#include <string.h>
#include <sysexits.h>

#include "ask/key.h"
#include "base/arena.h"
#include "base/text.h"
#include "conf/conf.h"
#include "policyctl.h"

const struct shelf shelves[] = {
	{ "access", .has_list = true, .list = LIST_ACCESS },
	{ "ban", .has_register = true, .kept = REGISTER_BAN, .has_list = true,
	    .list = LIST_BANS },
	{ "abuse", .has_register = true, .kept = REGISTER_ABUSE },
	{ "spam", .has_register = true, .kept = REGISTER_SPAM },
	{ "allow", .has_list = true, .list = LIST_ALLOW },
	{ "trusted", .has_list = true, .list = LIST_TRUSTED },
	{ NULL },
};

const struct shelf *
shelf_named(const char *name)
{
	const struct shelf *s = shelves;

	while (strcmp(s->name, name) != 0)
		s++;
	return s;
}

const char *
shelf_list_key(const struct shelf *s, struct arena *a, const struct conf *conf)
{
	return key_make(a, conf->prefix, list_name(s->list), "lists", NULL, 0)
	    .text;
}

const char *
shelf_key(const struct shelf *s, struct arena *a, const struct conf *conf,
    const char *client, const char *service)
{
	return key_make(a, conf->prefix, register_name(s->kept), client,
	    &service, service != NULL)
	    .text;
}

const char *
shelf_mark_key(struct arena *a, const struct conf *conf, const char *client)
{
	return key_make(a, conf->prefix, "client", client, NULL, 0).text;
}

/* An address as every list and register writes it. */
static const char *
network_name(struct arena *a, const struct network *n)
{
	char *out = arena_alloc(a, NETWORK_TEXT);

	return n->bits == (n->base.family == 4 ? 32 : 128)
	    ? address_text(&n->base, out)
	    : network_text(n, out);
}

/* One IPv4 address, or not more than an IPv6 /64. */
static bool
is_client(const struct network *n)
{
	return n->bits >= address_client_bits(&n->base);
}

static const char *
pattern_wrong(struct subject *out, struct arena *a, const char *text,
    const struct network *n)
{
	out->name = n ? network_name(a, n) : text_lower(a, text);
	if (text[strcspn(text, " \t\n")] != '\0')
		return arena_printf(a, "'%s' has a blank", text);
	return list_check(a, out->name);
}

const char *
subject_wrong(struct subject *out, const struct shelf *s, struct arena *a,
    const char *text)
{
	struct network n;
	const bool network = network_parse(&n, text);

	*out = (struct subject){ .written = text };
	if (s->has_register && network && is_client(&n)) {
		out->client = true;
		out->address = n.base;
		out->name = register_client(a, &n.base);
		return NULL;
	}
	if (s->has_list)
		return pattern_wrong(out, a, text, network ? &n : NULL);
	return arena_printf(a, "'%s' is no address%s", text,
	    network ? ": this register keeps single clients" : "");
}

int
subject_read(struct subject *out, const struct shelf *s, struct arena *a,
    const char *text)
{
	const char *wrong = subject_wrong(out, s, a, text);

	return wrong ? fail(EX_USAGE, "%s", wrong) : EX_OK;
}
