/*
 * message - what a name server answered (RFC 1035, 4)
 *
 * Bytes of strangers in, records out. Nothing is believed that does not belong
 * to the question: only records of its name, or of the names that its CNAMEs
 * lead to, count. A pure function, so that it can be fuzzed.
 */
#ifndef ASK_DNS_MESSAGE_H
#define ASK_DNS_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

struct arena;

/* Those that are asked for here, with their numbers. */
enum dns_type {
	DNS_NONE = 0,
	DNS_A = 1,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28
};

const char *dns_type_name(enum dns_type t); /* "AAAA" */

/* A and AAAA: 4 and 16 bytes. TXT: its strings, joined; any bytes. MX: a host,
 * "" for none (RFC 7505); PTR: a host. Hosts are in lower case, without a dot
 * at their end, and of printable ASCII without blanks and backslashes: others
 * are left out. */
struct dns_record {
	const char *data; /* with a NUL behind it */
	size_t size;
	uint16_t preference; /* of MX */
};

enum dns_outcome {
	DNS_FOUND, /* one record at least */
	DNS_NO_DATA, /* the name has none of that type */
	DNS_NO_NAME, /* there is no such name */
	DNS_FAILED, /* any other code: SERVFAIL, REFUSED ... */
	DNS_NONSENSE /* no answer to this question, or not one at all */
};

enum { DNS_RECORDS = 256, DNS_CNAMES = 12, DNS_NEGATIVE = 3600 };

struct dns_message {
	enum dns_outcome outcome;
	uint32_t ttl; /* seconds: the least of the records that led here; of a
			 negative answer at most DNS_NEGATIVE (RFC 2308), 0
			 without an SOA */
	size_t count; /* further ones than DNS_RECORDS are left out */
	const struct dns_record *records;
};

/* `name` is what was asked, in lower case, without a dot at its end. Records
 * live in `a`. */
void dns_message(struct arena *a, const unsigned char *data, size_t size,
    enum dns_type type, const char *name, struct dns_message *out);

#endif
