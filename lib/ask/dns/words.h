/*
 * words - questions for the DNS and what their answers say
 *
 * Such a question has no script but a type, and one word, the name. Its answer,
 * when it is KNOWN, is an outcome and all records in one value.
 */
#ifndef ASK_DNS_WORDS_H
#define ASK_DNS_WORDS_H

#include <stdbool.h>

#include "ask/ask.h"
#include "ask/dns/message.h"

struct arena;

/* As names are compared: in lower case, without a dot at its end, and of other
 * scripts in the form that is asked for (base/idn.h), if there is one; in `a`.
 */
const char *dns_name(struct arena *a, const char *name);

struct question dns_question(
    struct arena *a, enum dns_type type, const char *name);

/* False when it is lost, or no answer to such a question. An outcome is one of
 * the first three; records live in `a`. */
bool dns_answer(
    struct arena *a, const struct answer *answer, struct dns_message *out);

/* A name that can be asked for: labels of 1 to 63 bytes of printable ASCII, 253
 * bytes at most. Blanks and backslashes are bytes like others: SPF asks for
 * names that strangers made. What is none does not exist. */
bool dns_is_name(const char *name);

/* As c-ares wants it, for which a backslash is no byte like others. */
const char *dns_escaped(struct arena *a, const char *name);

/* All records as one value, and what size that is. */
struct word dns_pack(struct arena *a, const struct dns_message *m);

#endif
