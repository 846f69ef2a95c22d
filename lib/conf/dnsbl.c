/*
 * dnsbl - from left to right, as it is written
 */
#include "conf/dnsbl.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "conf/syntax.h"

static const char no_filter[] =
    "has no filter such as 127.0.0.2 or 127.0.0.[2..11;14] behind its '='";

/* Behind the number; NULL when there is none up to `most`. */
static const char *
number(const char *p, int64_t most, int64_t *out)
{
	const size_t digits = strspn(p, "0123456789");

	*out = 0;
	if (digits == 0 || digits > 4)
		return NULL;
	for (size_t i = 0; i < digits; i++)
		*out = 10 * *out + (p[i] - '0');
	return *out <= most ? p + digits : NULL;
}

static void
put(struct octet_set *set, int64_t from, int64_t to)
{
	for (; from <= to; from++)
		set->bits[from / 64] |= UINT64_C(1) << from % 64;
}

static bool
has(const struct octet_set *set, unsigned char octet)
{
	return set->bits[octet / 64] >> octet % 64 & 1;
}

/* 2, or within brackets 2..11 too. */
static const char *
value(const char *p, bool bracketed, struct octet_set *set)
{
	int64_t from, to;

	if (!(p = number(p, 255, &from)))
		return NULL;
	to = from;
	if (bracketed && strncmp(p, "..", 2) == 0 &&
	    !(p = number(p + 2, 255, &to)))
		return NULL;
	if (to < from)
		return NULL;
	put(set, from, to);
	return p;
}

/* 2, or [2..11;14] */
static const char *
octet(const char *p, struct octet_set *set)
{
	if (*p != '[')
		return value(p, false, set);
	do {
		p = value(p + 1, true, set);
	} while (p && *p == ';');
	return p && *p == ']' ? p + 1 : NULL;
}

static const char *
filter(const char *p, struct octet_set sets[DNSBL_OCTETS])
{
	memset(sets, 0, DNSBL_OCTETS * sizeof(sets[0]));
	for (unsigned i = 0; p && i < DNSBL_OCTETS; i++) {
		if (i > 0 && *p++ != '.')
			return NULL;
		p = octet(p, &sets[i]);
	}
	return p;
}

/* Other answers are none of a list: somebody sells the domain, or a resolver
 * lies. */
static bool
is_loopback(const struct octet_set *first)
{
	struct octet_set only = { { 0 } };

	put(&only, 127, 127);
	return memcmp(first, &only, sizeof(only)) == 0;
}

static bool
is_one(const struct octet_set answers[DNSBL_OCTETS])
{
	struct octet_set one[DNSBL_OCTETS];

	filter("127.0.0.1", one);
	return memcmp(answers, one, sizeof(one)) == 0;
}

static const char *
weight(const char *p, int64_t *out)
{
	const bool minus = *p == '-';

	p = number(p + minus, DNSBL_WEIGHT, out);
	if (minus)
		*out = -*out;
	return p;
}

static const char *
zone_wrong(const char *zone)
{
	for (const char *p = zone; *p; p++)
		if (*p & 0x80)
			return "is not a domain in ASCII";
	return strlen(zone) > DNSBL_ZONE ? "has too long a domain"
					 : syntax_domain(zone);
}

const char *
dnsbl_read(struct arena *a, const char *text, struct dnsbl *out)
{
	const char *end = text + strcspn(text, "=*"), *wrong;

	*out = (struct dnsbl){ .text = text, .weight = 1 };
	out->zone = text_lower(a, arena_memdup(a, text, (size_t)(end - text)));
	if ((wrong = zone_wrong(out->zone)))
		return wrong;
	filter("127.[0..255].[0..255].[0..255]", out->answers);
	if (*end == '=' &&
	    (!(end = filter(end + 1, out->answers)) || (*end && *end != '*')))
		return no_filter;
	if (!is_loopback(&out->answers[0]))
		return "has a filter outside of 127.0.0.0/8";
	out->one = is_one(out->answers);
	if (*end == '*' && (!(end = weight(end + 1, &out->weight)) || *end))
		return "has no weight from -1000 to 1000 behind its '*'";
	return NULL;
}

bool
dnsbl_counts(const struct dnsbl *list, const unsigned char answer[DNSBL_OCTETS])
{
	for (unsigned i = 0; i < DNSBL_OCTETS; i++)
		if (!has(&list->answers[i], answer[i]))
			return false;
	return true;
}

bool
dnsbl_sane(const unsigned char answer[DNSBL_OCTETS], bool one)
{
	static const unsigned char first[] = { 127, 0, 0, 1 };
	static const unsigned char no[] = { 127, 255, 255 };

	return answer[0] == 127 &&
	    (one || memcmp(answer, first, sizeof(first)) != 0) &&
	    memcmp(answer, no, sizeof(no)) != 0;
}

bool
dnsbl_same(const struct dnsbl *a, const struct dnsbl *b)
{
	return strcmp(a->zone, b->zone) == 0 &&
	    memcmp(a->answers, b->answers, sizeof(a->answers)) == 0;
}
