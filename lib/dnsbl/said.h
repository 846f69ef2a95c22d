/*
 * said - what the answer of a DNS list means
 *
 * A list answers with addresses of 127.0.0.0/8 (RFC 5782, 2.1), and not with
 * all of them: some say that it does not answer this question, whoever is
 * asked for. A reader who takes those for a listing refuses all mail.
 */
#ifndef DNSBL_SAID_H
#define DNSBL_SAID_H

#include <stdbool.h>

#include "ask/dns/message.h"

enum said_kind {
	SAID_NOTHING, /* it is not listed */
	SAID_LISTED,
	SAID_ODD /* an answer that no sane list gives */
};

struct said {
	enum said_kind kind;
	const unsigned char *odd; /* the address; lives as the message does */
	const char *means; /* what it mostly is a sign of */
};

/* `m` is an answer to a question for an A record. `one`: 127.0.0.1 is an answer
 * of this list like others. */
struct said said_of(const struct dns_message *m, bool one);

#endif
