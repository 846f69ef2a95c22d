/*
 * lookup - all tables of a list in two hashes
 *
 * A match counts the more, the earlier its item stands in the list: that is
 * the high half of its rank. The low half is its place in a cidr: table, where
 * the first match wins, and how short a network is in the others, where the
 * narrowest does.
 */
#include "conf/lookup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/text.h"
#include "conf/hash.h"
#include "conf/lookup_add.h"
#include "conf/networks.h"
#include "conf/syntax.h"

enum {
	NAME_SIZE = 1024, /* of a key; a longer one is in no table */
	COMPLAINTS = 20 /* of a list */
};

struct lookups {
	struct arena *arena;
	size_t count;
	const char **items;
	struct hash *keys; /* to struct entry */
	struct networks *networks;
	unsigned wrong;
};

/*
 * Filling
 */

void
source_wrong(struct source *s, const char *format, ...)
{
	char text[512];
	va_list ap;

	s->failed = true;
	if (s->lookups->wrong++ >= COMPLAINTS)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	s->complain(s->data, s->file, s->line, text);
}

static struct entry
entry(const struct source *s, uint32_t order, const char *value)
{
	return (struct entry){ (uint64_t)s->item << 32 | order,
		*value ? arena_strdup(s->arena, value) : "" };
}

/* "192.0.2" means 192.0.2.0/24, as in access(5). */
static bool
octets(struct network *n, const char *key)
{
	char whole[ADDRESS_TEXT];
	unsigned dots = 0;
	struct address a;

	if (key[strspn(key, "0123456789.")] != '\0' || strlen(key) > 11)
		return false;
	for (const char *p = key; *p; p++)
		dots += *p == '.';
	if (dots > 2)
		return false;
	snprintf(whole, sizeof(whole), "%s%s", key, &".0.0.0"[2 * dots]);
	if (!address_parse(&a, whole))
		return false;
	*n = network_of(&a, 8 * (dots + 1));
	return true;
}

/* What can be asked for as a name or mail address. */
static bool
name(const char *key)
{
	if (strchr(key, '@'))
		return key[0] != '@' && strlen(key) < NAME_SIZE;
	return strcmp(key, "<>") == 0 || !syntax_domain(key + (*key == '.'));
}

void
source_key(struct source *s, const char *key, const char *value)
{
	struct network n;
	const char *lower = text_lower(s->arena, key);
	void **thing;

	if (network_parse(&n, key) || octets(&n, key)) {
		networks_add(
		    s->lookups->networks, &n, entry(s, 128 - n.bits, value));
	} else if (!name(key)) {
		source_wrong(s,
		    "'%.64s' is no address, network, domain or mail address",
		    key);
		return;
	}
	thing = hash_put(s->lookups->keys, lower, strlen(lower));
	if (!*thing) {
		const struct entry e = entry(s, 0, value);

		*thing = arena_memdup(s->arena, &e, sizeof(e));
	}
}

void
source_cidr(
    struct source *s, const char *pattern, const char *value, uint32_t order)
{
	const bool outside = pattern[0] == '!';
	struct network n;

	if (strcasecmp(pattern, "if") == 0 || strcasecmp(pattern, "endif") == 0)
		source_wrong(s, "if and endif are not known here");
	else if (!network_parse(&n, pattern + outside))
		source_wrong(s, "'%.64s' is not a network", pattern + outside);
	else if (outside)
		networks_add_outside(
		    s->lookups->networks, &n, entry(s, order, value));
	else
		networks_add(s->lookups->networks, &n, entry(s, order, value));
}

/* Without the blanks around it. */
static char *
trim(char *text)
{
	char *end;

	text += strspn(text, " \t");
	end = text + strlen(text);
	while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	return text;
}

/* inline:{key=value, key} */
static void
open_inline(struct source *s, const char *braces)
{
	char *text = trim(arena_strdup(s->arena, braces)), *part, *value;
	const size_t size = strlen(text);

	if (size < 2 || text[0] != '{' || text[size - 1] != '}') {
		source_wrong(s, "must be like inline:{key=value, key}");
		return;
	}
	text[size - 1] = '\0';
	text++;
	while ((part = strsep(&text, ",")) != NULL) {
		value = strchr(part, '=');
		if (value)
			*value++ = '\0';
		source_key(s, trim(part), value ? trim(value) : "");
	}
}

/* What stands before ':' when it is the type of a table. */
static size_t
type_size(const char *item)
{
	const size_t n = strspn(item, "abcdefghijklmnopqrstuvwxyz");
	struct address a;

	return item[n] == ':' && !address_parse(&a, item) ? n : 0;
}

static bool
is_type(const char *item, const char *type)
{
	return type_size(item) == strlen(type) &&
	    strncmp(item, type, strlen(type)) == 0;
}

bool
lookup_is_file(const char *item)
{
	return is_type(item, "cidr") || is_type(item, "texthash");
}

static void
open_item(struct source *s, const char *item)
{
	const size_t type = type_size(item);

	if (lookup_is_file(item))
		lookup_file(s, arena_strdup(s->arena, item + type + 1),
		    is_type(item, "cidr"));
	else if (is_type(item, "inline"))
		open_inline(s, item + type + 1);
	else if (type > 0)
		source_wrong(s,
		    "no tables '%.*s:', only cidr:, texthash: and "
		    "inline:",
		    type > 32 ? 32 : (int)type, item);
	else
		source_key(s, item, "");
}

struct lookups *
lookups_open(const char *const *items, size_t count, lookup_complain *complain,
    void *data)
{
	struct arena *a = arena_new();
	struct lookups *l = arena_alloc(a, sizeof(*l));
	bool failed = false;

	l->arena = a;
	l->count = count;
	l->items = arena_alloc(a, (count + 1) * sizeof(l->items[0]));
	l->keys = hash_new(a);
	l->networks = networks_new(a);
	for (size_t i = 0; i < count; i++) {
		struct source s = { .lookups = l,
			.arena = a,
			.item = i,
			.complain = complain,
			.data = data };

		l->items[i] = arena_strdup(a, items[i]);
		open_item(&s, l->items[i]);
		failed |= s.failed;
	}
	if (!failed)
		return l;
	arena_release(a);
	return NULL;
}

void
lookups_free(struct lookups *l)
{
	if (l)
		arena_release(l->arena);
}

size_t
lookups_count(const struct lookups *l)
{
	return l ? l->count : 0;
}

const char *
lookups_item(const struct lookups *l, size_t i)
{
	return l->items[i];
}

/*
 * Asking
 */

/* Of two matches, the one that counts; of equal ones, the first. */
static const struct entry *
better(const struct entry *a, const struct entry *b)
{
	return !a || (b && b->rank < a->rank) ? b : a;
}

static const struct entry *
key(const struct lookups *l, const char *text, size_t size)
{
	return hash_get(l->keys, text, size);
}

/* Copies in lower case; false when it is too long to be a key. */
static bool
lower(char out[NAME_SIZE], const char *text)
{
	size_t i;

	for (i = 0; text[i]; i++) {
		if (i == NAME_SIZE - 1)
			return false;
		out[i] = text[i] >= 'A' && text[i] <= 'Z'
		    ? (char)(text[i] + 'a' - 'A')
		    : text[i];
	}
	out[i] = '\0';
	return true;
}

/* The parents of a domain as ".example"; with `bare` also as "example". */
static const struct entry *
parents(const struct lookups *l, const char *domain, bool bare)
{
	const struct entry *best = NULL;

	for (const char *dot = strchr(domain, '.'); dot;
	     dot = strchr(dot + 1, '.')) {
		best = better(best, key(l, dot, strlen(dot)));
		if (bare)
			best = better(best, key(l, dot + 1, strlen(dot + 1)));
	}
	return best;
}

static const char *
value(const struct entry *e)
{
	return e ? e->value : NULL;
}

const char *
lookups_key(const struct lookups *l, const char *text)
{
	char name[NAME_SIZE];

	if (!l || !lower(name, text))
		return NULL;
	return value(key(l, name, strlen(name)));
}

const char *
lookups_client(
    const struct lookups *l, const struct address *a, const char *host)
{
	const struct entry *best = NULL;
	char name[NAME_SIZE];

	if (!l || l->count == 0)
		return NULL;
	if (strcmp(host, "unknown") != 0 && lower(name, host)) {
		best = key(l, name, strlen(name));
		best = better(best, parents(l, name, true));
	}
	return value(better(best, networks_find(l->networks, a)));
}

/* user@domain, user of user+extension@domain, domain, .parent, user@ */
static const struct entry *
mailbox(const struct lookups *l, char *address, char *at)
{
	const struct entry *best = key(l, address, strlen(address));
	char *plus = memchr(address, '+', (size_t)(at - address));
	const size_t user = (size_t)(at - address) + 1;
	const char *domain = at + 1;

	best = better(best, key(l, domain, strlen(domain)));
	best = better(best, parents(l, domain, false));
	best = better(best, key(l, address, user));
	if (!plus || plus == address)
		return best;
	memmove(plus, at, strlen(at) + 1);
	return better(best, mailbox(l, address, plus));
}

const char *
lookups_address(const struct lookups *l, const char *address)
{
	char name[NAME_SIZE];
	char *at;

	if (!l || l->count == 0 || !lower(name, *address ? address : "<>"))
		return NULL;
	at = strrchr(name, '@');
	return value(at ? mailbox(l, name, at) : key(l, name, strlen(name)));
}
