/*
 * entries - the address, and what is wider
 */
#include "scope/entries.h"

#include <string.h>

#include "base/arena.h"
#include "base/idn.h"
#include "base/text.h"
#include "scope/scope.h"

const char *
entries_canonical(struct arena *a, const char *text)
{
	char *out = text_lower(a, text);
	const size_t size = strlen(out);

	if (size > 1 && out[size - 1] == '.')
		out[size - 1] = '\0';
	return idn_address(a, out);
}

static void
add(struct entries *e, const char *item)
{
	if (e->count < ENTRIES)
		e->items[e->count++] = item;
}

/* Of too many parents, those near the root; the user has room behind them. */
static void
add_parents(struct entries *e, const char *domain)
{
	size_t parents = 0;

	for (const char *p = domain; *p; p++)
		parents += *p == '.';
	for (const char *dot = strchr(domain, '.'); dot;
	     dot = strchr(dot + 1, '.'), parents--)
		if (e->count + parents < ENTRIES)
			add(e, dot);
}

struct entries
deny_entries(struct arena *a, const char *sender)
{
	const char *whole = entries_canonical(a, sender);
	const char *address = scope_address(a, sender, "");
	const char *at = strrchr(address, '@');
	const char *domain = at ? at + 1 : address;
	struct entries e = { 0 };

	if (!*address)
		return e;
	add(&e, whole);
	if (strcmp(address, whole) != 0)
		add(&e, address);
	if (at) {
		add(&e, domain);
		add(&e, at);
	}
	add_parents(&e, domain);
	if (at)
		add(&e, arena_memdup(a, address, (size_t)(at - address) + 1));
	return e;
}
