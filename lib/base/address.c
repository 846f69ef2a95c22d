/*
 * address - text to bytes and back
 */
#include "base/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned
length(const struct address *a)
{
	return a->family == 4 ? 32 : 128;
}

bool
address_parse(struct address *a, const char *text)
{
	static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0xff, 0xff };

	memset(a, 0, sizeof(*a));
	if (inet_pton(AF_INET, text, a->bytes) == 1) {
		a->family = 4;
	} else if (inet_pton(AF_INET6, text, a->bytes) == 1) {
		a->family = 6;
		if (memcmp(a->bytes, mapped, sizeof(mapped)) == 0) {
			memmove(a->bytes, a->bytes + 12, 4);
			memset(a->bytes + 4, 0, 12);
			a->family = 4;
		}
	}
	return a->family != 0;
}

const char *
address_text(const struct address *a, char *out)
{
	out[0] = '\0';
	if (a->family)
		inet_ntop(a->family == 4 ? AF_INET : AF_INET6, a->bytes, out,
		    ADDRESS_TEXT);
	return out;
}

bool
address_equal(const struct address *a, const struct address *b)
{
	return a->family == b->family &&
	    memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool
address_is_loopback(const struct address *a)
{
	static const unsigned char one[16] = { [15] = 1 };

	if (a->family == 4)
		return a->bytes[0] == 127;
	return a->family == 6 && memcmp(a->bytes, one, sizeof(one)) == 0;
}

struct network
network_of(const struct address *a, unsigned bits)
{
	struct network n = { .base = *a, .bits = bits };

	if (n.bits > length(a))
		n.bits = length(a);
	for (unsigned i = 0; i < sizeof(n.base.bytes); i++) {
		if (i * 8 >= n.bits)
			n.base.bytes[i] = 0;
		else if (n.bits - i * 8 < 8)
			n.base.bytes[i] &= (unsigned char)(0xff00 >>
			    (n.bits - i * 8));
	}
	return n;
}

/* One to three digits, no sign, no leading zero: the prefix of a network. */
static bool
parse_bits(const char *text, unsigned limit, unsigned *bits)
{
	char *end;
	const size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 3 || text[digits] != '\0' ||
	    (text[0] == '0' && digits > 1))
		return false;
	*bits = (unsigned)strtoul(text, &end, 10);
	return *bits <= limit;
}

bool
network_parse(struct network *n, const char *text)
{
	const char *slash = strchr(text, '/');
	char buffer[ADDRESS_TEXT];
	struct address a;
	unsigned bits;

	memset(n, 0, sizeof(*n));
	if (!slash) {
		if (!address_parse(&a, text))
			return false;
		*n = network_of(&a, 128);
		return true;
	}
	if ((size_t)(slash - text) >= sizeof(buffer))
		return false;
	memcpy(buffer, text, (size_t)(slash - text));
	buffer[slash - text] = '\0';
	if (!address_parse(&a, buffer) ||
	    !parse_bits(slash + 1, length(&a), &bits))
		return false;
	*n = network_of(&a, bits);
	return address_equal(&n->base, &a);
}

const char *
network_text(const struct network *n, char *out)
{
	size_t used;

	address_text(&n->base, out);
	used = strlen(out);
	snprintf(out + used, NETWORK_TEXT - used, "/%u", n->bits);
	return out;
}

bool
network_has(const struct network *n, const struct address *a)
{
	struct network of;

	if (a->family == 0 || a->family != n->base.family)
		return false;
	of = network_of(a, n->bits);
	return address_equal(&of.base, &n->base);
}
