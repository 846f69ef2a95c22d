/*
 * address - text to bytes and back
 */
#include "base/address.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static unsigned
length(const struct address *a)
{
	return a->family == 4 ? 32 : 128;
}

/* Four numbers of one to three digits, without leading zeros, as inet_pton()
 * takes them, in a quarter of its steps: every request has an address. */
static bool
parse4(unsigned char bytes[4], const char *text)
{
	for (int i = 0; i < 4; i++, text++) {
		unsigned n = 0, digits = 0;

		for (; *text >= '0' && *text <= '9' && digits < 3; digits++)
			n = 10 * n + (unsigned)(*text++ - '0');
		if (digits == 0 || n > 255 || *text != (i < 3 ? '.' : '\0') ||
		    (digits > 1 && text[-(int)digits] == '0'))
			return false;
		bytes[i] = (unsigned char)n;
	}
	return true;
}

bool
address_parse(struct address *a, const char *text)
{
	static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0xff, 0xff };

	memset(a, 0, sizeof(*a));
	if (parse4(a->bytes, text)) {
		a->family = 4;
		return true;
	}
	memset(a->bytes, 0, sizeof(a->bytes));
	if (inet_pton(AF_INET6, text, a->bytes) == 1) {
		a->family = 6;
		if (memcmp(a->bytes, mapped, sizeof(mapped)) == 0) {
			memmove(a->bytes, a->bytes + 12, 4);
			memset(a->bytes + 4, 0, 12);
			a->family = 4;
		}
	}
	return a->family != 0;
}

/* inet_ntop() costs fifty times as much, and every request has an address. */
static void
text4(const unsigned char *bytes, char *out)
{
	for (int i = 0; i < 4; i++) {
		out = text_number(out, bytes[i]);
		*out++ = i < 3 ? '.' : '\0';
	}
}

const char *
address_text(const struct address *a, char *out)
{
	out[0] = '\0';
	if (a->family == 4)
		text4(a->bytes, out);
	else if (a->family == 6)
		inet_ntop(AF_INET6, a->bytes, out, ADDRESS_TEXT);
	return out;
}

const char *
address_reversed(const struct address *a, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *b = a->bytes;
	char *p = out;

	*out = '\0';
	for (int i = 3; a->family == 4 && i >= 0; i--) {
		p = text_number(p, b[i]);
		*p++ = i > 0 ? '.' : '\0';
	}
	for (int i = 15; a->family == 6 && i >= 0; i--) {
		*p++ = digits[b[i] & 15];
		*p++ = '.';
		*p++ = digits[b[i] >> 4];
		*p++ = i > 0 ? '.' : '\0';
	}
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

bool
address_is_private(const struct address *a)
{
	static const struct network private[] = {
		{ { 4, { 0 } }, 8 },
		{ { 4, { 10 } }, 8 },
		{ { 4, { 100, 64 } }, 10 },
		{ { 4, { 127 } }, 8 },
		{ { 4, { 169, 254 } }, 16 },
		{ { 4, { 172, 16 } }, 12 },
		{ { 4, { 192, 168 } }, 16 },
		{ { 6, { 0 } }, 127 }, /* :: and ::1 */
		{ { 6, { 0xfc } }, 7 },
		{ { 6, { 0xfe, 0x80 } }, 10 },
	};

	for (size_t i = 0; i < sizeof(private) / sizeof(private[0]); i++)
		if (network_has(&private[i], a))
			return true;
	return a->family == 0;
}

unsigned
address_client_bits(const struct address *a)
{
	static const unsigned char nat64[12] = { 0x00, 0x64, 0xff, 0x9b };

	if (a->family != 6)
		return 32;
	return memcmp(a->bytes, nat64, sizeof(nat64)) == 0 ? 128 : 64;
}

struct network
network_of(const struct address *a, unsigned bits)
{
	struct network n = { .base = *a, .bits = bits };
	unsigned char *bytes = n.base.bytes;
	unsigned whole;

	if (n.bits > length(a))
		n.bits = length(a);
	whole = n.bits / 8;
	if (whole < sizeof(n.base.bytes)) {
		bytes[whole] &= (unsigned char)(0xff00 >> n.bits % 8);
		memset(bytes + whole + 1, 0, sizeof(n.base.bytes) - whole - 1);
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
	char *end;

	address_text(&n->base, out);
	end = out + strlen(out);
	*end++ = '/';
	*text_number(end, n->bits) = '\0';
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
