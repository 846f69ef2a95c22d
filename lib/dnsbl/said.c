/*
 * said - networks of answers, the narrowest first
 */
#include "dnsbl/said.h"

#include <stddef.h>
#include <string.h>

enum { OCTETS = 4 };

static const struct meaning {
	unsigned char octets[OCTETS];
	size_t bound; /* so many of them are compared */
	const char *means; /* NULL: that it is listed */
} meanings[] = {
	{ { 127, 255, 255, 252 }, 4, "the name of the list is misspelt" },
	{ { 127, 255, 255, 254 }, 4,
	    "the list does not answer name servers that are open to all: a "
	    "resolver of your own is needed" },
	{ { 127, 255, 255, 255 }, 4, "it was asked too many questions" },
	{ { 127, 255, 255 }, 3, "the list refuses to answer" },
	{ { 127, 0, 0, 1 }, 4,
	    "the list refuses to answer, or a resolver filters it" },
	{ { 127 }, 1, NULL },
	{ { 0 }, 0,
	    "the list is closed and its domain is somebody else's, or a "
	    "resolver invents answers" },
};

static const char *
meaning_of(const unsigned char *address, bool named)
{
	static const unsigned char one[OCTETS] = { 127, 0, 0, 1 };
	const struct meaning *m = meanings;

	if (named && memcmp(address, one, OCTETS) == 0)
		return NULL;
	while (memcmp(m->octets, address, m->bound) != 0)
		m++; /* the last one fits all */
	return m->means;
}

struct said
said_of(const struct dns_message *m, bool named)
{
	for (size_t i = 0; i < m->count; i++) {
		const unsigned char *address =
		    (const unsigned char *)m->records[i].data;
		const char *means = meaning_of(address, named);

		if (means)
			return (struct said){ SAID_ODD, address, means };
	}
	return (struct said){ m->count > 0 ? SAID_LISTED : SAID_NOTHING };
}
