/*
 * key - percent-encoding with a limit
 */
#include "ask/key.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/eight.h"

enum { HASH_TAIL = 17 }; /* "~" and 16 digits */

/* What each byte of ASCII is in a key: itself, in lower case, or NUL when it is
 * to be encoded. */
// clang-format off
static const char in_key[256] =
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    "\0!\"#$\0&'()*+,-./"
    "0123456789\0;<=>?"
    "@abcdefghijklmno"
    "pqrstuvwxyz[\\]^_"
    "`abcdefghijklmno"
    "pqrstuvwxyz\0|\0~\0";
// clang-format on

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

/* Writes at most KEY_COMPONENT bytes to `out`; returns how many. Apart, as it
 * is rare: encode() keeps nothing for it. */
static __attribute__((noinline)) size_t
encode_any(char *out, const char *text)
{
	static const char digits[] = "0123456789abcdef";
	size_t used = 0, head = 0; /* `head`: where a tail may begin */
	const char *p;

	for (p = text; *p; p++) {
		const unsigned char c = small(*p);
		const size_t need = in_key[c] ? 1 : 3;

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
			head = used;
	}
	if (*p) {
		char lower[HASH_TAIL + 1];

		snprintf(lower, sizeof(lower), "~%016llx",
		    (unsigned long long)hash(text));
		memcpy(out + head, lower, HASH_TAIL);
		used = head + HASH_TAIL;
	}
	return used;
}

/* Whether one of eight bytes is to be encoded, or "|" or "~". */
static bool
are_odd(uint64_t bytes)
{
	return (eight_outside(bytes, '!', 'z') | eight_with(bytes, '%') |
		   eight_with(bytes, ':')) != 0;
}

/* Writes in lower case until it finds something odd; true: nothing. Eight bytes
 * at a time, the last of them maybe seen twice: a request has five components.
 */
static bool
copy_plain(char *out, const char *text, size_t size)
{
	size_t i = 0;

	if (size < 8) {
		for (; i < size && in_key[(unsigned char)text[i]]; i++)
			out[i] = in_key[(unsigned char)text[i]];
		return i == size;
	}
	for (; i < size; i += 8) {
		uint64_t bytes;

		if (i > size - 8)
			i = size - 8;
		bytes = eight_at(text + i);
		if (are_odd(bytes))
			return false;
		eight_put(out + i, eight_lower(bytes));
	}
	return true;
}

/* Nearly all are short and have nothing to encode. */
static size_t
encode(char *out, const char *text)
{
	const size_t size = strlen(text);

	if (size <= KEY_COMPONENT && copy_plain(out, text, size))
		return size;
	return encode_any(out, text);
}

/* What encode() may write for it, and the separators around. */
static size_t
room(const char *text)
{
	const size_t size = strlen(text);

	return 3 + (size < KEY_COMPONENT / 3 ? 3 * size : KEY_COMPONENT);
}

struct word
key_make(struct arena *a, const char *prefix, const char *name, const char *tag,
    const char *const *parts, size_t count)
{
	const size_t prefix_size = strlen(prefix), name_size = strlen(name);
	size_t size = prefix_size + name_size + (tag ? room(tag) : 0) + 1;
	size_t used = 0;
	char *key;

	for (size_t i = 0; i < count; i++)
		size += room(parts[i]);
	key = arena_take(a, size);
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

struct word
key_twin(struct arena *a, const char *prefix, const char *name, struct word key)
{
	const size_t prefix_size = strlen(prefix), name_size = strlen(name);
	const char *end = key.text + key.size, *rest = key.text + prefix_size;
	char *text;
	size_t size;

	rest = memchr(rest, ':', (size_t)(end - rest)); /* no name has one */
	size = prefix_size + name_size + (size_t)(end - rest);
	text = arena_take(a, size + 1);
	memcpy(text, prefix, prefix_size);
	memcpy(text + prefix_size, name, name_size);
	memcpy(text + prefix_size + name_size, rest, (size_t)(end - rest) + 1);
	return (struct word){ text, size };
}

const char *
key_component(struct arena *a, const char *text)
{
	char *out = arena_take(a, room(text) + 1);

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
