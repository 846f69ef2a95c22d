/*
 * meter - names of kinds and owners, and keys made of them
 */
#include "rate/meter.h"

#include <string.h>

#include "ask/key.h"
#include "base/address.h"
#include "base/arena.h"
#include "base/text.h"

static const char *const kinds[] = {
	[RATE_MESSAGES] = "messages",
	[RATE_RECIPIENTS] = "recipients",
	[RATE_BYTES] = "bytes",
	[RATE_NETWORKS] = "networks",
	[RATE_REFUSED] = "refused",
};

static const char *const owners[] = {
	[OWNER_MAILBOX] = "mailbox",
	[OWNER_DOMAIN] = "domain",
	[OWNER_SERVER] = "server",
	[OWNER_INBOUND] = "inbound",
	[OWNER_TRUSTED] = "trusted",
};

const char *
rate_kind_name(enum rate_kind k)
{
	return kinds[k];
}

const char *
rate_owner_name(enum rate_owner o)
{
	return owners[o];
}

enum { NAME = 16 + TEXT_DIGITS }; /* "recipients/1d" */

/* The end of it, where a NUL stands. */
static char *
meter_name(char *out, enum rate_kind kind, int64_t seconds)
{
	static const struct {
		char name;
		int64_t seconds;
	} units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };
	const size_t size = strlen(kinds[kind]);
	size_t u = 0;

	while (seconds % units[u].seconds != 0)
		u++;
	memcpy(out, kinds[kind], size);
	out[size] = '/';
	out = text_number(
	    out + size + 1, (uint64_t)(seconds / units[u].seconds));
	*out++ = units[u].name;
	*out = '\0';
	return out;
}

const char *
rate_meter_name(struct arena *a, enum rate_kind k, int64_t seconds)
{
	char *out = arena_take(a, NAME);

	meter_name(out, k, seconds);
	return out;
}

/* What no domain is called has the meters of none: as a tag it would be the
 * server's, or a client's. */
static const char *
tag_of(enum rate_owner owner, const char *domain)
{
	struct address any;

	if (owner == OWNER_SERVER)
		return "(server)";
	if (!domain)
		return "(none)";
	if ((owner == OWNER_MAILBOX || owner == OWNER_DOMAIN) &&
	    (*domain == '(' || address_parse(&any, domain)))
		return "(none)";
	return domain;
}

struct word
rate_stem(struct arena *a, const char *prefix, enum rate_owner owner,
    const char *domain, const char *user)
{
	const char *tag = tag_of(owner, domain), *part = NULL;

	if (owner == OWNER_MAILBOX)
		part = user ? user : "";
	else if (owner == OWNER_INBOUND || owner == OWNER_TRUSTED)
		part = owners[owner];
	return key_make(a, prefix, "rate", tag, &part, part != NULL);
}

struct word
rate_key_of(
    struct arena *a, struct word stem, enum rate_kind kind, int64_t seconds)
{
	char *text = arena_take(a, stem.size + 1 + NAME), *end;

	memcpy(text, stem.text, stem.size);
	text[stem.size] = ':';
	end = meter_name(text + stem.size + 1, kind, seconds);
	return (struct word){ text, (size_t)(end - text) };
}

struct word
rate_key(struct arena *a, const char *prefix, enum rate_owner owner,
    const char *domain, const char *user, enum rate_kind kind, int64_t seconds)
{
	return rate_key_of(
	    a, rate_stem(a, prefix, owner, domain, user), kind, seconds);
}
