/*
 * idn - libidn2, and what it lets pass
 */
#include "base/idn.h"

#include <idn2.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

enum { LONGEST = 1024 }; /* bytes of UTF-8: what is longer is no name */

bool
idn_is_ascii(const char *text)
{
	unsigned char high = 0;

	for (; *text; text++)
		high |= (unsigned char)*text;
	return high < 0x80;
}

/* Characters may be mapped to any of ASCII, to none, or to a dot: U+2100 is
 * "a/c", U+FF20 is "@". (The library's own IDN2_USE_STD3_ASCII_RULES does not
 * refuse such, it leaves them out, and another domain is left.) */
static bool
is_name(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (text[i] == '.' ? i == 0 || text[i - 1] == '.'
				   : !text_of_label(text[i]))
			return false;
	return size > 0 && text[size - 1] != '.';
}

bool
idn_convert(char *out, size_t size, const char *domain)
{
	uint8_t *name = NULL;
	size_t length;
	bool done = false;

	if (strlen(domain) > LONGEST ||
	    idn2_lookup_u8((const uint8_t *)domain, &name,
		IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
		return false;
	length = strlen((char *)name);
	length -= length > 0 && name[length - 1] == '.';
	if (length < size && length < IDN_SIZE &&
	    is_name((char *)name, length)) {
		memcpy(out, name, length);
		out[length] = '\0';
		done = true;
	}
	idn2_free(name);
	return done;
}

const char *
idn_ascii(struct arena *a, const char *domain)
{
	char name[IDN_SIZE];

	if (idn_is_ascii(domain))
		return domain;
	return idn_convert(name, sizeof(name), domain) ? arena_strdup(a, name)
						       : NULL;
}

const char *
idn_address(struct arena *a, const char *text)
{
	const size_t size = strlen(text) + 1;
	char *out;

	if (idn_is_ascii(text))
		return text;
	out = arena_take(a, size + IDN_SIZE);
	memcpy(out, text, size);
	idn_replace(out, size + IDN_SIZE);
	return out;
}

void
idn_replace(char *text, size_t size)
{
	char *at = strrchr(text, '@'), *domain = at ? at + 1 : text;

	domain += *domain == '.';
	if ((at || strchr(domain, '.')) && !idn_is_ascii(domain))
		idn_convert(domain, size - (size_t)(domain - text), domain);
}
