/*
 * said - what addresses mean that no sane list gives, the narrowest net first
 */
#include "dnsbl/said.h"

#include <stddef.h>
#include <string.h>

#include "conf/dnsbl.h"

static const struct meaning {
	unsigned char octets[DNSBL_OCTETS];
	size_t bound; /* so many of them are compared */
	const char *means;
} meanings[] = {
	{ { 127, 255, 255, 252 }, 4, "the name of the list is misspelt" },
	{ { 127, 255, 255, 254 }, 4,
	    "the list does not answer name servers that are open to all: a "
	    "resolver of your own is needed" },
	{ { 127, 255, 255, 255 }, 4, "it was asked too many questions" },
	{ { 127, 255, 255 }, 3, "the list refuses to answer" },
	{ { 127, 0, 0, 1 }, 4,
	    "the list refuses to answer, or a resolver filters it" },
	{ { 0 }, 0,
	    "the list is closed and its domain is somebody else's, or a "
	    "resolver invents answers" },
};

static const char *
meaning_of(const unsigned char *address)
{
	const struct meaning *m = meanings;

	while (memcmp(m->octets, address, m->bound) != 0)
		m++; /* the last one fits all */
	return m->means;
}

struct said
said_of(const struct dns_message *m, bool one)
{
	for (size_t i = 0; i < m->count; i++) {
		const unsigned char *address =
		    (const unsigned char *)m->records[i].data;

		if (!dnsbl_sane(address, one))
			return (struct said){ SAID_ODD, address,
				meaning_of(address) };
	}
	return (struct said){ m->count > 0 ? SAID_LISTED : SAID_NOTHING };
}
