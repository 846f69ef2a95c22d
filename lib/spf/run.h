/*
 * run - one evaluation, and what it asks of the DNS
 *
 * The parts of lib/spf that share it are spf.c, which begins and ends it,
 * evaluate.c, which goes through records and terms, and run.c, which finds
 * addresses and names for them.
 */
#ifndef SPF_RUN_H
#define SPF_RUN_H

#include "spf/macro.h"
#include "spf/match.h"
#include "spf/record.h"
#include "spf/spf.h"

enum { RUN_QUESTIONS = SPF_HOSTS };

struct run {
	struct arena *arena; /* its own: gone when something is missing */
	const struct spf_dns *dns;
	struct matcher *matcher; /* NULL until it is needed */
	struct macro_values values; /* but for the domain */
	struct spf_verdict *out;
	struct spf_question *questions;
	size_t missing;
	struct spf_step **last; /* where the next step goes */
	bool too_many_voids;
	size_t text; /* bytes of records */
	bool failed; /* and it is told where */
};

/* How a term or a record came out. What is missing, and what is wrong, end the
 * evaluation from any depth. */
enum found { NO_MATCH, MATCH, TEMPERROR, PERMERROR, MISSING };

/* The record of a domain, and another one in its place. MATCH: `result` is. */
enum found run_domain(
    struct run *r, const char *domain, enum spf_result *result);
enum found run_record(struct run *r, const char *domain,
    const struct spf_record *record, enum spf_result *result);

/* Says what is wrong, and how: TEMPERROR or PERMERROR. */
enum found run_wrong(struct run *r, enum found how, const char *what);

/* 4.3: what a name server could have; ASCII, like all that is asked for. */
bool spf_is_name(const char *name);

/* The same domain, or one below it. */
bool spf_is_below(const char *name, const char *domain);

/* As it is asked for: in lower case, without a dot at its end. */
const char *run_name(struct run *r, const char *name);
const char *run_name_in(struct run *r, const struct spf_record *record);

/* NULL: it is missing. Empty answers are counted (4.6.4). */
const struct spf_answer *run_ask(
    struct run *r, enum spf_type type, const char *name);

/* The addresses of the client's family. */
const struct spf_answer *run_ask_addresses(struct run *r, const char *name);

/* What no answer, or one that is lost, comes to. */
enum found run_no_answer(struct run *r, const struct spf_answer *a);

/* Begin with {0}. */
struct addresses {
	size_t count;
	struct address *items;
};

void run_add(
    struct run *r, struct addresses *to, const struct spf_answer *from);

/* Of a term, for the client's family. */
unsigned run_bits(const struct run *r, const struct spf_term *t);

/* MATCH when the client is one of them, or within as many bits of one. */
enum found run_among(
    struct run *r, const struct addresses *list, unsigned bits);

struct names {
	size_t count;
	const char *items[SPF_HOSTS];
};

/* The client's validated names (5.5): those of the first ten that have it among
 * their addresses. What cannot be asked is not among them. False: something is
 * missing. */
bool run_validated(struct run *r, struct names *out);

/* 7.3: the domain itself, or one below it, or any. */
const char *names_best(const struct names *n, const char *domain);

#endif
