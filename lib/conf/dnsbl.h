/*
 * dnsbl - one item of a list of DNS lists
 *
 * Written as Postfix' postscreen_dnsbl_sites has it, ZONE=ANSWERS*WEIGHT:
 * where to ask, which answers count, and how much.
 */
#ifndef CONF_DNSBL_H
#define CONF_DNSBL_H

#include <stdbool.h>
#include <stdint.h>

struct arena;

enum { DNSBL_OCTETS = 4, DNSBL_WEIGHT = 1000 };

/* Longer ones leave no room in a name (253 bytes) for an IPv6 address. */
enum { DNSBL_ZONE = 253 - 2 * 32 };

/* A bit for each value that an octet of an answer may have. */
struct octet_set {
	uint64_t bits[4];
};

struct dnsbl {
	const char *text; /* as it is written */
	const char *zone; /* lower case */
	struct octet_set answers[DNSBL_OCTETS];
	int64_t weight;
	bool one; /* it is ZONE=127.0.0.1: an answer like others, here */
};

/* NULL, or what is wrong: the end of "'x' ...". What is read lives in `a`. */
const char *dnsbl_read(struct arena *a, const char *text, struct dnsbl *out);

/* True when `answer`, an IPv4 address, is one of those that count. */
bool dnsbl_counts(
    const struct dnsbl *list, const unsigned char answer[DNSBL_OCTETS]);

/* False for what no list in its right mind answers: a domain that was sold, a
 * resolver that lies, or 127.255.255.0/24 and 127.0.0.1, by which a list says
 * that it does not want to be asked. `one`: that is an answer like others. */
bool dnsbl_sane(const unsigned char answer[DNSBL_OCTETS], bool one);

/* The same zone with the same answers. */
bool dnsbl_same(const struct dnsbl *a, const struct dnsbl *b);

#endif
