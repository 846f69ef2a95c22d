/*
 * policyctl_key - cutting keys at their separators
 */
#include "policyctl_key.h"

#include <string.h>

#include "ask/key.h"
#include "base/arena.h"

static bool
take_tag(struct key_parts *k, struct arena *a, char **rest)
{
	char *end = strchr(*rest + 1, '}');

	if (!end || (end[1] != ':' && end[1] != '\0'))
		return false;
	*end = '\0';
	k->tag = key_decode(a, *rest + 1);
	*rest = end[1] ? end + 2 : NULL;
	return true;
}

bool
key_split(
    struct key_parts *k, struct arena *a, const char *prefix, const char *key)
{
	const size_t skip = strlen(prefix);
	char *rest;

	*k = (struct key_parts){ 0 };
	if (strncmp(key, prefix, skip) != 0)
		return false;
	rest = arena_strdup(a, key + skip);
	k->name = strsep(&rest, ":");
	if (rest && *rest == '{' && !take_tag(k, a, &rest))
		return false;
	while (rest) {
		if (k->count == KEY_PARTS)
			return false;
		k->parts[k->count++] = key_decode(a, strsep(&rest, ":"));
	}
	return *k->name != '\0';
}

const char *
key_pattern(struct arena *a, const char *text)
{
	char *pattern = arena_alloc(a, 2 * strlen(text) + 2), *to = pattern;

	for (; *text; text++) {
		if (strchr("*?[]\\^", *text))
			*to++ = '\\';
		*to++ = *text;
	}
	*to++ = '*';
	*to = '\0';
	return pattern;
}

/* As far as both go, either's byte at each place: Redis need not send all that
 * begins with what the two have in common. */
const char *
key_pattern_of_two(struct arena *a, const char *one, const char *other)
{
	char *pattern = arena_alloc(a, 6 * strlen(one) + 2), *to = pattern;

	for (; *one && *other; one++, other++) {
		*to++ = '[';
		*to++ = '\\';
		*to++ = *one;
		*to++ = '\\';
		*to++ = *other;
		*to++ = ']';
	}
	*to++ = '*';
	*to = '\0';
	return pattern;
}
