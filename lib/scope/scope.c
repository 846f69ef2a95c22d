/*
 * scope - addresses as they are looked up, and whose domains are ours
 */
#include "scope/scope.h"

#include <string.h>

#include "base/arena.h"
#include "base/idn.h"
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

static char *
lower(char *out, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		out[i] = text[i] >= 'A' && text[i] <= 'Z'
		    ? (char)(text[i] + 'a' - 'A')
		    : text[i];
	return out + size;
}

/* Of the part before the "@", without +extension. */
static size_t
user_size(const char *user, size_t size)
{
	const char *plus = size > 1 ? memchr(user + 1, '+', size - 1) : NULL;

	return plus ? (size_t)(plus - user) : size;
}

const char *
scope_address(struct arena *a, const char *address, const char *realm)
{
	const char *at = strrchr(address, '@');
	const char *domain = at ? at + 1 : *realm && *address ? realm : address;
	const size_t size = strlen(address);
	const size_t more = idn_is_ascii(domain) ? 0 : IDN_SIZE;
	size_t rest = strlen(domain);
	char *out = arena_take(a, size + rest + 2 + more), *end = out;

	if (domain != address) {
		end = lower(end, address,
		    user_size(address, at ? (size_t)(at - address) : size));
		*end++ = '@';
	}
	if (rest > 1 && domain[rest - 1] == '.')
		rest--;
	*lower(end, domain, rest) = '\0';
	if (more)
		idn_replace(out, size + rest + 2 + more);
	return out;
}

/* -- domains -- */

bool
scope_may_be_local(const struct conf *conf, const char *domain)
{
	const size_t size = strlen(domain);
	char name[DOMAIN_SIZE + 1];

	if (lookups_redis(conf->local_domains))
		return true;
	if (lookups_count(conf->local_domains) == 0 || size > DOMAIN_SIZE)
		return false;
	memcpy(name, domain, size + 1);
	if (size > 1 && name[size - 1] == '.')
		name[size - 1] = '\0';
	return lookups_domain(conf->local_domains, name) != NULL;
}
