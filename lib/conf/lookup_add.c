/*
 * lookup_add - items and their entries, into the hashes of a list
 */
#include "conf/lookup_add.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/idn.h"
#include "base/text.h"
#include "conf/hash.h"
#include "conf/networks.h"
#include "conf/syntax.h"

enum { COMPLAINTS = 20 }; /* of a list */

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

/* What may stand behind an "@": nothing for any domain, or an address; no
 * regular expression, and no star. */
static bool
mail_domain(const char *text)
{
	return !*text || *text == '[' || !syntax_domain(text);
}

/* What can be asked for as a name or mail address. */
static bool
name(const char *key)
{
	const char *at = strrchr(key, '@');

	if (key[strspn(key, "0123456789.")] == '\0')
		return false; /* an address that is almost right */
	if (key[0] == '@')
		return !syntax_domain(key + 1);
	if (at)
		return mail_domain(at + 1) && strlen(key) < LOOKUP_KEY;
	return strcmp(key, "<>") == 0 || !syntax_domain(key + (*key == '.'));
}

void
source_key(struct source *s, const char *key, const char *value)
{
	struct network n;
	const char *lower = idn_address(s->arena, text_lower(s->arena, key));
	void **thing;

	if (network_parse(&n, key) || octets(&n, key)) {
		networks_add(
		    s->lookups->networks, &n, entry(s, 128 - n.bits, value));
	} else if (!name(key)) {
		source_wrong(s,
		    "'%.64s' is no address, network, domain or mail address",
		    key);
		return;
	} else {
		s->lookups->names = true;
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

bool
lookup_is_redis(const char *item)
{
	return is_type(item, "redis");
}

bool
lookup_is_key(const char *item)
{
	return type_size(item) == 0;
}

static void
open_redis(struct source *s, const char *rest)
{
	if (*rest)
		source_wrong(s, "nothing stands behind redis:");
	s->lookups->redis = true;
}

void
source_open(struct source *s, const char *item)
{
	const size_t type = type_size(item);

	if (lookup_is_file(item))
		lookup_file(s, arena_strdup(s->arena, item + type + 1),
		    is_type(item, "cidr"));
	else if (is_type(item, "inline"))
		open_inline(s, item + type + 1);
	else if (lookup_is_redis(item))
		open_redis(s, item + type + 1);
	else if (type > 0)
		source_wrong(s,
		    "no tables '%.*s:', only cidr:, texthash:, inline: and "
		    "redis:",
		    type > 32 ? 32 : (int)type, item);
	else
		source_key(s, item, "");
}
