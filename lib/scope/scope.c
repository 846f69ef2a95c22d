/*
 * scope - addresses as they are looked up, and whose domains are ours
 */
#include "scope/scope.h"

#include <string.h>

#include "base/arena.h"
#include "base/idn.h"
#include "base/text.h"
#include "conf/conf.h"
#include "conf/lookup.h"

extern const struct script script_scope, script_scope_set, script_scope_delete,
    script_deny, script_deny_set, script_deny_list;

const struct script *const scope_scripts[] = { &script_scope, &script_scope_set,
	&script_scope_delete, &script_deny, &script_deny_set, &script_deny_list,
	NULL };

enum { DOMAIN_SIZE = 255 }; /* and a dot behind it */

const struct scope *
scope_server(struct arena *a, const struct conf *conf)
{
	struct scope *s = arena_alloc(a, sizeof(*s));

	s->address = s->user = s->domain = s->mailbox = "";
	s->set = s->domain_set = &conf->settings;
	return s;
}

/* -- addresses -- */

/* Takes the +extension off, and returns where the domain begins. */
static char *
cut_extension(char *address, char *at)
{
	const size_t user = (size_t)(at - address);
	char *plus = user > 1 ? memchr(address + 1, '+', user - 1) : NULL;

	if (!plus)
		return at + 1;
	memmove(plus, at, strlen(at) + 1);
	return plus + 1;
}

const char *
scope_address(struct arena *a, const char *address, const char *realm)
{
	const bool bare = *realm && *address && !strchr(address, '@');
	const size_t size = strlen(address),
		     more = bare ? strlen(realm) + 1 : 0;
	char *out = arena_take(a, size + more + 1), *at, *domain;
	bool ascii = text_lower_bytes(out, address, size + 1);
	size_t rest;

	if (bare) {
		out[size] = '@';
		ascii &= text_lower_bytes(out + size + 1, realm, more);
	}
	at = strrchr(out, '@');
	domain = at ? cut_extension(out, at) : out;
	rest = strlen(domain);
	if (rest > 1 && domain[rest - 1] == '.')
		domain[rest - 1] = '\0';
	return ascii ? out : idn_address(a, out);
}

/* -- domains -- */

bool
scope_may_be_local(const struct conf *conf, const char *address)
{
	const char *at, *domain;
	char name[DOMAIN_SIZE + 1];
	size_t size;

	if (lookups_redis(conf->local_domains))
		return true;
	if (lookups_count(conf->local_domains) == 0)
		return false;
	at = strrchr(address, '@');
	domain = at ? at + 1 : address;
	size = strlen(domain);
	if (size > DOMAIN_SIZE)
		return false;
	memcpy(name, domain, size + 1);
	if (size > 1 && name[size - 1] == '.')
		name[size - 1] = '\0';
	return lookups_domain(conf->local_domains, name) != NULL;
}
