/*
 * key - percent-encoding with a limit
 */
#include "ask/key.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { HASH_TAIL = 17 }; /* "~" and 16 digits */

static bool
unsafe(unsigned char c)
{
	return c <= ' ' || c >= 0x7f || c == '%' || c == ':' || c == '{' ||
	    c == '}';
}

static unsigned char
small(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c);
}

/* FNV-1a: it only tells long names of one sender apart; who makes two of them
 * collide has two greylist records in one, both his own. */
static uint64_t
hash(const char *text)
{
	uint64_t h = 14695981039346656037u;

	for (; *text; text++)
		h = (h ^ small(*text)) * 1099511628211u;
	return h;
}

/* Writes at most KEY_COMPONENT bytes to `out`; returns how many. */
static size_t
encode(char *out, const char *text)
{
	static const char digits[] = "0123456789abcdef";
	size_t used = 0, safe = 0; /* `safe`: where a tail may begin */
	const char *p;

	for (p = text; *p; p++) {
		const unsigned char c = small(*p);
		const size_t need = unsafe(c) ? 3 : 1;

		if (used + need > KEY_COMPONENT)
			break;
		if (need == 3) {
			out[used++] = '%';
			out[used++] = digits[c >> 4];
			out[used++] = digits[c & 15];
		} else {
			out[used++] = (char)c;
		}
		if (used <= KEY_COMPONENT - HASH_TAIL)
			safe = used;
	}
	if (*p) {
		char lower[HASH_TAIL + 1];

		snprintf(lower, sizeof(lower), "~%016llx",
		    (unsigned long long)hash(text));
		memcpy(out + safe, lower, HASH_TAIL);
		used = safe + HASH_TAIL;
	}
	return used;
}

struct word
key_make(struct arena *a, const char *prefix, const char *name, const char *tag,
    const char *const *parts, size_t count)
{
	const size_t prefix_size = strlen(prefix), name_size = strlen(name);
	char *key = arena_alloc(
	    a, prefix_size + name_size + (count + 1) * (KEY_COMPONENT + 3) + 1);
	size_t used = 0;

	memcpy(key, prefix, prefix_size);
	used += prefix_size;
	memcpy(key + used, name, name_size);
	used += name_size;
	if (tag) {
		key[used++] = ':';
		key[used++] = '{';
		used += encode(key + used, tag);
		key[used++] = '}';
	}
	for (size_t i = 0; i < count; i++) {
		key[used++] = ':';
		used += encode(key + used, parts[i]);
	}
	key[used] = '\0';
	return (struct word){ key, used };
}

const char *
key_component(struct arena *a, const char *text)
{
	char *out = arena_alloc(a, KEY_COMPONENT + 1);

	out[encode(out, text)] = '\0';
	return out;
}

/* The byte that an escape stands for, 0 when it is none. */
static char
escaped(const char *text)
{
	if (text[0] != '%' || !isxdigit((unsigned char)text[1]) ||
	    !isxdigit((unsigned char)text[2]))
		return 0;
	return (char)strtol((const char[]){ text[1], text[2], 0 }, NULL, 16);
}

const char *
key_decode(struct arena *a, const char *component)
{
	char *out = arena_strdup(a, component), *to = out;

	for (const char *p = component; *p; p++) {
		const char byte = escaped(p);

		*to++ = byte ? byte : *p;
		if (byte)
			p += 2;
	}
	*to = '\0';
	return out;
}
