/*
 * generic - the forms that names of lines have
 *
 * Three or fewer octets do not count: pools of mail servers are numbered by
 * them.
 */
#include "checks/generic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"

enum { OCTETS = 4, GROUPS = 8, ROOM = 80 };

/* What lines are called; a number may follow. Sorted. */
static const char *const words[] = { "adsl", "broadband", "cable", "cgn",
	"cgnat", "client", "clients", "cust", "customer", "customers", "dhcp",
	"dial", "dialin", "dialup", "docsis", "dsl", "dyn", "dynamic",
	"dynamicip", "dynip", "fiber", "fibre", "ftth", "gprs", "lte", "mobile",
	"nat", "pool", "pools", "ppp", "pppoe", "resnet", "sdsl", "static",
	"staticip", "umts", "unassigned", "unused", "user", "users", "vdsl",
	"vps", "wifi", "wireless", "wlan", "xdsl" };

static bool
is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

struct part {
	const char *text;
	size_t size;
};

static int
compare(const void *key, const void *row)
{
	const struct part *p = key;
	const char *word = *(const char *const *)row;
	const int order = strncmp(p->text, word, p->size);

	return order ? order : -(word[p->size] != '\0');
}

static bool
is_word(const char *text, size_t size)
{
	const struct part p = { text, size };

	return bsearch(&p, words, sizeof(words) / sizeof(words[0]),
	    sizeof(words[0]), compare);
}

static bool
has_word(const char *name, const char *end)
{
	while (name < end) {
		const char *from = name;

		while (name < end && is_letter(*name))
			name++;
		if (name > from && is_word(from, (size_t)(name - from)))
			return true;
		name += name == from;
	}
	return false;
}

/* -- IPv4 -- */

/* Four numbers are the octets in any order. */
static bool
are_octets(const unsigned numbers[OCTETS], const unsigned char octets[OCTETS])
{
	unsigned found = 0;

	for (int i = 0; i < OCTETS; i++)
		for (int k = 0; k < OCTETS; k++)
			if (!(found & 1U << k) && numbers[k] == octets[i]) {
				found |= 1U << k;
				break;
			}
	return found == (1U << OCTETS) - 1;
}

/* 192-0-2-7, 7.2.0.192, 007-192x000x002: one number after the other, whatever
 * stands between them. */
static bool
has_numbers(const char *name, const unsigned char octets[OCTETS])
{
	unsigned last[OCTETS];
	unsigned count = 0;

	while (*name) {
		unsigned n = 0;
		size_t digits = 0;

		for (; is_digit(*name); name++, digits++)
			n = n < 1000 ? 10 * n + (unsigned)(*name - '0') : n;
		if (digits > 0) {
			memmove(last, last + 1, sizeof(last) - sizeof(*last));
			last[OCTETS - 1] = n;
			if (++count >= OCTETS && are_octets(last, octets))
				return true;
		}
		name += *name != '\0';
	}
	return false;
}

/* All digits that there are in one place. */
static bool
has_run(const char *name, const char *run)
{
	const size_t size = strlen(run);

	for (const char *at = name; (at = strstr(at, run)) != NULL; at++)
		if ((at == name || !is_digit(at[-1])) && !is_digit(at[size]))
			return true;
	return false;
}

static bool
has_ipv4(const char *name, const unsigned char b[OCTETS])
{
	char text[ROOM];

	if (has_numbers(name, b))
		return true;
	for (int i = 0; i < 2; i++) {
		const int first = i ? OCTETS - 1 : 0, step = i ? -1 : 1;
		const unsigned w = b[first], x = b[first + step],
			       y = b[first + 2 * step], z = b[first + 3 * step];

		snprintf(text, sizeof(text), "%03u%03u%03u%03u", w, x, y, z);
		if (strstr(name, text))
			return true;
		snprintf(text, sizeof(text), "%u%u%u%u", w, x, y, z);
		if (has_run(name, text))
			return true;
		snprintf(text, sizeof(text), "%02x%02x%02x%02x", w, x, y, z);
		if (strstr(name, text))
			return true;
	}
	return false;
}

/* -- IPv6 -- */

/* Nibbles, `step` of them together: 20010db8..., 2001-0db8-..., 7.0.0.0... */
static void
write_nibbles(char *out, const unsigned char *b, int step, bool reversed)
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < 4 * GROUPS; i++) {
		const int n = reversed ? 4 * GROUPS - 1 - i : i;

		*out++ = digits[n % 2 ? b[n / 2] & 15 : b[n / 2] >> 4];
		if (step && i % step == step - 1 && i < 4 * GROUPS - 1)
			*out++ = '-';
	}
	*out = '\0';
}

/* 2001-db8-0-0-0-0-0-7 */
static void
write_groups(char *out, const unsigned char *b)
{
	for (int i = 0; i < GROUPS; i++)
		out += sprintf(out, "%s%x", i ? "-" : "",
		    (unsigned)(b[2 * i] << 8 | b[2 * i + 1]));
}

/* Dots and "_" are as good as "-", and "--" is "::". */
static bool
has_ipv6(const char *name, const struct address *client)
{
	char plain[256], text[ROOM];
	size_t size = strnlen(name, sizeof(plain) - 1);

	for (size_t i = 0; i < size; i++)
		plain[i] = name[i] == '.' || name[i] == '_' ? '-' : name[i];
	plain[size] = '\0';
	address_text(client, text);
	for (char *p = text; *p; p++)
		*p = *p == ':' ? '-' : *p;
	if (strstr(plain, text))
		return true;
	write_groups(text, client->bytes);
	if (strstr(plain, text))
		return true;
	for (int i = 0; i < 4; i++) {
		static const int steps[] = { 0, 4, 1, 1 };

		write_nibbles(text, client->bytes, steps[i], i == 3);
		if (strstr(plain, text))
			return true;
	}
	return false;
}

bool
generic_name(
    const char *name, const char *organisation, const struct address *client)
{
	const size_t size = strlen(name);
	const size_t own = organisation ? strlen(organisation) : 0;

	if (client->family == 4 && has_ipv4(name, client->bytes))
		return true;
	if (client->family == 6 && has_ipv6(name, client))
		return true;
	return has_word(name, name + (own < size ? size - own : 0));
}
