/*
 * probe - is a DNS list sane, and is it alive?
 *
 * RFC 5782 (5) says what each list lists and what none does: of addresses
 * 127.0.0.2 and 127.0.0.1, of names (TEST and) INVALID. Those answers stand in
 * caches of resolvers for hours, also of a list that is dead; so something is
 * asked, too, that nobody has asked before.
 */
#ifndef DNSBL_PROBE_H
#define DNSBL_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "ask/ask.h"

enum { PROBE_TESTS = 5, PROBE_NAME = 256, PROBE_WHY = 512 };

enum probe_result {
	PROBE_SANE,
	PROBE_ODD, /* why: in a sentence's end */
	PROBE_LOST /* not everything was answered: it says nothing */
};

struct probe_of {
	const char *zone;
	bool addresses, names; /* what it lists */
	bool entry; /* 127.0.0.2 must be listed */
	bool one; /* 127.0.0.1 is an answer like others */
};

/* Embed it, zeroed, with `done`; it and the zone's name must live until that is
 * told, which is never from inside probe_begin(). */
struct probe {
	void (*done)(struct probe *);
	enum probe_result result;
	char why[PROBE_WHY];

	struct probe_of of;
	unsigned open; /* answers that have not come */
	struct probe_test {
		struct ticket ticket;
		struct probe *probe;
		const struct probe_row *row;
		struct question question;
		char name[PROBE_NAME];
	} tests[PROBE_TESTS];
};

/* None is under way. `number` is another one each time. */
void probe_begin(struct probe *p, struct store *dns, const struct probe_of *of,
    uint64_t number);

static inline bool
probe_open(const struct probe *p)
{
	return p->open > 0;
}

/* "2.0.0.127.bl.example is 192.0.2.1: ..." */
struct said;
void probe_tell(char *out, const char *name, const struct said *said);

#endif
