/*
 * spf - may this client send for this domain? (RFC 7208)
 *
 * check_host() as a pure function: identities and answers of the DNS in, a
 * result or the questions that are missing out. Whoever calls it asks them and
 * calls again, with all that is known by then; the same answers give the same
 * result. It keeps no state and knows no time.
 *
 * Records are parsed here, whole and strictly, before anything of them is
 * evaluated (4.6); macros and the flow of terms, include and redirect are ours
 * as well. Only whether an address is one of some others is asked of libspf2,
 * in words of our own: see match.h.
 *
 * No explanation is fetched (exp=): what is said to a refused client is ours.
 */
#ifndef SPF_SPF_H
#define SPF_SPF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"

struct arena;

/* 2.6. */
enum spf_result {
	SPF_NONE,
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR,
	SPF_PERMERROR,
	SPF_RESULTS
};

const char *spf_result_name(enum spf_result r); /* "none", "neutral" ... */

/* -- what the DNS says -- */

enum spf_type { SPF_TXT, SPF_A, SPF_AAAA, SPF_MX, SPF_PTR };

const char *spf_type_name(enum spf_type t); /* "TXT" */

enum spf_found {
	SPF_RECORDS,
	SPF_VOID, /* no such name, or no such record */
	SPF_LOST /* SERVFAIL, REFUSED, nonsense, or nobody answered */
};

/* Bytes of any value. Of TXT the strings of a record, joined; of A and AAAA 4
 * and 16 bytes; of MX and PTR a host name, without a dot at its end. */
struct spf_record {
	const char *data;
	size_t size;
};

struct spf_answer {
	enum spf_found found;
	size_t count;
	const struct spf_record *records;
};

struct spf_question {
	enum spf_type type;
	const char *name; /* lower case, without a dot at its end */
};

/* NULL: not known yet. Answers must live as long as the arena. */
struct spf_dns {
	const struct spf_answer *(*find)(
	    void *data, const struct spf_question *q);
	void *data;
};

/* -- whom it is about -- */

/* `sender` "" is the null sender: then the identity is that of HELO (2.4). An
 * IPv4-mapped client is the IPv4 address (address_parse() sees to that). */
struct spf_client {
	struct address address;
	const char *helo;
	const char *sender;
};

/* -- the limits of 4.6.4 -- */

enum {
	SPF_TERMS = 10, /* that ask the DNS, includes and all */
	SPF_VOIDS = 2, /* questions without an answer */
	SPF_HOSTS = 10, /* of one mx; of a ptr further ones are passed over */
	SPF_NAME = 253, /* bytes of a name */
	SPF_SENDER = 320, /* a longer sender or HELO is cut, from the left */
	SPF_TEXT = 65536, /* bytes of all records; more are a permerror */
	SPF_RECEIVED = 900 /* bytes of a header's value: a line has 998 */
};

/* What an evaluation asks at most: the record, for each term a mail exchange
 * with all its hosts, and the client's names with their addresses. */
enum { SPF_QUESTIONS = 1 + (SPF_TERMS + 1) * (1 + SPF_HOSTS) };

/* How it came about, in order. */
struct spf_step {
	struct spf_step *next;
	unsigned depth; /* of includes and redirects */
	const char *domain; /* whose record it is */
	const char
	    *term; /* as it stands there; "" for what is said at its end */
	const char *outcome; /* "match", "no match", or what went wrong */
};

struct spf_verdict {
	enum spf_result result;
	const char *domain; /* of the identity: whom the result is about */
	const char *by; /* whose record had the last word: after a redirect
			   another one's; "" for none */
	const char *term; /* of it that matched; "" when none did */
	const char *problem; /* of an error, one line; "" */
	bool ours; /* by a record of our own: spf_check_by() */
	unsigned terms, voids; /* as counted against the limits */
	unsigned lookups; /* answers that were used */
	struct spf_step *steps;
};

/*
 * False: first ask `*questions`, `*count` of them, that can be asked at once;
 * there is no verdict yet. Texts live in `a` or as long as those of `c`.
 */
bool spf_check(struct arena *a, const struct spf_client *c,
    const struct spf_dns *dns, struct spf_verdict *out,
    const struct spf_question **questions, size_t *count);

/*
 * The same by a record of our own in place of the domain's: a best guess for
 * domains without one ("v=spf1 a mx ptr ?all"), or a local policy. `record` is
 * one that spf_record_wrong() likes.
 */
bool spf_check_by(struct arena *a, const struct spf_client *c,
    const char *record, const struct spf_dns *dns, struct spf_verdict *out,
    const struct spf_question **questions, size_t *count);

/*
 * The value of a header "Received-SPF" (9.1): one line of printable ASCII, at
 * most SPF_RECEIVED bytes, whatever strangers wrote. `c` is who was asked about
 * and `receiver` who asked, "" when that is nobody's business. In `a`.
 */
const char *spf_received(struct arena *a, const struct spf_verdict *v,
    const struct spf_client *c, const char *receiver);

/* NULL, or what is wrong with a record. In `a` or for ever. */
const char *spf_record_wrong(struct arena *a, const char *record);

#endif
